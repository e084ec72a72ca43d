/// A = Q·R: the thin QR decomposition, orthonormal columns times an upper triangular matrix.
///
/// For A [m, n] and k = min(m, n), Q is [m, k] and R [k, n], zero below its diagonal. Diagonal entries may
/// be negative; to make one positive, negate that row of R and the same column of Q.
///
/// Householder's reflections, [Householder 1958](https://doi.org/10.1145/320941.320947), as LAPACK's
/// `geqrf` and `orgqr` apply them.
public struct QRDecomposition<Element: Scalar>: Sendable {
  /// Q [m, k], with QᵀQ = I.
  public let q: Matrix<Element>
  /// R [k, n].
  public let r: Matrix<Element>

  /// Decomposes a matrix of any shape and rank.
  ///
  /// - Throws: `LinearAlgebraError.notFinite`, `.overflow`, `.tooLarge`, `.outOfMemory`.
  /// - Complexity: O(m·n·k).
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  public init(_ matrix: Matrix<Element>) throws(LinearAlgebraError) {
    let (m, n, k) = (matrix.rows, matrix.columns, min(matrix.rows, matrix.columns))
    // LAPACK works in blocks of at most 64 columns.
    try matrix.checkOperand(workspace: 64 * n)
    if k == 0 {
      q = Matrix(rows: m, columns: 0)
      r = Matrix(rows: 0, columns: n)
      return
    }
    var factors = matrix.columnMajor
    var scales = [Element](repeating: 0, count: k)
    try checkStatus(
      unsafe Element._geqrf(
        Int32(m), Int32(n), &factors, Int32(m), &scales))
    try checkResult(factors)
    var r = Matrix<Element>(rows: k, columns: n)
    for i in 0..<k {
      for j in i..<n { r[i, j] = factors[j &* m &+ i] }
    }
    // The reflections are in the first k columns, below the diagonal; Q overwrites them.
    factors.removeLast((n - k) * m)
    try checkStatus(
      unsafe Element._orgqr(
        Int32(m), Int32(k), Int32(k), &factors, Int32(m), scales))
    self.q = Matrix(rows: m, columns: k, columnMajor: factors)
    self.r = r
  }
}
