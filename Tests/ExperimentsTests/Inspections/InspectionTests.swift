import DeepSARSA
import Foundation
import SARSAExperiments
import SARSAFiles
import TestSupport
import Testing

@Suite("Inspections of files and folders")
struct InspectionTests {
  /// The facts as JSON has them.
  private func facts(of path: String) throws -> [String: ArgumentValue] {
    let inspection = try Inspections.inspection(of: path)
    guard case .object(let facts) = inspection.object else { return [:] }
    #expect(facts.count == inspection.facts.count)
    return facts
  }

  private func write(_ text: String, to path: String) throws {
    try Data(text.utf8).write(to: URL(filePath: path))
  }

  /// A run's folder with four episodes and three evaluations.
  private func run(in folder: TemporaryFolder) throws {
    try write(
      """
      environment: CartPole-v1
      environmentArguments: {sutton_barto_reward: true}
      seed: 18446744073709551615
      hyperparameters: {algorithm: parallel}
      origin: {preset: tuned}
      """, to: folder.path("config.yaml"))
    try write(
      "step,episode,return,length,end\n" + "9,1,9.0,9,terminated\n20,2,11.5,11,truncated\n",
      to: folder.path("episodes.csv"))
    try write(
      "step,mean,std,min,max,episodes\n0,1.5,0.0,1,2,10\n10,9.25,0.5,8.0,10.0,10\n"
        + "20,9.25,0.0,9.0,10.0,10\n30,7.0,0.0,7.0,7.0,10\n", to: folder.path("evaluations.csv"))
    try write("12345", to: folder.path("notes.txt"))
    try FileManager.default.createDirectory(
      atPath: folder.path("folder"), withIntermediateDirectories: false)
  }

  @Test("a checkpoint says where its run was, and why it is of no use without its replay memory")
  func checkpoints() throws {
    let root = try TemporaryFolder()
    let folder = try ResumableRun.all[1].open(.new(root: root.path)) { run in
      try run.train()
      return run.folder
    }
    let file = folder.path + "/checkpoints/step-000000240.safetensors"
    let facts = try facts(of: file)
    #expect(facts["kind"] == .text("checkpoint") && facts["problem"] == .null)
    #expect(facts["environment"] == .text("CartPole-v1") && facts["seed"] == .integer(3))
    #expect(facts["algorithm"] == .text("replay") && facts["steps"] == .integer(240))
    #expect(facts["replay_rows"] == .integer(240) && facts["tensors"] != nil)
    try FileManager.default.removeItem(atPath: folder.path + "/replay")
    let alone = try self.facts(of: file)
    guard case .text(let problem)? = alone["problem"] else {
      Issue.record("no problem: \(alone)")
      return
    }
    #expect(problem.contains("/replay/rows-000000000000.bin"))
    #expect(alone["steps"] == .null)
  }

