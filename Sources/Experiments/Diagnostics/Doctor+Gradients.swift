internal import DeepSARSA

extension Doctor {
  /// Checks the gradients of small networks, in Double, against central differences.
  static func gradients() -> Check {
    check(
      "gradients", passing: "\(descriptions.count) networks agree with central differences"
    ) {
      for (i, description) in descriptions.enumerated() {
        // The Huber loss and its derivative are continuous, so central differences apply.
        let loss: Loss = i % 2 == 0 ? .meanSquaredError : .huber(threshold: 0.7)
        var problem = try GradientProblem(description, loss, seed: UInt64(i))
        if let complaint = problem.complaint() { return "\(description): \(complaint)" }
      }
      return nil
    }
  }

  /// The networks: every activation with and without normalisation and a dueling head, and behind a convolution.
  private static let descriptions = Activation.allCases.flatMap { activation in
    [
      NetworkDescription(inputs: 3, hidden: [7, 5], outputs: 2, activation: activation),
      NetworkDescription(
        inputs: 2, hidden: [6], outputs: 3, activation: activation, isNormalized: true,
        isDueling: true),
      NetworkDescription(
        inputs: 3, hidden: [6, 4], outputs: 2, activation: activation, isNormalized: true,
        isAffine: false),
      NetworkDescription(
        input: .board(height: 4, width: 5, channels: 2),
        layers: [
          .convolution(filters: 3, size: 2, activation: activation),
          .convolution(filters: 2, size: 2, stride: 2), .layerNormalization(byCell: true),
          .dense(units: 2),
        ]),
    ]
  }
}

/// A network in Double with a loss, whose gradient is compared with central differences.
private struct GradientProblem: ~Copyable {
  private let network: Network
  private let loss: Loss
  private var arena: Arena<Double>
  private let parameters: Region
  private let gradient: Region
  private let inputs: Region
  private let outputs: LayerOutputs
  private let deltas: LayerDeltas
  private let chosen: [Int]
  private let targets: [Double]
  private let weights: [Double]
  private var errors: [Double]

  init(_ description: NetworkDescription, _ loss: Loss, seed: UInt64) throws(ArenaError) {
    let rows = 5
    var generator = PCG64(seed: seed)
    var layout = ArenaLayout()
    let network = Network(description)
    let parameters = try layout.reserve(count: network.parameterCount)
    let gradient = try layout.reserve(count: network.parameterCount)
    let inputs = try layout.reserve(rows: rows, columns: description.inputs)
    let outputs = try network.reserveOutputs(rows: rows, in: &layout)
    let deltas = try network.reserveDeltas(rows: rows, in: &layout)
    var arena = try Arena<Double>(layout)
    network.initialize(parameters, in: &arena, using: &generator)
    // Initial gains of 1 and biases of 0 would hide mistakes in their use, so all parameters are random.
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

  private mutating func evaluate() -> Double {
    let y = network.forward(inputs, parameters: parameters, into: outputs, in: &arena)
    return loss.evaluate(
      outputs: y, chosen: chosen, targets: targets, weights: weights, errors: &errors,
      gradient: deltas.last, in: &arena)
  }

  private mutating func slope(_ values: [Double], _ i: Int, _ h: Double) -> Double {
    func loss(_ step: Double) -> Double {
      var moved = values
      moved[i] += step
      arena.write(moved, to: parameters)
      return evaluate()
    }
    return (loss(h) - loss(-h)) / (2 * h)
  }

  /// The gradient's fault, or `nil`.
  mutating func complaint() -> String? {
    _ = evaluate()
    network.backward(
      inputs, parameters: parameters, outputs: outputs, deltas: deltas, gradient: gradient,
      in: &arena)
    let (found, values) = (arena.values(of: gradient), arena.values(of: parameters))
    let scale = found.map(abs).max() ?? 0
    var skipped = 0
    for i in values.indices {
      let h = 6e-6 * max(1, abs(values[i]))
      let difference = slope(values, i, h)
      if abs(difference - found[i]) <= 1e-6 * max(abs(found[i]), 1e-2 * scale) { continue }
      // If a kink lies within the difference's step, the estimate is not the derivative. It is detected
      // because the estimate then changes with the step.
      guard abs(slope(values, i, h / 8) - difference) > 1e-7 * scale else {
        return "gradient \(i) is \(found[i]), but the central difference is \(difference)"
      }
      skipped += 1
    }
    return skipped * 20 <= values.count
      ? nil : "\(skipped) of \(values.count) parameters at a kink"
  }
}
