/// The scalars of one AdamW step after bias correction, in double precision.
///
/// With g the gradient, m and v the moments, p the parameter:
/// m ← m + (g − m)·`firstWeight`; v ← v·`beta2` + `secondWeight`·g²;
/// p ← p·`decay` − `stepSize`·m / (√v·`inverseRoot` + `epsilon`).
public struct AdamWStep: Hashable, Sendable {
  /// 1 − learning rate · weight decay.
  public var decay: Double
  /// 1 − β₁.
  public var firstWeight: Double
  /// β₂.
  public var beta2: Double
  /// 1 − β₂.
  public var secondWeight: Double
  /// Learning rate / (1 − β₁ᵗ).
  public var stepSize: Double
  /// 1 / √(1 − β₂ᵗ).
  public var inverseRoot: Double
  /// ε, added to the denominator.
  public var epsilon: Double
  /// Whether moments that are subnormal become zero.
  ///
  /// The moments of a dead unit shrink until they are subnormal, and a processor takes several times as
  /// long for an operation with subnormal numbers.
  public var flushesSubnormals: Bool

  /// Makes a step from its scalars.
  public init(
    decay: Double, firstWeight: Double, beta2: Double, secondWeight: Double, stepSize: Double,
    inverseRoot: Double, epsilon: Double, flushesSubnormals: Bool = false
  ) {
    self.decay = decay
    self.firstWeight = firstWeight
    self.beta2 = beta2
    self.secondWeight = secondWeight
    self.stepSize = stepSize
    self.inverseRoot = inverseRoot
    self.epsilon = epsilon
    self.flushesSubnormals = flushesSubnormals
  }
}
