/// Derives well-mixed words, and many independent streams, from a seed of any size.
///
/// Bit-equal to numpy's `SeedSequence(entropy, spawn_key=…)`. Streams differ by their spawn key: two
/// sequences with the same entropy and different keys are independent.
///
/// ```swift
/// let seeds = SeedSequence(42)
/// var exploration = PCG64(seeds.spawned(1))
/// var replay = PCG64(seeds.spawned(2))
/// ```
///
/// Source: M. E. O'Neill, "Developing a seed_seq Alternative", 2015; numpy's `bit_generator`.
public struct SeedSequence: Hashable, Sendable {
  /// The seed's 32-bit words, least significant first, without leading zeros; zero is one word.
  public let entropy: [UInt32]

  /// The spawn key, which distinguishes this sequence from others with the same entropy.
  public let spawnKey: [UInt32]

  /// The four mixed words from which states are generated.
  private let pool: [UInt32]

  /// Makes a sequence from a seed of up to 64 bits.
  public init(_ seed: UInt64, spawnKey: [UInt32] = []) {
    self.init(words: [UInt32(truncatingIfNeeded: seed), UInt32(seed >> 32)], spawnKey: spawnKey)
  }

  /// Makes a sequence from a seed of any size, as 32-bit words, least significant first.
  public init(words: [UInt32], spawnKey: [UInt32] = []) {
    let significant = words.lastIndex { $0 != 0 }.map { Array(words[...$0]) } ?? [0]
    self.entropy = significant
    self.spawnKey = spawnKey
    self.pool = Self.mixed(entropy: significant, spawnKey: spawnKey)
  }

  /// Makes a sequence from a seed written in decimal digits, of any length.
  ///
  /// - Returns: `nil` if the text has other characters than digits, or none.
  /// - Complexity: O(d²) for d digits.
  public init?(decimal text: some StringProtocol, spawnKey: [UInt32] = []) {
    guard !text.isEmpty else { return nil }
    var words: [UInt32] = [0]
    for character in text {
      guard character.isASCII, let digit = character.wholeNumberValue else { return nil }
      var carry = UInt64(digit)
      for i in words.indices {
        carry += UInt64(words[i]) * 10
        words[i] = UInt32(truncatingIfNeeded: carry)
        carry >>= 32
      }
      if carry > 0 { words.append(UInt32(carry)) }
    }
    self.init(words: words, spawnKey: spawnKey)
  }

  /// The child sequence with a spawn key.
  public func spawned(_ key: UInt32...) -> SeedSequence {
    SeedSequence(words: entropy, spawnKey: spawnKey + key)
  }

  /// The first 32-bit words of the sequence's output, which are the same at each call.
  ///
  /// - Complexity: O(count), one allocation.
  public func generateState(count: Int) -> [UInt32] {
    var hash: UInt32 = 0x8b51_f9dd
    return (0..<count).map { i in
      var word = pool[i % 4] ^ hash
      hash &*= 0x58f3_8ded
      word &*= hash
      return word ^ (word >> 16)
    }
  }

  /// The first 64-bit words of the sequence's output, low half first.
  public func generateState64(count: Int) -> [UInt64] {
    let words = generateState(count: 2 * count)
    return (0..<count).map { UInt64(words[2 * $0]) | UInt64(words[2 * $0 + 1]) << 32 }
  }

  private static func mixed(entropy: [UInt32], spawnKey: [UInt32]) -> [UInt32] {
    // A spawn key must not be mistaken for more entropy, so short entropy is padded before it.
    let padding = spawnKey.isEmpty ? 0 : max(0, 4 - entropy.count)
    let words = entropy + [UInt32](repeating: 0, count: padding) + spawnKey

    var hash: UInt32 = 0x43b0_d7e5
    func hashed(_ word: UInt32) -> UInt32 {
      var word = word ^ hash
      hash &*= 0x931e_8875
      word &*= hash
      return word ^ (word >> 16)
    }
    func mixed(_ x: UInt32, _ y: UInt32) -> UInt32 {
      let result = 0xca01_f9dd &* x &- 0x4973_f715 &* y
      return result ^ (result >> 16)
    }

    var pool = (0..<4).map { hashed($0 < words.count ? words[$0] : 0) }
    for source in 0..<4 {
      for target in 0..<4 where target != source {
        pool[target] = mixed(pool[target], hashed(pool[source]))
      }
    }
    for word in words.dropFirst(4) {
      for target in 0..<4 {
        pool[target] = mixed(pool[target], hashed(word))
      }
    }
    return pool
  }
}
