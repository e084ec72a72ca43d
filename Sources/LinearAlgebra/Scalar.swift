internal import CSARSAOpenBLAS
internal import CSARSAVectorKernels

/// A floating-point type that matrices can be made of: `Float` to train, `Double` to prove gradients.
public protocol Scalar: BinaryFloatingPoint, Sendable {
  /// The C functions for this type. No other type can have them.
  static var _routines: Routines<Self> { get }

  /// The functions of LAPACK for this type.
  static var _lapack: LAPACKRoutines<Self> { get }
}

extension Float: Scalar {
  /// The C functions for `Float`.
  public static let _routines = unsafe Routines<Float>(
    gemm: cblas_sgemm, gemv: cblas_sgemv, axpby: cblas_saxpby, dot: cblas_sdot, norm: cblas_snrm2,
    addBias: sarsa_add_bias_f32, addBiasReLU: sarsa_add_bias_relu_f32,
    columnSums: sarsa_column_sums_f32, reluBackward: sarsa_relu_backward_f32,
    adamWStep: sarsa_adamw_step_f32)
}

extension Double: Scalar {
  /// The C functions for `Double`.
  public static let _routines = unsafe Routines<Double>(
    gemm: cblas_dgemm, gemv: cblas_dgemv, axpby: cblas_daxpby, dot: cblas_ddot, norm: cblas_dnrm2,
    addBias: sarsa_add_bias_f64, addBiasReLU: sarsa_add_bias_relu_f64,
    columnSums: sarsa_column_sums_f64, reluBackward: sarsa_relu_backward_f64,
    adamWStep: sarsa_adamw_step_f64)
}

/// The C functions for one type of scalar, which check nothing and which only this module calls.
///
/// A class, for an arena holds on to it: a copy of the table would retain every function in it.
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
  /// Count, alpha, x, 1, beta, y, 1.
  typealias AXPBY = @Sendable (Int32, Element, Input, Int32, Element, Output, Int32) -> Void
  /// Count, x, 1, y, 1.
  typealias Dot = @Sendable (Int32, Input, Int32, Input, Int32) -> Element
  /// Count, x, 1.
  typealias Norm = @Sendable (Int32, Input, Int32) -> Element
  /// Tier, rows, columns, bias, matrix.
  typealias AddBias = @Sendable (Int32, Int, Int, Input, Output) -> Void
  /// Tier, rows, columns, matrix, sums.
  typealias ColumnSums = @Sendable (Int32, Int, Int, Input, Output) -> Void
  /// Tier, rows, columns, activation, delta, sums.
  typealias ReLUBackward = @Sendable (Int32, Int, Int, Input, Output, Output) -> Void
  /// Tier, count, scalars, gradient, parameters, first moment, second moment.
  typealias AdamWStep =
    @Sendable (Int32, Int, UnsafePointer<sarsa_adamw>?, Input, Output, Output, Output) -> Int32

  let gemm: GEMM
  let gemv: GEMV
  let axpby: AXPBY
  let dot: Dot
  let norm: Norm
  let addBias: AddBias
  let addBiasReLU: AddBias
  let columnSums: ColumnSums
  let reluBackward: ReLUBackward
  let adamWStep: AdamWStep

  init(
    gemm: @escaping GEMM, gemv: @escaping GEMV, axpby: @escaping AXPBY, dot: @escaping Dot,
    norm: @escaping Norm, addBias: @escaping AddBias, addBiasReLU: @escaping AddBias,
    columnSums: @escaping ColumnSums, reluBackward: @escaping ReLUBackward,
    adamWStep: @escaping AdamWStep
  ) {
    unsafe self.gemm = unsafe gemm
    unsafe self.gemv = unsafe gemv
    unsafe self.axpby = unsafe axpby
    unsafe self.dot = unsafe dot
    unsafe self.norm = unsafe norm
    unsafe self.addBias = unsafe addBias
    unsafe self.addBiasReLU = unsafe addBiasReLU
    unsafe self.columnSums = unsafe columnSums
    unsafe self.reluBackward = unsafe reluBackward
    unsafe self.adamWStep = unsafe adamWStep
  }
}
