internal import Foundation
public import SARSAFiles

/// Standard output and standard error, unbuffered.
public enum StandardStream: Int32, Sendable {
  /// Standard output, for results.
  case output = 1
  /// Standard error, for progress and error messages.
  case error = 2

  /// Whether the stream is a terminal.
  public var isTerminal: Bool { isatty(rawValue) == 1 }

  /// Makes every failure to write to a stream or a file an error of that write, and lets the end of other programs
  /// be waited for.
  ///
  /// It ignores SIGPIPE (the reader closed the pipe) and SIGXFSZ (the file reached its size limit), which
  /// would end the process. If a standard stream is closed, the next opened file would get its
  /// descriptor, and printed text would be written to that file; so the descriptor is reserved with
  /// `/dev/null`, opened read-only. A parent that ignores SIGCHLD hands that on, and then the system keeps no exit
  /// codes of what is started here.
  public static func prepare() {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    signal(SIGCHLD, SIG_DFL)
    for number in 0...2 as ClosedRange<Int32> where fcntl(number, F_GETFD) == -1 {
      _ = unsafe open("/dev/null", O_RDONLY)
    }
  }

  /// Writes text.
  ///
  /// - Throws: `SystemError` if the stream is closed or full.
  public func write(_ text: String) throws(SystemError) {
    try write(Array(text.utf8))
  }

  /// Writes bytes.
  ///
  /// - Throws: `SystemError` if the stream is closed or full.
  public func write(_ bytes: [UInt8]) throws(SystemError) {
    try Files.write(
      bytes, to: rawValue, path: self == .output ? "standard output" : "standard error")
  }
}
