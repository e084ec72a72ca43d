internal import Foundation
internal import Glibc
internal import SARSAFiles
internal import Synchronization

/// A file system that knows what a power failure would lose: bytes of files that were not flushed, and entries of
/// folders that were not.
public final class RecordingFileSystem: Sendable {
  private struct State {
    /// The path of each open file.
    var paths: [Int32: String] = [:]
    var unflushedFiles: Set<String> = []
    var unflushedFolders: Set<String> = []
    /// The folders in which something was removed.
    var unflushedRemovals: Set<String> = []
    var problems: [String] = []
    var renames = 0
  }

  private let state = Mutex(State())
  private let base = OperatingSystem()

  /// Forgets nothing.
  public init() {}

  /// What could have been lost although a checkpoint, or the removal of an older one, needs it.
  public var problems: [String] { state.withLock { $0.problems } }

  /// The number of checkpoints.
  public var checkpoints: Int { state.withLock { $0.renames } }

  /// What a power failure would lose now.
  public var unflushed: Set<String> {
    state.withLock { $0.unflushedFiles.union($0.unflushedFolders) }
  }

  /// The folders in which a power failure would bring back what was removed.
  public var unflushedRemovals: Set<String> { state.withLock { $0.unflushedRemovals } }

  private func parent(of path: String) -> String {
    path.split(separator: "/").dropLast().joined(separator: "/")
  }

  private func name(_ path: String) -> String {
    path.split(separator: "/").joined(separator: "/")
  }
}

extension RecordingFileSystem: FileSystem {
  package func open(_ path: String, _ flags: Int32) -> Int32 {
    let isNew = unsafe flags & O_CREAT != 0 && access(path, F_OK) != 0
    let file = base.open(path, flags)
    if file >= 0 {
      state.withLock {
        $0.paths[file] = name(path)
        if isNew { $0.unflushedFolders.insert(parent(of: path)) }
      }
    }
    return file
  }

  package func write(_ bytes: RawSpan, to file: Int32) -> Int {
    state.withLock { state in
      if let path = state.paths[file] { state.unflushedFiles.insert(path) }
    }
    return base.write(bytes, to: file)
  }

  package func synchronize(_ file: Int32) -> Int32 {
    state.withLock { state in
      guard let path = state.paths[file] else { return }
      state.unflushedFiles.remove(path)
      state.unflushedFolders.remove(path)
      state.unflushedRemovals.remove(path)
    }
    return base.synchronize(file)
  }

  package func truncate(_ file: Int32, to byteCount: Int) -> Int32 {
    base.truncate(file, to: byteCount)
  }

  package func close(_ file: Int32) -> Int32 { base.close(file) }

  package func rename(_ path: String, to target: String) -> Int32 {
    state.withLock { state in
      if target.contains("/checkpoints/") {
        state.renames += 1
        // The temporary file's entry moves with it.
        let lost = state.unflushedFiles.union(state.unflushedFolders)
          .subtracting([parent(of: target)])
        if !lost.isEmpty { state.problems.append("\(lost.sorted()) before \(target)") }
      } else if state.unflushedFiles.contains(name(path)) {
        state.problems.append("\(path) before \(target)")
      }
      // The result of fewer steps goes before the settings name more.
      if target.hasSuffix("/config.yaml"), state.unflushedRemovals.contains(parent(of: target)) {
        state.problems.append("a removal before \(target)")
      }
      state.unflushedFolders.insert(parent(of: target))
    }
    return base.rename(path, to: target)
  }

  package func remove(_ path: String) -> Int32 {
    state.withLock { state in
      let folder = parent(of: path)
      // Temporary files may go at any time.
      if !path.contains(".tmp-"), path.contains("/checkpoints/") || path.contains("/replay/"),
        !state.unflushedFolders.filter({ $0.hasSuffix("/checkpoints") || $0 == folder }).isEmpty
      {
        state.problems.append("\(state.unflushedFolders.sorted()) before the removal of \(path)")
      }
    }
    let result = base.remove(path)
    if result == 0 {
      state.withLock { state in
        state.unflushedRemovals.remove(name(path))
        state.unflushedRemovals.insert(parent(of: path))
      }
    }
    return result
  }

  package func createFolder(_ path: String) -> Int32 {
    let result = base.createFolder(path)
    if result == 0 {
      state.withLock { _ = $0.unflushedFolders.insert(parent(of: path)) }
    }
    return result
  }
}
