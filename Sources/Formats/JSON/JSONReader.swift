/// Reads JSON strictly, value by value, as RFC 8259 has it.
///
/// The caller says which value must come next, so that a file's structure is checked while it is read, an
/// integer is never rounded to a number of floating point, and every error has its place in the text. A
/// name that an object has twice is refused, also if one of them is written with escapes.
///
/// ```swift
/// var reader = JSONReader(text)
/// try reader.object { reader, name throws(JSONError) in
///   switch name {
///   case "steps": steps = try reader.integer(in: 0...100)
///   default: throw reader.error("'\(name)'; allowed: steps")
///   }
/// }
/// try reader.end()
/// ```
///
/// - Complexity: O(n).
package struct JSONReader: Sendable {
  private let bytes: [UInt8]
  private var offset = 0
  /// The lists and objects around the next value.
  private var depth = 0

  /// The largest number of lists and objects within each other.
  package static let depthLimit = 64

  /// Reads a text in UTF-8.
  package init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Reads a text.
  package init(_ text: String) {
    self.init(Array(text.utf8))
  }

  /// The error of the next value or of the last character that was read.
  package func error(_ reason: String) -> JSONError {
    JSONError(reason, at: offset, in: bytes)
  }

  /// Checks that nothing follows.
  package mutating func end() throws(JSONError) {
    skipSpace()
    guard offset == bytes.count else { throw error("expected the end") }
  }
}

// MARK: - Values

extension JSONReader {
  /// What a value is.
  package enum Kind: Sendable {
    case null, boolean, number, text, list, object
  }

  /// A number as it is written.
  package enum Number: Hashable, Sendable {
    /// Without point and exponent.
    case integer(Int)
    /// Without point and exponent, and above `Int.max`.
    case unsigned(UInt64)
    /// With one of them.
    case floating(Double)
  }

