/// P·A = L·U: the LU decomposition of a square matrix with row exchanges.
///
/// ```swift
/// let lu = try LUDecomposition(a)
/// let x = try lu.solve(b)             // O(n²) per column
/// let y = try lu.solve(c)
/// ```
///
/// Gaussian elimination with partial pivoting, LAPACK's `getrf` and `getrs`
/// ([LAPACK Users' Guide](https://doi.org/10.1137/1.9780898719604)).
///
/// A singular matrix has a decomposition too, but no unique solutions. Because of rounding, a pivot is
/// often not exactly zero: `reciprocalConditionNumber` estimates how accurate a solution is.
public struct LUDecomposition<Element: Scalar>: Sendable {
  /// The number of rows and columns of A.
  public let order: Int

  /// The index of the first pivot, from 0, that is exactly zero, or `nil` if there is none.
  public let zeroPivot: Int?

  /// U and, below its diagonal, L without its ones; column-major, as returned by LAPACK.
  private let factors: [Element]
  /// The row, from 1, with which each row was exchanged, in order.
  private let exchanges: [Int32]
  /// The largest sum of magnitudes in a column of A.
  private let norm: Element

  /// Decomposes a square matrix.
  ///
  /// OpenBLAS multiplies by reciprocals of pivots: one below about 1 / `greatestFiniteMagnitude` may
  /// end in `.overflow`.
  ///
  /// - Throws: `LinearAlgebraError.notSquare`, `.notFinite`, `.overflow`, `.tooLarge`.
  /// - Complexity: O(n³).
  public init(_ matrix: Matrix<Element>) throws(LinearAlgebraError) {
    let n = matrix.rows
    if n != matrix.columns { throw .notSquare(rows: n, columns: matrix.columns) }
    try matrix.checkOperand(workspace: 0)
    var factors = matrix.columnMajor
    var exchanges = [Int32](repeating: 0, count: n)
    var status: Int32 = 0
    if n > 0 {
      status = unsafe Element._getrf(Int32(n), Int32(n), &factors, Int32(n), &exchanges)
      try checkStatus(status)
      try checkResult(factors)
    }
    self.order = n
    self.zeroPivot = status > 0 ? Int(status) - 1 : nil
    self.factors = factors
    self.exchanges = exchanges
    self.norm = matrix.oneNorm
  }

  /// X with A·X = B.
  ///
  /// Shapes: B [n, columns], one right-hand side per column; X as B.
  ///
  /// - Throws: `LinearAlgebraError.badShape`, `.singular`, `.notFinite`, `.overflow`, `.tooLarge`.
  /// - Complexity: O(n²) per column.
  public func solve(_ b: Matrix<Element>) throws(LinearAlgebraError) -> Matrix<Element> {
    if b.rows != order {
      throw .badShape(rows: order, columns: order, rightRows: b.rows, rightColumns: b.columns)
    }
    if let zeroPivot { throw .singular(pivot: zeroPivot) }
    try b.checkOperand(workspace: 0)
    if b.scalars.isEmpty { return b }
    var x = b.columnMajor
    try checkStatus(
      unsafe Element._getrs(
        Int32(order), Int32(b.columns), factors, Int32(order), exchanges, &x, Int32(order)))
    try checkResult(x)
    return Matrix(rows: order, columns: b.columns, columnMajor: x)
  }

  /// The inverse A⁻¹; to solve a system, `solve` is faster and more accurate.
  ///
  /// - Throws: `LinearAlgebraError.singular`, `.overflow`.
  /// - Complexity: O(n³).
  public func inverse() throws(LinearAlgebraError) -> Matrix<Element> {
    try solve(.identity(order))
  }

  /// The determinant of A, and 0 if A is singular.
  ///
  /// It overflows or underflows only if the result itself is beyond the type's range.
  ///
  /// - Complexity: O(n), no allocation.
  public var determinant: Element {
    if zeroPivot != nil { return 0 }
    // Significand and exponent separately, because intermediate products may exceed the range.
    var significand: Element = 1
    var exponent: Element.Exponent = 0
    for i in 0..<order {
      let pivot = factors[i &* (order &+ 1)]
      significand *= exchanges[i] == i + 1 ? pivot.significand : -pivot.significand
      if pivot < 0 { significand.negate() }
      exponent += pivot.exponent + significand.exponent
      significand = Element(
        sign: significand.sign, exponent: 0, significand: significand.significand)
    }
    return Element(sign: .plus, exponent: exponent, significand: significand)
  }

  /// An estimate of 1 / (‖A‖₁·‖A⁻¹‖₁): near 1 for a good matrix, 0 for a singular one.
  ///
  /// A value of 10⁻ᵏ means that a solution loses about k decimal digits. If it is below the type's
  /// `ulpOfOne`, a solution may have no correct digit.
  ///
  /// [Higham 1988](https://doi.org/10.1145/50063.214386), LAPACK's `gecon`. 1 without rows.
  ///
  /// - Throws: `LinearAlgebraError.overflow` if ‖A‖₁ is beyond the type's range, `.outOfMemory`.
  /// - Complexity: O(n²).
  public var reciprocalConditionNumber: Element {
    get throws(LinearAlgebraError) {
      if order == 0 { return 1 }
      if zeroPivot != nil { return 0 }
      if !norm.isFinite { throw .overflow }
      var result: Element = 0
      try checkStatus(
        unsafe Element._gecon(Int32(order), factors, Int32(order), norm, &result))
      return result
    }
  }

  /// L: ones on its diagonal, zeros above.
  ///
  /// - Complexity: O(n²), one allocation.
  public var lower: Matrix<Element> {
    var result = Matrix<Element>.identity(order)
    for i in 0..<order {
      for j in 0..<i { result[i, j] = factors[j &* order &+ i] }
    }
    return result
  }

  /// U: zeros below its diagonal.
  ///
  /// - Complexity: O(n²), one allocation.
  public var upper: Matrix<Element> {
    var result = Matrix<Element>(rows: order, columns: order)
    for i in 0..<order {
      for j in i..<order { result[i, j] = factors[j &* order &+ i] }
    }
    return result
  }

  /// P: row i of P·A is the row of A with this index.
  ///
  /// - Complexity: O(n), one allocation.
  public var permutation: [Int] {
    var result = Array(0..<order)
    for i in 0..<order { result.swapAt(i, Int(exchanges[i]) - 1) }
    return result
  }
}

extension Matrix {
  /// Solves self·X = B for a square matrix.
  ///
  /// Shapes: self [n, n], B [n, columns], one right-hand side per column; X as B. For right-hand sides
  /// that come one after the other, keep an `LUDecomposition`.
  ///
  /// - Throws: `LinearAlgebraError.notSquare`, `.badShape`, `.singular`, `.notFinite`, `.overflow`,
  ///   `.tooLarge`.
  /// - Complexity: O(n³ + n²·columns).
  public func solve(_ b: Matrix) throws(LinearAlgebraError) -> Matrix {
    try LUDecomposition(self).solve(b)
  }
}
