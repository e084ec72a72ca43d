/// A cyclic redundancy check of 32 bits, whose polynomial and register are reflected.
///
/// ```swift
/// var checksum = CRC32()
/// checksum.update(header)
/// checksum.update(payload)
/// print(checksum.value)
/// ```
package struct CRC32: Hashable, Sendable {
  /// The polynomial by which the bytes are divided, with its bits reflected.
  package enum Polynomial: UInt32, Sendable {
    /// 0x04C11DB7, of zip, gzip and zlib.
    case zip = 0xEDB8_8320
    /// 0x1EDC6F41, of CRC-32C, which TensorBoard's files have.
    ///
    /// Source: G. Castagnoli et al. 1993, https://doi.org/10.1109/26.231911.
    case castagnoli = 0x82F6_3B78
  }

  private let polynomial: Polynomial
  /// The register, kept inverted as the definition has it.
  private var register = ~UInt32(0)

  /// The checksum of zero bytes.
  package init(_ polynomial: Polynomial = .zip) {
    self.polynomial = polynomial
  }

  /// Goes on from the checksum of some bytes.
  package init(continuing value: UInt32, _ polynomial: Polynomial = .zip) {
    self.polynomial = polynomial
    register = ~value
  }

  /// The checksum of all bytes so far.
  package var value: UInt32 { ~register }

  /// Adds bytes to the checksum.
  ///
  /// - Complexity: eight bytes at a time, by M. E. Kounavis and F. L. Berry, "A Systematic Approach to
  ///   Building High Performance Software-Based CRC Generators", 2005 ("slicing by 8").
  package mutating func update(_ bytes: RawSpan) {
    var register = register
    let tables = polynomial.tables.span
    // Table k is for a byte that is followed by k more bytes.
    func entry(_ table: Int, _ byte: UInt32) -> UInt32 {
      unsafe tables[unchecked: table << 8 | Int(byte & 0xFF)]
    }
    let whole = bytes.byteCount & ~7
    var place = 0
    while place < whole {
      let word = unsafe UInt64(
        littleEndian: bytes.unsafeLoadUnaligned(
          fromUncheckedByteOffset: place, as: UInt64.self))
      let low = UInt32(truncatingIfNeeded: word) ^ register
      let high = UInt32(truncatingIfNeeded: word &>> 32)
      register =
        entry(7, low) ^ entry(6, low &>> 8) ^ entry(5, low &>> 16) ^ entry(4, low &>> 24)
        ^ entry(3, high) ^ entry(2, high &>> 8) ^ entry(1, high &>> 16) ^ entry(0, high &>> 24)
      place &+= 8
    }
    while place < bytes.byteCount {
      let byte = unsafe bytes.unsafeLoad(fromUncheckedByteOffset: place, as: UInt8.self)
      register = entry(0, register ^ UInt32(byte)) ^ register &>> 8
      place &+= 1
    }
    self.register = register
  }

  /// Adds numbers, as they are in memory, to the checksum.
  package mutating func update<Element: BitwiseCopyable>(_ values: Span<Element>) {
    update(unsafe values.bytes)
  }

  /// Adds bytes to the checksum.
  package mutating func update(_ bytes: [UInt8]) {
    update(unsafe bytes.span.bytes)
  }

  /// The checksum of some bytes.
  package static func checksum(
    of bytes: Span<UInt8>, _ polynomial: Polynomial = .zip
  ) -> UInt32 {
    var result = CRC32(polynomial)
    result.update(unsafe bytes.bytes)
    return result.value
  }

  /// The checksum of some bytes.
  package static func checksum(of bytes: [UInt8], _ polynomial: Polynomial = .zip) -> UInt32 {
    checksum(of: bytes.span, polynomial)
  }

  /// The checksum of some bytes with others in a place of theirs, without a copy.
  package static func checksum(
    of bytes: [UInt8], replacing place: Range<Int>, with others: [UInt8]
  ) -> UInt32 {
    var result = CRC32()
    result.update(unsafe bytes.span.extracting(..<place.lowerBound).bytes)
    result.update(unsafe others.span.bytes)
    result.update(unsafe bytes.span.extracting(place.upperBound...).bytes)
    return result.value
  }
}

extension CRC32.Polynomial {
  /// The effect of a byte on the register [8 · 256]: followed by no byte, by one byte, and so on.
  fileprivate var tables: [UInt32] {
    switch self {
    case .zip: Self.zipTables
    case .castagnoli: Self.castagnoliTables
    }
  }

  private static let zipTables = zip.makeTables()
  private static let castagnoliTables = castagnoli.makeTables()

  private func makeTables() -> [UInt32] {
    var tables = (0..<256 as Range<UInt32>).map { byte in
      (0..<8).reduce(byte) { register, _ in
        register & 1 == 0 ? register >> 1 : register >> 1 ^ rawValue
      }
    }
    for i in 256..<8 * 256 {
      let last = tables[i - 256]
      tables.append(tables[Int(last & 0xFF)] ^ last >> 8)
    }
    return tables
  }
}
