import Foundation
import SARSAExperiments
import TestSupport
import Testing

@Suite("deep-sarsa report")
struct ReportCommandTests {
  /// A program that says that it has the package, and gives a library that is none.
  private func python(in folder: TemporaryFolder) throws -> String {
    let path = folder.path("python")
    try Data("#!/bin/sh\n[ \"$4\" = check ] || echo 'const library = 1;'\n".utf8).write(
      to: URL(filePath: path))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    return path
  }

  /// Runs words without spaces in a folder, which may have a Python for charts.
  private func run(_ words: [String], in folder: TemporaryFolder) throws -> Command.Result {
    try Command.shell("cd \"$1\" && exec \"$0\" " + words.joined(separator: " "), folder.path)
  }

  @Test("a page is written as a whole, twice the same, and nothing is printed")
  func page() throws {
    let folder = try TemporaryFolder()
    let run = try WrittenRun(seed: 7, score: 480, evaluations: [(0, 9.25)]).write(
      to: folder.path("run"))
    let words = try ["report", run, "--chart-python", python(in: folder), "-o"]
    for name in ["a.html", "b.html"] {
      let result = try Command.run(words + [folder.path(name)])
      #expect(result.code == 0 && result.output.isEmpty && result.error.isEmpty, "\(result.error)")
    }
    let page = try bytes(of: folder.path("a.html"))
    #expect(try bytes(of: folder.path("b.html")) == page)
    #expect(String(decoding: page, as: UTF8.self).contains("const library = 1;"))
  }

  @Test(
    "train --report writes a page into the run folder, and looks for its Python before it trains")
  func training() throws {
    let folder = try TemporaryFolder()
    let words = [
      "train", "CartPole-v1", "--preset", "fast", "--steps", "1500", "--quiet", "--report",
      "--output", folder.path("runs"),
    ]
    let missing = try run(words + ["--python", "none"], in: folder)
    #expect(missing.code == 69 && missing.error.contains("make pictures"))
    #expect(try folder.contents().isEmpty)
    let result = try run(words + ["--python", python(in: folder)], in: folder)
    #expect(result.code == 0, "\(result.error)")
    let run = try #require(try folder.contents("runs").first)
    let page = try bytes(of: folder.path("runs/\(run)/report.html"))
    #expect(String(decoding: page, as: UTF8.self).contains("id=\"episodes-data\""))
  }

  @Test("what make pictures installs in the folder draws, before the Python of Gymnasium")
  func localPython() throws {
    let folder = try TemporaryFolder()
    let run = try WrittenRun(seed: 7, score: 480).write(to: folder.path("run"))
    let words = ["report", run, "-o", "page.html", "--python", "none"]
    #expect(try self.run(words, in: folder).code == 69)
    try FileManager.default.createDirectory(
      atPath: folder.path(".venv-pictures/bin"), withIntermediateDirectories: true)
    try FileManager.default.moveItem(
      atPath: python(in: folder), toPath: folder.path(ChartRenderer.localPython))
    let result = try self.run(words, in: folder)
    #expect(result.code == 0, "\(result.error)")
  }

  @Test("what is wrong is one line with its exit code, and leaves no file")
  func mistakes() throws {
    let folder = try TemporaryFolder()
    let python = try python(in: folder)
    let run = try WrittenRun(seed: 7, score: 480).write(to: folder.path("run"))
    let file = folder.path("report.html")
    for (words, code, message) in [
      (["-o", file], 64, "a path is missing"),
      ([run, "-o", ""], 64, "--output is ''"),
      ([folder.path("none"), "-o", file], 66, "none"),
      ([run, "-o", folder.path("none/report.html")], 73, "none"),
      ([folder.path("none"), "-o", file, "--chart-python", "/nowhere"], 66, "none"),
      ([run + "/config.yaml", "-o", file, "--chart-python", "/nowhere"], 65, "it is a file"),
      ([run, "-o", file, "--chart-python", folder.path("none")], 69, "make pictures"),
      (
        [run, "-o", file, "--chart-python", run + "/config.yaml"], 69,
        "'\(run)/config.yaml' is not an executable program; 'make pictures' installs one\n"
      ),
      ([run, "-o", file, "--chart-python", "/bin/false"], 69, "/bin/false"),
    ] {
      let result = try Command.run(
        ["report"] + words + (words.contains("--chart-python") ? [] : ["--chart-python", python]))
      #expect(result.code == code, "\(words): \(result.error)")
      #expect(result.error.contains(message), "\(result.error)")
      #expect(result.error.split(separator: "\n").count == 1)
    }
    #expect(!FileManager.default.fileExists(atPath: file))
  }
}
