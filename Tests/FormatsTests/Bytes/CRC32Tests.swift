import SARSAFormats
import Testing

@Suite("The checksum of zip")
struct CRC32Tests {
  /// The definition: a bit at a time.
  private func reference(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var register = ~UInt32(0)
    for byte in bytes {
      register ^= UInt32(byte)
      for _ in 0..<8 {
        register = register & 1 == 0 ? register >> 1 : register >> 1 ^ 0xEDB8_8320
      }
    }
    return ~register
  }

  @Test("is the published one of known texts")
  func knownValues() {
    for (text, checksum) in [
      ("", 0), ("a", 0xE8B7_BE43), ("123456789", 0xCBF4_3926),
      ("The quick brown fox jumps over the lazy dog", 0x414F_A339),
    ] as [(String, UInt32)] {
      #expect(CRC32.checksum(of: Array(text.utf8)) == checksum, "\(text)")
    }
    #expect(CRC32.checksum(of: [UInt8](repeating: 0, count: 32)) == 0x190A_55AD)
  }

  @Test("is that of the definition for every length, from every place, in one piece or two")
  func definition() {
    let bytes = (0..<100).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ 13) }
    for start in 0..<9 {
      for end in start...start + 41 {
        let expected = reference(bytes[start..<end])
        #expect(CRC32.checksum(of: bytes.span.extracting(start..<end)) == expected)
        for middle in stride(from: start, through: end, by: 5) {
          var pieces = CRC32()
          pieces.update(unsafe bytes.span.extracting(start..<middle).bytes)
          pieces.update(Array(bytes[middle..<end]))
          #expect(pieces.value == expected, "\(start)..<\(middle)..<\(end)")
        }
      }
    }
  }
}
