internal import Glibc
internal import SARSAPreconditions

/// A regular file that is open for reading, at any place.
///
/// Bytes go straight to where the caller wants them, so that a large file is never in memory twice.
package struct InputFile: ~Copyable {
  /// The number of bytes when the file was opened.
  package let byteCount: Int
  private let path: String
  private let file: Int32

  /// Opens a file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - limit: its largest number of bytes.
  ///   - followsLinks: whether a symbolic link stands for the file that it names; otherwise it is not a regular file.
  /// - Throws: `SystemError` if it cannot be opened, is not a regular file, or is longer than the limit
  ///   (`EFBIG`).
  package init(
    _ path: String, limit: Int = .max, followsLinks: Bool = true
  ) throws(SystemError) {
    // Without O_NONBLOCK, opening a pipe would block until there is a writer.
    let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | (followsLinks ? 0 : O_NOFOLLOW)
    let file = unsafe open(path, flags)
    guard file >= 0 else {
      let isLink = errno == ELOOP && !followsLinks
      throw SystemError(.read, path, code: isLink ? SystemError.irregularFile : nil)
    }
    do throws(SystemError) {
      var status = stat()
      guard unsafe fstat(file, &status) == 0 else { throw SystemError(.read, path) }
      switch status.st_mode & S_IFMT {
      case S_IFREG: break
      case S_IFDIR: throw SystemError(.read, path, code: EISDIR)
      default: throw SystemError(.read, path, code: SystemError.irregularFile)
      }
      guard Int(status.st_size) <= limit else { throw SystemError(.read, path, code: EFBIG) }
      byteCount = Int(status.st_size)
    } catch {
      close(file)
      throw error
    }
    self.path = path
    self.file = file
  }

  deinit { close(file) }

  /// Asks whether the system gives memory for the file's bytes a number of times.
  ///
  /// An array that gets no memory ends the process; so whoever makes arrays of a file's size asks first.
  ///
  /// - Throws: `SystemError` with the code `ENOMEM`.
  package func requireMemory(times count: Int = 1) throws(SystemError) {
    let (bytes, isTooLarge) = byteCount.multipliedReportingOverflow(by: count)
    guard !isTooLarge, Files.hasMemory(bytes) else {
      throw SystemError(.read, path, code: ENOMEM)
    }
  }

  /// The first bytes of the file.
  ///
  /// - Throws: `SystemError`, with the code `shortenedFile` if the file has fewer.
  package func bytes(ofFirst count: Int) throws(SystemError) -> [UInt8] {
    try bytes(0..<count)
  }

  /// The bytes of a range of the file.
  ///
  /// - Throws: `SystemError`, with the code `shortenedFile` if the file ends before the range does.
  package func bytes(_ range: Range<Int>) throws(SystemError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: range.count)
    var span = bytes.mutableSpan
    var raw = unsafe span.mutableBytes
    try read(range, into: &raw, at: 0)
    return bytes
  }

  /// Reads a range of the file to a place in memory.
  ///
  /// - Precondition: the place has room for the range.
  /// - Throws: `SystemError`, with the code `shortenedFile` if the file ends before the range does.
  package func read(
    _ range: Range<Int>, into bytes: inout MutableRawSpan, at place: Int
  ) throws(SystemError) {
    require(
      range.lowerBound >= 0 && place >= 0 && range.count <= bytes.byteCount - place,
      "% bytes go to place % of %; allowed: what has room", range.count, place, bytes.byteCount)
    var count = 0
    while count < range.count {
      let got = unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe pread(
          file, buffer.baseAddress?.advanced(by: place + count), range.count - count,
          off_t(range.lowerBound + count))
      }
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else { throw SystemError(.read, path) }
      guard got > 0 else { throw SystemError(.read, path, code: SystemError.shortenedFile) }
      count += got
    }
  }
}
