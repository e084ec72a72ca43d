import SARSAFormats
import SARSALinearAlgebra
import SARSANetworks
import TestSupport
import Testing

@Suite("Convolutions against PyTorch 2")
struct PyTorchConvolutionTests {
  @Test("values, losses, gradients and parameters agree over ten updates")
  func updates() throws {
    let fixture: TorchConvolutions = try fixture("torch_convolutions.json")
    #expect(fixture.cases.count == 3)
    for each in fixture.cases { try check(each, learningRate: fixture.learningRate) }
  }

  private func check(_ each: TorchConvolutions.Case, learningRate: Double) throws {
    let network = Network(try #require(NetworkDescription(each.network)))
    let rows = each.actions.count
    var layout = ArenaLayout()
    let block = try layout.reserve(count: network.parameterCount)
    let gradient = try layout.reserve(count: network.parameterCount)
    let inputs = try layout.reserve(rows: rows, columns: network.description.inputs)
    let outputs = try network.reserveOutputs(rows: rows, in: &layout)
    let deltas = try network.reserveDeltas(rows: rows, in: &layout)
    var adamW = try Optimizer(.adamW(), parameterCount: network.parameterCount, in: &layout)
    var arena = try Arena<Float>(layout)
    try network.load(
      Safetensors(tensors: each.initial.map { $1.named($0) }), into: block, in: &arena, prefix: "")
    arena.write(each.boards.floats, to: inputs)
    var errors = [Float](repeating: 0, count: rows)
    #expect(each.updates.count == 10)
    for (i, update) in each.updates.enumerated() {
      let q = network.forward(inputs, parameters: block, into: outputs, in: &arena)
      expectClose(arena.values(of: q), update.q.floats, "\(each.network): values of update \(i)")
      let loss = Loss.meanSquaredError.evaluate(
        outputs: q, chosen: each.actions, targets: each.targets.floats,
        weights: each.weights.floats, errors: &errors, gradient: deltas.last, in: &arena)
      expectClose([loss], update.loss.floats, "\(each.network): loss of update \(i)")
      network.backward(
        inputs, parameters: block, outputs: outputs, deltas: deltas, gradient: gradient, in: &arena)
      try expectClose(
        network.tensors(of: gradient, in: arena, prefix: ""), update.gradients,
        "\(each.network): gradient of update \(i)")
      #expect(adamW.update(block, gradient: gradient, learningRate: learningRate, in: &arena))
    }
    try expectClose(
      network.tensors(of: block, in: arena, prefix: ""), each.final,
      "\(each.network): parameters")
  }

  private func expectClose(
    _ found: [Safetensors.Tensor], _ expected: [String: TorchTensor], _ what: String
  ) throws {
    #expect(found.count == expected.count)
    for tensor in found {
      let other = try #require(expected[tensor.name])
      #expect(tensor.shape == other.shape)
      expectClose(tensor.values, other.values.floats, "\(what), \(tensor.name)")
    }
  }

  private func expectClose(_ found: [Float], _ expected: [Float], _ what: String) {
    #expect(found.count == expected.count)
    let scale = expected.map(abs).max() ?? 0
    for (a, b) in zip(found, expected) {
      #expect(abs(a - b) <= 1e-5 * (abs(b) + 0.1 * scale), "\(what): \(a), PyTorch has \(b)")
    }
  }
}

private struct TorchConvolutions: Decodable {
  struct Update: Decodable {
    var q: [UInt32]
    var loss: [UInt32]
    var gradients: [String: TorchTensor]

    enum CodingKeys: String, CodingKey {
      case gradients
      case q = "q_f32"
      case loss = "loss_f32"
    }
  }

  struct Case: Decodable {
    var network: String
    var initial: [String: TorchTensor]
    var boards: [UInt32]
    var actions: [Int]
    var targets: [UInt32]
    var weights: [UInt32]
    var updates: [Update]
    var final: [String: TorchTensor]

    enum CodingKeys: String, CodingKey {
      case network, initial, actions, updates, final
      case boards = "boards_f32"
      case targets = "targets_f32"
      case weights = "weights_f32"
    }
  }

  var learningRate: Double
  var cases: [Case]

  enum CodingKeys: String, CodingKey {
    case cases
    case learningRate = "learning_rate"
  }
}
