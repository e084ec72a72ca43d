/// The part of an agent that learns: from ∂L/∂q to a step of the optimiser.
struct Descent: Sendable {
  private let network: Network
  private let gradientNormLimit: Double?
  private var optimizer: Optimizer
  /// The derivatives of L with respect to every layer's output [batch, …] and every parameter.
  private let deltas: LayerDeltas
  private let gradient: Region
  /// The norm of the last gradient before it was limited; `nil` without a limit.
  private var unlimitedNorm: Float?

  /// Reserves the memory of a backward pass and of the optimiser.
  init(
    _ network: Network, _ hyperparameters: OptimizerHyperparameters, rows: Int,
    in layout: inout ArenaLayout
  ) throws(ArenaError) {
    self.network = network
    gradientNormLimit = hyperparameters.gradientNormLimit
    gradient = try layout.reserve(count: network.parameterCount)
    deltas = try network.reserveDeltas(rows: rows, in: &layout)
    optimizer = try Optimizer(
      hyperparameters.method, parameterCount: network.parameterCount, in: &layout)
  }

  /// Where the loss writes ∂L/∂q [batch, actions].
  var outputDelta: Region { deltas.last }

  /// The number of steps so far.
  var stepCount: Int { optimizer.stepCount }

  /// The norm of the last gradient, before it was limited.
  ///
  /// - Complexity: O(parameters) without a limit, no allocation.
  func gradientNorm(in arena: borrowing Arena<Float>) -> Double {
    Double(unlimitedNorm ?? arena.norm(gradient))
  }

  /// Moves the parameters one step down the gradient: θ ← θ − α·∇L for gradient descent.
  ///
  /// `outputDelta` holds ∂L/∂q, and `outputs` what the forward pass of `inputs` wrote.
  ///
  /// - Throws: `Divergence` if a parameter or a moment is no longer finite.
  /// - Complexity: one backward pass, no allocation.
  mutating func descend(
    _ parameters: Region, inputs: Region, outputs: LayerOutputs, learningRate: Double,
    in arena: inout Arena<Float>
  ) throws(Divergence) {
    network.backward(
      inputs, parameters: parameters, outputs: outputs, deltas: deltas, gradient: gradient,
      in: &arena)
    if let limit = gradientNormLimit { unlimitedNorm = arena.clip(gradient, toNorm: limit) }
    let isFinite = optimizer.update(
      parameters, gradient: gradient, learningRate: learningRate, in: &arena)
    guard isFinite else { throw divergence(of: parameters, in: arena) }
  }

  /// The error for the first parameter, or the first moment of a parameter, that is not finite.
  private func divergence(of parameters: Region, in arena: borrowing Arena<Float>) -> Divergence {
    if let (value, tensor) = network.firstNonFinite(of: parameters, in: arena) {
      return .parameter(value, tensor: tensor, update: stepCount)
    }
    for (name, region) in zip(optimizer.method.momentNames, optimizer.moments) {
      if let (value, tensor) = network.firstNonFinite(of: region, in: arena) {
        return .moment(value, name: name, tensor: tensor, update: stepCount)
      }
    }
    fatalError("the update reported a number that is not finite, but all are finite")
  }
}

extension Descent {
  /// Writes the optimiser's state, or replaces it.
  mutating func archive<A: Archive & ~Copyable>(
    in archive: inout A, as name: String, arena: inout Arena<Float>
  ) throws(ArchiveError) {
    try archive.value(
      name + ".stepCount", &optimizer.stepCount, allowed: "from 0 to \(Hyperparameters.Limit.steps)"
    ) {
      (0...Hyperparameters.Limit.steps).contains($0)
    }
    for (moment, region) in zip(optimizer.method.momentNames, optimizer.moments) {
      try archive.finiteNumbers(
        "\(name).\(moment)", of: region, in: &arena,
        isNonNegative: Optimizer.Method.momentsOfSquares.contains(moment))
    }
  }
}

extension Network {
  /// The first number that is not finite in a block of the parameters' size, with its tensor's name.
  func firstNonFinite(
    of block: Region, in arena: borrowing Arena<Float>
  ) -> (value: Float, tensor: String)? {
    for tensor in tensors(of: block, in: arena) {
      if let value = tensor.values.first(where: { !$0.isFinite }) { return (value, tensor.name) }
    }
    return nil
  }
}
