import Foundation
import SARSAExperiments
import TestSupport
import Testing

@Suite("A log that grows")
struct GrowingLogTests {
  private let folder: TemporaryFolder
  private let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path("evaluations.csv")
  }

  private func append(_ text: String) throws {
    if !FileManager.default.fileExists(atPath: path) {
      _ = FileManager.default.createFile(atPath: path, contents: nil)
    }
    let file = try #require(FileHandle(forWritingAtPath: path))
    try file.seekToEnd()
    try file.write(contentsOf: Data(text.utf8))
    try file.close()
  }

  @Test("look(): takes what was appended, and waits for the end of a line, wherever it is torn")
  func appended() throws {
    let text = "step,mean,std\n0,9.5,\n1000,-1e3,0.5\n"
    var log = GrowingLog(path, columns: ["mean", "step"])
    #expect(try !log.look())
    for character in text {
      try append(String(character))
      #expect(try log.look())
    }
    #expect(log["step"] == [0, 1000] && log["mean"] == [9.5, -1000] && log["std"] == [])
    #expect(try !log.look())
    var whole = GrowingLog(path, columns: ["std"])
    try whole.look()
    #expect(whole["std"].count == 2 && whole["std"][0].isNaN && whole["std"][1] == 0.5)
  }

  @Test("look(): a log that was cut, as a run does that goes on, is read from its beginning")
  func cut() throws {
    var log = GrowingLog(path, columns: ["step"])
    try append("step\n1\n2\n3\n")
    try log.look()
    try Data("step\n1\n".utf8).write(to: URL(filePath: path))
    #expect(try log.look())
    #expect(log["step"] == [1])
    try append("20\n")
    try log.look()
    #expect(log["step"] == [1, 20])
    try FileManager.default.removeItem(atPath: path)
    #expect(try log.look() && log["step"].isEmpty)
  }

  @Test("look(): many chunks are read as one")
  func large() throws {
    let count = 300_000
    try append("step\n" + (0..<count).map { "\($0)\n" }.joined())
    var log = GrowingLog(path, columns: ["step"])
    try log.look()
    #expect(log["step"].count == count && log["step"].last == Double(count - 1))
  }

  @Test(
    "look(): content that no run writes is an error that says where",
    arguments: [
      ("other\n", "column 'step' is missing"),
      ("step,mean\n1\n", "line 2 has 1 field; allowed: 2"),
      ("step,mean\n1,2\nx,3\n", "line 3 has 'x'; allowed: a number"),
      (String(repeating: "s", count: 70_000), "line 1 has more than 65536 bytes"),
    ])
  func bad(content: String, message: String) throws {
    try append(content)
    var log = GrowingLog(path, columns: ["step"])
    do {
      try log.look()
      Issue.record("no error")
    } catch {
      #expect("\(error)".contains(message) && "\(error)".contains(path))
    }
  }
}
