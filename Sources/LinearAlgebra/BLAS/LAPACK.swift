internal import CSARSAOpenBLAS
internal import SARSAPreconditions

// LAPACK: Anderson et al., LAPACK Users' Guide, 3rd edition 1999,
// https://doi.org/10.1137/1.9780898719604.
//
// LAPACK is column-major. LAPACKE's row-major functions transpose the operands before every call and the
// results after it, which costs as much as a solve with one right-hand side. Here all calls are
// column-major and transpositions are explicit, so that unnecessary ones are left out: factors stay
// column-major between solves, and the singular value decomposition is that of the transpose.

/// A letter by which a function of LAPACK is told what to compute.
func letter(_ character: Unicode.Scalar) -> CChar { CChar(UInt8(ascii: character)) }

// MARK: - Checks and conversions

/// Throws if LAPACK had not enough memory; the caller interprets a positive status.
func checkStatus(_ status: Int32) throws(LinearAlgebraError) {
  if status == LAPACK_WORK_MEMORY_ERROR { throw .outOfMemory }
  require(status >= 0, "argument \(-status) of a LAPACK function is invalid")
}

extension Matrix {
  /// Throws for a matrix that is not finite or too large for LAPACK, and prepares BLAS, by which LAPACK
  /// multiplies.
  ///
  /// With a NaN, LAPACK's iterations may not terminate. LAPACK uses 32-bit integers, also for the size of
  /// its work memory, and does not detect an overflow.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  func checkOperand(workspace: Int) throws(LinearAlgebraError) {
    BLAS.useOneThreadByDefault()
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
