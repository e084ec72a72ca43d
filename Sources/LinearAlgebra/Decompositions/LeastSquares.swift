internal import SARSAPreconditions

/// The least-squares solution of A·X ≈ B: of all X with the smallest ‖A·X − B‖, the one with the smallest
/// ‖X‖, column by column.
///
/// It exists and is unique for every A, of any shape and rank. It is computed from the singular value
/// decomposition by divide and conquer: LAPACK's `gelsd`
/// ([Golub and Reinsch 1970](https://doi.org/10.1007/BF02163027),
/// [LAPACK Users' Guide](https://doi.org/10.1137/1.9780898719604)).
public struct LeastSquares<Element: Scalar>: Sendable {
  /// X [n, columns], for A [m, n] and B [m, columns].
  public let solution: Matrix<Element>
  /// The effective rank of A: the number of singular values above the tolerance times the largest.
  public let rank: Int
  /// The min(m, n) singular values of A, largest first.
  public let singularValues: [Element]

  /// Solves A·X ≈ B.
  ///
  /// Shapes: A [m, n], B [m, columns].
  ///
  /// Singular values of at most `tolerance` times the largest count as zero. The default tolerance is
  /// max(m, n) times the type's `ulpOfOne`; 0 stands for half an `ulpOfOne`.
  ///
  /// - Precondition: 0 ≤ tolerance < 1.
  /// - Throws: `LinearAlgebraError.badShape`, `.notFinite`, `.overflow`, `.noConvergence`,
  ///   `.tooLarge`, `.outOfMemory`.
  /// - Complexity: O(max(m, n)·min(m, n)²).
  public init(
    _ a: Matrix<Element>, _ b: Matrix<Element>, tolerance: Element? = nil
  ) throws(LinearAlgebraError) {
    let (m, n, columns) = (a.rows, a.columns, b.columns)
    if b.rows != m {
      throw .badShape(rows: m, columns: n, rightRows: b.rows, rightColumns: columns)
    }
    // LAPACK treats a tolerance of 1 or more as no tolerance.
    let tolerance = tolerance ?? min(Element(max(m, n)) * .ulpOfOne, 0.5)
    require(
      tolerance >= 0 && tolerance < 1, "tolerance is \(tolerance); allowed: from 0 to 1, 1 excluded"
    )
    let (k, longer) = (min(m, n), max(m, n))
    // An upper bound of gelsd's work memory, with blocks of 64 columns and leaves of 25.
    try a.checkOperand(workspace: k * (k + columns + 400) + 64 * columns + longer + 1000)
    // X overwrites B, so the array has the rows of the longer one.
    try b.checkOperand(workspace: longer * columns)
    if k == 0 {
      solution = Matrix(rows: n, columns: columns)
      rank = 0
      singularValues = []
      return
    }
    if columns == 0 {
      // gelsd does not accept an empty right-hand side.
      let zero = try LeastSquares(a, Matrix(rows: m, columns: 1), tolerance: tolerance)
      solution = Matrix(rows: n, columns: 0)
      rank = zero.rank
      singularValues = zero.singularValues
      return
    }
    var factors = a.columnMajor
    let padding = [Element](repeating: 0, count: (longer - m) * columns)
    var x = Matrix(rows: longer, columns: columns, scalars: b.scalars + padding).columnMajor
    var values = [Element](repeating: 0, count: k)
    var rank: Int32 = 0
    let status = unsafe Element._gelsd(
      Int32(m), Int32(n), Int32(columns), &factors, Int32(m), &x,
      Int32(longer), &values, tolerance, &rank)
    try checkStatus(status)
    if status > 0 { throw .noConvergence }
    let scalars = Matrix(rows: longer, columns: columns, columnMajor: x).scalars
    let solution = Matrix(
      rows: n, columns: columns, scalars: Array(scalars.prefix(n * columns)))
    try checkResult(solution.scalars)
    try checkResult(values)
    self.solution = solution
    self.rank = Int(rank)
    self.singularValues = values
  }
}
