internal import CSARSAOpenBLAS
internal import SARSAPreconditions

// LAPACK: Anderson et al., LAPACK Users' Guide, 3rd edition 1999,
// https://doi.org/10.1137/1.9780898719604.
//
// LAPACK is column-major. LAPACKE's row-major functions transpose the operands before every call and the
// results after it, which costs as much as a solve with one right-hand side. Here all calls are
// column-major and transpositions are explicit, so that unnecessary ones are left out: factors stay
// column-major between solves, and the singular value decomposition is that of the transpose.

extension Float {
  /// The functions of LAPACK for `Float`.
  public static let _lapack = unsafe LAPACKRoutines<Float>(
    geqrf: LAPACKE_sgeqrf, orgqr: LAPACKE_sorgqr, getrf: LAPACKE_sgetrf, getrs: LAPACKE_sgetrs,
    gecon: LAPACKE_sgecon, gelsd: LAPACKE_sgelsd, gesdd: LAPACKE_sgesdd)
}

extension Double {
  /// The functions of LAPACK for `Double`.
  public static let _lapack = unsafe LAPACKRoutines<Double>(
    geqrf: LAPACKE_dgeqrf, orgqr: LAPACKE_dorgqr, getrf: LAPACKE_dgetrf, getrs: LAPACKE_dgetrs,
    gecon: LAPACKE_dgecon, gelsd: LAPACKE_dgelsd, gesdd: LAPACKE_dgesdd)
}

/// LAPACK's functions for one scalar type, which only this module calls.
///
/// Their first argument is the layout, they return a status, and they allocate their work memory.
@safe
public final class LAPACKRoutines<Element>: Sendable {
  typealias Input = UnsafePointer<Element>?
  typealias Output = UnsafeMutablePointer<Element>?
  typealias Indices = UnsafeMutablePointer<Int32>?

  /// m, n, a, lda, tau.
  typealias GEQRF = @Sendable (Int32, Int32, Int32, Output, Int32, Output) -> Int32
  /// m, n, reflectors, a, lda, tau.
  typealias ORGQR = @Sendable (Int32, Int32, Int32, Int32, Output, Int32, Input) -> Int32
  /// m, n, a, lda, pivots.
  typealias GETRF = @Sendable (Int32, Int32, Int32, Output, Int32, Indices) -> Int32
  /// Op, n, right-hand sides, a, lda, pivots, b, ldb.
  typealias GETRS =
    @Sendable (
      Int32, CChar, Int32, Int32, Input, Int32, UnsafePointer<Int32>?, Output, Int32
    ) -> Int32
  /// Norm, n, a, lda, norm of the matrix, reciprocal condition number.
  typealias GECON = @Sendable (Int32, CChar, Int32, Input, Int32, Element, Output) -> Int32
  /// m, n, right-hand sides, a, lda, b, ldb, singular values, tolerance, rank.
  typealias GELSD =
    @Sendable (
      Int32, Int32, Int32, Int32, Output, Int32, Output, Int32, Output, Element, Indices
    ) -> Int32
  /// Job, m, n, a, lda, singular values, u, ldu, vt, ldvt.
  typealias GESDD =
    @Sendable (
      Int32, CChar, Int32, Int32, Output, Int32, Output, Output, Int32, Output, Int32
    ) -> Int32

  let geqrf: GEQRF
  let orgqr: ORGQR
  let getrf: GETRF
  let getrs: GETRS
  let gecon: GECON
  let gelsd: GELSD
  let gesdd: GESDD

  init(
    geqrf: @escaping GEQRF, orgqr: @escaping ORGQR, getrf: @escaping GETRF, getrs: @escaping GETRS,
    gecon: @escaping GECON, gelsd: @escaping GELSD, gesdd: @escaping GESDD
  ) {
    unsafe self.geqrf = unsafe geqrf
    unsafe self.orgqr = unsafe orgqr
    unsafe self.getrf = unsafe getrf
    unsafe self.getrs = unsafe getrs
    unsafe self.gecon = unsafe gecon
    unsafe self.gelsd = unsafe gelsd
    unsafe self.gesdd = unsafe gesdd
  }
}

// MARK: - Checks and conversions

extension Scalar {
  /// The functions of BLAS, for code without an arena.
  static var blas: Routines<Self> {
    BLAS.useOneThreadByDefault()
    return _routines
  }

  /// The functions of LAPACK, which multiply by BLAS.
  static var lapack: LAPACKRoutines<Self> {
    BLAS.useOneThreadByDefault()
    return _lapack
  }
}

/// Throws if LAPACK had not enough memory; the caller interprets a positive status.
func checkStatus(_ status: Int32) throws(LinearAlgebraError) {
  if status == LAPACK_WORK_MEMORY_ERROR { throw .outOfMemory }
  require(status >= 0, "argument \(-status) of a LAPACK function is invalid")
}

extension Matrix {
  /// Throws for a matrix that is not finite or too large for LAPACK.
  ///
  /// With a NaN, LAPACK's iterations may not terminate. LAPACK uses 32-bit integers, also for the size of
  /// its work memory, and does not detect an overflow.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  func checkOperand(workspace: Int) throws(LinearAlgebraError) {
    if max(scalars.count, workspace) > Int(Int32.max) {
      throw .tooLarge(rows: rows, columns: columns)
    }
    if let index = scalars.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(row: index / columns, column: index % columns)
    }
  }

  /// The scalars, column by column.
  var columnMajor: [Element] { transposed().scalars }

  /// Makes a matrix from its scalars, column by column.
  init(rows: Int, columns: Int, columnMajor: [Element]) {
    self = Matrix(rows: columns, columns: rows, scalars: columnMajor).transposed()
  }
}

/// Throws if a result that was computed from finite scalars is not finite.
@specialized(where Element == Float)
@specialized(where Element == Double)
func checkResult<Element: Scalar>(_ scalars: [Element]) throws(LinearAlgebraError) {
  if scalars.contains(where: { !$0.isFinite }) { throw .overflow }
}
