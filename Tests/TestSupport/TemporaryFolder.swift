internal import Foundation

/// A new folder that goes when the value does.
public final class TemporaryFolder: Sendable {
  /// Where it is.
  public let path: String

  /// Where folders are made: in memory, if no TMPDIR says where, there is room, and programs start there.
  ///
  /// All tests together take some 10 MB, and took as long again to wait for a disk.
  private static let parent: URL = {
    let (memory, room) = ("/dev/shm", 500_000_000)
    let mounts = (try? lines(of: "/proc/mounts")) ?? []
    let isExecutable = mounts.contains { $0.contains(" \(memory) ") && !$0.contains("noexec") }
    let space = try? FileManager.default.attributesOfFileSystem(forPath: memory)[.systemFreeSize]
    guard ProcessInfo.processInfo.environment["TMPDIR"] == nil, isExecutable,
      let space = space as? Int, space > room
    else { return FileManager.default.temporaryDirectory }
    return URL(filePath: memory)
  }()

  /// Makes the folder.
  public init() throws {
    path = Self.parent.appending(path: "deep-sarsa-\(UUID())").path()
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// A path within.
  public func path(_ name: String) -> String { path + "/" + name }

  /// The names of what is directly in a folder within, in order.
  public func contents(_ name: String = "") throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path(name)).sorted()
  }
}

/// A file's bytes.
public func bytes(of path: String) throws -> [UInt8] {
  try [UInt8](Data(contentsOf: URL(filePath: path)))
}

/// A file's lines.
public func lines(of path: String) throws -> [String] {
  try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
}
