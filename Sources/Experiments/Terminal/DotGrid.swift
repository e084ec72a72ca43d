internal import SARSAPreconditions

/// A picture of dots, drawn with the characters of braille: a character has two columns and four rows of dots.
///
/// ```swift
/// var grid = DotGrid(width: 4, height: 4)
/// for i in 0..<4 { grid.set(x: i, y: i) }
/// grid.lines                                    // ["⠑⢄"]
/// ```
public struct DotGrid: Hashable, Sendable {
  /// The number of dots side by side.
  public let width: Int
  /// The number of dots one above the other.
  public let height: Int
  /// The number of characters in a line.
  private let columns: Int
  /// The dots of each character, as Unicode numbers them; line by line.
  private var cells: [UInt8]

  /// An empty picture.
  ///
  /// - Precondition: `width` and `height` are not negative.
  public init(width: Int, height: Int) {
    require(
      width >= 0 && height >= 0, "a grid has \(width) x \(height) dots; allowed: 0 or more of each")
    self.width = width
    self.height = height
    columns = (width + 1) / 2
    cells = Array(repeating: 0, count: columns * ((height + 3) / 4))
  }

  /// Sets a dot, of which (0, 0) is at the top left.
  ///
  /// A dot outside of the picture is left out.
  public mutating func set(x: Int, y: Int) {
    guard contains(x: x, y: y) else { return }
    cells[y / 4 * columns + x / 2] |= Self.bits[y % 4][x % 2]
  }

  /// Whether a dot is set; one outside of the picture is not.
  public func isSet(x: Int, y: Int) -> Bool {
    contains(x: x, y: y) && cells[y / 4 * columns + x / 2] & Self.bits[y % 4][x % 2] != 0
  }

  private func contains(x: Int, y: Int) -> Bool {
    (0..<width).contains(x) && (0..<height).contains(y)
  }

  /// Sets the dots of the line between two dots, both included.
  ///
  /// - Complexity: O(n) in the distance, also outside of the picture.
  public mutating func line(fromX x0: Int, y y0: Int, toX x1: Int, y y1: Int) {
    let steps = max(abs(x1 - x0), abs(y1 - y0))
    for i in 0...steps {
      let share = steps == 0 ? 0 : Double(i) / Double(steps)
      set(
        x: x0 + Int((Double(x1 - x0) * share).rounded()),
        y: y0 + Int((Double(y1 - y0) * share).rounded()))
    }
  }

  /// The picture as lines of equal width, from the top; a character without dots is the empty one of braille.
  public var lines: [String] {
    stride(from: 0, to: cells.count, by: max(1, columns)).map { start in
      var line = ""
      for cell in cells[start..<(start + columns)] {
        line.unicodeScalars.append(Unicode.Scalar(0x2800 + UInt16(cell)) ?? " ")
      }
      return line
    }
  }

  /// The bit of a dot in its character, by row and column: braille counts six dots in columns, and the lowest
  /// two were added later.
  private static let bits: [[UInt8]] = [
    [0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80],
  ]
}
