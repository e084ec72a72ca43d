public import SARSALinearAlgebra

/// Adam with decoupled weight decay.
///
/// With learning rate α, decay λ, gradient g and step t from 1:
/// θ ← θ·(1 − αλ); m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²;
/// θ ← θ − α·m̂ / (√v̂ + ε), with m̂ = m/(1 − β₁ᵗ) and v̂ = v/(1 − β₂ᵗ).
///
/// The order of operations is PyTorch 2's: the decay comes first and touches every parameter,
/// biases included; m moves by m + (g − m)(1 − β₁); ε is added after bias correction.
///
/// Source: I. Loshchilov, F. Hutter, "Decoupled Weight Decay Regularization", 2019,
/// https://doi.org/10.48550/arXiv.1711.05101.
public struct AdamW: Sendable {
  /// What the caller chooses.
  public struct Parameters: Codable, Hashable, Sendable {
    /// β₁, the memory of the mean.
    public var beta1 = 0.9
    /// β₂, the memory of the mean square.
    public var beta2 = 0.999
    /// ε, what keeps the denominator from zero.
    public var epsilon = 1e-8
    /// λ, the decay; it is multiplied by the learning rate.
    public var weightDecay = 0.01

    /// PyTorch's defaults.
    public init() {}
  }

  /// What the caller chose.
  public let parameters: Parameters

  /// The steps taken so far.
  public var stepCount = 0

  /// m, in the order of the network's parameters.
  public let firstMoment: Region
  /// v, likewise.
  public let secondMoment: Region

  /// Reserves the moments of so many parameters.
  ///
  /// An arena's memory starts at zero, as moments do.
  ///
  /// - Throws: `ArenaError.tooLarge`.
  public init(
    parameterCount: Int, parameters: Parameters = Parameters(), in layout: inout ArenaLayout
  ) throws(ArenaError) {
    self.parameters = parameters
    self.firstMoment = try layout.reserve(count: parameterCount)
    self.secondMoment = try layout.reserve(count: parameterCount)
  }

  /// Takes one step down the gradient.
  ///
  /// - Returns: whether every parameter is finite afterwards.
  /// - Complexity: O(n), one pass, no allocation.
  public mutating func update<S: Scalar>(
    _ block: Region, gradient: Region, learningRate: Double, in arena: inout Arena<S>
  ) -> Bool {
    stepCount += 1
    let (beta1, beta2) = (parameters.beta1, parameters.beta2)
    let step = AdamWStep(
      decay: 1 - learningRate * parameters.weightDecay, firstWeight: 1 - beta1, beta2: beta2,
      secondWeight: 1 - beta2, stepSize: learningRate / (1 - Self.power(beta1, stepCount)),
      inverseRoot: 1 / (1 - Self.power(beta2, stepCount)).squareRoot(),
      epsilon: parameters.epsilon)
    return arena.adamW(
      step, gradient: gradient, parameters: block, firstMoment: firstMoment,
      secondMoment: secondMoment)
  }

  /// βᵗ by repeated squaring: the same bits everywhere, which the C library's `pow` does not promise.
  static func power(_ beta: Double, _ t: Int) -> Double {
    var (result, base, t) = (1.0, beta, t)
    while t > 0 {
      if t & 1 == 1 { result *= base }
      base *= base
      t >>= 1
    }
    return result
  }
}