  @Test("a run has its settings, what its logs say, and its files")
  func runs() throws {
    let folder = try TemporaryFolder()
    try run(in: folder)
    let facts = try facts(of: folder.path)
    #expect(facts["kind"] == .text("run") && facts["environment"] == .text("CartPole-v1"))
    #expect(facts["environment_arguments"] == .object(["sutton_barto_reward": .boolean(true)]))
    #expect(facts["algorithm"] == .text("parallel") && facts["preset"] == .text("tuned"))
    #expect(facts["seed"] == .text("18446744073709551615"))
    #expect(facts["steps"] == .integer(30) && facts["episodes"] == .integer(2))
    #expect(facts["return_last_100"] == .number(10.25))
    // Of two equal ones, the first.
    #expect(
      facts["best_evaluation"]
        == .object([
          "step": .integer(10), "mean": .number(9.25), "std": .number(0.5), "min": .number(8),
          "max": .number(10), "episodes": .integer(10),
        ]))
    guard case .object(let last)? = facts["last_evaluation"] else {
      Issue.record("there is no last evaluation")
      return
    }
    #expect(last["step"] == .integer(30) && last["mean"] == .number(7))
    guard case .list(let files)? = facts["files"] else {
      Issue.record("there are no files")
      return
    }
    #expect(
      files.contains(.object(["name": .text("notes.txt"), "bytes": .integer(5)]))
        && files.count == 4)
  }

  @Test("a run is finished, failed, running, stopped or not begun, with the steps that it has made")
  func status() throws {
    let folder = try TemporaryFolder()
    var run = WrittenRun(seed: 1)
    func expect(_ status: String, steps: Int, failure: ArgumentValue = .null) throws {
      let facts = try facts(of: run.write(to: folder.path))
      #expect(facts["status"] == .text(status) && facts["failure"] == failure)
      #expect(facts["steps"] == .integer(steps))
    }
    try expect("not begun", steps: 0)
    run.evaluations = [(0, 9), (200, 20)]
    run.checkpoints = [200, 270]
    try expect("stopped", steps: 270)
    guard let lock = try FolderLock(folder.path) else {
      Issue.record("the folder cannot be locked")
      return
    }
    try expect("running", steps: 270)
    _ = consume lock
    run.failure = "training diverged"
    try expect("failed", steps: 270, failure: .text("training diverged"))
    run.score = 20
    try expect("finished", steps: 270)
  }

  @Test("a run that has only begun has no logs, and one that goes on may have half a line")
  func unfinished() throws {
    let folder = try TemporaryFolder()
    try write("environment: CartPole-v1\nseed: 3\n", to: folder.path("config.yaml"))
    var facts = try facts(of: folder.path)
    #expect(facts["seed"] == .integer(3) && facts["preset"] == .null)
    #expect(facts["steps"] == .integer(0) && facts["episodes"] == .integer(0))
    #expect(facts["return_last_100"] == .null && facts["best_evaluation"] == .null)

    for text in [
      "", "step,episode,ret", "step,episode,return,length,end\n9,1,9.0,9,terminated\n18,2",
    ] {
      try write(text, to: folder.path("episodes.csv"))
      facts = try self.facts(of: folder.path)
      #expect(facts["episodes"] == .integer(text.count < 40 ? 0 : 1), "\(text)")
    }
  }

  @Test("logs that are damaged are refused with the line, and a folder without settings is no run")
  func damaged() throws {
    let folder = try TemporaryFolder()
    try run(in: folder)
    let header = "step,episode,return,length,end\n"
    for (text, part) in [
      (header + "9,1,9.0,9,terminated\n20,2\n", "line 3 has 2 fields; allowed: 5"),
      (header + "9,1,x,9,terminated\n", "line 2 has 'x'; allowed: a number"),
      ("step,episode\n9,1\n", "column 'return' is missing"),
      ("step,return\n9,1\n1e300,1\n", "line 3 has '1e300'; allowed: a whole number, 0 or more"),
      ("step,return\nnan,1\n", "line 2 has 'nan'; allowed: a whole number, 0 or more"),
      ("step,return\n-1,1\n", "line 2 has '-1'; allowed: a whole number, 0 or more"),
    ] {
      try write(text, to: folder.path("episodes.csv"))
      let error = #expect(throws: RunError.self) {
        try Inspections.inspection(of: folder.path)
      }
      guard case .badFile(folder.path("episodes.csv"), let what)? = error else {
        Issue.record("\(text): \(String(describing: error))")
        continue
      }
      #expect(what.contains(part), "\(what)")
    }
    let empty = try TemporaryFolder()
    let error = #expect(throws: RunError.self) { try Inspections.inspection(of: empty.path) }
    guard case .system(let missing)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(missing.isMissing)
  }

  @Test("a model has its network, where it was trained, and its tensors")
  func models() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("m")
    try ModelFile.write(
      drawnModel("4 > dense 3 relu > dense 2", isScaled: true), environment: "CartPole-v1",
      environmentArguments: ["a": .integer(1)], step: 70, to: path)
    let facts = try facts(of: path)
    #expect(facts["kind"] == .text("model") && facts["problem"] == .null)
    #expect(facts["network"] == .text("4 > dense 3 relu > dense 2"))
    #expect(facts["parameters"] == .integer(5 * 3 + 4 * 2))
    #expect(facts["elements"] == .integer(5 * 3 + 4 * 2 + 8) && facts["not_finite"] == .integer(0))
    #expect(facts["environment"] == .text("CartPole-v1") && facts["step"] == .integer(70))
    #expect(facts["environment_arguments"] == .object(["a": .integer(1)]))
    #expect(facts["input_scaling"] == .text("bounds"))
    guard case .list(let tensors)? = facts["tensors"] else {
      Issue.record("there are no tensors")
      return
    }
    #expect(tensors.count == 6)
    #expect(
      tensors.contains(
        .object([
          "name": .text("q_network.2.weight"), "type": .text("F32"),
          "shape": .list([.integer(2), .integer(3)]),
        ])))
  }

  @Test(
    "a model that other verbs refuse is shown with its problem, and its bad numbers are counted")
  func badModels() throws {
    let folder = try TemporaryFolder()
    var model = try drawnModel("2 > dense 2")
    for i in model.tensors.indices { model.tensors[i].values[0] = i == 0 ? .nan : -.infinity }
    try model.write(to: folder.path("m"))
    var facts = try facts(of: folder.path("m"))
    #expect(facts["not_finite"] == .integer(2) && facts["parameters"] == .integer(6))
    #expect("\(facts["problem"] ?? .null)".contains("not finite"))
    #expect(facts["input_scaling"] == .null && facts["step"] == .null)

    model.metadata = ["network": "2 > nonsense", "step": "x", "environment_arguments": "{"]
    try model.write(to: folder.path("m"))
    facts = try self.facts(of: folder.path("m"))
    #expect(facts["network"] == .null && facts["parameters"] == .null)
    #expect(facts["step"] == .text("x") && facts["environment_arguments"] == .text("{"))
    #expect(facts["problem"] != .null)

    let torch = try self.facts(
      of: fixtures.appending(path: "torch_model.safetensors").path())
    #expect(torch["network"] == .text("2 > dense 16 relu > dense 8 relu > dense 3"))
  }

  @Test("any other safetensors file has its header, with every type of number")
  func tensors() throws {
    let path = fixtures.appending(path: "safetensors_types.safetensors").path()
    let facts = try facts(of: path)
    #expect(facts["kind"] == .text("safetensors"))
    #expect(facts["elements"] == .integer(25) && facts["not_finite"] == .integer(1))
    #expect(facts["metadata"] == .object(["made by": .text("safetensors")]))
    guard case .list(let tensors)? = facts["tensors"] else {
      Issue.record("there are no tensors")
      return
    }
    #expect(
      tensors.contains(
        .object(["name": .text("half"), "type": .text("F16"), "shape": .list([.integer(5)])])))
    #expect(throws: RunError.self) {
      try Inspections.inspection(of: fixtures.appending(path: "README.md").path())
    }
  }
}
