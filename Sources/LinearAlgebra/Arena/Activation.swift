internal import CSARSAVectorKernels

/// An elementwise function at the end of a layer.
///
/// Each maps NaN to NaN, and gives the same bits on every kernel tier. The smooth ones are computed with
/// polynomials of this package. As `Float` they are within 1 ULP of the true value for every
/// argument, and so are their derivatives; as `Double`, tanh and SiLU are within 3, the others within 10.
public enum Activation: String, Codable, CaseIterable, Hashable, Sendable {
  /// z.
  case identity
  /// max(0, z), the rectified linear unit.
  case relu
  /// z if it is positive, otherwise 0.01·z; the slope is PyTorch's default.
  case leakyReLU = "leaky-relu"
  /// The hyperbolic tangent.
  case tanh
  /// z·σ(z) with the logistic function σ, the sigmoid-weighted linear unit; −0 at −∞.
  ///
  /// Source: S. Elfwing, E. Uchibe, K. Doya 2018, https://doi.org/10.1016/j.neunet.2017.12.012.
  case silu
  /// σ(z)·(1 + z·(1 − σ(z))), the derivative of SiLU; −0 at −∞.
  ///
  /// Source: as for `silu`.
  case dsilu

  /// Whether the derivative is computed from the input z; otherwise from the output y.
  ///
  /// A layer with such an activation has to keep its inputs z until `Arena.biasGradient`.
  public var derivativeTakesInput: Bool {
    switch self {
    case .identity, .relu, .leakyReLU, .tanh: false
    case .silu, .dsilu: true
    }
  }

  /// The slope of `leakyReLU` below zero.
  package static let leakyReLUSlope = SARSA_LEAKY_RELU_SLOPE

  /// The function's number in the C kernels.
  var kind: Int32 {
    let kind =
      switch self {
      case .identity: SARSA_IDENTITY
      case .relu: SARSA_RELU
      case .leakyReLU: SARSA_LEAKY_RELU
      case .tanh: SARSA_TANH
      case .silu: SARSA_SILU
      case .dsilu: SARSA_DSILU
      }
    return Int32(kind.rawValue)
  }
}
