import SARSAExperiments
import SARSAFormats
import Testing

@Suite("YAML that is read")
struct YAMLReadingTests {
  private func tree(_ text: String) throws -> Tree { try Tree(yaml: Array(text.utf8)) }

  private func line(_ text: String) -> String {
    do {
      _ = try tree(text)
      return "none"
    } catch {
      return "\(error)"
    }
  }

  @Test("blocks, flow style, comments and scalars of every kind")
  func kinds() throws {
    let text = """
      ---
      # a comment
      a: 1   # another
      b:
      - -2
      - 0.5
      -   - x y
          - "#": '''#'
            no: null
      c: {"d":[1,2 , {e: f}], g: , h: [
        3,  # within
        ]}
      "i": 18446744073709551615
      j: 1e3
      k:
      l: .inf
      ? m
      : it's
      "n\\u00e9\\x41\\U0001F916": ~
      o: [ ]
      p: "a: b"
      q: true
      r: 1:30
      """
    let expected = Tree.mapping([
      .init("a", .integer(1)),
      .init(
        "b",
        .sequence([
          .integer(-2), .number(0.5),
          .sequence([
            .text("x y"), .mapping([.init("#", .text("'#")), .init("no", .null)]),
          ]),
        ])),
      .init(
        "c",
        .mapping([
          .init(
            "d",
            .sequence([.integer(1), .integer(2), .mapping([.init("e", .text("f"))])])),
          .init("g", .null), .init("h", .sequence([.integer(3)])),
        ])),
      .init("i", .unsigned(.max)), .init("j", .number(1000)), .init("k", .null),
      .init("l", .number(.infinity)), .init("m", .text("it's")), .init("né" + "A🤖", .null),
      .init("o", .sequence([])), .init("p", .text("a: b")), .init("q", .boolean(true)),
      .init("r", .text("1:30")),
    ])
    #expect(try tree(text) == expected)
    #expect(try tree(text.replacing("\n", with: "\r\n")) == expected)
    #expect(try tree("") == .null && tree("# x\n") == .null && tree("\u{FEFF}3") == .integer(3))
    #expect(try tree("1e400") == .text("1e400"))
  }

  @Test("what is not read is refused with its line")
  func refused() {
    for (text, number) in [
      ("b: 0\na: 1\na: 2", 2), ("a: &x [1]\nb: *x", 2), ("a: *x", 1),
      ("a: 1\n---\nb: 2", 2), ("a: 1\n  b: 2", 2), ("a: [1", 2), ("a: {b: 1", 2),
      ("a: \"x", 1), ("a: 'x", 1), ("a: \"\\q\"", 1), ("a\nb: 1", 2), ("a: 1\n- b", 2),
      ("- a\nb: 1", 2), ("a: b: c", 1), ("a: [1] 2", 1), ("a: {b: 1, b: 2}", 1),
      ("\na: \u{1}", 2), ("a: @x", 1), ("[1]: 2", 1),
      (String(repeating: "[", count: 100_000), 1), (String(repeating: "- ", count: 900), 1),
      (String(repeating: "{a: ", count: 100) + String(repeating: "}", count: 100), 1),
    ] {
      #expect(line(text).hasPrefix("line \(number): "), "\(text.prefix(20)): \(line(text))")
    }
    #expect(line("a: '&'") == "none" && line("a: '*'") == "none" && line("a: x&y # &") == "none")
    for text in ["a: '&'\nb: '*'", "{\"a\":&x 1,\"b\":*x}", "a: &x [1]\n? *x\n: 1"] {
      #expect(line(text).contains("the file has both & and *"), "\(text)")
    }
    #expect(line("1: a\n\"1\": b") == "line 1: '1' is given twice")
    #expect(throws: YAMLError.self) { try Tree(yaml: [0x61, 0xFF]) }
  }
}
