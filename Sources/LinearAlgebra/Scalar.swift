internal import CSARSAOpenBLAS
internal import CSARSAVectorKernels

/// A floating-point type of matrices: `Float` for training, `Double` to check gradients.
public protocol Scalar: BinaryFloatingPoint, Sendable {
  /// The C functions for this type. The requirement prevents conformances outside this module.
  static var _routines: Routines<Self> { get }

  /// The C functions for this type, in a new object.
  static func _makeRoutines() -> Routines<Self>

  /// The functions of LAPACK for this type.
  static var _lapack: LAPACKRoutines<Self> { get }
}

extension Float: Scalar {
  /// The C functions for `Float`.
  public static let _routines = _makeRoutines()

  /// The C functions for `Float`, in a new object.
  public static func _makeRoutines() -> Routines<Float> {
    unsafe Routines<Float>(
      gemm: cblas_sgemm, gemv: cblas_sgemv, transpose: cblas_somatcopy, axpby: cblas_saxpby,
      scal: cblas_sscal, dot: cblas_sdot,
      norm: cblas_snrm2,
      activate: sarsa_activate_f32, activateBackward: sarsa_activate_backward_f32,
      adamWStep: sarsa_adamw_step_f32, sgdStep: sarsa_sgd_step_f32,
      rmsPropStep: sarsa_rmsprop_step_f32, normalize: sarsa_normalize_f32,
      normalizeBackward: sarsa_normalize_backward_f32, dueling: sarsa_dueling_f32,
      duelingBackward: sarsa_dueling_backward_f32)
  }
}

extension Double: Scalar {
  /// The C functions for `Double`.
  public static let _routines = _makeRoutines()

  /// The C functions for `Double`, in a new object.
  public static func _makeRoutines() -> Routines<Double> {
    unsafe Routines<Double>(
      gemm: cblas_dgemm, gemv: cblas_dgemv, transpose: cblas_domatcopy, axpby: cblas_daxpby,
      scal: cblas_dscal, dot: cblas_ddot,
      norm: cblas_dnrm2,
      activate: sarsa_activate_f64, activateBackward: sarsa_activate_backward_f64,
      adamWStep: sarsa_adamw_step_f64, sgdStep: sarsa_sgd_step_f64,
      rmsPropStep: sarsa_rmsprop_step_f64, normalize: sarsa_normalize_f64,
      normalizeBackward: sarsa_normalize_backward_f64, dueling: sarsa_dueling_f64,
      duelingBackward: sarsa_dueling_backward_f64)
  }
}

/// The C functions for one scalar type, without checks; only this module calls them.
///
/// It is a class because an arena stores it: copying a struct would retain every function in it. Every
/// arena has a separate instance, so that threads do not contend for one object's reference count.
@safe
public final class Routines<Element>: Sendable {
  typealias Input = UnsafePointer<Element>?
  typealias Output = UnsafeMutablePointer<Element>?

  /// Order, op, op, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc.
  typealias GEMM =
    @Sendable (
      CBLAS_ORDER, CBLAS_TRANSPOSE, CBLAS_TRANSPOSE, Int32, Int32, Int32, Element, Input, Int32,
      Input, Int32, Element, Output, Int32
    ) -> Void
  /// Order, op, rows, columns, alpha, a, lda, x, 1, beta, y, 1.
  typealias GEMV =
    @Sendable (
      CBLAS_ORDER, CBLAS_TRANSPOSE, Int32, Int32, Element, Input, Int32, Input, Int32, Element,
      Output, Int32
    ) -> Void
  /// Order, op, rows, columns, alpha, a, lda, b, ldb.
  typealias Transpose =
    @Sendable (
      CBLAS_ORDER, CBLAS_TRANSPOSE, Int32, Int32, Element, Input, Int32, Output, Int32
    ) -> Void
  /// Count, alpha, x, 1, beta, y, 1.
  typealias AXPBY = @Sendable (Int32, Element, Input, Int32, Element, Output, Int32) -> Void
  /// Count, alpha, x, 1.
  typealias Scal = @Sendable (Int32, Element, Output, Int32) -> Void
  /// Count, x, 1, y, 1.
  typealias Dot = @Sendable (Int32, Input, Int32, Input, Int32) -> Element
  /// Count, x, 1.
  typealias Norm = @Sendable (Int32, Input, Int32) -> Element
  /// Tier, kind, rows, columns, bias, z, y.
  typealias Activate = @Sendable (Int32, Int32, Int, Int, Input, Output, Output) -> Void
  /// Tier, kind, rows, columns, values, delta, sums.
  typealias ActivateBackward = @Sendable (Int32, Int32, Int, Int, Input, Output, Output) -> Void
  /// Tier, count, scalars, gradient, parameters, first moment, second moment.
  typealias AdamWStep =
    @Sendable (Int32, Int, UnsafePointer<sarsa_adamw>?, Input, Output, Output, Output) -> Int32

