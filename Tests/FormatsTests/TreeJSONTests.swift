import SARSAFormats
import Testing

@Suite("Trees as JSON")
struct TreeJSONTests {
  @Test("every kind of value is written in its own form")
  func forms() {
    let tree = Tree.mapping([
      Tree.Entry("null", .null), Tree.Entry("yes", .boolean(true)),
      Tree.Entry("least", .integer(.min)), Tree.Entry("most", .unsigned(.max)),
      Tree.Entry("tenth", .number(0.1)), Tree.Entry("single", .single(0.1)),
      Tree.Entry("te\"xt", .text("a\n")),
      Tree.Entry("list", .sequence([.integer(1), .sequence([])])),
      Tree.Entry("none", .mapping([])), Tree.Entry("far", .number(-.infinity)),
    ])
    #expect(
      tree.json
        == ##"{"null":null,"yes":true,"least":-9223372036854775808,"most":18446744073709551615,"##
        + ##""tenth":0.1,"single":0.10000000149011612,"te\"xt":"a\u000a","list":[1,[]],"none":{},"##
        + ##""far":"#-inf"}"##)
  }

  @Test("every number is read with its bits")
  func numbers() throws {
    let doubles: [Double] = [
      0, -0.0, .pi, 1e300, -.leastNonzeroMagnitude, .greatestFiniteMagnitude, 3, 1e22, .infinity,
      -.infinity,
    ]
    for double in doubles {
      guard case .number(let read) = try Tree(json: Array(Tree.number(double).json.utf8)) else {
        Issue.record("\(double) is read as another kind")
        continue
      }
      #expect(read.bitPattern == double.bitPattern)
    }
    for float in [0.1, -.leastNonzeroMagnitude, .greatestFiniteMagnitude, 16_777_216] as [Float] {
      guard case .number(let read) = try Tree(json: Array(Tree.single(float).json.utf8)) else {
        Issue.record("\(float) is read as another kind")
        continue
      }
      #expect(Float(read).bitPattern == float.bitPattern && Double(Float(read)) == read)
    }
    for word in [UInt64.max, 1 << 63] {
      #expect(try Tree(json: Array("\(word)".utf8)) == .unsigned(word))
    }
    #expect(try Tree(json: Array("-1".utf8)) == .integer(-1))
  }

  @Test(
    "text stays text, also if it looks like a number that is not finite",
    arguments: ["inf", "-inf", "nan", "#inf", "#nan", "##inf", "#", "##", "", "1e5", "null"])
  func text(value: String) throws {
    #expect(try Tree(json: Array(Tree.text(value).json.utf8)) == .text(value))
  }

  @Test(
    "what is not JSON is an error with its place",
    arguments: ["", "[1", "{\"a\":1,\"a\":2}", "[1]x", "nan", "{1:2}", "18446744073709551616"])
  func errors(text: String) {
    #expect(throws: JSONError.self) { try Tree(json: Array(text.utf8)) }
  }

  @Test("lists within lists are read up to a depth, and refused beyond it")
  func depth() throws {
    func nested(_ depth: Int) -> [UInt8] {
      Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
    }
    _ = try Tree(json: nested(JSONReader.depthLimit))
    #expect(throws: JSONError.self) { try Tree(json: nested(JSONReader.depthLimit + 1)) }
    #expect(throws: JSONError.self) { try Tree(json: nested(100_000)) }
  }

  @Test("the first difference of two trees is named by its path, with both values")
  func differences() {
    func tree(_ a: Tree, _ b: Tree? = nil) -> Tree {
      .mapping([
        Tree.Entry(
          "outer", .mapping([Tree.Entry("a", a)] + (b.map { [Tree.Entry("b", $0)] } ?? [])))
      ])
    }
    #expect(tree(.integer(1)).firstDifference(from: tree(.integer(1))) == nil)
    let changed = tree(.integer(1)).firstDifference(from: tree(.number(2)))
    #expect(changed?.path == "outer.a" && changed?.value == "1" && changed?.other == "2.0")
    let added = tree(.null).firstDifference(from: tree(.null, .boolean(true)))
    #expect(added?.path == "outer.b" && added?.value == "missing" && added?.other == "true")
    let removed = tree(.null, .boolean(true)).firstDifference(from: tree(.null))
    #expect(removed?.path == "outer.b" && removed?.value == "true" && removed?.other == "missing")
  }
}
