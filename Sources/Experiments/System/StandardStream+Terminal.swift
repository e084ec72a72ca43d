internal import Foundation

extension StandardStream {
  /// The columns and rows of the terminal, now; `nil` if the stream is none, or its size is not known.
  public var terminalSize: (columns: Int, rows: Int)? {
    var size = winsize()
    guard unsafe ioctl(rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0
    else { return nil }
    return (Int(size.ws_col), Int(size.ws_row))
  }

  /// Whether lines can be redrawn in place: on a terminal that knows control codes.
  public var isLive: Bool {
    let name = ProcessInfo.processInfo.environment["TERM"] ?? ""
    return isTerminal && !["", "dumb"].contains(name)
  }

  /// Whether text may have colours: on such a terminal, unless the variable `NO_COLOR` is set
  /// (https://no-color.org).
  public var isColored: Bool {
    isLive && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty
  }
}
