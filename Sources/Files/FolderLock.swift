internal import Glibc

/// A folder that no other process writes to while the value exists.
///
/// The lock ends with the process, however it ends. On a file system without locks there is none.
package struct FolderLock: ~Copyable {
  private let folder: Int32

  /// What file systems without locks answer, such as some of NFS.
  private static let codesWithoutLocks: Set<Int32> = [EOPNOTSUPP, ENOSYS, ENOLCK]

  /// Locks a folder.
  ///
  /// - Returns: `nil` if another process, or another value in this one, has the lock.
  /// - Throws: `SystemError` if the folder cannot be opened, or not be locked for another reason.
  package init?(_ path: String) throws(SystemError) {
    let folder = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw SystemError(.read, path) }
    var isLocked: Bool
    repeat { isLocked = flock(folder, LOCK_EX | LOCK_NB) == 0 } while !isLocked && errno == EINTR
    let code = errno
    if !isLocked && !Self.codesWithoutLocks.contains(code) {
      close(folder)
      if code == EWOULDBLOCK { return nil }
      throw SystemError(.read, path, code: code)
    }
    self.folder = folder
  }

  deinit {
    // A process that another thread is just starting has a copy of the descriptor, which would keep the lock.
    flock(folder, LOCK_UN)
    close(folder)
  }
}

/// The files and folders that processes of this machine have locked at one moment.
///
/// Looking takes no lock, so it never keeps a process from taking one. Locks of other machines on a shared file
/// system are not among them.
package struct HeldLocks: Sendable {
  private let inodes: Set<UInt64>

  /// Looks at all locks.
  package init() {
    var text: [UInt8] = []
    // Files of /proc report a size of 0, so it is read until its end.
    let file = unsafe open("/proc/locks", O_RDONLY | O_CLOEXEC)
    if file >= 0 {
      var buffer = [UInt8](repeating: 0, count: 1 << 14)
      while true {
        let count = unsafe read(file, &buffer, buffer.count)
        if count <= 0 { break }
        text += buffer[..<count]
      }
      close(file)
    }
    self.init(reading: String(decoding: text, as: UTF8.self))
  }

  /// Reads lines such as `1: FLOCK  ADVISORY  WRITE 24901 fe:00:5915163 0 EOF`.
  ///
  /// Only the inode counts: some file systems give another device there than they do to `stat`.
  package init(reading text: String) {
    inodes = Set(
      text.split(separator: "\n").compactMap { line in
        let fields = line.split(separator: " ")
        // A line with an arrow is of a process that waits.
        guard fields.count >= 6, fields[1] != "->" else { return nil }
        return fields[5].split(separator: ":").last.flatMap { UInt64($0) }
      })
  }

  /// Whether a process has locked a folder.
  package func contain(_ folder: String) -> Bool {
    var status = stat()
    return unsafe stat(folder, &status) == 0 && inodes.contains(UInt64(status.st_ino))
  }
}
