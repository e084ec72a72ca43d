internal import CSARSAOpenBLAS
internal import SARSAPreconditions

/// A = U·S·Vᵀ: two sets of orthonormal directions, and how far A stretches one onto the other.
///
/// Thin: for A [m, n] and k = min(m, n), U is [m, k] and Vᵀ [k, n]. Singular vectors are unique up
/// to their common sign at best.
///
/// Divide and conquer, [Gu and Eisenstat 1995](https://doi.org/10.1137/S0895479892242232), LAPACK's
/// `gesdd`.
public struct SingularValueDecomposition<Element: Scalar>: Sendable {
  /// U [m, k], with UᵀU = I.
  public let u: Matrix<Element>
  /// The k singular values, none negative, largest first.
  public let singularValues: [Element]
  /// Vᵀ [k, n], with VᵀV = I.
  public let vt: Matrix<Element>

  /// Decomposes a matrix of any shape and rank.
  ///
  /// - Throws: `LinearAlgebraError.notFinite`, `.overflow`, `.noConvergence`, `.tooLarge`,
  ///   `.outOfMemory`.
  /// - Complexity: O(m·n·k).
  public init(_ matrix: Matrix<Element>) throws(LinearAlgebraError) {
    let (m, n, k) = (matrix.rows, matrix.columns, min(matrix.rows, matrix.columns))
    // Above what gesdd's formulas give with blocks of 64 columns.
    try matrix.checkOperand(workspace: 4 * k * k + 200 * k)
    var u = Matrix<Element>(rows: m, columns: k)
    var vt = Matrix<Element>(rows: k, columns: n)
    var values = [Element](repeating: 0, count: k)
    if k > 0 {
      // Read by columns, the scalars are Aᵀ = V·S·Uᵀ. What LAPACK calls U, by columns, is V, thus Vᵀ
      // by rows; and what it calls Vᵀ is U: nothing has to be transposed.
      var scalars = matrix.scalars
      let status = unsafe Element.lapack.gesdd(
        LAPACK_COL_MAJOR, CChar(UInt8(ascii: "S")), Int32(n), Int32(m), &scalars, Int32(n), &values,
        &vt.scalars, Int32(n), &u.scalars, Int32(k))
      try checkStatus(status)
      if status > 0 { throw .noConvergence }
      try checkResult(values)
    }
    self.u = u
    self.singularValues = values
    self.vt = vt
  }

  /// How many singular values exceed a tolerance.
  ///
  /// Unless told otherwise, it is the largest times max(m, n) times the type's `ulpOfOne`: about what
  /// rounding makes of a zero.
  ///
  /// - Complexity: O(k), no allocation.
  public func rank(tolerance: Element? = nil) -> Int {
    let largest = singularValues.first ?? 0
    let tolerance = tolerance ?? largest * Element(max(u.rows, vt.columns)) * .ulpOfOne
    return singularValues.count { $0 > tolerance }
  }

  /// How many singular values, largest first, have at least 1 − δ of the sum of all.
  ///
  /// The effective rank of learned features in
  /// [Kumar et al. 2021](https://arxiv.org/abs/2010.14498), for A a batch of the last hidden layer's
  /// activations, one row an observation, and δ = 0.01. Zero if A is.
  ///
  /// - Precondition: 0 ≤ δ < 1.
  /// - Complexity: O(k), no allocation.
  public func effectiveRank(delta: Element = 0.01) -> Int {
    require(delta >= 0 && delta < 1, "delta is \(delta); allowed: from 0 to 1, 1 excluded")
    let largest = singularValues.first ?? 0
    if largest == 0 { return 0 }
    // Parts of the largest: their sum cannot overflow.
    let total = singularValues.reduce(0) { $0 + $1 / largest }
    var sum: Element = 0
    for (index, value) in singularValues.enumerated() {
      sum += value / largest
      if sum >= (1 - delta) * total { return index + 1 }
    }
    return singularValues.count
  }
}
