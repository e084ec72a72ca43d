internal import Foundation
public import SARSAFiles

/// Standard output and standard error, unbuffered.
public enum StandardStream: Int32, Sendable {
  /// What a program is asked for.
  case output = 1
  /// What a person reads beside it.
  case error = 2

  /// Whether a person reads it on a terminal.
  public var isTerminal: Bool { isatty(rawValue) == 1 }

  /// Makes every failure of a stream or a file an error of its write, and nothing worse.
  ///
  /// A reader who goes away and a file that may not grow would end the process by a signal. A stream
  /// that is closed would leave its number to the next file opened, and what is printed would end up
  /// in there; so the number is taken, by something that cannot be written.
  public static func prepare() {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    for number in 0...2 as ClosedRange<Int32> where fcntl(number, F_GETFD) == -1 {
      _ = unsafe open("/dev/null", O_RDONLY)
    }
  }

  /// Writes text as it is.
  ///
  /// - Throws: `SystemError` if the stream is closed or full.
  public func write(_ text: String) throws(SystemError) {
    try write(Array(text.utf8))
  }

  /// Writes bytes as they are.
  ///
  /// - Throws: `SystemError` if the stream is closed or full.
  public func write(_ bytes: [UInt8]) throws(SystemError) {
    try Files.write(
      bytes, to: rawValue, path: self == .output ? "standard output" : "standard error")
  }
}
