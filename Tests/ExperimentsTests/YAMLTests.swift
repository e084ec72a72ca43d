import DeepSARSA
import SARSAExperiments
import Testing
import Yams

@Suite("Settings as YAML")
struct YAMLTests {
  /// Text that some reader of YAML takes for something else if it stands without quotes.
  ///
  /// Yams reads no further than a character 0, and skips a byte order mark that comes first; PyYAML takes
  /// both as they are, in `make interop`.
  private static let oddStrings =
    [
      "", " ", "  x", "x  ", "\t", "\tx", "x\t", "a b", "a: b", "a:", ":a", ":", "a #b", "#a", "-",
      "- a",
      "--", "---", "--- a", "...", "?", "? a", "!", "!a", "!!str a", "&a", "*a", "|", ">", "%",
      "%TAG",
      "@", "`", "'", "\"", "''", "it's", "\"a\"", "{", "}", "{}", "[", "]", "[]", ",", "a,b", "[a",
      "{a",
      "\\", "\\n", "a\\b",
      "~", "null", "Null", "NULL", "y", "Y", "n", "N", "yes", "Yes", "YES", "no", "No", "NO", "on",
      "On",
      "ON", "off", "Off", "OFF", "true", "True", "TRUE", "false", "False", "FALSE", "=", "<<", "<",
      "0", "1", "-1", "+1", "01", "017", "0o17", "08", "0x1F", "0X1F", "0b11", "1_000", "_1", "1_",
      "1:30",
      "190:20:30", "1:30.5", "0.5", ".5", "5.", "-.5", "1e3", "1E3", "1e+3", "1.5e3", "1.0e-3",
      "1e", "e1",
      ".inf", "-.inf", "+.INF", ".nan", ".NaN", "inf", "nan", "Infinity", "1.2.3", "١",
      "2024-01-01", "2024-1-1", "2024-01-01T00:00:00Z", "2024-01-01 00:00:00 +1", "12:30",
      "\n", "a\nb", "a\n", "\na", "\r", "a\r\nb", "\u{1}", "\u{7}", "\u{8}",
      "\u{1B}",
      "\u{7F}", "\u{80}", "\u{85}", "a\u{85}b", "\u{A0}", "\u{2028}", "a\u{2028}b", "\u{2029}",
      "a\u{FEFF}b",
      "\u{FFFD}", "\u{FFFE}", "\u{FFFF}", "é", "e\u{301}x", "日本", "🤖", "👩‍🚀",
      "\u{10FFFF}",
      "gymnasium:LunarLander-v3", "MinAtar/Breakout-v1", "a::b", "a:b", "plain", "under_score",
      "8x8",
    ] + [String(repeating: "x", count: 200), String(repeating: "long words ", count: 200)]

  private func settings(_ arguments: [String: ArgumentValue]) -> RunSettings {
    RunSettings(environment: "CartPole-v1", environmentArguments: arguments)
  }

  private func arguments(in settings: RunSettings) throws -> Node {
    try #require(try Yams.compose(yaml: settings.yaml)?["environmentArguments"])
  }

  @Test("whatever text a key or a value is, a reader finds it again as text")
  func oddTexts() throws {
    let pairs = Self.oddStrings.map { ($0, ArgumentValue.text($0)) }
    let settings = settings(Dictionary(uniqueKeysWithValues: pairs))
    let found = try #require(try arguments(in: settings).mapping)
    #expect(found.count == Self.oddStrings.count)
    for text in Self.oddStrings {
      let pair = try #require(
        found.first {
          $0.key.scalar?.string.unicodeScalars.elementsEqual(text.unicodeScalars) == true
        },
        "the key \(text.debugDescription) is lost")
      #expect(pair.value.scalar?.string.unicodeScalars.elementsEqual(text.unicodeScalars) == true)
      for node in [pair.key, pair.value] {
        #expect(node.scalar?.style != .plain || Resolver.default.resolveTag(of: node) == .str)
      }
    }
  }

  @Test("only words stand without quotes, and never one that YAML 1.1 or 1.2 has a meaning for")
  func quotes() throws {
    let plain: Set = [
      "gymnasium:LunarLander-v3", "MinAtar/Breakout-v1", "a::b", "a:b", "plain", "under_score",
      "e1",
      "inf", "nan", "Infinity", String(repeating: "x", count: 200),
    ]
    for text in Self.oddStrings {
      let node = try arguments(in: settings(["key": .text(text)]))
      #expect((node["key"]?.scalar?.style == .plain) == plain.contains(text), "\(text)")
    }
  }

  @Test("numbers read back as they were, to the last bit, and keep a point before an exponent")
  func numbers() throws {
    var random = PCG64(seed: 1)
    var values = [
      0.1, 0.1 + 0.2, 1.0 / 3, 1e-8, 1e-5, 1e16, 1e22, 1e100, 123_456_789.123_456_78, -0.0, 5,
      .leastNonzeroMagnitude, .greatestFiniteMagnitude, .pi,
    ]
    for _ in 0..<500 {
      let value = Double(bitPattern: UInt64(random.integer(below: 1 << 62)) << 1)
      if value.isFinite { values.append(value) }
    }
    for value in values {
      let node = try arguments(in: settings(["number": .number(value)]))
      let text = try #require(node["number"]?.scalar?.string)
      #expect(Double(text)?.bitPattern == value.bitPattern, "\(value) is written \(text)")
      #expect(text.contains("."), "\(text)")
    }
    let integers = try arguments(
      in: settings(["least": .integer(.min), "most": .integer(.max)]))
    #expect(integers["least"]?.int == .min && integers["most"]?.int == .max)
  }

  @Test("values of every kind, within one another, keep their kind")
  func kinds() throws {
    let value: [ArgumentValue] = [
      .null, .boolean(true), .boolean(false), .text("true"), .list([]), .object([:]),
      .list([.list([.integer(1)]), .object(["1": .null, "no": .list([.text("no")])])]),
    ]
    let text = settings(["list": .list(value)]).yaml
    #expect(
      text.contains(
        """
          list:
          - null
          - true
          - false
          - "true"
          - []
          - {}
          - - - 1
            - "1": null
              "no":
              - "no"

        """), "\(text)")
  }
}
