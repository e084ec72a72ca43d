import DeepSARSA
import SARSAFiles
import TestSupport
import Testing

@Suite("A simulated disk")
struct SimulatedDiskTests {
  /// What a folder may hold after the power failed, over many draws: the texts of its files by their names.
  private func outcomes(
    of body: (String) throws -> Void
  ) throws -> Set<[String: String]> {
    let root = try TemporaryFolder()
    let system = PowerCutFileSystem(root.path, on: SimulatedDisk())
    try Files.$system.withValue(system) { try body(root.path) }
    var generator = PCG64(seed: 1)
    var result: Set<[String: String]> = []
    for _ in 0..<600 {
      var disk = system.disk(before: system.count)
      disk.failPower(using: &generator)
      result.insert(disk.contents.mapValues { String(decoding: $0, as: UTF8.self) })
    }
    return result
  }

  @Test("keeps what was flushed, and the file's name only if its folder was flushed, too")
  func flushed() throws {
    let kept = try outcomes { root in
      let file = try AppendedFile(root + "/a", keeping: 0)
      try file.write(Array("whole".utf8))
      try file.synchronize(5)
    }
    #expect(kept == [[:], ["a": "whole"]])
    let named = try outcomes { root in
      let file = try AppendedFile(root + "/a", keeping: 0)
      try file.write(Array("whole".utf8))
      try file.synchronize(5)
      try Files.synchronizeFolder(root)
    }
    #expect(named == [["a": "whole"]])
  }

  @Test("loses, tears and leaves out what was not flushed, and keeps the bytes before it")
  func torn() throws {
    let found = try outcomes { root in
      let file = try AppendedFile(root + "/a", keeping: 0)
      try file.write(Array("one".utf8))
      try file.synchronize(3)
      try Files.synchronizeFolder(root)
      try file.write(Array("two".utf8))
      try file.write(Array("six".utf8))
    }
    let texts = Set(found.compactMap { $0["a"] })
    #expect(texts.allSatisfy { $0.hasPrefix("one") })
    let gap = "\0\0\0"
    for text in ["one", "onetwo", "onetwosix", "one\(gap)", "one\(gap)six", "onetwo\(gap)"] {
      #expect(texts.contains(text), "'\(text)'")
    }
    #expect(texts.contains { $0.hasPrefix("onet\0") })
    #expect(texts.count > 12)
  }

  @Test("has a renamed file under one of its names, and a removed one or none")
  func renamed() throws {
    let found = try outcomes { root in
      try Files.replace(root + "/a", with: Array("old".utf8))
      try Files.replace(root + "/b", with: Array("other".utf8))
      #expect(Files.system.rename(root + "/a", to: root + "/c") == 0)
      try Files.remove(root + "/b")
    }
    #expect(
      found == [
        ["a": "old", "b": "other"], ["a": "old"], ["c": "old", "b": "other"], ["c": "old"],
      ])
  }
}
