internal import Glibc

/// Files and folders by system calls, so that every failure has an error number.
package enum Files {
  /// Creates a folder and its parent folders, which are there after a power failure, too.
  package static func createDirectories(_ path: String) throws(SystemError) {
    var prefix = path.hasPrefix("/") ? "/" : ""
    for component in path.split(separator: "/") {
      prefix += prefix.isEmpty || prefix.hasSuffix("/") ? component : "/" + component
      _ = try createNewDirectory(prefix)
    }
    guard (try? isDirectory(path)) == true else { throw SystemError(.create, path, code: ENOTDIR) }
  }

  /// Creates a new folder, which is there after a power failure, too; false if the path exists already.
  package static func createNewDirectory(_ path: String) throws(SystemError) -> Bool {
    if system.createFolder(path) == 0 {
      try synchronizeFolder(parent(of: path))
      return true
    }
    if errno == EEXIST { return false }
    throw SystemError(.create, path)
  }

  /// The folder that a path is in.
  static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The error number of a path that does not exist.
  package static let missing = ENOENT

  /// Whether there is something at a path.
  ///
  /// - Throws: `SystemError` if that cannot be known, as in a folder that this user may not enter.
  package static func exists(_ path: String) throws(SystemError) -> Bool {
    try mode(of: path) != nil
  }

  /// Whether there is a folder at a path.
  ///
  /// - Throws: `SystemError` if that cannot be known, as in a folder that this user may not enter.
  package static func isDirectory(_ path: String) throws(SystemError) -> Bool {
    try mode(of: path).map { $0 & S_IFMT == S_IFDIR } ?? false
  }

  /// The kind and the permissions of what is at a path; `nil` if there is nothing.
  private static func mode(of path: String) throws(SystemError) -> mode_t? {
    var status = stat()
    if unsafe stat(path, &status) == 0 { return status.st_mode }
    let error = SystemError(.read, path)
    guard error.isMissing else { throw error }
    return nil
  }

  /// Reads a file.
  ///
  /// - Throws: `SystemError` as `InputFile`; with the code `ENOMEM` if there is no memory for it.
  package static func read(
    _ path: String, limit: Int, followsLinks: Bool = true
  ) throws(SystemError) -> [UInt8] {
    let file = try InputFile(path, limit: limit, followsLinks: followsLinks)
    try file.requireMemory()
    return try file.bytes(ofFirst: file.byteCount)
  }

  /// Whether a file has these bytes, and no others.
  ///
  /// - Throws: `SystemError` as `read`.
  package static func has(_ path: String, content bytes: [UInt8]) throws(SystemError) -> Bool {
    let found = try read(path, limit: .max)
    // `==` compares one byte after the other.
    return unsafe found.count == bytes.count && memcmp(found, bytes, bytes.count) == 0
  }

  /// Whether the system gives a number of bytes of memory now.
  package static func hasMemory(_ byteCount: Int) -> Bool {
    if byteCount == 0 { return true }
    let memory = unsafe mmap(
      nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard unsafe memory != nil, Int(bitPattern: memory) != -1 else { return false }
    unsafe munmap(memory, byteCount)
    return true
  }

  /// Writes all bytes to an open file.
  ///
  /// - Throws: `SystemError`; for a file that takes no more bytes and gives no reason, with the code `EIO`.
  package static func write(_ bytes: RawSpan, to file: Int32, path: String) throws(SystemError) {
    var count = 0
    while count < bytes.byteCount {
      let wrote = system.write(bytes.extracting(count...), to: file)
      if wrote < 0 && errno == EINTR { continue }
      guard wrote >= 0 else { throw SystemError(.write, path) }
      guard wrote > 0 else { throw SystemError(.write, path, code: EIO) }
      count += wrote
    }
  }

  /// Writes all bytes to an open file.
  package static func write(_ bytes: [UInt8], to file: Int32, path: String) throws(SystemError) {
    try write(unsafe bytes.span.bytes, to: file, path: path)
  }

  /// Flushes a folder, so that files that were created, renamed or removed in it stay so after a power failure.
  package static func synchronizeFolder(_ path: String) throws(SystemError) {
    let folder = system.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw SystemError(.write, path) }
    let isFlushed = system.synchronize(folder) == 0
    let code = errno
    _ = system.close(folder)
    guard isFlushed else { throw SystemError(.write, path, code: code) }
  }

  /// The names of a folder's entries, in alphabetical order; none if there is no such folder.
  ///
  /// - Throws: `SystemError` if it cannot be opened, or not be read to its end.
  package static func names(in path: String) throws(SystemError) -> [String] {
    guard let folder = unsafe opendir(path) else {
      if errno == ENOENT { return [] }
      throw SystemError(.read, path)
    }
    defer { unsafe closedir(folder) }
    var names: [String] = []
    while true {
      // At the end, `readdir` returns nothing and leaves this as it is.
      errno = 0
      guard let entry = unsafe readdir(folder) else { break }
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
          unsafe String(cString: $0)
        }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    guard errno == 0 else { throw SystemError(.read, path) }
    return names.sorted()
  }

  /// Removes a file; none is no error.
  package static func remove(_ path: String) throws(SystemError) {
    guard system.remove(path) == 0 || errno == ENOENT else { throw SystemError(.write, path) }
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
