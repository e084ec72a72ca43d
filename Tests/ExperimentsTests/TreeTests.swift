import SARSAFormats
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
