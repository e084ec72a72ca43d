import SARSALinearAlgebra
import SARSANetworks
import SARSARandomSources
import Testing

/// A network in Double with a loss, whose gradient can be held against differences.
private struct Problem: ~Copyable {
  let network: Network
  let loss: Loss
  var arena: Arena<Double>
  let parameters: Region
  let gradient: Region
  private let inputs: Region
  private let outputs: LayerOutputs
  private let deltas: LayerDeltas
  private var chosen: [Int]
  private var targets: [Double]
  private var weights: [Double]
  private var errors: [Double]

  init(_ description: NetworkDescription, _ loss: Loss, rows: Int, seed: UInt64) throws {
    var generator = PCG64(seed: seed)
    var layout = ArenaLayout()
    let network = Network(description)
    let parameters = try layout.reserve(count: network.parameterCount)
    let gradient = try layout.reserve(count: network.parameterCount)
    let inputs = try layout.reserve(rows: rows, columns: description.inputs)
    let outputs = try network.reserveOutputs(rows: rows + 3, in: &layout)
    let deltas = try network.reserveDeltas(rows: rows, in: &layout)
    var arena = try Arena<Double>(layout)
    network.initialize(parameters, in: &arena, using: &generator)
    // Gains of one and biases of zero would hide what they are multiplied with and added to.
    let drawn = arena.values(of: parameters)
    arena.write(drawn.map { $0 + generator.uniform(-0.3, 0.3) }, to: parameters)
    arena.write((0..<inputs.count).map { _ in generator.uniform(-1, 1) }, to: inputs)
    chosen = (0..<rows).map { _ in generator.integer(below: description.outputs) }
    targets = (0..<rows).map { _ in generator.uniform(-2, 2) }
    weights = (0..<rows).map { _ in generator.uniform(0.5, 1.5) }
    errors = targets
    self.loss = loss
    (self.network, self.parameters, self.gradient) = (network, parameters, gradient)
    (self.inputs, self.outputs, self.deltas) = (inputs, outputs, deltas)
    self.arena = arena
  }

  /// The loss at the present parameters, with frozen targets: they are plain numbers here.
  mutating func evaluate() -> Double {
    let y = network.forward(inputs, parameters: parameters, into: outputs, in: &arena)
    return loss.evaluate(
      outputs: y, chosen: chosen, targets: targets, weights: weights, errors: &errors,
      gradient: deltas.last, in: &arena)
  }

  /// The gradient at the present parameters.
  mutating func backward() -> [Double] {
    _ = evaluate()
    network.backward(
      inputs, parameters: parameters, outputs: outputs, deltas: deltas, gradient: gradient,
      in: &arena)
    return arena.values(of: gradient)
  }

  /// The loss at other parameters; the present ones are put back.
  mutating func evaluate(at moved: [Double]) -> Double {
    let kept = arena.values(of: parameters)
    arena.write(moved, to: parameters)
    defer { arena.write(kept, to: parameters) }
    return evaluate()
  }
}

@Suite("Gradients, in Double")
struct GradientTests {
  /// Random networks: every activation, normalised or not, with and without a dueling head.
  private static func randomDescription(_ generator: inout PCG64) -> NetworkDescription {
    func activation() -> Activation {
      Activation.allCases[generator.integer(below: Activation.allCases.count)]
    }
    var layers: [LayerDescription] = []
    for _ in 0..<generator.integer(below: 4) {
      let units = 3 + generator.integer(below: 7)
      if generator.random() < 0.5 {
        layers.append(.dense(units: units, activation: activation()))
      } else {
        layers += [.dense(units: units), .layerNormalization(activation: activation())]
      }
    }
    let actions = 1 + generator.integer(below: 4)
    layers +=
      generator.random() < 0.5
      ? [.dense(units: actions)] : [.dense(units: actions + 1), .dueling]
    return NetworkDescription(inputs: 1 + generator.integer(below: 5), layers: layers)
  }

  /// One network of each kind, whatever the random ones turn out to be.
  private static let plain: [NetworkDescription] =
    [
      NetworkDescription(inputs: 2, hidden: [], outputs: 3),
      NetworkDescription(inputs: 1, hidden: [4, 4, 4], outputs: 1),
      NetworkDescription(
        inputs: 3, layers: [.layerNormalization(activation: .tanh), .dense(units: 2)]),
    ]
    + Activation.allCases.map {
      NetworkDescription(inputs: 3, hidden: [9, 5], outputs: 2, activation: $0)
    }
    + Activation.allCases.map {
      NetworkDescription(
        inputs: 2, hidden: [6], outputs: 3, activation: $0, isNormalized: true, isDueling: true)
    }
    + Activation.allCases.map {
      NetworkDescription(
        inputs: 3, hidden: [7, 5], outputs: 2, activation: $0, isNormalized: true, isAffine: false)
    }
    + [
      NetworkDescription(
        inputs: 4, layers: [.plainLayerNormalization(activation: .silu), .dense(units: 2)])
    ]
    + [
      "3x3x1 > convolution 2 2 > dense 1", "4x5x3 > convolution 3 2 stride 2 tanh > dense 2",
      "2x2x3 > convolution 2 1 relu > convolution 3 2 silu > dense 2 > dueling",
      "5x4x2 > convolution 3 2 > layer-normalization by-cell silu > convolution 2 2 tanh > dense 2",
      "4x4x2 > convolution 3 2 > layer-normalization relu > dense 2",
      "4x4x2 > convolution 3 3 dsilu > plain-layer-normalization tanh > dense 2",
      "3x2x3 > layer-normalization by-cell > dense 3 tanh > dense 2",
    ].compactMap(NetworkDescription.init)

