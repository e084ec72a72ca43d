extension ArgumentValue {
  /// Reads JSON with Python's types: `1` is an integer, `1.0` is not.
  ///
  /// - Returns: `nil` if the text is not JSON, an integer needs more than 64 bits, a number is not finite,
  ///   an object has a name twice, or values are nested more than 64 deep.
  public init?(json text: String) {
    var reader = JSONReader(rest: Array(text.utf8)[...])
    guard let value = reader.value(depth: 64), reader.isAtEnd() else { return nil }
    self = value
  }
}

/// A JSON parser (RFC 8259).
private struct JSONReader {
  var rest: ArraySlice<UInt8>

  mutating func isAtEnd() -> Bool {
    skipSpace()
    return rest.isEmpty
  }

  private mutating func skipSpace() {
    rest = rest.drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
  }

  /// Consumes a text if it is next.
  private mutating func take(_ text: String) -> Bool {
    skipSpace()
    guard rest.starts(with: text.utf8) else { return false }
    rest = rest.dropFirst(text.utf8.count)
    return true
  }

  mutating func value(depth: Int) -> ArgumentValue? {
    guard depth > 0 else { return nil }
    skipSpace()
    if take("null") { return .null }
    if take("true") { return .boolean(true) }
    if take("false") { return .boolean(false) }
    if take("[") { return list(depth: depth) }
    if take("{") { return object(depth: depth) }
    if rest.first == UInt8(ascii: "\"") { return text().map { .text($0) } }
    return number()
  }

  private mutating func list(depth: Int) -> ArgumentValue? {
    var values: [ArgumentValue] = []
    if take("]") { return .list(values) }
    repeat {
      guard let value = value(depth: depth - 1) else { return nil }
      values.append(value)
    } while take(",")
    return take("]") ? .list(values) : nil
  }

  private mutating func object(depth: Int) -> ArgumentValue? {
    var values: [String: ArgumentValue] = [:]
    if take("}") { return .object(values) }
    repeat {
      skipSpace()
      guard let name = text(), take(":"), let value = value(depth: depth - 1),
        values.updateValue(value, forKey: name) == nil
      else { return nil }
    } while take(",")
    return take("}") ? .object(values) : nil
  }

  private mutating func number() -> ArgumentValue? {
    let characters = rest.prefix { "+-.eE0123456789".utf8.contains($0) }
    let text = String(decoding: characters, as: UTF8.self)
    let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
    // Swift accepts more than JSON: a leading plus or zero, a decimal point at the start or the end.
    guard let first = digits.first, first.isNumber, text.last?.isNumber == true,
      !(first == "0" && digits.dropFirst().first?.isNumber == true),
      !text.contains(".e"), !text.contains(".E")
    else { return nil }
    rest = rest.dropFirst(characters.count)
    if text.contains(where: { ".eE".contains($0) }) {
      return Double(text).flatMap { $0.isFinite ? .number($0) : nil }
    }
    return Int(text).map { .integer($0) }
  }

  private mutating func text() -> String? {
    guard rest.first == UInt8(ascii: "\"") else { return nil }
    rest = rest.dropFirst()
    var bytes: [UInt8] = []
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "\""): return String(validating: bytes, as: UTF8.self)
      case 0..<0x20: return nil
      case UInt8(ascii: "\\"):
        guard let scalar = escaped() else { return nil }
        bytes += Array(String(scalar).utf8)
      default: bytes.append(byte)
      }
    }
    return nil
  }

  /// The character that an escape sequence stands for, after the backslash.
  private mutating func escaped() -> Unicode.Scalar? {
    switch rest.popFirst() {
    case UInt8(ascii: "\""): "\""
    case UInt8(ascii: "\\"): "\\"
    case UInt8(ascii: "/"): "/"
    case UInt8(ascii: "b"): "\u{8}"
    case UInt8(ascii: "f"): "\u{C}"
    case UInt8(ascii: "n"): "\n"
    case UInt8(ascii: "r"): "\r"
    case UInt8(ascii: "t"): "\t"
    case UInt8(ascii: "u"): unicode()
    default: nil
    }
  }

  /// A character from four hexadecimal digits, or from a surrogate pair.
  private mutating func unicode() -> Unicode.Scalar? {
    guard let high = hexadecimal() else { return nil }
    if let scalar = Unicode.Scalar(high) { return scalar }
    guard (0xD800..<0xDC00).contains(high), rest.starts(with: "\\u".utf8) else { return nil }
    rest = rest.dropFirst(2)
    guard let low = hexadecimal(), (0xDC00..<0xE000).contains(low) else { return nil }
    return Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
  }

  private mutating func hexadecimal() -> UInt32? {
    let digits = rest.prefix(4)
    let isHexadecimal = digits.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
    guard digits.count == 4, isHexadecimal else { return nil }
    rest = rest.dropFirst(4)
    return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
  }
}
