/// A floating-point type that matrices can be made of: `Float` to train, `Double` to prove gradients.
///
/// The underscored requirements are this module's door to C. They check nothing, and no other type
/// can conform usefully.
public protocol Scalar: BinaryFloatingPoint, Sendable {
  /// c ← alpha·op(a)·op(b) + beta·c, for row-major operands.
  static func _product(
    _ transpositions: Transpositions, m: Int32, n: Int32, k: Int32, alpha: Self,
    _ a: UnsafePointer<Self>, _ lda: Int32, _ b: UnsafePointer<Self>, _ ldb: Int32, beta: Self,
    _ c: UnsafeMutablePointer<Self>, _ ldc: Int32)

  /// y ← alpha·op(a)·x + beta·y, for a row-major `a` of `rows` by `columns`.
  static func _product(
    transposed: Bool, rows: Int32, columns: Int32, alpha: Self, _ a: UnsafePointer<Self>,
    _ x: UnsafePointer<Self>, beta: Self, _ y: UnsafeMutablePointer<Self>)

  /// y ← alpha·x + beta·y.
  static func _combine(
    _ count: Int32, alpha: Self, _ x: UnsafePointer<Self>, beta: Self,
    _ y: UnsafeMutablePointer<Self>)

  /// Σ x·y.
  static func _dot(_ count: Int32, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>) -> Self

  /// √Σ x².
  static func _norm(_ count: Int32, _ x: UnsafePointer<Self>) -> Self

  /// matrix += bias in every row, then the activation if there is one.
  static func _addBias(
    _ tier: KernelTier, rows: Int, columns: Int, rectifying: Bool, _ bias: UnsafePointer<Self>,
    _ matrix: UnsafeMutablePointer<Self>)

  /// sums ← column sums of the matrix.
  static func _columnSums(
    _ tier: KernelTier, rows: Int, columns: Int, _ matrix: UnsafePointer<Self>,
    _ sums: UnsafeMutablePointer<Self>)

  /// delta ← 0 where the activation is not positive; sums ← its column sums.
  static func _rectifierGradient(
    _ tier: KernelTier, rows: Int, columns: Int, activation: UnsafePointer<Self>,
    _ delta: UnsafeMutablePointer<Self>, _ sums: UnsafeMutablePointer<Self>)

  /// One AdamW step; false if a parameter is no longer finite.
  static func _adamW(
    _ tier: KernelTier, _ count: Int, _ step: AdamWStep, gradient: UnsafePointer<Self>,
    parameter: UnsafeMutablePointer<Self>, first: UnsafeMutablePointer<Self>,
    second: UnsafeMutablePointer<Self>) -> Bool
}

/// Which operands of a product are read as their transposes.
public struct Transpositions: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8

  /// Makes a set from its bits.
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// The left operand.
  public static let first = Transpositions(rawValue: 1)
  /// The right operand.
  public static let second = Transpositions(rawValue: 2)
}

/// The scalars of one AdamW step after bias correction, in the precision they were computed in.
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

  /// Makes a step from its seven scalars.
  public init(
    decay: Double, firstWeight: Double, beta2: Double, secondWeight: Double, stepSize: Double,
    inverseRoot: Double, epsilon: Double
  ) {
    self.decay = decay
    self.firstWeight = firstWeight
    self.beta2 = beta2
    self.secondWeight = secondWeight
    self.stepSize = stepSize
    self.inverseRoot = inverseRoot
    self.epsilon = epsilon
  }
}
