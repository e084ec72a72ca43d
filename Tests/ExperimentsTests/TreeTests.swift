import SARSAFiles
import Testing

@Suite("Values as trees")
struct TreeTests {
  private struct Values: Codable, Equatable {
    enum Kind: String, Codable { case one, two }
    enum Payload: Codable, Equatable {
      case none
      case some(Double, name: String)
    }
    var boolean = true
    var small: Int8 = -8
    var least = Int.min
    var most = UInt64.max
    var double = 0.1
    var single: Float = 0.1
    var text = "é\0"
    var kind = Kind.two
    var missing: Int?
    var list: [Payload] = [.none, .some(1, name: "x")]
    var nested: [String: [UInt8]] = ["a": [1, 2]]
  }

  @Test("a value of every kind is decoded from what it was encoded as")
  func roundTrip() throws {
    let tree = try Tree(encoding: Values())
    #expect(tree["most"] == .unsigned(.max) && tree["single"] == .single(0.1))
    #expect(tree["missing"] == nil)
    let decoder = TreeDecoder()
    #expect(try decoder.decode(Values.self, from: tree) == Values())
    #expect(decoder.unknownKeys.isEmpty)
    for value in [Double.infinity, -.infinity, -0.0, .leastNonzeroMagnitude] {
      let read = try TreeDecoder().decode(Double.self, from: Tree(encoding: value))
      #expect(read.bitPattern == value.bitPattern)
    }
    #expect(try TreeDecoder().decode(Float.self, from: .number(.nan)).isNaN)
  }

  @Test("an error names the path of the value that does not fit")
  func paths() throws {
    func path(_ change: (inout Tree) -> Void) throws -> String {
      var tree = try Tree(encoding: Values())
      change(&tree)
      do {
        _ = try TreeDecoder().decode(Values.self, from: tree)
        return "none"
      } catch DecodingError.typeMismatch(_, let context), DecodingError.dataCorrupted(let context),
        DecodingError.valueNotFound(_, let context)
      {
        return context.codingPath.map(\.stringValue).joined(separator: ".")
      } catch DecodingError.keyNotFound(let key, _) {
        return "no " + key.stringValue
      }
    }
    #expect(try path { $0["small"] = .integer(200) } == "small")
    #expect(try path { $0["small"] = .number(1) } == "small")
    #expect(try path { $0["most"] = .integer(-1) } == "most")
    #expect(try path { $0["boolean"] = .text("true") } == "boolean")
    #expect(try path { $0["single"] = .number(1e300) } == "single")
    #expect(try path { $0["text"] = .null } == "text")
    #expect(try path { $0["kind"] = .text("three") } == "kind")
    #expect(
      try path { $0["nested"] = .mapping([.init("b", .sequence([.integer(256)]))]) } == "nested.b.0"
    )
    #expect(try path { $0["list"] = .mapping([]) } == "list")
    #expect(try path { $0["double"] = nil } == "no double")
    #expect(try path { $0["double"] = .integer(3) } == "none")
  }

  @Test("names that no value asks for are reported, with the names that there are")
  func unknownKeys() throws {
    var tree = try Tree(encoding: Values())
    tree["extra"] = .null
    let decoder = TreeDecoder()
    _ = try decoder.decode(Values.self, from: tree)
    #expect(decoder.unknownKeys.map(\.key) == ["extra"])
    #expect(decoder.unknownKeys[0].path.isEmpty)
    // A value that may be missing is known too.
    #expect(decoder.unknownKeys[0].known.contains("missing"))
  }
}

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
      ("a: 1\na: 2", 2), ("a: &x 1", 1), ("a: *x", 1), ("a: !!str 1", 1), ("a: |\n  x", 1),
      ("%YAML 1.2\n---\na: 1", 1), ("a: 1\n---\nb: 2", 2), ("a: 1\n  b: 2", 2), ("a: [1", 1),
      ("a: {b: 1", 1), ("a: \"x", 1), ("a: 'x", 1), ("\ta: 1", 1), ("a: \"\\q\"", 1),
      ("a: \"\\ud800\"", 1), ("a\nb: 1", 2), ("a: 1\n- b", 2), ("- a\nb: 1", 2), ("a: b: c", 1),
      ("? a", 1), ("a: [1] 2", 1), ("a: {b: 1, b: 2}", 1), ("a: \u{1}", 1), ("a: @x", 1),
      (String(repeating: "[", count: 100_000), 1), (String(repeating: "- ", count: 1_000), 1),
      (String(repeating: "{a: ", count: 100), 1),
    ] {
      #expect(line(text).hasPrefix("line \(number): "), "\(text.prefix(20)): \(line(text))")
    }
    #expect(throws: YAMLError.self) { try Tree(yaml: [0x61, 0xFF]) }
  }
}