  /// Tier, count, scalars, gradient, parameters, velocity.
  typealias SGDStep =
    @Sendable (Int32, Int, UnsafePointer<sarsa_sgd>?, Input, Output, Output) -> Int32
  /// Tier, count, scalars, gradient, parameters, mean square, mean, velocity.
  typealias RMSPropStep =
    @Sendable (
      Int32, Int, UnsafePointer<sarsa_rmsprop>?, Input, Output, Output, Output, Output
    ) -> Int32
  /// Tier, rows, columns, epsilon, x, gain, z, statistics.
  typealias Normalize = @Sendable (Int32, Int, Int, Double, Input, Input, Output, Output) -> Void
  /// Tier, rows, columns, x, statistics, gain, delta, gain's gradient, x's delta.
  typealias NormalizeBackward =
    @Sendable (Int32, Int, Int, Input, Input, Input, Input, Output, Output) -> Void

  /// Tier, rows, actions, input, output.
  typealias Dueling = @Sendable (Int32, Int, Int, Input, Output) -> Void

  let gemm: GEMM
  let gemv: GEMV
  let transpose: Transpose
  let axpby: AXPBY
  let scal: Scal
  let dot: Dot
  let norm: Norm
  let activate: Activate
  let activateBackward: ActivateBackward
  let adamWStep: AdamWStep
  let sgdStep: SGDStep
  let rmsPropStep: RMSPropStep
  let normalize: Normalize
  let normalizeBackward: NormalizeBackward
  let dueling: Dueling
  let duelingBackward: Dueling

  init(
    gemm: @escaping GEMM, gemv: @escaping GEMV, transpose: @escaping Transpose,
    axpby: @escaping AXPBY, scal: @escaping Scal,
    dot: @escaping Dot,
    norm: @escaping Norm, activate: @escaping Activate,
    activateBackward: @escaping ActivateBackward,
    adamWStep: @escaping AdamWStep, sgdStep: @escaping SGDStep,
    rmsPropStep: @escaping RMSPropStep, normalize: @escaping Normalize,
    normalizeBackward: @escaping NormalizeBackward, dueling: @escaping Dueling,
    duelingBackward: @escaping Dueling
  ) {
    unsafe self.gemm = unsafe gemm
    unsafe self.gemv = unsafe gemv
    unsafe self.transpose = unsafe transpose
    unsafe self.axpby = unsafe axpby
    unsafe self.scal = unsafe scal
    unsafe self.dot = unsafe dot
    unsafe self.norm = unsafe norm
    unsafe self.activate = unsafe activate
    unsafe self.activateBackward = unsafe activateBackward
    unsafe self.adamWStep = unsafe adamWStep
    unsafe self.sgdStep = unsafe sgdStep
    unsafe self.rmsPropStep = unsafe rmsPropStep
    unsafe self.normalize = unsafe normalize
    unsafe self.normalizeBackward = unsafe normalizeBackward
    unsafe self.dueling = unsafe dueling
    unsafe self.duelingBackward = unsafe duelingBackward
  }
}
