import Foundation
import SARSAFormats
import SARSALinearAlgebra
import SARSANetworks
import TestSupport
import Testing

@Suite("Against PyTorch 2")
struct PyTorchTests {
  private let description = NetworkDescription(inputs: 2, hidden: [16, 8], outputs: 3)

  @Test("values, loss, gradients, weights and moments agree over ten updates")
  func updates() throws {
    let fixture: TorchFixture = try fixture("torch_updates.json")
    #expect(fixture.updates.count == 10)
    let rows = 8
    let network = Network(description)
    var layout = ArenaLayout()
    let block = try layout.reserve(count: network.parameterCount)
    let gradient = try layout.reserve(count: network.parameterCount)
    let inputs = try layout.reserve(rows: rows, columns: 2)
    let outputs = try network.reserveOutputs(rows: rows, in: &layout)
    let deltas = try network.reserveDeltas(rows: rows, in: &layout)
    var adamW = try Optimizer(
      .adamW(), parameterCount: network.parameterCount, in: &layout)
    var arena = try Arena<Float>(layout)
    try network.load(
      Safetensors(tensors: fixture.initial.map { $1.named($0) }), into: block, in: &arena,
      prefix: "")
    var errors = [Float](repeating: 0, count: rows)
    for (i, update) in fixture.updates.enumerated() {
      arena.write(update.states.floats, to: inputs)
      let q = network.forward(inputs, parameters: block, into: outputs, in: &arena)
      expectClose(arena.values(of: q), update.q.floats, "values of update \(i)")
      let loss = Loss.meanSquaredError.evaluate(
        outputs: q, chosen: update.actions, targets: update.targets.floats,
        weights: update.weights.floats, errors: &errors, gradient: deltas.last, in: &arena)
      expectClose([loss], update.loss.floats, "loss of update \(i)")
      network.backward(
        inputs, parameters: block, outputs: outputs, deltas: deltas, gradient: gradient, in: &arena)
      let isFinite = adamW.update(block, gradient: gradient, learningRate: 1e-3, in: &arena)
      #expect(isFinite)
      for (region, expected, what) in [
        (gradient, update.gradients, "gradient"), (block, update.parameters, "parameters"),
        (adamW.moments[0], update.firstMoments, "first moment"),
        (adamW.moments[1], update.secondMoments, "second moment"),
      ] {
        let tensors = network.tensors(of: region, in: arena, prefix: "")
        #expect(tensors.count == expected.count)
        for tensor in tensors {
          let values = try #require(expected[tensor.name]).values.floats
          expectClose(tensor.values, values, "\(what) \(tensor.name) of update \(i)")
        }
      }
    }
  }

  @Test("a state dictionary that PyTorch saved is read, and gives PyTorch's outputs")
  func stateDictionary() throws {
    let fixture: TorchFixture = try fixture("torch_updates.json")
    let bytes = try [UInt8](
      Data(contentsOf: fixtures.appending(path: "torch_model.safetensors")))
    let file = try Safetensors(decoding: bytes)
    #expect(try NetworkDescription(of: file) == description)
    let network = Network(description)
    var layout = ArenaLayout()
    let block = try layout.reserve(count: network.parameterCount)
    let rows = fixture.forward.inputs.count / 2
    let inputs = try layout.reserve(rows: rows, columns: 2)
    let outputs = try network.reserveOutputs(rows: rows, in: &layout)
    var arena = try Arena<Float>(layout)
    try network.load(file, into: block, in: &arena)
    arena.write(fixture.forward.inputs.floats, to: inputs)
    let q = network.forward(inputs, parameters: block, into: outputs, in: &arena)
    expectClose(arena.values(of: q), fixture.forward.outputs.floats, "outputs")

    // Written again, it is the same file but for the order and the padding of the header.
    let written = Safetensors(tensors: network.tensors(of: block, in: arena))
    #expect(try Safetensors(decoding: written.encoded()).tensors == file.tensors)
  }

  private func expectClose(_ found: [Float], _ expected: [Float], _ what: String) {
    #expect(found.count == expected.count)
    for (a, b) in zip(found, expected) {
      #expect(abs(a - b) <= 1e-7 + 2e-6 * abs(b), "\(what): \(a), PyTorch has \(b)")
    }
  }
}

private struct TorchFixture: Decodable {
  struct Forward: Decodable {
    var inputs: [UInt32]
    var outputs: [UInt32]

    enum CodingKeys: String, CodingKey {
      case inputs = "inputs_f32"
      case outputs = "outputs_f32"
    }
  }

  struct Update: Decodable {
    var states: [UInt32]
    var actions: [Int]
    var targets: [UInt32]
    var weights: [UInt32]
    var q: [UInt32]
    var loss: [UInt32]
    var gradients: [String: TorchTensor]
    var parameters: [String: TorchTensor]
    var firstMoments: [String: TorchTensor]
    var secondMoments: [String: TorchTensor]

    enum CodingKeys: String, CodingKey {
      case actions, gradients, parameters
      case states = "states_f32"
      case targets = "targets_f32"
      case weights = "weights_f32"
      case q = "q_f32"
      case loss = "loss_f32"
      case firstMoments = "exp_avg"
      case secondMoments = "exp_avg_sq"
    }
  }

  var initial: [String: TorchTensor]
  var forward: Forward
  var updates: [Update]
}
