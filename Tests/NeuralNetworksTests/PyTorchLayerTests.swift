import SARSALinearAlgebra
import SARSANetworks
import TestSupport
import Testing

@Suite("Layers and losses against PyTorch 2")
struct PyTorchLayerTests {
  @Test("values, losses, errors and gradients agree, in Float and, closely, in Double")
  func layers() throws {
    let fixture: TorchLayers = try fixture("torch_layers.json")
    #expect(fixture.cases.count == 9)
    for each in fixture.cases {
      try check(each, each.float32.numbers, tolerance: 3e-6, as: Float.self)
      try check(each, each.float64.numbers, tolerance: 1e-12, as: Double.self)
    }
  }

  private func check<S: Scalar>(
    _ each: TorchLayers.Case, _ expected: TorchLayers.Numbers, tolerance: Double, as type: S.Type
  ) throws {
    let network = Network(each.description)
    let rows = each.actions.count
    var layout = ArenaLayout()
    let block = try layout.reserve(count: network.parameterCount)
    let gradient = try layout.reserve(count: network.parameterCount)
    let inputs = try layout.reserve(rows: rows, columns: each.description.inputs)
    let outputs = try network.reserveOutputs(rows: rows, in: &layout)
    let deltas = try network.reserveDeltas(rows: rows, in: &layout)
    var arena = try Arena<S>(layout)
    arena.write(
      each.block { each.parameters[$0]?.values.floats.map(Double.init) }.map { S($0) }, to: block)
    arena.write(each.inputs.values.floats.map { S($0) }, to: inputs)
    var errors = [S](repeating: 0, count: rows)

    let q = network.forward(inputs, parameters: block, into: outputs, in: &arena)
    let loss = each.loss.loss.evaluate(
      outputs: q, chosen: each.actions, targets: each.targets.floats.map { S($0) },
      weights: each.weights.floats.map { S($0) }, errors: &errors, gradient: deltas.last,
      in: &arena)
    network.backward(
      inputs, parameters: block, outputs: outputs, deltas: deltas, gradient: gradient, in: &arena)

    for (found, expected, what) in [
      (arena.values(of: q), expected.q, "values"), ([loss], expected.loss, "loss"),
      (errors, expected.errors, "errors"),
      (arena.values(of: gradient), each.block { expected.gradients[$0] }, "gradient"),
    ] {
      let scale = expected.map(abs).max() ?? 0
      #expect(found.count == expected.count)
      for (a, b) in zip(found, expected) {
        #expect(
          abs(Double(a) - b) <= tolerance * (abs(b) + 0.1 * scale),
          "\(each.name), \(S.self), \(what): \(a), PyTorch has \(b)")
      }
    }
  }
}

private struct TorchLayers: Decodable {
  /// What a network came to, in double precision whatever it was computed in.
  struct Numbers {
    var q: [Double]
    var loss: [Double]
    var errors: [Double]
    var gradients: [String: [Double]]
  }

  struct Values32: Decodable {
    var values: [UInt32]

    enum CodingKeys: String, CodingKey {
      case values = "values_f32"
    }
  }

  struct Values64: Decodable {
    var values: [String]

    enum CodingKeys: String, CodingKey {
      case values = "values_f64"
    }
  }

  struct Float32: Decodable {
    var q: [UInt32]
    var loss: [UInt32]
    var errors: [UInt32]
    var gradients: [String: Values32]

    enum CodingKeys: String, CodingKey {
      case gradients
      case q = "q_f32"
      case loss = "loss_f32"
      case errors = "errors_f32"
    }

    var numbers: Numbers {
      Numbers(
        q: q.floats.map(Double.init), loss: loss.floats.map(Double.init),
        errors: errors.floats.map(Double.init),
        gradients: gradients.mapValues { $0.values.floats.map(Double.init) })
    }
  }

  struct Float64: Decodable {
    var q: [String]
    var loss: String
    var errors: [String]
    var gradients: [String: Values64]

    enum CodingKeys: String, CodingKey {
      case gradients
      case q = "q_f64"
      case loss = "loss_f64"
      case errors = "errors_f64"
    }

    var numbers: Numbers {
      Numbers(
        q: q.map(\.double), loss: [loss.double], errors: errors.map(\.double),
        gradients: gradients.mapValues { $0.values.map(\.double) })
    }
  }

  struct LossName: Decodable {
    var kind: String
    var threshold: String?

    enum CodingKeys: String, CodingKey {
      case kind
      case threshold = "threshold_f64"
    }

    var loss: Loss {
      threshold.map { .huber(threshold: $0.double) } ?? .meanSquaredError
    }
  }

  struct Case: Decodable {
    var name: String
    var modules: [String]
    var loss: LossName
    var parameters: [String: Values32]
    var inputs: Values32
    var actions: [Int]
    var targets: [UInt32]
    var weights: [UInt32]
    var float32: Float32
    var float64: Float64

    enum CodingKeys: String, CodingKey {
      case name, modules, loss, parameters, inputs, actions, float32, float64
      case targets = "targets_f32"
      case weights = "weights_f32"
    }

    /// The modules of `torch.nn.Sequential` as layers: an activation ends the layer before it.
    var description: NetworkDescription {
      var layers: [LayerDescription] = []
      var inputs = 0
      for (module, next) in zip(modules, modules.dropFirst() + [""]) {
        let words = module.split(separator: " ").map(String.init)
        if layers.isEmpty { inputs = Int(words[1]) ?? 0 }
        switch words[0] {
        case "linear":
          layers.append(.dense(units: Int(words[2]) ?? 0, activation: activation(next)))
        case "layer_norm": layers.append(.layerNormalization(activation: activation(next)))
        case "dueling": layers.append(.dueling)
        default: break
        }
      }
      return NetworkDescription(inputs: inputs, layers: layers)
    }

    private func activation(_ name: String) -> Activation {
      switch name {
      case "relu": .relu
      case "leaky_relu": .leakyReLU
      case "tanh": .tanh
      case "silu": .silu
      case "dsilu": .dsilu
      default: .identity
      }
    }

    /// A block of parameters from PyTorch's tensors, weights transposed to [inputs, units].
    func block(_ tensor: (String) -> [Double]?) -> [Double] {
      modules.enumerated().flatMap { number, module -> [Double] in
        let words = module.split(separator: " ").map(String.init)
        let weight = tensor("\(number).weight") ?? []
        let bias = tensor("\(number).bias") ?? []
        guard words[0] == "linear" else { return weight + bias }
        let (inputs, units) = (Int(words[1]) ?? 0, Int(words[2]) ?? 0)
        return (0..<inputs * units).map { weight[$0 % units * inputs + $0 / units] } + bias
      }
    }
  }

  var cases: [Case]
}
