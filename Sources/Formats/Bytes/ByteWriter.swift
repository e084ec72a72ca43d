/// Writes values to bytes in memory, with every number in little-endian order.
package struct ByteWriter: Sendable {
  /// What was written.
  package private(set) var bytes: [UInt8] = []

  /// The number of bytes that were written.
  package var count: Int { bytes.count }

  /// Nothing, with room for a number of bytes.
  package init(capacity: Int = 0) {
    bytes.reserveCapacity(capacity)
  }

  /// Removes what was written and keeps the allocated memory.
  package mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
  }

  /// Appends an integer.
  package mutating func append(_ value: some FixedWidthInteger) {
    for shift in stride(from: 0, to: value.bitWidth, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }

  /// Appends a number of single precision.
  package mutating func append(_ value: Float) { append(value.bitPattern) }

  /// Appends a number of double precision.
  package mutating func append(_ value: Double) { append(value.bitPattern) }

  /// Appends text in UTF-8, without its length.
  package mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

  /// Appends bytes.
  package mutating func append(contentsOf other: some Sequence<UInt8>) {
    bytes.append(contentsOf: other)
  }

  /// The CRC-32 of all bytes from an offset on.
  package func checksum(from offset: Int) -> UInt32 {
    CRC32.checksum(of: bytes.span.extracting(offset..<bytes.count))
  }

  /// Replaces the bytes of an integer that was written as something else, such as a length.
  ///
  /// - Precondition: as many bytes were written from the offset on.
  package mutating func replace(at offset: Int, with value: some FixedWidthInteger) {
    for i in 0..<value.bitWidth / 8 {
      bytes[offset + i] = UInt8(truncatingIfNeeded: value >> (8 * i))
    }
  }
}
