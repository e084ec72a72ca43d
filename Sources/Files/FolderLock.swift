internal import Glibc

/// A folder that no other process writes to while the value exists.
///
/// The lock ends with the process, however it ends. On a file system without locks there is none.
package struct FolderLock: ~Copyable {
  private let folder: Int32

  /// Locks a folder.
  ///
  /// - Returns: `nil` if another process, or another value in this one, has the lock.
  /// - Throws: `SystemError` if the folder cannot be opened.
  package init?(_ path: String) throws(SystemError) {
    let folder = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw SystemError(.read, path) }
    if flock(folder, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK {
      close(folder)
      return nil
    }
    self.folder = folder
  }

  deinit {
    // A process that another thread is just starting has a copy of the descriptor, which would keep the lock.
    flock(folder, LOCK_UN)
    close(folder)
  }
}
