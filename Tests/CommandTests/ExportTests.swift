import DeepSARSA
import Foundation
import SARSAExperiments
import TestSupport
import Testing

@Suite("deep-sarsa export, import and inspect")
struct ExportCommandTests {
  private let model = fixtures.appending(path: "torch_model.safetensors").path()

  /// A run's folder whose last and best networks differ.
  private func run(in folder: TemporaryFolder) throws {
    let last = try Safetensors(contentsOf: model)
    var best = last
    best.tensors[0].values[0] += 1
    try last.write(to: folder.path("model.safetensors"))
    try best.write(to: folder.path("best.safetensors"))
    try Data("environment: MountainCar-v0\n".utf8).write(
      to: URL(filePath: folder.path("config.yaml")))
  }

  @Test("a file's ending or --format selects the format, and an existing file is replaced")
  func formats() throws {
    let folder = try TemporaryFolder()
    for format in ModelExports.all {
      let file = folder.path("a.\(format.fileExtension)")
      try Data("old".utf8).write(to: URL(filePath: file))
      let result = try Command.run(["export", model, "-o", file])
      #expect(result.code == 0 && result.output.isEmpty && result.error.isEmpty, "\(result.error)")
      let other = folder.path("b")
      #expect(
        try Command.run(["export", model, "--format", format.name, "--output", other]).code == 0)
      #expect(try bytes(of: file) == bytes(of: other) && bytes(of: file).count > 500)
    }
    #expect(try folder.contents().count == ModelExports.all.count + 1)
  }

  @Test("of a run's folder the last network is written, or the best")
  func best() throws {
    let folder = try TemporaryFolder()
    try run(in: folder)
    var files: [[UInt8]] = []
    for arguments in [
      [folder.path], [folder.path, "--best"], [folder.path("model.safetensors")],
      [folder.path("best.safetensors")],
    ] {
      #expect(try Command.run(["export"] + arguments + ["-o", folder.path("a.npz")]).code == 0)
      files.append(try bytes(of: folder.path("a.npz")))
    }
    #expect(files[0] == files[2] && files[1] == files[3] && files[0] != files[1])
  }

  @Test("what cannot be exported is one line, with its code, and leaves an existing file")
  func refusals() throws {
    let folder = try TemporaryFolder()
    try run(in: folder)
    let output = folder.path("a.onnx")
    try Data("old".utf8).write(to: URL(filePath: output))
    let text = folder.path("config.yaml")
    for (arguments, code, part) in [
      ([model, "-o", folder.path("a.txt")], 64, "one that ends in .safetensors, .onnx, .npz, .h"),
      ([model, "-o", ""], 64, "--output is ''"),
      ([model, "--format", "onx", "-o", output], 64, "did you mean 'onnx'?"),
      ([model, "--best", "-o", output], 64, "--best needs a run folder"),
      ([model], 64, "--output"),
      ([folder.path("none"), "-o", output], 66, "No such file"),
      ([text, "-o", output], 65, "it looks like text"),
      ([model, "-o", folder.path("none/a.onnx")], 73, "none/a.onnx"),
      ([model, "--format", "c", "-o", folder.path], 73, "directory"),
    ] as [([String], Int32, String)] {
      let result = try Command.run(["export"] + arguments)
      #expect(result.code == code && result.error.contains(part), "\(arguments): \(result.error)")
      #expect(result.error.split(separator: "\n").count == 1)
    }
    #expect(try bytes(of: output) == Array("old".utf8))
  }

  @Test("an imported network is evaluated, exported, and trained on")
  func importing() throws {
    let folder = try TemporaryFolder()
    var file = try Safetensors(contentsOf: model)
    for i in file.tensors.indices {
      file.tensors[i].name = file.tensors[i].name.replacing("q_network.", with: "network.")
    }
    file.metadata = [:]
    try file.write(to: folder.path("theirs.safetensors"))
    let ours = folder.path("ours.safetensors")
    let result = try Command.run([
      "import", folder.path("theirs.safetensors"), "--env-id", "MountainCar-v0", "-o", ours,
    ])
    #expect(result.code == 0 && result.output.isEmpty, "\(result.error)")
    #expect(try Command.run(["evaluate", ours, "--episodes", "1"]).code == 0)
    #expect(try Command.run(["export", ours, "-o", folder.path("a.h")]).code == 0)
    let training = try Command.run([
      "train", "MountainCar-v0", "--initial-model", ours, "--input-scaling", "none", "--steps",
      "300", "--learning-starts", "200", "--evaluation-every", "300", "--evaluation-episodes",
      "1", "--quiet", "--output", folder.path("runs"),
    ])
    #expect(training.code == 0, "\(training.error)")
  }

  @Test("what cannot be imported is one line, with its code, and nothing is written")
  func importRefusals() throws {
    let folder = try TemporaryFolder()
    let output = folder.path("a.safetensors")
    let zip = folder.path("policy.pth")
    try Data([0x50, 0x4B, 3, 4] + Array(repeating: 0, count: 40)).write(to: URL(filePath: zip))
    let pickle = folder.path("old.pt")
    try Data([0x80, 2, 0x63, 0x63]).write(to: URL(filePath: pickle))
    let onnx = folder.path("a.onnx")
    #expect(try Command.run(["export", model, "-o", onnx]).code == 0)
    for (arguments, code, part) in [
      ([zip, "-o", output], 65, "a zip archive, as torch.save writes"),
      ([pickle, "-o", output], 65, "a pickle"), ([onnx, "-o", output], 65, "an ONNX model"),
      ([model, "--prefix", "network.", "-o", output], 65, "'network.0.weight' is missing"),
      ([model, "--env-id", "CartPole-v1", "-o", output], 65, "CartPole-v1 needs 4 inputs"),
      ([model, "--env-id", "CartPol-v1", "-o", output], 64, "did you mean 'CartPole-v1'?"),
      ([model, "--env-arg", "a=1", "-o", output], 64, "need --env-id"),
      ([model, "--activation", "rel", "-o", output], 64, "did you mean 'relu'?"),
      ([model, "-o", ""], 64, "--output is ''"),
      ([folder.path("none"), "-o", output], 66, "No such file"),
    ] as [([String], Int32, String)] {
      let result = try Command.run(["import"] + arguments)
      #expect(result.code == code && result.error.contains(part), "\(arguments): \(result.error)")
      #expect(result.error.split(separator: "\n").count == 1)
    }
    #expect(!(try folder.contents().contains("a.safetensors")))
  }

  @Test("inspect prints facts as lines or as one object, and refuses with 65 and 66")
  func inspect() throws {
    let folder = try TemporaryFolder()
    try run(in: folder)
    for (path, kind) in [(folder.path, "run"), (model, "model")] {
      let text = try Command.run(["inspect", path])
      #expect(
        text.code == 0 && text.error.isEmpty && text.lines.first?.hasSuffix(" \(kind)") == true)
      #expect(text.output.contains(kind == "run" ? "best.safetensors" : "16 relu > dense 8"))
      let json = try Command.run(["inspect", path, "--json"])
      let facts = try JSONDecoder().decode(ArgumentValue.self, from: Data(json.output.utf8))
      guard case .object(let values) = facts else {
        Issue.record("\(json.output)")
        continue
      }
      #expect(values["kind"] == .text(kind) && json.lines.count == 1)
    }
    // Measured numbers are rounded, and what was asked for is not.
    var measured = WrittenRun(seed: 1, evaluations: [(0, 2.0 / 90)])
    measured.settings = "environmentArguments: {reward: 0.0123456}"
    let rounded = try Command.run(["inspect", measured.write(to: folder.path("measured"))])
    #expect(rounded.output.contains("mean: 0.0222,") && rounded.output.contains("0.0123456"))
    #expect(rounded.output.contains("status                 stopped\n"), "\(rounded)")
    // Nothing from a file reaches the terminal as a control character.
    var odd = try Safetensors(contentsOf: model)
    odd.metadata = ["a\u{1B}[2J": "b\n\u{1B}]0;c"]
    try odd.write(to: folder.path("odd.safetensors"))
    let result = try Command.run(["inspect", folder.path("odd.safetensors")])
    #expect(result.code == 0 && !result.output.contains("\u{1B}"))
    #expect(try Command.run(["inspect", folder.path("config.yaml")]).code == 65)
    let missing = try Command.run(["inspect", folder.path("none")])
    #expect(missing.code == 66 && missing.error.contains("No such file"))
  }
}
