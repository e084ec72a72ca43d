internal import SARSAPreconditions

/// A dense matrix: a value type, row-major, without gaps.
///
/// ```swift
/// let a: Matrix<Double> = [[2, 1], [1, 3]]
/// let x = try a.solve(.column([3, 5]))    // [[0.8], [1.4]]
/// let residual = (a * x - .column([3, 5])).frobeniusNorm
/// ```
///
/// Copies are independent, and share memory until one of them is written. Rows and columns may be 0, and
/// at most 2³¹ − 1, the limit of BLAS.
///
/// Every operation allocates its result. For operations that repeat millions of times, such as a training
/// step, use an `Arena`.
public struct Matrix<Element: Scalar>: Hashable, Sendable {
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// Its scalars, row by row.
  public internal(set) var scalars: [Element]

  /// Makes a matrix whose entries all have one value, by default zero.
  ///
  /// - Precondition: no side is negative or beyond 2³¹ − 1.
  /// - Complexity: O(rows·columns), one allocation.
  public init(rows: Int, columns: Int, repeating value: Element = 0) {
    let count = Self.count(rows: rows, columns: columns)
    self.init(rows: rows, columns: columns, scalars: Array(repeating: value, count: count))
  }

  /// Makes a matrix from its scalars, row by row.
  ///
  /// - Precondition: there are rows·columns scalars; no side is negative or beyond 2³¹ − 1.
  /// - Complexity: O(1), no allocation.
  public init(rows: Int, columns: Int, scalars: [Element]) {
    require(
      scalars.count == Self.count(rows: rows, columns: columns),
      "scalars has % numbers; allowed: the number of entries of a %×% matrix", scalars.count, rows,
      columns
    )
    self.rows = rows
    self.columns = columns
    self.scalars = scalars
  }

  /// Makes a matrix from its rows; without rows, the 0×0 matrix.
  ///
  /// - Precondition: all rows have the same number of scalars.
  /// - Complexity: O(rows·columns), one allocation.
  public init(_ rows: [[Element]]) {
    let columns = rows.first?.count ?? 0
    for row in rows.indices {
      require(
        rows[row].count == columns,
        "row % has % scalars; allowed: %, as row 0 has", row, rows[row].count, columns)
    }
    self.init(rows: rows.count, columns: columns, scalars: Array(rows.joined()))
  }

  /// The n×n identity matrix.
  ///
  /// - Complexity: O(n²), one allocation.
  public static func identity(_ n: Int) -> Matrix {
    var result = Matrix(rows: n, columns: n)
    for i in 0..<n { result[i, i] = 1 }
    return result
  }

  /// The square matrix with these scalars on its diagonal and zeros elsewhere.
  ///
  /// - Complexity: O(n²), one allocation.
  public static func diagonal(_ scalars: [Element]) -> Matrix {
    var result = Matrix(rows: scalars.count, columns: scalars.count)
    for i in scalars.indices { result[i, i] = scalars[i] }
    return result
  }

  /// The matrix with one column.
  ///
  /// - Complexity: O(1), no allocation.
  public static func column(_ scalars: [Element]) -> Matrix {
    Matrix(rows: scalars.count, columns: 1, scalars: scalars)
  }

  /// One scalar.
  ///
  /// - Precondition: row and column exist.
  /// - Complexity: O(1); a write copies the scalars first if another matrix shares them.
  public subscript(row: Int, column: Int) -> Element {
    get { scalars[index(row, column)] }
    set { scalars[index(row, column)] = newValue }
  }

  /// The transpose.
  ///
  /// - Complexity: O(rows·columns), one allocation, none for a single row or column.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  public func transposed() -> Matrix {
    if rows <= 1 || columns <= 1 {
      return Matrix(rows: columns, columns: rows, scalars: scalars)
    }
    var result = Matrix(rows: columns, columns: rows)
    // In square blocks that fit into the cache: a simple double loop has a cache miss at every write.
    let side = 16
    for top in stride(from: 0, to: rows, by: side) {
      for left in stride(from: 0, to: columns, by: side) {
        for i in top..<min(top + side, rows) {
          for j in left..<min(left + side, columns) {
            result.scalars[j &* rows &+ i] = scalars[i &* columns &+ j]
          }
        }
      }
    }
    return result
  }

  private func index(_ row: Int, _ column: Int) -> Int {
    require(
      row >= 0 && row < rows && column >= 0 && column < columns,
      "row and column are (%, %); the matrix is %×%", row, column, rows, columns)
    return row &* columns &+ column
  }

  private static func count(rows: Int, columns: Int) -> Int {
    let sides = 0...Int(Int32.max)
    require(
      sides.contains(rows) && sides.contains(columns),
      "the matrix is %×%; allowed: sides from % to %", rows, columns, sides.lowerBound,
      sides.upperBound)
    return rows * columns
  }
}

extension Matrix: ExpressibleByArrayLiteral {
  /// Makes a matrix from its rows, each an array.
  ///
  /// - Precondition: all rows have the same number of scalars.
  public init(arrayLiteral rows: [Element]...) {
    self.init(rows)
  }
}
