internal import Glibc

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
  /// - Throws: `SystemError` as `InputFile`.
  package static func read(_ path: String, limit: Int) throws(SystemError) -> [UInt8] {
    let file = try InputFile(path, limit: limit)
    var bytes = [UInt8](repeating: 0, count: file.byteCount)
    var span = bytes.mutableSpan
    var raw = unsafe span.mutableBytes
    try file.read(0..<file.byteCount, into: &raw, at: 0)
    return bytes
  }

  /// Writes all bytes to an open file.
  package static func write(_ bytes: RawSpan, to file: Int32, path: String) throws(SystemError) {
    var count = 0
    while count < bytes.byteCount {
      let wrote = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.write(
          file, buffer.baseAddress?.advanced(by: count), buffer.count - count)
      }
      if wrote < 0 && errno == EINTR { continue }
      guard wrote >= 0 else { throw SystemError(.write, path) }
      count += wrote
    }
  }

  /// Writes all bytes to an open file.
  package static func write(_ bytes: [UInt8], to file: Int32, path: String) throws(SystemError) {
    try write(unsafe bytes.span.bytes, to: file, path: path)
  }

  /// Replaces a file atomically, as `ReplacementFile`.
  ///
  /// - Throws: `SystemError`; an existing file is then unchanged.
  package static func replace(_ path: String, with bytes: [UInt8]) throws(SystemError) {
    var file = try ReplacementFile(for: path)
    try file.write(unsafe bytes.span.bytes)
    try file.commit()
  }
}
