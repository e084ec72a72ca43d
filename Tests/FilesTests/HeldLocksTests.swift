import Foundation
import SARSAFiles
import TestSupport
import Testing

@Suite("The locks that processes hold")
struct HeldLocksTests {
  @Test("contain(_:): a folder is locked as long as its lock exists, and looking takes none")
  func held() throws {
    let folder = try TemporaryFolder()
    #expect(!HeldLocks().contain(folder.path))
    if let lock = try FolderLock(folder.path) {
      #expect(HeldLocks().contain(folder.path))
      _ = consume lock
    } else {
      Issue.record("the folder cannot be locked")
    }
    #expect(!HeldLocks().contain(folder.path))
    #expect(!HeldLocks().contain(folder.path + "/none"))
  }

  @Test("init(reading:): lines of the system, of which those of waiting processes do not count")
  func lines() throws {
    let folder = try TemporaryFolder()
    let attributes = try FileManager.default.attributesOfItem(atPath: folder.path)
    let inode = try #require(attributes[.systemFileNumber] as? Int)
    for (line, isHeld) in [
      ("1: FLOCK  ADVISORY  WRITE 24901 fe:00:\(inode) 0 EOF", true),
      ("1: POSIX  ADVISORY  WRITE 7 00:2f:\(inode) 0 EOF", true),
      ("1: -> FLOCK  ADVISORY  WRITE 24901 fe:00:\(inode) 0 EOF", false),
      ("1: FLOCK  ADVISORY  WRITE 24901 fe:00:\(inode)1 0 EOF", false), ("1: FLOCK", false),
      ("", false),
    ] {
      #expect(HeldLocks(reading: "9: X\n" + line + "\n").contain(folder.path) == isHeld, "\(line)")
    }
  }
}
