import SARSAFormats
import Testing

@Suite("Strict JSON")
struct JSONReaderTests {
  /// Reads any value to its end, and gives its texts and numbers in order.
  private func read(_ text: String) throws(JSONError) -> [String] {
    var reader = JSONReader(text)
    var found: [String] = []
    func value(_ reader: inout JSONReader) throws(JSONError) {
      switch try reader.kind() {
      case .null:
        guard reader.takeNull() else { throw reader.error("expected null") }
        found.append("null")
      case .boolean: found.append("\(try reader.boolean())")
      case .number:
        switch try reader.number() {
        case .integer(let value): found.append("\(value)")
        case .unsigned(let value): found.append("\(value)")
        case .floating(let value): found.append("\(value)")
        }
      case .text: found.append(try reader.text())
      case .list: try reader.list { reader throws(JSONError) in try value(&reader) }
      case .object:
        try reader.object { reader, name throws(JSONError) in
          found.append(name)
          try value(&reader)
        }
      }
    }
    try value(&reader)
    try reader.end()
    return found
  }

  @Test("every kind of value is read, and integers are no numbers of floating point")
  func values() throws {
    let text =
      " {\"a\" : [1, -2.0,\t1e3 , true,false, null,[ ],{}],\r\n\"\": \"\\u00e9\\/\\b\\f\\n\\r\\t\"} "
    #expect(
      try read(text) == [
        "a", "1", "-2.0", "1000.0", "true", "false", "null", "", "é/\u{8}\u{C}\n\r\t",
      ])
    #expect(try read("-9223372036854775808") == ["-9223372036854775808"])
    #expect(try read("[-0, 0, -0.0, 0E+1, 1.5e-3]") == ["0", "0", "-0.0", "0.0", "0.0015"])
    #expect(try read(#""\ud83d\ude00 \uD83D\uDE00""#) == ["😀 😀"])
  }

  @Test("text that is quoted is read again")
  func quoting() throws {
    let scalars = (0..<0x250 as Range<UInt32>).compactMap(Unicode.Scalar.init)
    let text = String(String.UnicodeScalarView(scalars)) + "\u{2028}\u{FFFF}😀\"\\"
    #expect(try read(text.quotedAsJSON) == [text])
    #expect("a\"\\\n\u{1F}é".quotedAsJSON == #""a\"\\\u000a\u001fé""#)
  }

  private static let mistakes = [
    ("", "line 1, column 1: expected a value"), ("yes", "line 1, column 1: expected a value"),
    ("nul", "line 1, column 1: expected null"), ("tru", "line 1, column 1: expected true or false"),
    (".5", "line 1, column 1: expected a value"), ("+1", "line 1, column 1: expected a value"),
    ("nan", "line 1, column 1: expected null"), ("'a'", "line 1, column 1: expected a value"),
    ("-", "line 1, column 1: expected a number"), ("1.", "digits after its point"),
    ("01", "line 1, column 1: a number has no leading zero"), ("-01", "leading zero"),
    ("1e", "digits in its exponent"), ("1e+", "digits in its exponent"),
    ("1e999", "a number has double precision, and is finite"),
    ("18446744073709551616", "an integer has up to 64 bits"),
    ("0x10", "line 1, column 2: expected the end"), ("1 2", "line 1, column 3: expected the end"),
    ("[1,]", "line 1, column 4: expected a value"), ("[1", "column 3: expected ',' or ']'"),
    ("[1 2]", "column 4: expected ',' or ']'"), ("{\"a\" 1}", "column 6: expected ':'"),
    ("{\"a\":1", "column 7: expected ',' or '}'"), ("{a:1}", "column 2: expected '\"'"),
    ("{\"a\":1,}", "column 8: expected '\"'"),
    ("{\"a\":1,\n \"\\u0061\":2}", "line 2, column 2: the name 'a' occurs twice"),
    ("\"", "a text does not end"), ("\"\\", "a text does not end"),
    ("\"é\\x\"", "line 1, column 4: an unknown escape; allowed after \\: \" \\ / b f n r t u"),
    ("\"\n\"", "a text has a control character"), ("\"\\u12g4\"", "four hexadecimal digits"),
    ("\"\\ud800\"", "half a surrogate pair"), ("\"\\udc00\"", "half a surrogate pair"),
    ("\"\\udc00\\udc00\"", "half a surrogate pair"),
    ("\"\\ud800\\ue000\"", "half a surrogate pair"),
    ("\"\\ud800\\u0041\"", "half a surrogate pair"), ("\"\\ud800\\ud800\"", "half a surrogate"),
    (String(repeating: "[", count: 100_000), "column 65: lists and objects are more than 64 deep"),
    (String(repeating: "{\"\":", count: 65), "more than 64 deep"),
    ("\u{FEFF}1", "expected a value"),
  ]

  @Test("a mistake is an error with its place and what is allowed", arguments: mistakes)
  func mistake(text: String, message: String) {
    let error = #expect(throws: JSONError.self) { try read(text) }
    #expect(error?.description.contains(message) == true, "\(String(describing: error))")
  }

  @Test("bytes that are not UTF-8 are an error, in names and in texts")
  func encoding() {
    for bytes in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xC3]] as [[UInt8]] {
      var reader = JSONReader([0x22] + bytes + [0x22])
      let error = #expect(throws: JSONError.self) { try reader.text() }
      #expect(error?.reason == "a text is not UTF-8")
    }
  }

  @Test("an integer has its range, and neither point nor exponent")
  func integers() throws {
    var reader = JSONReader(" 12")
    #expect(try reader.integer(in: 0...12) == 12)
    for text in [" 13", "-1", "-0", "1.0", "1e0", "01", "", "true", "99999999999999999999"] {
      var reader = JSONReader(text)
      let error = #expect(throws: JSONError.self) { try reader.integer(in: 0...12) }
      #expect(error?.reason == "expected a whole number from 0 to 12")
      #expect(error?.column == (text.hasPrefix(" ") ? 2 : 1))
    }
  }

  @Test("every prefix of a text, and every byte that is changed, is read or an error")
  func damage() throws {
    let text = Array(#"{"a": [1, -2.5e3, "\ud83d\ude00é", {"b": null}], "c": true}"#.utf8)
    for count in text.indices {
      #expect(throws: JSONError.self) {
        try read(String(decoding: text.prefix(count), as: UTF8.self))
      }
    }
    for i in text.indices {
      for byte in 0...255 as ClosedRange<UInt8> {
        var changed = text
        changed[i] = byte
        _ = try? read(String(decoding: changed, as: UTF8.self))
      }
    }
  }
}
