import Foundation
import SARSAFiles
import TestSupport
import Testing

@Suite("Files that grow, and locks of folders")
struct AppendedFileTests {
  @Test("bytes go to the end, and what is behind the kept bytes is cut off")
  func appending() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("log")
    do {
      let file = try AppendedFile(path, keeping: 0)
      try file.write([1, 2, 3])
      try file.write([4])
      try file.synchronize(4)
    }
    #expect(try bytes(of: path) == [1, 2, 3, 4])
    let file = try AppendedFile(path, keeping: 2)
    try file.write([9])
    #expect(try bytes(of: path) == [1, 2, 9])
    #expect(throws: SystemError(.write, path, code: SystemError.shortenedFile)) {
      try file.synchronize(4)
    }
  }

  @Test("a file that is too short stays as it is, and is an error")
  func short() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("log")
    try Files.replace(path, with: [1, 2])
    let error = #expect(throws: SystemError.self) { _ = try AppendedFile(path, keeping: 3) }
    #expect(
      "\(try #require(error))" == "cannot write '\(path)': it was removed or shortened meanwhile")
    #expect(try bytes(of: path) == [1, 2])
  }

  @Test("a link, a pipe, a folder and a device are refused, not followed")
  func irregular() throws {
    let folder = try TemporaryFolder()
    try Files.replace(folder.path("file"), with: [1])
    unsafe symlink(folder.path("file"), folder.path("link"))
    unsafe symlink(folder.path("nothing"), folder.path("dangling"))
    unsafe mkfifo(folder.path("pipe"), 0o600)
    unsafe mkdir(folder.path("folder"), 0o700)
    for path in ["link", "dangling", "pipe", "folder"].map(folder.path) + ["/dev/null"] {
      let error = #expect(throws: SystemError.self, "\(path)") {
        _ = try AppendedFile(path, keeping: 0)
      }
      #expect(error?.operation == .write && error?.path == path)
    }
    #expect(try bytes(of: folder.path("file")) == [1])
    #expect(try !folder.contents().contains("nothing"))
  }

  @Test("a file that another program removed or shortened is noticed when it is flushed")
  func removed() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("log")
    let file = try AppendedFile(path, keeping: 0)
    try file.write([1, 2])
    unsafe truncate(path, 1)
    #expect(throws: SystemError.self) { try file.synchronize(2) }
    unsafe unlink(path)
    #expect(throws: SystemError.self) { try file.synchronize(1) }
  }

  @Test("a folder is locked as long as the lock exists")
  func lock() throws {
    let folder = try TemporaryFolder()
    do {
      let lock = try FolderLock(folder.path)
      guard lock != nil else {
        Issue.record("it is locked already")
        return
      }
      let second = try FolderLock(folder.path)
      let isLocked = second == nil
      #expect(isLocked)
    }
    let third = try FolderLock(folder.path)
    let isFree = third != nil
    #expect(isFree)
    #expect(throws: SystemError.self) { _ = try FolderLock(folder.path("missing")) }
  }

  @Test("the names in a folder are in order, and there are none without it")
  func names() throws {
    let folder = try TemporaryFolder()
    for name in ["b", "a", ".c"] { try Files.replace(folder.path(name), with: []) }
    #expect(try Files.names(in: folder.path) == [".c", "a", "b"])
    #expect(try Files.names(in: folder.path("missing")) == [])
    try Files.remove(folder.path("a"))
    try Files.remove(folder.path("a"))
    #expect(try Files.names(in: folder.path) == [".c", "b"])
  }

  @Test("a folder's lock ends with its value, although a process that is being started has a copy")
  func copiedLock() throws {
    let folder = try TemporaryFolder()
    let place = URL(filePath: folder.path).resolvingSymlinksInPath().path
    var copies: [Int32] = []
    func hold() throws {
      let lock = try FolderLock(folder.path)
      let isLocked = lock != nil
      #expect(isLocked)
      for name in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
        let target = try? FileManager.default.destinationOfSymbolicLink(
          atPath: "/proc/self/fd/" + name)
        if target == place, let file = Int32(name) { copies.append(dup(file)) }
      }
    }
    try hold()
    #expect(!copies.isEmpty)
    let lock = try FolderLock(folder.path)
    let isLocked = lock != nil
    #expect(isLocked)
    for copy in copies { close(copy) }
  }
}
