internal import Glibc
internal import Synchronization

/// Files and folders by system calls, so that every failure has an error number.
package enum Files {
  /// Creates a folder and its parent folders.
  package static func createDirectories(_ path: String) throws(SystemError) {
    var prefix = path.hasPrefix("/") ? "/" : ""
    for component in path.split(separator: "/") {
      prefix += prefix.isEmpty || prefix.hasSuffix("/") ? component : "/" + component
      if unsafe mkdir(prefix, 0o777) != 0 && errno != EEXIST {
        throw SystemError(.create, prefix)
      }
    }
    guard isDirectory(path) else { throw SystemError(.create, path, code: ENOTDIR) }
  }

  /// Creates a new folder; false if the path exists already.
  package static func createNewDirectory(_ path: String) throws(SystemError) -> Bool {
    if unsafe mkdir(path, 0o777) == 0 { return true }
    if errno == EEXIST { return false }
    throw SystemError(.create, path)
  }

  package static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Reads a file.
  ///
  /// - Throws: `SystemError` if it cannot be read, is not a regular file, or is longer than the limit
  ///   (`EFBIG`).
  package static func read(_ path: String, limit: Int) throws(SystemError) -> [UInt8] {
    // Without O_NONBLOCK, opening a pipe would block until there is a writer.
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { throw SystemError(.read, path) }
    defer { close(file) }
    var status = stat()
    guard unsafe fstat(file, &status) == 0 else { throw SystemError(.read, path) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw SystemError(.read, path, code: EISDIR)
    default: throw SystemError(.read, path, code: SystemError.irregularFile)
    }
    guard Int(status.st_size) <= limit else { throw SystemError(.read, path, code: EFBIG) }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var count = 0
    while count < bytes.count {
      let got = unsafe bytes.withUnsafeMutableBytes { buffer in
        let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
        return unsafe Glibc.read(file, rest.baseAddress, rest.count)
      }
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else { throw SystemError(.read, path) }
      if got == 0 { break }
      count += got
    }
    return Array(bytes.prefix(count))
  }

  /// Writes all bytes to an open file.
  package static func write(_ bytes: [UInt8], to file: Int32, path: String) throws(SystemError) {
    var count = 0
    while count < bytes.count {
      let wrote = unsafe bytes.withUnsafeBytes { buffer in
        let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[count...])
        return unsafe Glibc.write(file, rest.baseAddress, rest.count)
      }
      if wrote < 0 && errno == EINTR { continue }
      guard wrote >= 0 else { throw SystemError(.write, path) }
      count += wrote
    }
  }

  /// Replaces a file atomically: a reader finds either the old bytes or the new ones, also after a power
  /// failure.
  ///
  /// The bytes are written to a temporary file in the same folder, which is flushed and renamed; then the
  /// folder is flushed. A failed flush is not repeated, because the system may have dropped the data. If
  /// the path is a symbolic link, its target is replaced.
  ///
  /// - Throws: `SystemError`; for a device or a pipe, which must not be replaced, with the code
  ///   `irregularFile`.
  package static func replace(_ path: String, with bytes: [UInt8]) throws(SystemError) {
    try replace(path, withParts: [bytes])
  }

  /// Replaces a file atomically, with content that is written in parts.
  package static func replace(_ path: String, withParts parts: [[UInt8]]) throws(SystemError) {
    var status = stat()
    if unsafe stat(path, &status) == 0 {
      switch status.st_mode & S_IFMT {
      case S_IFREG: break
      case S_IFDIR: throw SystemError(.create, path, code: EISDIR)
      default: throw SystemError(.create, path, code: SystemError.irregularFile)
      }
    }
    let target = resolvingLinks(path)
    // A unique name, because two tasks may write the same path at the same time.
    var temporary: String
    var file: Int32
    repeat {
      let call = calls.add(1, ordering: .relaxed).newValue
      temporary = "\(target).tmp-\(getpid())-\(call)"
      file = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    } while file < 0 && errno == EEXIST
    guard file >= 0 else { throw SystemError(.create, path) }
    do throws(SystemError) {
      var isOpen = true
      defer { if isOpen { close(file) } }
      for part in parts { try write(part, to: file, path: path) }
      guard fsync(file) == 0 else { throw SystemError(.write, path) }
      isOpen = false
      guard close(file) == 0 else { throw SystemError(.write, path) }
      guard unsafe rename(temporary, target) == 0 else { throw SystemError(.write, path) }
    } catch {
      _ = unsafe unlink(temporary)
      throw error
    }
    let folder = unsafe open(parent(of: target), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
  }

  /// The path with links resolved, or the path itself if the file does not exist.
  private static func resolvingLinks(_ path: String) -> String {
    guard let resolved = unsafe realpath(path, nil) else { return path }
    defer { unsafe free(resolved) }
    return unsafe String(cString: resolved)
  }

  /// The number of calls of `replace` so far.
  private static let calls = Atomic<Int>(0)

  /// The folder that a path is in.
  private static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
