internal import SARSAPreconditions

// In this folder, loops over scalars in Swift are specialised for both types: generic code calls a
// function for each entry, and takes about thirty times as long.

// MARK: - Sums and multiples

extension Matrix {
  /// The sum, entry by entry.
  ///
  /// - Precondition: the shapes are equal.
  /// - Complexity: O(rows·columns), one allocation.
  public static func + (left: Matrix, right: Matrix) -> Matrix {
    var result = left
    result += right
    return result
  }

  /// The difference, entry by entry.
  ///
  /// - Precondition: the shapes are equal.
  /// - Complexity: O(rows·columns), one allocation.
  public static func - (left: Matrix, right: Matrix) -> Matrix {
    var result = left
    result -= right
    return result
  }

  /// Adds a matrix, entry by entry.
  ///
  /// - Precondition: the shapes are equal.
  /// - Complexity: O(rows·columns), no allocation unless the scalars are shared.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  public static func += (left: inout Matrix, right: Matrix) {
    left.checkShape(of: right)
    for i in left.scalars.indices { left.scalars[i] += right.scalars[i] }
  }

  /// Subtracts a matrix, entry by entry.
  ///
  /// - Precondition: the shapes are equal.
  /// - Complexity: O(rows·columns), no allocation unless the scalars are shared.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  public static func -= (left: inout Matrix, right: Matrix) {
    left.checkShape(of: right)
    for i in left.scalars.indices { left.scalars[i] -= right.scalars[i] }
  }

  /// Multiplies every entry.
  ///
  /// - Complexity: O(rows·columns), no allocation unless the scalars are shared.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  public static func *= (matrix: inout Matrix, factor: Element) {
    for i in matrix.scalars.indices { matrix.scalars[i] *= factor }
  }

  /// Every entry times a factor.
  ///
  /// - Complexity: O(rows·columns), one allocation.
  public static func * (factor: Element, matrix: Matrix) -> Matrix {
    var result = matrix
    result *= factor
    return result
  }

  /// Every entry times a factor.
  ///
  /// - Complexity: O(rows·columns), one allocation.
  public static func * (matrix: Matrix, factor: Element) -> Matrix { factor * matrix }

  /// The matrix with every sign reversed.
  ///
  /// - Complexity: O(rows·columns), one allocation.
  public static prefix func - (matrix: Matrix) -> Matrix { -1 * matrix }

  private func checkShape(of other: Matrix) {
    require(
      rows == other.rows && columns == other.columns,
      "sum of %×% and %×%", rows, columns, other.rows, other.columns)
  }
}

// MARK: - Products

extension Matrix {
  /// The matrix product.
  ///
  /// Shapes: left [m, k], right [k, n], result [m, n].
  ///
  /// - Precondition: the left has as many columns as the right has rows.
  /// - Complexity: O(m·n·k), one allocation.
  public static func * (left: Matrix, right: Matrix) -> Matrix { left.multiplied(by: right) }

  /// The matrix product op(self)·op(other), with op(x) = xᵀ for the transposed operands.
  ///
  /// Transposed operands are not copied. Shapes: op(self) [m, k], op(other) [k, n], result [m, n]; with
  /// k = 0 the result is zero.
  ///
  /// - Precondition: the shapes agree.
  /// - Complexity: O(m·n·k), one allocation.
  public func multiplied(
    by other: Matrix, transposing transpositions: Transpositions = []
  ) -> Matrix {
    let (m, k) = transpositions.contains(.first) ? (columns, rows) : (rows, columns)
    let (inner, n) =
      transpositions.contains(.second) ? (other.columns, other.rows) : (other.rows, other.columns)
    require(k == inner, "product of %×% and %×%", m, k, inner, n)
    var result = Matrix(rows: m, columns: n)
    if result.scalars.isEmpty || k == 0 { return result }
    BLAS.useOneThreadByDefault()
    let (first, second) = (transpositions.contains(.first), transpositions.contains(.second))
    if n == 1 {
      unsafe Element._gemv(
        first, Int32(rows), Int32(columns), 1, scalars, Int32(columns),
        other.scalars, 0, &result.scalars)
    } else if m == 1 {
      // A row times B is computed as Bᵀ times a column.
      unsafe Element._gemv(
        !second, Int32(other.rows), Int32(other.columns), 1, other.scalars, Int32(other.columns),
        scalars, 0, &result.scalars)
    } else {
      unsafe Element._gemm(
        first, second, Int32(m), Int32(n), Int32(k), 1, scalars, Int32(columns),
        other.scalars, Int32(other.columns), 0, &result.scalars, Int32(n))
    }
    return result
  }
}
