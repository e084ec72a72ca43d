/// An error of a decomposition or a solution.
public enum LinearAlgebraError: Error, Hashable, CustomStringConvertible {
  /// A square system without a unique solution: the pivot of this index, from 0, is exactly zero.
  case singular(pivot: Int)
  /// A matrix that should be square.
  case notSquare(rows: Int, columns: Int)
  /// A right-hand side whose number of rows differs from the matrix's.
  case badShape(rows: Int, columns: Int, rightRows: Int, rightColumns: Int)
  /// An operand with a NaN or an infinity; the position of the first.
  case notFinite(row: Int, column: Int)
  /// Finite operands with a result beyond the range of their type.
  case overflow
  /// The iteration for the singular values did not converge.
  case noConvergence
  /// An operand that is too large for LAPACK's 32-bit integers.
  case tooLarge(rows: Int, columns: Int)
  /// The system refused the work memory of LAPACK.
  case outOfMemory

  /// One line that names the matrix and the fault.
  public var description: String {
    switch self {
    case .singular(let pivot): "the matrix is singular: its pivot \(pivot) is zero"
    case .notSquare(let rows, let columns): "a matrix of \(rows)×\(columns) is not square"
    case .badShape(let rows, let columns, let rightRows, let rightColumns):
      "a right-hand side of \(rightRows)×\(rightColumns) for a matrix of \(rows)×\(columns)"
    case .notFinite(let row, let column): "the entry (\(row), \(column)) is NaN or infinite"
    case .overflow: "the result is beyond the range of its type"
    case .noConvergence: "the singular values did not converge"
    case .tooLarge(let rows, let columns):
      "a matrix of \(rows)×\(columns) is too large for LAPACK"
    case .outOfMemory: "the system refused LAPACK its work memory"
    }
  }
}
