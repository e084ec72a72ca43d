import ArgumentParser
import SARSAExperiments

/// A screen of its own on the terminal, until q, Ctrl-C or a signal.
enum FullScreen {
  /// The largest number of columns and rows of a picture: one of each is left free, because some terminals wrap a
  /// full line.
  static var size: (columns: Int, rows: Int) {
    let size = StandardStream.output.terminalSize ?? (80, 24)
    return (max(1, size.columns - 1), max(1, size.rows - 1))
  }

  /// Draws pictures until there are no more, or until it is ended by a key or a signal.
  ///
  /// - Parameters:
  ///   - seconds: the time from picture to picture.
  ///   - keyboard: the keys.
  ///   - picture: the lines of the next picture; `nil` at the end.
  /// - Throws: `ExitCode` if a signal other than SIGINT ended it.
  static func show(
    every seconds: Double, _ keyboard: consuming Keyboard, _ picture: () throws -> [String]?
  ) throws {
    TerminationSignals.installForCleanEnd(endsAtSecond: false)
    // However the loop ends, the terminal gets its screen and its settings back.
    defer { try? StandardStream.output.write(leave) }
    try StandardStream.output.write(enter)
    while !TerminationSignals.isEnding, let lines = try picture() {
      try StandardStream.output.write(
        "\u{1B}[H" + lines.map { $0 + "\u{1B}[K\n" }.joined() + "\u{1B}[J")
      switch keyboard.key(within: seconds) {
      case UInt8(ascii: "q"), control("c"), control("d"), control("\\"): return
      case control("z"):
        try StandardStream.output.write(leave)
        keyboard.release()
        Keyboard.stopProcess()
        keyboard.takeOver()
        try StandardStream.output.write(enter)
      default: break
      }
    }
    let interruption: Int32 = 130
    if let code = TerminationSignals.exitCode, code != interruption { throw ExitCode(code) }
  }

  /// The byte of a key with Ctrl.
  private static func control(_ key: Character) -> UInt8 { (key.asciiValue ?? 0) & 0x1F }

  /// To a screen of its own, without a cursor; and back.
  private static let enter = "\u{1B}[?1049h\u{1B}[?25l"
  private static let leave = "\u{1B}[?25h\u{1B}[?1049l"
}
