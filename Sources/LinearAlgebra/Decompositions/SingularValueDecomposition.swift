internal import SARSAPreconditions

/// A = U·S·Vᵀ: the thin singular value decomposition.
///
/// For A [m, n] and k = min(m, n), U is [m, k] and Vᵀ [k, n]. The singular vectors of a singular value
/// that occurs once are unique up to a common sign.
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
    // An upper bound of gesdd's work memory, with blocks of 64 columns.
    try matrix.checkOperand(workspace: 4 * k * k + 200 * k)
    var u = Matrix<Element>(rows: m, columns: k)
    var vt = Matrix<Element>(rows: k, columns: n)
    var values = [Element](repeating: 0, count: k)
    if k > 0 {
      // Read as column-major, the scalars are Aᵀ = V·S·Uᵀ. So LAPACK's column-major U is V, which is the
      // row-major Vᵀ, and LAPACK's Vᵀ is the row-major U: no transposition is needed.
      var scalars = matrix.scalars
      let status = unsafe Element._gesdd(
        Int32(n), Int32(m), &scalars, Int32(n), &values,
        &vt.scalars, Int32(n), &u.scalars, Int32(k))
      try checkStatus(status)
      if status > 0 { throw .noConvergence }
      try checkResult(values)
    }
    self.u = u
    self.singularValues = values
    self.vt = vt
  }

  /// The numerical rank: the number of singular values above a tolerance.
  ///
  /// The default tolerance is the largest singular value times max(m, n) times the type's `ulpOfOne`: about
  /// the rounding error of a singular value of 0.
  ///
  /// - Complexity: O(k), no allocation.
  public func rank(tolerance: Element? = nil) -> Int {
    let largest = singularValues.first ?? 0
    // The small factors first: the largest singular value times a count may overflow.
    let tolerance = tolerance ?? largest * (Element(max(u.rows, vt.columns)) * .ulpOfOne)
    return singularValues.count { $0 > tolerance }
  }

  /// The effective rank: the smallest number of largest singular values with at least 1 − δ of the sum.
  ///
  /// The measure of learned features in
  /// [Kumar et al. 2021](https://arxiv.org/abs/2010.14498), for A a batch of the last hidden layer's
  /// activations, one row per observation, and δ = 0.01. It is 0 if A is zero.
  ///
  /// - Precondition: 0 ≤ δ < 1.
  /// - Complexity: O(k), no allocation.
  public func effectiveRank(delta: Element = 0.01) -> Int {
    require(delta >= 0 && delta < 1, "delta is \(delta); allowed: from 0 to 1, 1 excluded")
    let largest = singularValues.first ?? 0
    if largest == 0 { return 0 }
    // Divided by the largest, so that the sum cannot overflow.
    let total = singularValues.reduce(0) { $0 + $1 / largest }
    var sum: Element = 0
    for (index, value) in singularValues.enumerated() {
      sum += value / largest
      if sum >= (1 - delta) * total { return index + 1 }
    }
    return singularValues.count
  }
}
