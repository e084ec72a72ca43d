public import SARSALinearAlgebra

/// An optimiser for gradient descent, with its state.
///
/// The methods are those of PyTorch 2, and their results equal PyTorch's except for a few last bits.
///
/// ```swift
/// var optimizer = try Optimizer(.adamW(), parameterCount: network.parameterCount, in: &layout)
/// let isFinite = optimizer.update(
///   parameters, gradient: gradient, learningRate: 1e-3, in: &arena)
/// ```
public struct Optimizer: Sendable {
  /// The methods with their parameters, whose defaults are PyTorch's.
  ///
  /// α is the learning rate, g the gradient, θ the parameters, t the step from 1.
  public enum Method: Codable, Hashable, Sendable {
    /// Gradient descent: g ← g + λθ; v ← μv + g; θ ← θ − αv, or θ − α(g + μv) with Nesterov momentum.
    ///
    /// μ is the momentum, λ the weight decay. Source: I. Sutskever et al. 2013, "On the importance of
    /// initialization and momentum in deep learning", https://proceedings.mlr.press/v28.
    case sgd(momentum: Double = 0, isNesterov: Bool = false, weightDecay: Double = 0)
    /// v ← ρv + (1 − ρ)g²; θ ← θ − αg/(√v + ε), with the smoothing ρ.
    ///
    /// If it is centred, it also has the mean m ← ρm + (1 − ρ)g, and takes the root of v − m², at least 0.
    /// With momentum, the quotient is accumulated in a velocity. Source: T. Tieleman, G. Hinton 2012, lecture
    /// 6.5; A. Graves 2013, https://doi.org/10.48550/arXiv.1308.0850, for the centred form.
    case rmsProp(
      smoothing: Double = 0.99, epsilon: Double = 1e-8, momentum: Double = 0,
      isCentered: Bool = false)
    /// m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; θ ← θ − αm̂/(√v̂ + ε), with m̂ = m/(1 − β₁ᵗ) and
    /// v̂ = v/(1 − β₂ᵗ).
    ///
    /// Source: D. P. Kingma, J. Ba 2015, https://doi.org/10.48550/arXiv.1412.6980.
    case adam(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8)
    /// Rectified Adam: Adam's m, v and m̂; θ ← θ − αm̂·r·√(1 − β₂ᵗ)/(√v + ε) if ρ > 5, otherwise θ ← θ − αm̂.
    ///
    /// ρ = ρ_∞ − 2tβ₂ᵗ/(1 − β₂ᵗ), with ρ_∞ = 2/(1 − β₂) − 1, is the number of gradients that v averages; with
    /// few, 1/√v̂ is a poor estimate, so the first steps do without it.
    /// r = √((ρ − 4)(ρ − 2)ρ_∞/((ρ_∞ − 4)(ρ_∞ − 2)ρ)), which goes to 1, scales the others. ε is added before
    /// bias correction, as in PyTorch. Source: L. Liu et al. 2020,
    /// https://doi.org/10.48550/arXiv.1908.03265.
    case rAdam(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8)
    /// Adam with decoupled weight decay: θ ← θ(1 − αλ), and then Adam's step.
    ///
    /// The decay comes first and touches every parameter, biases included; m moves by
    /// (g − m)(1 − β₁); ε is added after bias correction. Source: I. Loshchilov, F. Hutter 2019,
    /// https://doi.org/10.48550/arXiv.1711.05101.
    case adamW(
      beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
      weightDecay: Double = 0.01)
  }

  /// The method.
  public let method: Method

  /// The number of steps so far.
  public package(set) var stepCount = 0

  /// The regions of the method's state, each with one scalar per parameter, in the parameters' order.
  ///
  /// Gradient descent: v, if it has momentum. RMSProp: v; m, if it is centred; the velocity, if it has
  /// momentum. Adam, RAdam and AdamW: m and v.
  public let moments: [Region]

  /// Reserves the method's state for a number of parameters.
  ///
  /// The initial state is zero, because an arena's memory is zeroed.
  ///
  /// - Throws: `ArenaError.tooLarge`.
  public init(
    _ method: Method, parameterCount: Int, in layout: inout ArenaLayout
  ) throws(ArenaError) {
    self.method = method
    var moments: [Region] = []
    for _ in method.momentNames {
      moments.append(try layout.reserve(count: parameterCount))
    }
    self.moments = moments
  }

