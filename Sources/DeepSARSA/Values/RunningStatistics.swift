/// The mean and the variance of every column of the rows seen so far.
///
/// Welford's recursion, with n rows seen: μ ← μ + (x − μ)/n; m ← m + (x − μ_before)(x − μ). The variance is
/// m/(n − 1), and 1 before the second row.
///
/// Source: B. P. Welford 1962, https://doi.org/10.1080/00401706.1962.10490022.
struct RunningStatistics: Hashable, Sendable {
  /// The number of rows.
  private(set) var count = 0
  /// μ of every column.
  private(set) var means: [Double]
  /// m of every column, the sum of squared distances from the mean.
  private(set) var squares: [Double]

  init(columns: Int) {
    means = Array(repeating: 0, count: columns)
    squares = means
  }

  init(count: Int, means: [Double], squares: [Double]) {
    self.count = count
    self.means = means
    self.squares = squares
  }

  /// Adds a row; `value` gives the number of a column.
  ///
  /// - Complexity: O(columns), no allocation.
  @inline(__always)
  mutating func add(_ value: (_ column: Int) -> Double) {
    count += 1
    for i in means.indices {
      let distance = value(i) - means[i]
      means[i] += distance / Double(count)
      squares[i] += distance * (value(i) - means[i])
    }
  }

  /// The variance of a column.
  func variance(of column: Int) -> Double {
    count < 2 ? 1 : squares[column] / Double(count - 1)
  }

  /// 1/√(variance + 1e-8) of a column.
  func scale(of column: Int) -> Double { 1 / (variance(of: column) + 1e-8).squareRoot() }
}

extension RunningStatistics: Archivable {
  mutating func archive<A: Archive & ~Copyable>(
    in archive: inout A, as name: String
  ) throws(ArchiveError) {
    let limit = Hyperparameters.Limit.steps
    try archive.value(name + ".count", &count, allowed: "from 0 to \(limit)") {
      (0...limit).contains($0)
    }
    let columns = means.count
    try archive.value(name + ".means", &means, allowed: "\(columns) finite numbers") {
      $0.count == columns && $0.allSatisfy(\.isFinite)
    }
    try archive.value(
      name + ".squares", &squares, allowed: "\(columns) finite numbers, 0 or more"
    ) {
      $0.count == columns && $0.allSatisfy { $0 >= 0 && $0.isFinite }
    }
  }
}
