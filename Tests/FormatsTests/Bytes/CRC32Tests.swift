import SARSAFormats
import Testing

@Suite("Cyclic redundancy checks")
struct CRC32Tests {
  /// The definition: a bit at a time.
  private func reference(
    _ bytes: some Sequence<UInt8>, _ polynomial: CRC32.Polynomial
  ) -> UInt32 {
    var register = ~UInt32(0)
    for byte in bytes {
      register ^= UInt32(byte)
      for _ in 0..<8 {
        register = register & 1 == 0 ? register >> 1 : register >> 1 ^ polynomial.rawValue
      }
    }
    return ~register
  }

  @Test("that of zip is the published one of known texts")
  func knownValues() {
    for (text, checksum) in [
      ("", 0), ("a", 0xE8B7_BE43), ("123456789", 0xCBF4_3926),
      ("The quick brown fox jumps over the lazy dog", 0x414F_A339),
    ] as [(String, UInt32)] {
      #expect(CRC32.checksum(of: Array(text.utf8)) == checksum, "\(text)")
    }
    #expect(CRC32.checksum(of: [UInt8](repeating: 0, count: 32)) == 0x190A_55AD)
  }

  @Test("CRC-32C is the published one of the catalogue's text and of RFC 3720's blocks")
  func castagnoli() {
    #expect(CRC32.checksum(of: Array("123456789".utf8), .castagnoli) == 0xE306_9283)
    #expect(CRC32.checksum(of: [], .castagnoli) == 0)
    for (block, checksum) in [
      (Array(repeating: 0, count: 32), 0x8A91_36AA),
      (Array(repeating: 0xFF, count: 32), 0x62A8_AB43),
      (Array(0..<32), 0x46DD_794E), (Array((0..<32).reversed()), 0x113F_DB5C),
    ] as [([UInt8], UInt32)] {
      #expect(CRC32.checksum(of: block, .castagnoli) == checksum)
    }
  }

  @Test(
    "are those of the definition for every length, from every place, in one piece or two",
    arguments: [CRC32.Polynomial.zip, .castagnoli])
  func definition(polynomial: CRC32.Polynomial) {
    let bytes = (0..<100).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ 13) }
    for start in 0..<9 {
      for end in start...start + 41 {
        let expected = reference(bytes[start..<end], polynomial)
        #expect(CRC32.checksum(of: bytes.span.extracting(start..<end), polynomial) == expected)
        for middle in stride(from: start, through: end, by: 5) {
          var pieces = CRC32(polynomial)
          pieces.update(unsafe bytes.span.extracting(start..<middle).bytes)
          pieces.update(Array(bytes[middle..<end]))
          #expect(pieces.value == expected, "\(start)..<\(middle)..<\(end)")
        }
      }
    }
  }
}