  /// Takes one step down the gradient.
  ///
  /// - Returns: whether all parameters and moments are finite afterwards.
  /// - Complexity: O(n), one pass, no allocation.
  @specialized(where S == Float)
  public mutating func update<S: Scalar>(
    _ block: Region, gradient: Region, learningRate: Double, in arena: inout Arena<S>
  ) -> Bool {
    stepCount += 1
    switch method {
    case .sgd(let momentum, let isNesterov, let weightDecay):
      return arena.descend(
        gradient: gradient, parameters: block, velocity: momentum == 0 ? .empty : moments[0],
        learningRate: learningRate, momentum: momentum, isNesterov: isNesterov,
        weightDecay: weightDecay)
    case .rmsProp(let smoothing, let epsilon, let momentum, let isCentered):
      return arena.rmsProp(
        gradient: gradient, parameters: block, meanSquare: moments[0],
        mean: isCentered ? moments[1] : .empty,
        velocity: momentum == 0 ? .empty : moments[isCentered ? 2 : 1],
        learningRate: learningRate, smoothing: smoothing, epsilon: epsilon, momentum: momentum,
        isCentered: isCentered)
    case .adam(let beta1, let beta2, let epsilon):
      return arena.adamW(
        AdamWStep(
          stepCount, learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
          weightDecay: 0),
        gradient: gradient, parameters: block, firstMoment: moments[0], secondMoment: moments[1])
    case .rAdam(let beta1, let beta2, let epsilon):
      return arena.adamW(
        AdamWStep(
          rectified: stepCount, learningRate: learningRate, beta1: beta1, beta2: beta2,
          epsilon: epsilon),
        gradient: gradient, parameters: block, firstMoment: moments[0], secondMoment: moments[1])
    case .adamW(let beta1, let beta2, let epsilon, let weightDecay):
      return arena.adamW(
        AdamWStep(
          stepCount, learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
          weightDecay: weightDecay),
        gradient: gradient, parameters: block, firstMoment: moments[0], secondMoment: moments[1])
    }
  }
}

extension Optimizer.Method {
  /// The names of the state's regions, in the order of `Optimizer.moments`.
  public var momentNames: [String] {
    switch self {
    case .sgd(let momentum, _, _): momentum == 0 ? [] : ["velocity"]
    case .rmsProp(_, _, let momentum, let isCentered):
      ["mean square"] + (isCentered ? ["mean"] : []) + (momentum == 0 ? [] : ["velocity"])
    case .adam, .rAdam, .adamW: ["first moment", "second moment"]
    }
  }

  /// The names of regions that are means of squares.
  package static let momentsOfSquares: Set = ["mean square", "second moment"]
}

extension AdamWStep {
  /// The scalars of step t, bias correction included.
  fileprivate init(
    _ t: Int, learningRate: Double, beta1: Double, beta2: Double, epsilon: Double,
    weightDecay: Double
  ) {
    self.init(
      decay: 1 - learningRate * weightDecay, firstWeight: 1 - beta1, beta2: beta2,
      secondWeight: 1 - beta2, stepSize: learningRate / (1 - power(beta1, t)),
      inverseRoot: 1 / (1 - power(beta2, t)).squareRoot(), epsilon: epsilon,
      flushesSubnormals: t % Self.flushPeriod == 0)
  }
}

extension AdamWStep {
  /// The scalars of step t of rectified Adam, in AdamW's form p − stepSize·m/(√v·inverseRoot + epsilon).
  fileprivate init(
    rectified t: Int, learningRate: Double, beta1: Double, beta2: Double, epsilon: Double
  ) {
    let left = power(beta2, t)
    let longest = 2 / (1 - beta2) - 1
    let length = longest - 2 * Double(t) * left / (1 - left)
    var stepSize = learningRate / (1 - power(beta1, t))
    if length > 5 {
      let share =
        (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
      stepSize *= share.squareRoot() * (1 - left).squareRoot()
    }
    // The step that does not divide has the denominator √v·0 + 1.
    self.init(
      decay: 1, firstWeight: 1 - beta1, beta2: beta2, secondWeight: 1 - beta2, stepSize: stepSize,
      inverseRoot: length > 5 ? 1 : 0, epsilon: length > 5 ? epsilon : 1,
      flushesSubnormals: t % Self.flushPeriod == 0)
  }
}

extension AdamWStep {
  /// Checking every moment for subnormal numbers takes a seventh of the optimiser's time, and few moments
  /// become subnormal between two checks, so only every eighth step checks.
  fileprivate static let flushPeriod = 8
}

/// βᵗ by repeated squaring, which gives the same bits everywhere; the C library's `pow` may not.
private func power(_ beta: Double, _ t: Int) -> Double {
  var (result, base, t) = (1.0, beta, t)
  while t > 0 {
    if t & 1 == 1 { result *= base }
    base *= base
    t >>= 1
  }
  return result
}
