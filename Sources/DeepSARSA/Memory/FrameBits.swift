internal import SARSAPreconditions

/// How an observation of zeros and ones is packed into floats: a frame.
///
/// A float holds 31 bits. The highest bit of its exponent stays 0, so that every pattern is a finite number,
/// and a frame can be copied, compared and written to files as any other numbers.
struct FrameBits: Hashable, Sendable {
  /// The numbers of an observation.
  let count: Int

  static let bitsPerWord = 31

  /// The floats of a frame.
  var words: Int { (count + Self.bitsPerWord - 1) / Self.bitsPerWord }

  /// The float of 31 bits: the last one is the sign.
  static func word(_ bits: UInt32) -> Float {
    Float(bitPattern: bits & 0x3FFF_FFFF | (bits & 0x4000_0000) << 1)
  }

  /// The 31 bits of a float.
  static func bits(of word: Float) -> UInt32 {
    word.bitPattern & 0x3FFF_FFFF | (word.bitPattern & 0x8000_0000) >> 1
  }

  /// The bits of a word that has some.
  private func bits(in word: Int) -> Int { min(Self.bitsPerWord, count - word * Self.bitsPerWord) }

  /// Packs the observation that begins at `start` into the frame that begins at `place`.
  ///
  /// - Precondition: its numbers are 0 and 1.
  /// - Complexity: O(count), no allocation.
  func pack(
    _ observations: [Float], from start: Int, into frame: inout MutableSpan<Float>,
    at place: Int = 0
  ) {
    var areBits = true
    for word in 0..<words {
      let first = start + word * Self.bitsPerWord
      var bits: UInt32 = 0
      for i in 0..<self.bits(in: word) {
        let number = observations[first + i]
        if number != 0 { bits |= 1 << UInt32(i) }
        areBits = areBits && (number == 0 || number == 1)
      }
      frame[place + word] = Self.word(bits)
    }
    require(areBits, "an observation has other numbers than its space; allowed: 0 and 1")
  }

  /// Widens the frame that begins at `place` to an observation of zeros and ones that begins at `start`.
  ///
  /// - Complexity: O(count), no allocation.
  @inline(__always)
  func widen(
    _ frames: Span<Float>, at place: Int, into observations: inout MutableSpan<Float>,
    at start: Int
  ) {
    for word in 0..<words {
      let bits = Self.bits(of: frames[place + word])
      let first = start + word * Self.bitsPerWord
      for i in 0..<self.bits(in: word) { observations[first + i] = Float(bits &>> UInt32(i) & 1) }
    }
  }

  /// The first float of a frame that packing gives for no observation, and what is allowed.
  func firstImpossible(in frame: Span<Float>, at place: Int = 0) -> (index: Int, allowed: String)? {
    for word in 0..<words {
      let (number, count) = (frame[place + word], bits(in: word))
      let bits = Self.bits(of: number)
      if bits >> UInt32(count) != 0 || Self.word(bits).bitPattern != number.bitPattern {
        return (place + word, "\(count) bits of an observation")
      }
    }
    return nil
  }
}
