internal import Glibc

/// A failed call of the operating system.
public struct SystemError: Error, Hashable, CustomStringConvertible {
  /// The attempted operation.
  public enum Operation: String, Sendable {
    /// Making a file or folder.
    case create
    /// Opening and reading.
    case read
    /// Writing, flushing or renaming.
    case write
  }

  /// The attempted operation.
  public let operation: Operation
  /// The path.
  public let path: String
  /// The error number (`errno`), or one of the codes below.
  public let code: Int32

  /// The code of an existing path that is not a regular file, but a pipe or a device.
  public static let irregularFile: Int32 = -1
  /// The code of a file that lost bytes while it was read or written.
  public static let shortenedFile: Int32 = -2

  /// The code of a file that does not have the bytes that were just written.
  public static let changedFile: Int32 = -3

  /// Makes an error with the current `errno`, unless a code is given.
  package init(_ operation: Operation, _ path: String, code: Int32? = nil) {
    self.operation = operation
    self.path = path
    self.code = code ?? errno
  }

  /// Whether the path does not exist.
  public var isMissing: Bool { code == ENOENT || code == ENOTDIR }

  /// Whether the system refused memory.
  public var isOutOfMemory: Bool { code == ENOMEM }

  /// Whether the reader closed its end of the pipe.
  public var isBrokenPipe: Bool { code == EPIPE }

  /// One line with the operation, the path and the reason.
  public var description: String {
    let reason =
      switch code {
      case Self.irregularFile: "not a regular file"
      case Self.shortenedFile:
        operation == .read
          ? "it became shorter while it was read" : "it was removed or shortened meanwhile"
      case Self.changedFile: "it does not have the bytes that were written"
      default: unsafe String(cString: strerror(code))
      }
    return "cannot \(operation.rawValue) '\(path)': \(reason)"
  }
}
