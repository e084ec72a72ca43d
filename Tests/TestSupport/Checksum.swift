/// CRC-32 of words, each with its low byte first, as Python's `zlib.crc32` has it.
///
/// It is the definition, a bit at a time: what a fixture was summed up by must not depend on what is
/// tested.
public struct Checksum {
  private var register = ~UInt32(0)

  /// The checksum of nothing so far.
  public init() {}

  /// The checksum of all words so far.
  public var value: UInt32 { ~register }

  /// Takes another word.
  public mutating func update(_ word: UInt32) {
    register ^= word
    for _ in 0..<32 { register = register >> 1 ^ (register & 1) &* 0xEDB8_8320 }
  }

  /// Takes a number's bits, low word first.
  public mutating func update(_ number: Double) {
    update(UInt32(truncatingIfNeeded: number.bitPattern))
    update(UInt32(number.bitPattern >> 32))
  }
}
