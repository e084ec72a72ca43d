/// The JSON header of a safetensors file, with a parser for exactly this structure.
///
/// A general JSON parser hides duplicate keys and may convert integers to floating point; both would hide
/// errors here.
struct SafetensorsHeader {
  struct Entry {
    var name: String
    var shape: [Int] = []
    var start = 0
    var end = 0
  }

  var entries: [Entry] = []
  var metadata: [String: String] = [:]

  private var bytes: ArraySlice<UInt8>

  init(parsing header: ArraySlice<UInt8>) throws(SafetensorsError) {
    bytes = header
    var names: Set<String> = []
    var hasMetadata = false
    try object { (self: inout Self, key) throws(SafetensorsError) in
      if key == Safetensors.metadataKey {
        if hasMetadata { throw self.error("'\(key)' occurs twice") }
        hasMetadata = true
        // The Rust library, which most programs use, accepts null for missing metadata.
        if self.take("null") { return }
        try self.readMetadata()
      } else {
        guard names.insert(key).inserted else { throw self.error("tensor '\(key)' occurs twice") }
        try self.readEntry(key)
      }
    }
    skipSpace()
    guard bytes.isEmpty else { throw error("text follows the header's object") }
  }

  private mutating func readMetadata() throws(SafetensorsError) {
    try object { (self: inout Self, key) throws(SafetensorsError) in
      let value = try self.string()
      guard self.metadata.updateValue(value, forKey: key) == nil else {
        throw self.error("metadata '\(key)' occurs twice")
      }
    }
  }

  private mutating func readEntry(_ name: String) throws(SafetensorsError) {
    var entry = Entry(name: name)
    var fields: Set<String> = []
    try object { (self: inout Self, key) throws(SafetensorsError) in
      guard fields.insert(key).inserted else {
        throw self.error("tensor '\(name)' has two fields '\(key)'")
      }
      switch key {
      case "dtype":
        let type = try self.string()
        guard type == "F32" else {
          throw self.error("tensor '\(name)' has type '\(type)'; only F32 is read")
        }
      case "shape": entry.shape = try self.integers()
      case "data_offsets":
        let offsets = try self.integers()
        guard offsets.count == 2 else {
          throw self.error("tensor '\(name)' needs two data_offsets")
        }
        (entry.start, entry.end) = (offsets[0], offsets[1])
      default: throw self.error("tensor '\(name)' has an unknown field '\(key)'")
      }
    }
    guard fields.count == 3 else {
      throw error("tensor '\(name)' needs dtype, shape and data_offsets")
    }
    entries.append(entry)
  }
}

// MARK: - JSON

extension SafetensorsHeader {
  private func error(_ what: String) -> SafetensorsError {
    SafetensorsError("header: \(what)")
  }

  private mutating func skipSpace() {
    bytes = bytes.drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
  }

  /// Consumes a text if it is next.
  private mutating func take(_ text: String) -> Bool {
    skipSpace()
    guard bytes.starts(with: text.utf8) else { return false }
    bytes.removeFirst(text.utf8.count)
    return true
  }

  private mutating func expect(_ text: String) throws(SafetensorsError) {
    guard take(text) else { throw error("expected '\(text)'") }
  }

  private mutating func object(
    _ field: (inout Self, String) throws(SafetensorsError) -> Void
  ) throws(SafetensorsError) {
    try expect("{")
    if take("}") { return }
    repeat {
      let key = try string()
      try expect(":")
      try field(&self, key)
    } while take(",")
    try expect("}")
  }

  private mutating func integers() throws(SafetensorsError) -> [Int] {
    try expect("[")
    var result: [Int] = []
    if take("]") { return result }
    repeat {
      skipSpace()
      let digits = bytes.prefix { (0x30...0x39).contains($0) }
      guard let value = Int(String(decoding: digits, as: UTF8.self)),
        digits.count == 1 || digits.first != 0x30
      else { throw error("expected a whole number") }
      bytes = bytes.dropFirst(digits.count)
      result.append(value)
    } while take(",")
    try expect("]")
    return result
  }

  private mutating func string() throws(SafetensorsError) -> String {
    try expect("\"")
    var units: [UInt8] = []
    while let byte = bytes.popFirst() {
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: units, as: UTF8.self) else {
          throw error("a string is not UTF-8")
        }
        return text
      case UInt8(ascii: "\\"): units += Array(String(try escape()).utf8)
      case 0..<0x20: throw error("a string holds a control character")
      default: units.append(byte)
      }
    }
    throw error("a string does not end")
  }

  private mutating func escape() throws(SafetensorsError) -> Unicode.Scalar {
    guard let byte = bytes.popFirst() else { throw error("a string does not end") }
    switch Unicode.Scalar(byte) {
    case "\"": return "\""
    case "\\": return "\\"
    case "/": return "/"
    case "b": return "\u{8}"
    case "f": return "\u{c}"
    case "n": return "\n"
    case "r": return "\r"
    case "t": return "\t"
    case "u":
      let high = try hexadecimal()
      if let scalar = Unicode.Scalar(high) { return scalar }
      guard (0xD800..<0xDC00).contains(high), bytes.starts(with: [0x5C, 0x75]) else {
        throw error("half a surrogate pair")
      }
      bytes = bytes.dropFirst(2)
      let low = try hexadecimal()
      guard (0xDC00..<0xE000).contains(low),
        let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
      else { throw error("half a surrogate pair") }
      return scalar
    default: throw error("an unknown escape in a string")
    }
  }

  private mutating func hexadecimal() throws(SafetensorsError) -> UInt32 {
    let digits = bytes.prefix(4)
    guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw error("expected four hexadecimal digits") }
    bytes = bytes.dropFirst(4)
    return value
  }
}
