internal import SARSAPreconditions

/// Reads values from bytes, from the first to the last, with every number in little-endian order.
///
/// ```swift
/// var reader = ByteReader(bytes)
/// let count = try reader.count(atMost: 100)
/// let values = try reader.floats(count)
/// guard reader.isAtEnd else { throw reader.error("the end") }
/// ```
///
/// The bytes may come from anywhere: too few of them, or values that are not allowed, are an error and
/// never a trap.
package struct ByteReader: Sendable {
  private let bytes: [UInt8]
  private let end: Int
  /// The number of bytes before the next value.
  package private(set) var offset: Int

  /// Reads all bytes.
  package init(_ bytes: [UInt8]) {
    self.init(bytes, in: bytes.indices)
  }

  /// Reads the bytes of a range; offsets count from the array's beginning.
  package init(_ bytes: [UInt8], in range: Range<Int>) {
    require(
      range.lowerBound >= 0 && range.upperBound <= bytes.count,
      "the range is % to %; allowed: 0 to %", range.lowerBound, range.upperBound, bytes.count)
    self.bytes = bytes
    offset = range.lowerBound
    end = range.upperBound
  }

  /// The number of bytes that were not read.
  package var remainingCount: Int { end - offset }

  /// Whether all bytes were read.
  package var isAtEnd: Bool { offset == end }

  /// The error that something else was expected before the next value.
  package func error(_ expected: String) -> ByteError {
    ByteError(offset: offset, expected: expected)
  }

  /// The next bytes.
  package mutating func bytes(
    _ count: Int, of what: @autoclosure () -> String = "data"
  ) throws(ByteError) -> ArraySlice<UInt8> {
    guard count >= 0, count <= remainingCount else {
      throw error("\(count) bytes of \(what()), not the end after \(remainingCount)")
    }
    defer { offset += count }
    return bytes[offset..<offset + count]
  }

  /// The next integer.
  package mutating func integer<Value: FixedWidthInteger>(
    _ type: Value.Type = Value.self
  ) throws(ByteError) -> Value {
    // By words of 64 bits: shifting a narrow type by a byte would lose all of it.
    let bits = try bytes(Value.bitWidth / 8, of: "\(type)").reversed().reduce(UInt64(0)) {
      $0 << 8 | UInt64($1)
    }
    return Value(truncatingIfNeeded: bits)
  }

  /// An unsigned integer of 64 bits with a limit.
  package mutating func count(atMost limit: Int = .max) throws(ByteError) -> Int {
    var next = self
    guard let value = Int(exactly: try next.integer(UInt64.self)), value <= limit else {
      throw error("a count up to \(limit)")
    }
    self = next
    return value
  }

  /// The next number of double precision.
  package mutating func double() throws(ByteError) -> Double {
    Double(bitPattern: try integer())
  }

  /// The next numbers of single precision.
  package mutating func floats(_ count: Int) throws(ByteError) -> [Float] {
    // Checked first, so that no memory is reserved for a count that is not true.
    guard count >= 0, count <= remainingCount / 4 else {
      throw error("\(count) numbers of 4 bytes, not the end after \(remainingCount) bytes")
    }
    var result: [Float] = []
    result.reserveCapacity(count)
    for _ in 0..<count { result.append(Float(bitPattern: try integer())) }
    return result
  }

  /// The next bytes as text.
  package mutating func text(_ count: Int) throws(ByteError) -> String {
    let start = self
    guard let text = String(validating: try bytes(count, of: "text"), as: UTF8.self) else {
      throw start.error("text in UTF-8")
    }
    return text
  }
}

/// Bytes that are not what a format has at their place.
package struct ByteError: Error, Hashable, CustomStringConvertible {
  /// The number of bytes before the place.
  package let offset: Int
  /// What the format has there.
  package let expected: String

  /// Makes the error of a place.
  package init(offset: Int, expected: String) {
    self.offset = offset
    self.expected = expected
  }

  /// One line with the place and what is allowed there.
  package var description: String { "at byte \(offset), expected \(expected)" }
}
