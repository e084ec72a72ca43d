internal import Foundation
internal import Glibc
internal import SARSAFiles
internal import Synchronization

/// A file system that knows what its disk may hold if the power fails before any of its calls.
///
/// Calls are passed on to a folder and recorded. A run does the same up to a call whatever comes after it, so one
/// recorded run stands for a cut at each of its calls: `disk(before:)` is the disk then, and what it may look like
/// when power comes back is drawn by `SimulatedDisk.failPower(using:)`. Flushes are recorded only, which is fast.
public final class PowerCutFileSystem: Sendable {
  private let root: String
  private let start: SimulatedDisk
  private let calls = Mutex<[SimulatedDisk.Call]>([])
  private let base = OperatingSystem()

  /// Makes a file system of a folder, in which the disk's files are already.
  public init(_ root: String, on disk: SimulatedDisk) {
    self.root = Self.components(of: root)
    start = disk
  }

  /// The number of calls so far.
  public var count: Int { calls.withLock { $0.count } }

  /// The bytes that were written, and the flushes of files and folders, since a call.
  public func cost(since call: Int) -> (bytes: Int, flushes: Int) {
    calls.withLock { calls in
      calls[call...].reduce(into: (bytes: 0, flushes: 0)) { cost, call in
        switch call {
        case .write(let bytes, _): cost.bytes += bytes.count
        case .synchronize: cost.flushes += 1
        default: break
        }
      }
    }
  }

  /// The disk of a program that ended before the call of a number, from 0; after all of them for their number.
  public func disk(before call: Int) -> SimulatedDisk {
    var disk = start
    for call in calls.withLock({ $0.prefix(call) }) { disk.apply(call) }
    disk.closeAll()
    return disk
  }

  private static func components(of path: String) -> String {
    path.split(separator: "/").joined(separator: "/")
  }

  /// The path below the root; `nil` for one elsewhere.
  private func relative(_ path: String) -> String? {
    let path = Self.components(of: path)
    if path == root { return "" }
    return path.hasPrefix(root + "/") ? String(path.dropFirst(root.utf8.count + 1)) : nil
  }

  private func record(_ call: SimulatedDisk.Call) { calls.withLock { $0.append(call) } }
}

extension PowerCutFileSystem: FileSystem {
  package func open(_ path: String, _ flags: Int32) -> Int32 {
    let file = base.open(path, flags)
    if file >= 0, let path = relative(path) { record(.open(path, flags: flags, file: file)) }
    return file
  }

  package func write(_ bytes: RawSpan, to file: Int32) -> Int {
    let count = base.write(bytes, to: file)
    if count > 0 {
      let written = unsafe bytes.extracting(first: count).withUnsafeBytes { unsafe [UInt8]($0) }
      record(.write(written, file: file))
    }
    return count
  }

  package func synchronize(_ file: Int32) -> Int32 {
    record(.synchronize(file: file))
    return 0
  }

  package func truncate(_ file: Int32, to byteCount: Int) -> Int32 {
    let result = base.truncate(file, to: byteCount)
    if result == 0 { record(.truncate(file: file, byteCount)) }
    return result
  }

  package func close(_ file: Int32) -> Int32 {
    record(.close(file: file))
    return base.close(file)
  }

  package func rename(_ path: String, to target: String) -> Int32 {
    let result = base.rename(path, to: target)
    if result == 0, let path = relative(path), let target = relative(target) {
      record(.rename(path, to: target))
    }
    return result
  }

  package func remove(_ path: String) -> Int32 {
    let result = base.remove(path)
    if result == 0, let path = relative(path) { record(.remove(path)) }
    return result
  }

  package func createFolder(_ path: String) -> Int32 {
    let result = base.createFolder(path)
    if result == 0, let path = relative(path) { record(.createFolder(path)) }
    return result
  }
}