  /// The kind of the next value, by its first character.
  package mutating func kind() throws(JSONError) -> Kind {
    skipSpace()
    switch next {
    case UInt8(ascii: "n"): return .null
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .boolean
    case UInt8(ascii: "\""): return .text
    case UInt8(ascii: "["): return .list
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "-"), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return .number
    default: throw error("expected a value")
    }
  }

  /// Reads null, if it is next.
  package mutating func takeNull() -> Bool {
    take("null")
  }

  /// Reads true or false.
  package mutating func boolean() throws(JSONError) -> Bool {
    if take("true") { return true }
    guard take("false") else { throw error("expected true or false") }
    return false
  }

  /// Reads a whole number in a range, written without point and exponent.
  ///
  /// It is not −0, which other readers take for a number of floating point.
  package mutating func integer(in range: ClosedRange<Int>) throws(JSONError) -> Int {
    skipSpace()
    let start = self
    let isNegative = next == UInt8(ascii: "-")
    guard case .integer(let value)? = try? number(), range.contains(value),
      value != 0 || !isNegative
    else {
      throw start.error("expected a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// Reads a number: an integer of 64 bits, or a finite number of double precision.
  ///
  /// - Parameter roundsIntegers: whether a larger integer is a number of double precision, and not an error.
  /// - Returns: the number.
  /// - Throws: `JSONError` for what is no such number.
  package mutating func number(
    roundingIntegers roundsIntegers: Bool = false
  ) throws(JSONError) -> Number {
    skipSpace()
    var end = offset
    func isNext(_ characters: StaticString) -> Bool {
      end < bytes.count && "\(characters)".utf8.contains(bytes[end])
    }
    /// The number of digits that were skipped.
    func digits() -> Int {
      let start = end
      while end < bytes.count, (0x30...0x39).contains(bytes[end]) { end += 1 }
      return end - start
    }
    if isNext("-") { end += 1 }
    let isZero = isNext("0")
    let count = digits()
    guard count > 0 else { throw error("expected a number") }
    guard count == 1 || !isZero else { throw error("a number has no leading zero") }
    var isInteger = true
    if isNext(".") {
      isInteger = false
      end += 1
      guard digits() > 0 else { throw error("a number has digits after its point") }
    }
    if isNext("eE") {
      isInteger = false
      end += 1
      if isNext("+-") { end += 1 }
      guard digits() > 0 else { throw error("a number has digits in its exponent") }
    }
    let text = String(decoding: bytes[offset..<end], as: UTF8.self)
    let value: Number
    if isInteger, let integer = Int(text) {
      value = .integer(integer)
    } else if isInteger, let integer = UInt64(text) {
      value = .unsigned(integer)
    } else if isInteger && !roundsIntegers {
      throw error("an integer has up to 64 bits")
    } else {
      guard let number = Double(text), number.isFinite else {
        throw error("a number has double precision, and is finite")
      }
      value = .floating(number)
    }
    offset = end
    return value
  }

  /// Reads a list, whose elements the closure reads, one with each call.
  package mutating func list(
    _ element: (inout JSONReader) throws(JSONError) -> Void
  ) throws(JSONError) {
    try enter("[")
    if !take("]") {
      repeat { try element(&self) } while take(",")
      guard take("]") else { throw error("expected ',' or ']'") }
    }
    depth -= 1
  }

  /// Reads an object, whose values the closure reads, one with each call.
  package mutating func object(
    _ member: (inout JSONReader, String) throws(JSONError) -> Void
  ) throws(JSONError) {
    try enter("{")
    if !take("}") {
      var names: Set<String> = []
      repeat {
        skipSpace()
        let start = self
        let name = try text()
        guard names.insert(name).inserted else {
          throw start.error("the name '\(name)' occurs twice")
        }
        guard take(":") else { throw error("expected ':'") }
        try member(&self, name)
      } while take(",")
      guard take("}") else { throw error("expected ',' or '}'") }
    }
    depth -= 1
  }

  private mutating func enter(_ bracket: StaticString) throws(JSONError) {
    guard depth < Self.depthLimit else {
      throw error("lists and objects are more than \(Self.depthLimit) deep")
    }
    guard take(bracket) else { throw error("expected '\(bracket)'") }
    depth += 1
  }
}

// MARK: - Text

extension JSONReader {
  /// Reads a text.
  package mutating func text() throws(JSONError) -> String {
    guard take("\"") else { throw error("expected '\"'") }
    var units: [UInt8] = []
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: units, as: UTF8.self) else {
          throw error("a text is not UTF-8")
        }
        offset += 1
        return text
      case UInt8(ascii: "\\"):
        offset += 1
        units.append(contentsOf: String(try escaped()).utf8)
      case 0..<0x20: throw error("a text has a control character; allowed: \\u and four digits")
      default:
        units.append(byte)
        offset += 1
      }
    }
    throw error("a text does not end")
  }

  /// The character that an escape sequence stands for, after the backslash.
  private mutating func escaped() throws(JSONError) -> Unicode.Scalar {
    guard let byte = next else { throw error("a text does not end") }
    let scalar: Unicode.Scalar
    switch Unicode.Scalar(byte) {
    case "\"", "\\", "/": scalar = Unicode.Scalar(byte)
    case "b": scalar = "\u{8}"
    case "f": scalar = "\u{C}"
    case "n": scalar = "\n"
    case "r": scalar = "\r"
    case "t": scalar = "\t"
    case "u":
      offset += 1
      return try unicode()
    default: throw error("an unknown escape; allowed after \\: \" \\ / b f n r t u")
    }
    offset += 1
    return scalar
  }

  /// A character from four hexadecimal digits, or from a surrogate pair.
  private mutating func unicode() throws(JSONError) -> Unicode.Scalar {
    let high = try hexadecimal()
    if let scalar = Unicode.Scalar(high) { return scalar }
    guard (0xD800..<0xDC00).contains(high), take("\\u", skippingSpace: false) else {
      throw error("half a surrogate pair")
    }
    let low = try hexadecimal()
    guard (0xDC00..<0xE000).contains(low),
      let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
    else { throw error("half a surrogate pair") }
    return scalar
  }

  private mutating func hexadecimal() throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw error("expected four hexadecimal digits")
      }
      value = value << 4 | UInt32(digit)
      offset += 1
    }
    return value
  }

  private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      offset += 1
    }
  }

  /// Consumes characters if they are next.
  private mutating func take(_ characters: StaticString, skippingSpace: Bool = true) -> Bool {
    if skippingSpace { skipSpace() }
    guard bytes[offset...].starts(with: "\(characters)".utf8) else { return false }
    offset += characters.utf8CodeUnitCount
    return true
  }
}
