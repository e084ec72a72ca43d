internal import Foundation

/// Standard output and standard error, unbuffered.
public enum StandardStream: Int32, Sendable {
  /// What a program is asked for.
  case output = 1
  /// What a person reads beside it.
  case error = 2

  /// Whether a person reads it on a terminal.
  public var isTerminal: Bool { isatty(rawValue) == 1 }

  /// Makes a reader who goes away an error of the next write, and not this process's death.
  public static func ignoreBrokenPipes() {
    signal(SIGPIPE, SIG_IGN)
  }

  /// Writes text as it is.
  ///
  /// - Throws: `SystemError` if the stream is closed or full.
  public func write(_ text: String) throws(SystemError) {
    try Files.write(
      Array(text.utf8), to: rawValue, path: self == .output ? "standard output" : "standard error")
  }
}
