/// A set of cells of the board that move together: ten rows of ten bits.
struct MinAtarCellSet: Hashable, Sendable {
  /// Cell (x, y) is bit 10 y + x.
  fileprivate var bits: UInt128 = 0

  private static let side = UInt128(MinAtarBoard.side)
  private static let row: UInt128 = 1 << side - 1
  private static let board: UInt128 = 1 << (side * side) - 1
  /// The first cell of every row.
  private static let firstColumn = MinAtarBoard.cells.reduce(into: UInt128(0)) {
    $0 |= 1 << (side * UInt128($1))
  }

  /// No cells.
  init() {}

  /// All cells of some columns and rows.
  init(columns: Range<Int>, rows: Range<Int>) {
    for y in rows {
      for x in columns { insert(x: x, y: y) }
    }
  }

  var count: Int { bits.nonzeroBitCount }

  private static func bit(x: Int, y: Int) -> UInt128 {
    1 &<< UInt128(y * MinAtarBoard.side + x)
  }

  func contains(x: Int, y: Int) -> Bool { bits & Self.bit(x: x, y: y) != 0 }

  func isAnyInColumn(_ x: Int) -> Bool { bits & Self.firstColumn &<< UInt128(x) != 0 }

  func isAnyInRow(_ y: Int) -> Bool { bits & Self.row &<< (Self.side * UInt128(y)) != 0 }

  mutating func insert(x: Int, y: Int) { bits |= Self.bit(x: x, y: y) }

  func intersection(_ other: MinAtarCellSet) -> MinAtarCellSet {
    var result = self
    result.bits &= other.bits
    return result
  }

  mutating func subtract(_ other: MinAtarCellSet) { bits &= ~other.bits }

  /// Moves the set up by a row; cells of the first row leave the board.
  mutating func moveUp() { bits &>>= Self.side }

  /// Moves the set down by a row; cells of the last row leave the board.
  mutating func moveDown() { bits = bits &<< Self.side & Self.board }

  /// Moves the set down by a row; the last row becomes the first.
  mutating func moveDownAround() {
    bits = bits &<< Self.side & Self.board | bits &>> (Self.side * (Self.side - 1))
  }

  /// - Precondition: the first column is empty.
  mutating func moveLeft() { bits &>>= 1 }

  /// - Precondition: the last column is empty.
  mutating func moveRight() { bits &<<= 1 }
}

extension MinAtarCellSet: Codable {
  /// Reads ten rows.
  init(from decoder: any Decoder) throws {
    let rows = try [UInt16](from: decoder)
    guard rows.count == MinAtarBoard.side, rows.allSatisfy({ $0 <= Self.row }) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "not ten rows of ten cells"))
    }
    bits = rows.reversed().reduce(0) { $0 << Self.side | UInt128($1) }
  }

  /// Writes ten rows, each with its first cell in the lowest bit.
  func encode(to encoder: any Encoder) throws {
    let rows = MinAtarBoard.cells.map { UInt16(bits >> (Self.side * UInt128($0)) & Self.row) }
    try rows.encode(to: encoder)
  }
}

extension MinAtarChannel {
  /// Marks a set of cells of a board.
  func mark(_ cells: MinAtarCellSet, on board: inout MutableSpan<Float>) {
    var left = cells.bits
    while left != 0 {
      board[left.trailingZeroBitCount * Self.count + rawValue] = 1
      left &= left &- 1
    }
  }
}
