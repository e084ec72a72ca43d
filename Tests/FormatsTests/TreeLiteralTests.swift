import SARSAFormats
import Testing

@Suite("Trees as literals")
struct TreeLiteralTests {
  private let tree: Tree = [
    "mark": "line", "size": 2, "opacity": 0.5, "clip": true, "title": .null,
    "values": [1, 2.5, "a", []], "axis": ["grid": false],
  ]

  @Test("read as the document that they are, names in their order")
  func literals() {
    #expect(
      tree.plainJSON
        == #"{"mark":"line","size":2,"opacity":0.5,"clip":true,"title":null,"values":[1,2.5,"a",[]],"axis":{"grid":false}}"#
    )
    let name = "x"
    #expect(Tree([1.0, 2]) == [1.0, 2.0] && Tree(["a"]) == ["\(name == "x" ? "a" : "b")"])
  }

  @Test("plain JSON has null for numbers that are not finite, and text as it is")
  func plain() throws {
    let tree: Tree = [
      "#a": "#b", "far": .number(-.infinity), "none": .single(.nan), "all": "</script>",
    ]
    #expect(
      tree.plainJSON == ##"{"#a":"#b","far":null,"none":null,"all":"\u003c/script>"}"##)
    #expect(tree.json.contains(##""#a":"##) && tree.json.contains(###""##b""###))
    #expect(try Tree(json: Array(tree.plainJSON.utf8))["all"] == "</script>")
    #expect(
      Tree.sequence(Array(repeating: tree, count: 3)).indentedPlainJSON.split(separator: "\n").count
        == 5)
  }

  @Test("merging replaces values by name, and merges mappings")
  func merging() {
    let other: Tree = ["axis": ["grid": true, "ticks": 3], "size": .null, "new": 1]
    let merged = tree.merging(other)
    #expect(merged["axis"] == ["grid": true, "ticks": 3] && merged["size"] == .null)
    #expect(merged["mark"] == "line" && merged["new"] == 1)
    #expect(tree.merging(3) == 3 && Tree.null.merging(tree) == tree)
  }
}
