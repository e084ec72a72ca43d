internal import Glibc

/// A call of the operating system that failed.
public struct SystemError: Error, Hashable, CustomStringConvertible {
  /// What was tried, such as `create` or `write`.
  public enum Operation: String, Sendable {
    /// Making a file or folder.
    case create
    /// Opening and reading.
    case read
    /// Writing, flushing or renaming.
    case write
  }

  /// What was tried.
  public let operation: Operation
  /// On which path.
  public let path: String
  /// The system's number of the reason, or `irregularFile`.
  public let code: Int32

  /// The code of a path that is there and is no regular file, but a pipe or a device.
  public static let irregularFile: Int32 = -1

  /// Makes an error, of the call that just failed unless a code is given.
  package init(_ operation: Operation, _ path: String, code: Int32? = nil) {
    self.operation = operation
    self.path = path
    self.code = code ?? errno
  }

  /// Whether the path is not there.
  public var isMissing: Bool { code == ENOENT || code == ENOTDIR }

  /// Whether the reader of what was written went away.
  public var isBrokenPipe: Bool { code == EPIPE }

  /// One line that names path and reason.
  public var description: String {
    let reason =
      code == Self.irregularFile ? "no regular file" : unsafe String(cString: strerror(code))
    return "cannot \(operation.rawValue) '\(path)': \(reason)"
  }
}
