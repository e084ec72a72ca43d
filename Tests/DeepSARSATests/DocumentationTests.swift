import Foundation
import TestSupport
import Testing

@Suite("Documentation")
struct DocumentationTests {
  private static let root = fixtures.deletingLastPathComponent().deletingLastPathComponent()

  /// The files of a kind below a folder of the repository.
  private static func files(in folder: String, ending: String) throws -> [String] {
    let names = try FileManager.default.subpathsOfDirectory(
      atPath: root.appending(path: folder).path())
    return names.filter { $0.hasSuffix(ending) }.sorted().map { folder + "/" + $0 }
  }

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  /// Lines as they are compared: without indentation, empty ones left out.
  private static func lines(_ text: some StringProtocol) -> String {
    text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty }.joined(separator: "\n") + "\n"
  }

  @Test("all Swift that articles and README show is compiled and run by the tests or the sample")
  func shownCode() throws {
    let sources = try Self.files(in: "Tests", ending: ".swift").map {
      Self.lines(try Self.text($0))
    }
    let articles = try Self.files(in: "Sources", ending: ".md").filter { $0.contains(".docc/") }
    try #require(articles.count >= 5)
    var count = 0
    for path in articles + ["README.md"] {
      for block in try Self.text(path).components(separatedBy: "```swift\n").dropFirst() {
        let code = Self.lines(try #require(block.components(separatedBy: "```").first))
        #expect(sources.contains { $0.contains(code) }, "\(path): no test has\n\(code)")
        count += 1
      }
    }
    #expect(count >= 10)
  }

  @Test("README's environment is the articles' one, which is a library's")
  func sameEnvironment() throws {
    let article = try Self.text("Tests/Consumer/Runs/Sources/Environments/Corridor.swift")
      .replacing("public ", with: "")
    let structure = article.split(separator: "\n").filter {
      !$0.contains("import ") && !$0.contains("init() {}") && !$0.contains("/// Makes a corridor")
    }.joined(separator: "\n")
    #expect(
      Self.lines(try Self.text("Tests/Consumer/Sources/main.swift")).contains(Self.lines(structure))
    )
  }
}