  /// Random networks that begin with convolutions: sizes, strides, channels, normalised by cell, by row or not.
  private static func randomConvolutions(_ generator: inout PCG64) -> NetworkDescription {
    func activation() -> Activation {
      Activation.allCases[generator.integer(below: Activation.allCases.count)]
    }
    let (height, width) = (4 + generator.integer(below: 3), 4 + generator.integer(below: 3))
    var layers: [LayerDescription] = []
    for _ in 0...generator.integer(below: 2) {
      let (filters, size) = (1 + generator.integer(below: 4), 1 + generator.integer(below: 2))
      let stride = 1 + generator.integer(below: 2)
      switch generator.integer(below: 3) {
      case 0:
        layers.append(
          .convolution(filters: filters, size: size, stride: stride, activation: activation()))
      case let kind:
        // A normalisation of one number alone has no gradient.
        layers += [
          .convolution(filters: filters + 1, size: size, stride: stride),
          .layerNormalization(byCell: kind == 1, activation: activation()),
        ]
      }
    }
    layers.append(.dense(units: 2))
    return NetworkDescription(
      input: .board(height: height, width: width, channels: 1 + generator.integer(below: 3)),
      layers: layers)
  }

  private static let descriptions: [NetworkDescription] = {
    var generator = PCG64(seed: 2026)
    return plain + (0..<24).map { _ in randomDescription(&generator) }
      + (0..<12).map { _ in randomConvolutions(&generator) }.filter(\.isValid)
  }()

  private static let losses: [Loss] = [.meanSquaredError, .huber(threshold: 0.7)]

  @Test("equal central differences within a relative 1e-6", arguments: descriptions, losses)
  func centralDifferences(description: NetworkDescription, loss: Loss) throws {
    var problem = try Problem(description, loss, rows: 5, seed: 3)
    let gradient = problem.backward()
    let parameters = problem.arena.values(of: problem.parameters)
    let scale = gradient.map(abs).max() ?? 0
    var skipped = 0
    for i in parameters.indices {
      func slope(_ h: Double) -> Double {
        var (up, down) = (parameters, parameters)
        up[i] += h
        down[i] -= h
        return (problem.evaluate(at: up) - problem.evaluate(at: down)) / (2 * h)
      }
      let h = 6e-6 * max(1, abs(parameters[i]))
      let difference = slope(h)
      let error = abs(difference - gradient[i]) / max(abs(gradient[i]), 1e-2 * scale)
      // Where a kink lies within the step, a ReLU's or the loss's, no difference is the derivative:
      // there the estimate changes with the step, and only there it may be skipped.
      if error > 1e-6 && abs(slope(h / 8) - difference) > 1e-7 * scale {
        skipped += 1
        continue
      }
      #expect(error <= 1e-6, "parameter \(i): \(gradient[i]), differences say \(difference)")
    }
    #expect(skipped * 50 <= parameters.count, "\(skipped) of \(parameters.count) skipped")
  }

  @Test(
    "leave a remainder that shrinks with the square of the step", arguments: descriptions, losses)
  func taylor(description: NetworkDescription, loss: Loss) throws {
    var problem = try Problem(description, loss, rows: 6, seed: 11)
    var generator = PCG64(seed: 12)
    let gradient = problem.backward()
    let parameters = problem.arena.values(of: problem.parameters)
    let direction = parameters.map { _ in generator.uniform(-1, 1) }
    let start = problem.evaluate()
    let slope = zip(gradient, direction).reduce(0) { $0 + $1.0 * $1.1 }
    func remainder(_ t: Double) -> Double {
      abs(problem.evaluate(at: zip(parameters, direction).map { $0 + t * $1 }) - start - t * slope)
    }
    // Small enough that no ReLU changes sides: a ratio of 10⁴ for a step of 100 is slope 2.
    let (coarse, fine) = (remainder(1e-4), remainder(1e-6))
    // Where the loss is straight, as a Huber loss of a linear network may be, nothing remains.
    #expect(
      coarse < 1e-10 || (coarse / fine > 7e3 && coarse / fine < 1.4e4), "\(coarse) to \(fine)")
  }
}
