/// An environment with tables whose states are the cells of a map, seen from above.
///
/// Values and actions of a policy are drawn on the map.
public protocol CellEnvironment: FiniteEnvironment {
  /// The number of cells from left to right.
  var cellColumns: Int { get }

  /// The number of cells from top to bottom.
  var cellRows: Int { get }

  /// The number of the state in a cell, where all else is as in the current state.
  ///
  /// - Precondition: the map has the cell; column 0 is at the left, row 0 at the top.
  func stateIndex(column: Int, row: Int) -> Int

  /// What is in a cell, in a letter or two; empty where there is nothing.
  ///
  /// - Precondition: the map has the cell.
  func cellLabel(column: Int, row: Int) -> String
}

extension TimeLimit: CellEnvironment where Base: CellEnvironment {
  /// That of the inner environment.
  public var cellColumns: Int { base.cellColumns }

  /// That of the inner environment.
  public var cellRows: Int { base.cellRows }

  /// That of the inner environment.
  public func stateIndex(column: Int, row: Int) -> Int { base.stateIndex(column: column, row: row) }

  /// That of the inner environment.
  public func cellLabel(column: Int, row: Int) -> String {
    base.cellLabel(column: column, row: row)
  }
}
