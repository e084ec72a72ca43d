import Glibc
import SARSAFiles
import TestSupport
import Testing

@Suite("Files")
struct FileTests {
  @Test("a file is replaced only by a commit, and nothing is left of one that is given up")
  func replacement() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("a")
    try Files.replace(path, with: [1, 2])
    func begin(_ bytes: [UInt8]) throws -> ReplacementFile {
      var file = try ReplacementFile(for: path)
      try file.write(unsafe bytes.span.bytes)
      return file
    }
    _ = try begin([3])
    #expect(try folder.contents() == ["a"])
    let file = try begin([4, 5])
    #expect(try folder.contents().count == 2)
    #expect(try Files.read(path, limit: 2) == [1, 2])
    try file.commit()
    #expect(try folder.contents() == ["a"])
    #expect(try Files.read(path, limit: 2) == [4, 5])
  }

  @Test("the target of a symbolic link is replaced, and the link stays")
  func links() throws {
    let folder = try TemporaryFolder()
    try Files.replace(folder.path("a"), with: [1])
    _ = unsafe symlink("a", folder.path("link"))
    try Files.replace(folder.path("link"), with: [2])
    #expect(try Files.read(folder.path("a"), limit: 1) == [2])
    #expect(try folder.contents() == ["a", "link"])
  }

  @Test("a range is read to its place, and a file that became shorter is an error")
  func ranges() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("a")
    try Files.replace(path, with: Array(0..<10))
    let file = try InputFile(path)
    #expect(file.byteCount == 10)
    var bytes = [UInt8](repeating: 255, count: 5)
    func read(_ range: Range<Int>, at place: Int) throws(SystemError) {
      var span = bytes.mutableSpan
      var raw = unsafe span.mutableBytes
      try file.read(range, into: &raw, at: place)
    }
    try read(7..<10, at: 1)
    #expect(bytes == [255, 7, 8, 9, 255])
    _ = unsafe truncate(path, 8)
    let error = #expect(throws: SystemError.self) { try read(7..<10, at: 1) }
    #expect(error?.description == "cannot read '\(path)': it became shorter while it was read")
  }

  @Test("what is no regular file, is missing or too long is an error with its code")
  func mistakes() throws {
    let folder = try TemporaryFolder()
    try Files.replace(folder.path("a"), with: [1, 2, 3])
    for (path, limit, code) in [
      (folder.path("none"), 9, ENOENT), (folder.path, 9, EISDIR), (folder.path("a"), 2, EFBIG),
      ("/dev/null", 9, SystemError.irregularFile),
    ] {
      let error = #expect(throws: SystemError.self) { try Files.read(path, limit: limit) }
      #expect(error?.code == code, "\(path)")
    }
    for (path, code) in [
      (folder.path, EISDIR), ("/dev/null", SystemError.irregularFile),
      (folder.path("no/a"), ENOENT),
    ] {
      let error = #expect(throws: SystemError.self) { try Files.replace(path, with: []) }
      #expect(error?.code == code, "\(path)")
    }
  }
}
