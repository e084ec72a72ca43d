import DeepSARSA
import Foundation
import SARSAExperiments
import TestSupport
import Testing

@Suite("Networks of other programs")
struct ModelImportTests {
  /// The tensors of a network with another prefix and without a description.
  private func tensors(_ text: String, prefix: String) throws -> [Safetensors.Tensor] {
    try drawnModel(text).tensors.map {
      Safetensors.Tensor(
        name: $0.name.replacing("q_network.", with: prefix), shape: $0.shape, values: $0.values)
    }
  }

  @Test(
    "keep their numbers, with the only prefix or the given one",
    arguments: [
      ("network.", "4 > dense 5 relu > dense 3 relu > dense 2"), ("q_net.q_net.", "3 > dense 2"),
      ("", "4 > dense 6 > layer-normalization relu > dense 2"),
    ])
  func importing(prefix: String, text: String) throws {
    let folder = try TemporaryFolder()
    let theirs = try tensors(text, prefix: prefix)
    try Safetensors(tensors: theirs, metadata: ["format": "pt"]).write(to: folder.path("theirs"))
    let other = try tensors("9 > dense 9", prefix: "target.")
    try Safetensors(tensors: theirs + other).write(to: folder.path("both"))
    for (file, given) in [("theirs", nil), ("theirs", prefix), ("both", prefix)] {
      // Without a prefix, names of others are in the way.
      if file == "both" && prefix.isEmpty { continue }
      let imported = try ModelFile(importing: folder.path(file), prefix: given)
      try imported.write(
        environment: "CartPole-v1", environmentArguments: ["sutton_barto_reward": .boolean(true)],
        to: folder.path("ours"))
      let model = try ModelFile(reading: folder.path("ours"))
      #expect(model.policy.description.description == text)
      #expect(model.environment == "CartPole-v1" && model.environmentArguments.count == 1)
      #expect(model.metadata["step"] == nil)
      let ours = try Safetensors(contentsOf: folder.path("ours"))
      for tensor in try drawnModel(text).tensors { #expect(ours[tensor.name] == tensor) }
      #expect(ours.tensors.count == theirs.count)
    }
  }

  @Test("have the activation that is given, between layers only")
  func activation() throws {
    let folder = try TemporaryFolder()
    try Safetensors(tensors: tensors("2 > dense 3 relu > dense 2", prefix: "a.")).write(
      to: folder.path("a"))
    let model = try ModelFile(importing: folder.path("a"), activation: .tanh)
    #expect(model.policy.description.description == "2 > dense 3 tanh > dense 2")
  }

  @Test("what is not such a network is refused, with what is wrong")
  func refusals() throws {
    let folder = try TemporaryFolder()
    let good = try tensors("4 > dense 3 relu > dense 2", prefix: "n.")
    func tensor(_ name: String, _ shape: [Int]) -> Safetensors.Tensor {
      Safetensors.Tensor(
        name: name, shape: shape, values: Array(repeating: 1, count: shape.reduce(1, *)))
    }
    func without(_ name: String) -> [Safetensors.Tensor] { good.filter { $0.name != name } }
    var infinite = good
    infinite[0].values[0] = .nan
    for (tensors, prefix, part) in [
      (without("n.0.bias"), nil, "'n.0.bias' is missing"),
      (without("n.2.bias") + [tensor("n.2.bias", [3])], nil, "'n.2.bias' has shape [3]"),
      (without("n.2.weight") + [tensor("n.2.weight", [2, 4])], nil, "'n.2.weight' has shape"),
      (good + [tensor("n.2.extra", [1])], nil, "'n.2.extra' belongs to no layer"),
      (good + [tensor("n.6.weight", [2, 2])], nil, "'n.4.weight' is missing"),
      (
        without("n.0.weight") + [tensor("n.0.weight", [3, 1, 2, 2])], nil, "'n.0.weight' has shape"
      ),
      (good + [tensor("m.0.weight", [1, 1])], nil, "'m.', 'n.'"),
      (good, "m.", "'m.0.weight' is missing"), (without("n.0.weight"), nil, "first layer"),
      (infinite, nil, "not finite"), ([], nil, "first layer"),
    ] as [([Safetensors.Tensor], String?, String)] {
      try Safetensors(tensors: tensors).write(to: folder.path("m"))
      try expectBadFile(folder.path("m"), prefix: prefix, part)
    }
    try drawnModel("4 > dense 2").write(to: folder.path("m"))
    try expectBadFile(folder.path("m"), prefix: nil, "a model file of this program")
    // Integers and doubles; it has no first layer, so a prefix leads to them.
    let types = fixtures.appending(path: "safetensors_types.safetensors").path()
    try expectBadFile(types, prefix: "doubles", "type F64; allowed: F32")
    try expectBadFile(fixtures.appending(path: "README.md").path(), prefix: nil, "text")
  }

  private func expectBadFile(_ path: String, prefix: String?, _ part: String) throws {
    do {
      _ = try ModelFile(importing: path, prefix: prefix)
      Issue.record("\(part): it was accepted")
    } catch {
      guard case .badFile(path, let what) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(what.contains(part), "\(what)")
    }
  }
}
