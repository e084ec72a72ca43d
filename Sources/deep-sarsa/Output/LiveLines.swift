import SARSAExperiments

/// Lines of standard error that are redrawn in place, at the end of what was printed.
struct LiveLines {
  private let paint = Paint(on: .error)
  /// The columns that each line on the screen has.
  private var drawn: [Int] = []

  /// The columns that a line may have: one is left free, because some terminals wrap a full line.
  static var columns: Int { size.columns - 1 }

  /// The lines that fit on the screen, with one for what is typed after them.
  static var rows: Int { max(1, size.rows - 1) }

  private static var size: (columns: Int, rows: Int) {
    StandardStream.error.terminalSize ?? (80, 24)
  }

  /// Draws lines over those that were drawn before.
  mutating func draw(_ lines: [TerminalLine]) {
    let text = lines.map { paint($0) + "\u{1B}[K" }.joined(separator: "\n")
    write(toFirst + text + "\u{1B}[J")
    drawn = lines.map(\.columns)
  }

  /// Prints text above the lines, which are gone until they are drawn again.
  mutating func print(_ text: String) {
    write(drawn.isEmpty ? text : toFirst + "\u{1B}[J" + text)
    drawn = []
  }

  /// Leaves the lines as they are; what follows is below them.
  mutating func end() {
    if !drawn.isEmpty { write("\n") }
    drawn = []
  }

  /// Moves the cursor to the beginning of the first line.
  ///
  /// If the terminal has become narrower, it has wrapped the lines, which then take more rows.
  private var toFirst: String {
    let rows = drawn.reduce(0) { $0 + max(1, ($1 + Self.size.columns - 1) / Self.size.columns) }
    return (rows > 1 ? "\u{1B}[\(rows - 1)A" : "") + "\r"
  }

  private func write(_ text: String) { try? StandardStream.error.write(text) }
}
