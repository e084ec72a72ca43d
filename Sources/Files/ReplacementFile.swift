internal import Glibc
internal import Synchronization

/// A new file that takes the place of an existing one atomically: a reader finds either the old bytes or
/// the new ones, also after a power failure.
///
/// The bytes are written to a temporary file in the same folder. `commit()` flushes and renames it, and
/// then flushes the folder. A failed flush is not repeated, because the system may have dropped the data.
/// Without a successful `commit()`, the temporary file is removed and the old one unchanged. If the path
/// is a symbolic link, its target is replaced.
///
/// ```swift
/// var file = try ReplacementFile(for: path)
/// try file.write(bytes)
/// try file.commit()
/// ```
package struct ReplacementFile: ~Copyable {
  private let path: String
  private let target: String
  private let temporary: String
  /// The descriptor, or −1 after it was closed.
  private var file: Int32
  private var isCommitted = false

  /// Opens the temporary file.
  ///
  /// - Throws: `SystemError`; for a device or a pipe, which must not be replaced, with the code
  ///   `irregularFile`.
  package init(for path: String) throws(SystemError) {
    var status = stat()
    if unsafe stat(path, &status) == 0 {
      switch status.st_mode & S_IFMT {
      case S_IFREG: break
      case S_IFDIR: throw SystemError(.create, path, code: EISDIR)
      default: throw SystemError(.create, path, code: SystemError.irregularFile)
      }
    }
    let target = try Self.resolvingLink(path)
    // A unique name, because two tasks may write the same path at the same time.
    var temporary: String
    var file: Int32
    repeat {
      let call = Self.calls.add(1, ordering: .relaxed).newValue
      temporary = "\(target).tmp-\(getpid())-\(call)"
      file = Files.system.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC)
    } while file < 0 && errno == EEXIST
    guard file >= 0 else { throw SystemError(.create, path) }
    self.path = path
    self.target = target
    self.temporary = temporary
    self.file = file
  }

  deinit {
    if file >= 0 { _ = Files.system.close(file) }
    if !isCommitted { _ = Files.system.remove(temporary) }
  }

  /// Appends bytes.
  package mutating func write(_ bytes: RawSpan) throws(SystemError) {
    try Files.write(bytes, to: file, path: path)
  }

  /// Puts the file in its place.
  ///
  /// - Throws: `SystemError`; the old file is unchanged, unless only the flush of the folder failed.
  package consuming func commit() throws(SystemError) {
    let system = Files.system
    guard system.synchronize(file) == 0 else { throw SystemError(.write, path) }
    let open = file
    file = -1
    guard system.close(open) == 0 else { throw SystemError(.write, path) }
    guard system.rename(temporary, to: target) == 0 else { throw SystemError(.write, path) }
    isCommitted = true
    try Files.synchronizeFolder(Files.parent(of: target))
  }

  /// The file to which a link leads, or the path itself if it is none.
  ///
  /// Only a link is resolved: a working folder may have a name that is not UTF-8, which no absolute path could have.
  private static func resolvingLink(_ path: String) throws(SystemError) -> String {
    var status = stat()
    guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK,
      let resolved = unsafe realpath(path, nil)
    else { return path }
    defer { unsafe free(resolved) }
    guard let target = unsafe String(validatingCString: resolved) else {
      throw SystemError(.create, path, code: EILSEQ)
    }
    return target
  }

  /// Removes the temporary files that ended processes left in a folder.
  ///
  /// - Precondition: no process replaces files in the folder meanwhile.
  package static func removeTemporaryFiles(in folder: String) throws(SystemError) {
    for name in try Files.names(in: folder) where isTemporary(name) {
      try Files.remove(folder + "/" + name)
    }
  }

  /// Whether a name ends with the mark, a process and a number.
  private static func isTemporary(_ name: String) -> Bool {
    guard let mark = name.firstRange(of: ".tmp-") else { return false }
    let numbers = name[mark.upperBound...].split(separator: "-", omittingEmptySubsequences: false)
    return numbers.count == 2 && numbers.allSatisfy { UInt64($0) != nil }
  }

  /// The number of temporary files so far.
  private static let calls = Atomic<Int>(0)
}
