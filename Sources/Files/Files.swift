internal import Glibc
internal import Synchronization

/// Files and folders by system calls, so that every failure has its error number.
package enum Files {
  /// Makes a folder and those above it.
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

  /// Makes a folder that must be new; false if something has that name already.
  package static func createNewDirectory(_ path: String) throws(SystemError) -> Bool {
    if unsafe mkdir(path, 0o777) == 0 { return true }
    if errno == EEXIST { return false }
    throw SystemError(.create, path)
  }

  package static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// A file's bytes.
  ///
  /// - Throws: `SystemError` if it cannot be read, is no regular file, or is longer than the limit
  ///   (`EFBIG`).
  package static func read(_ path: String, limit: Int) throws(SystemError) -> [UInt8] {
    // Without O_NONBLOCK the opening of a pipe would wait for a writer.
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

  /// Replaces a file as a whole: a reader finds the old bytes or the new ones, also after a power
  /// failure.
  ///
  /// The bytes go to a file beside it, which is flushed and renamed; then the folder is flushed. A
  /// flush that failed is not tried again: the system may have dropped the data. A link to a file stays:
  /// the file is replaced.
  ///
  /// - Throws: `SystemError`, with the code `irregularFile` for a device or a pipe, which is not to be
  ///   replaced by a file.
  package static func replace(_ path: String, with bytes: [UInt8]) throws(SystemError) {
    try replace(path, withParts: [bytes])
  }

  /// Replaces a file as a whole, by parts that are written one after the other.
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
    // A name of this call's own: two tasks may be writing the same path.
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

  /// The file that a path leads to through links, or the path itself if there is no such file.
  private static func resolvingLinks(_ path: String) -> String {
    guard let resolved = unsafe realpath(path, nil) else { return path }
    defer { unsafe free(resolved) }
    return unsafe String(cString: resolved)
  }

  /// The calls of `replace` so far.
  private static let calls = Atomic<Int>(0)

  /// The folder that a path is in.
  private static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
