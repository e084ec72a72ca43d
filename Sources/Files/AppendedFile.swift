internal import Glibc

/// A regular file that grows at its end.
///
/// It is opened at a length: what an interrupted program wrote behind it is cut off. A link, a pipe or a device
/// is refused, never followed.
///
/// ```swift
/// let file = try AppendedFile(path, keeping: 0)
/// try file.write(bytes)
/// try file.synchronize(bytes.count)
/// ```
package struct AppendedFile: ~Copyable {
  private let path: String
  private let file: Int32

  /// Creates the file, or opens an existing one and cuts it to its first bytes.
  ///
  /// - Throws: `SystemError`; with the code `irregularFile` for what is not a regular file, and with
  ///   `shortenedFile` if it has fewer bytes. It is then unchanged.
  package init(_ path: String, keeping byteCount: Int) throws(SystemError) {
    let system = Files.system
    // Without O_NONBLOCK, opening a pipe would block until there is a reader.
    let flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_APPEND | O_NONBLOCK | O_CLOEXEC
    let file = system.open(path, flags)
    guard file >= 0 else {
      // A link, and a pipe without a reader.
      let isIrregular = errno == ELOOP || errno == ENXIO
      throw SystemError(
        errno == EISDIR || isIrregular ? .write : .create, path,
        code: isIrregular ? SystemError.irregularFile : nil)
    }
    do throws(SystemError) {
      let found = try Self.status(of: file, path)
      guard found.byteCount >= byteCount else {
        throw SystemError(.write, path, code: SystemError.shortenedFile)
      }
      if found.byteCount > byteCount {
        guard system.truncate(file, to: byteCount) == 0 else { throw SystemError(.write, path) }
      }
    } catch {
      _ = system.close(file)
      throw error
    }
    self.path = path
    self.file = file
  }

  deinit { _ = Files.system.close(file) }

  /// Appends bytes.
  package func write(_ bytes: RawSpan) throws(SystemError) {
    try Files.write(bytes, to: file, path: path)
  }

  /// Appends bytes.
  package func write(_ bytes: [UInt8]) throws(SystemError) {
    try write(unsafe bytes.span.bytes)
  }

  /// Flushes the file, which must have a number of bytes, to the disk.
  ///
  /// A flush that failed must not be tried again: the system may have dropped the bytes.
  ///
  /// - Throws: `SystemError`; with the code `shortenedFile` if another program removed or shortened the file.
  package func synchronize(_ byteCount: Int) throws(SystemError) {
    try require(byteCount)
    guard Files.system.synchronize(file) == 0 else { throw SystemError(.write, path) }
  }

  /// Checks that the file still has a number of bytes.
  ///
  /// - Throws: `SystemError`; with the code `shortenedFile` if another program removed or shortened the file.
  package func require(_ byteCount: Int) throws(SystemError) {
    let found = try Self.status(of: file, path)
    guard found.byteCount >= byteCount, found.links > 0 else {
      throw SystemError(.write, path, code: SystemError.shortenedFile)
    }
  }

  private static func status(
    of file: Int32, _ path: String
  ) throws(SystemError) -> (byteCount: Int, links: Int) {
    var status = stat()
    guard unsafe fstat(file, &status) == 0 else { throw SystemError(.write, path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw SystemError(.write, path, code: SystemError.irregularFile)
    }
    return (Int(status.st_size), Int(status.st_nlink))
  }
}
