internal import Glibc

/// The system calls that change files and folders.
///
/// A test replaces them, to make any of them fail, or to forget what was not flushed when the power fails.
/// Every call returns −1 and sets `errno` if it fails.
package protocol FileSystem: Sendable {
  /// Opens a file, with new files readable and writable for all, as far as the user's mask allows it.
  func open(_ path: String, _ flags: Int32) -> Int32
  /// Writes some bytes at the file's position; it may write fewer.
  func write(_ bytes: RawSpan, to file: Int32) -> Int
  /// Flushes a file or folder to the disk.
  func synchronize(_ file: Int32) -> Int32
  /// Sets a file's length.
  func truncate(_ file: Int32, to byteCount: Int) -> Int32
  /// Closes a file.
  func close(_ file: Int32) -> Int32
  /// Moves a file, in place of an existing one.
  func rename(_ path: String, to target: String) -> Int32
  /// Removes a file, or an empty folder.
  func remove(_ path: String) -> Int32
  /// Creates a folder.
  func createFolder(_ path: String) -> Int32
}

/// The operating system's own calls.
package struct OperatingSystem: FileSystem {
  package init() {}

  package func open(_ path: String, _ flags: Int32) -> Int32 {
    unsafe Glibc.open(path, flags, 0o666)
  }

  package func write(_ bytes: RawSpan, to file: Int32) -> Int {
    unsafe bytes.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
  }

  package func synchronize(_ file: Int32) -> Int32 { fsync(file) }

  package func truncate(_ file: Int32, to byteCount: Int) -> Int32 {
    ftruncate(file, off_t(byteCount))
  }

  package func close(_ file: Int32) -> Int32 { Glibc.close(file) }

  package func rename(_ path: String, to target: String) -> Int32 {
    unsafe Glibc.rename(path, target)
  }

  package func remove(_ path: String) -> Int32 { unsafe Glibc.remove(path) }

  package func createFolder(_ path: String) -> Int32 { unsafe mkdir(path, 0o777) }
}

extension Files {
  /// The calls that are used.
  @TaskLocal package static var system: any FileSystem = OperatingSystem()
}
