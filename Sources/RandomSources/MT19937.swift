internal import CSARSAMath
internal import SARSAPreconditions

/// The Mersenne Twister, bit-equal to numpy's older interface, `RandomState(seed)`.
///
/// Environments whose originals use that interface draw from it; everything else draws from `PCG64`,
/// which has a smaller state and better statistics. It is a value type: a copy has a copy of the stream,
/// and the state can be saved and restored.
///
/// Source: M. Matsumoto, T. Nishimura, "Mersenne Twister", 1998,
/// https://doi.org/10.1145/272991.272995, with the seeding of 2002; numpy's `legacy-distributions.c`
/// for the distributions.
public struct MT19937: Hashable, Sendable, RandomNumberGenerator {
  /// The state vector; a draw tempers one word after the other.
  private var key: [UInt32]
  /// The index of the next word; at the end of the vector a new vector is generated first.
  private var position = Self.wordCount
  /// The second number of the last normal pair, if only the first has been drawn.
  private var pending: Double?

  private static let wordCount = 624
  private static let middle = 397

  /// Starts the stream of a seed: `RandomState(seed)`.
  ///
  /// numpy refuses seeds of 2³² and more. Here they give the stream of
  /// `RandomState([seed % 2**32, seed // 2**32])`.
  public init(seed: UInt64) {
    let halves = [UInt32(truncatingIfNeeded: seed), UInt32(seed >> 32)]
    key = halves[1] == 0 ? Self.filled(from: halves[0]) : Self.mixed(halves)
  }

  /// Starts the stream of several words: `RandomState([…])`.
  ///
  /// - Precondition: at least one word.
  public init(words: [UInt32]) {
    require(!words.isEmpty, "the seed has no words; allowed: 1 word or more")
    key = Self.mixed(words)
  }

  private static func mixed(_ words: [UInt32]) -> [UInt32] {
    var key = filled(from: 19_650_218)
    var place = 0
    func mix(by multiplier: UInt32, adding word: (_ place: Int) -> UInt32) {
      let before = key[place]
      key[place + 1] ^= (before ^ before >> 30) &* multiplier
      key[place + 1] &+= word(place + 1)
      place += 1
      if place == wordCount - 1 {
        // A round starts from the last word of the previous round.
        key[0] = key[place]
        place = 0
      }
    }
    for i in 0..<max(wordCount, words.count) {
      let j = i % words.count
      mix(by: 1_664_525) { _ in words[j] &+ UInt32(j) }
    }
    for _ in 1..<wordCount {
      mix(by: 1_566_083_941) { 0 &- UInt32($0) }
    }
    key[0] = 1 << 31
    return key
  }

  private static func filled(from seed: UInt32) -> [UInt32] {
    var word = seed
    return (1...UInt32(wordCount)).map { i in
      defer { word = 1_812_433_253 &* (word ^ word >> 30) &+ i }
      return word
    }
  }

  /// The next 32 bits.
  public mutating func next32() -> UInt32 {
    if position == Self.wordCount { twist() }
    var word = key[position]
    position += 1
    word ^= word >> 11
    word ^= word << 7 & 0x9d2c_5680
    word ^= word << 15 & 0xefc6_0000
    return word ^ word >> 18
  }

  private mutating func twist() {
    for i in 0..<Self.wordCount {
      let next = i + 1 < Self.wordCount ? i + 1 : 0
      let other = i + Self.middle
      let joined = key[i] & 0x8000_0000 | key[next] & 0x7fff_ffff
      key[i] =
        key[other < Self.wordCount ? other : other - Self.wordCount] ^ joined >> 1
        ^ (joined & 1) &* 0x9908_b0df
    }
    position = 0
  }

  /// The next 64 bits, high half first.
  public mutating func next() -> UInt64 {
    let high = UInt64(next32())
    return high << 32 | UInt64(next32())
  }

  /// A number in [0, 1), a multiple of 2⁻⁵³ (`random_sample()`, `rand()`).
  public mutating func random() -> Double {
    let high = UInt64(next32() >> 5)
    return Double(high << 26 | UInt64(next32() >> 6)) * 0x1p-53
  }

  /// A uniform integer in 0..<bound (`randint(bound)`, also used by `choice(bound)`).
  ///
  /// Draws are masked to the bits of the largest value, and repeated if they exceed it; a bound of 1 draws
  /// no number.
  ///
  /// - Precondition: the bound is positive.
  public mutating func integer(below bound: Int) -> Int {
    require(bound > 0, "bound is %; allowed: 1 or more", bound)
    let largest = UInt64(bound - 1)
    if largest == 0 { return 0 }
    let mask = UInt64.max >> UInt64(largest.leadingZeroBitCount)
    while true {
      let draw = (mask <= UInt64(UInt32.max) ? UInt64(next32()) : next()) & mask
      if draw <= largest { return Int(draw) }
    }
  }

  /// True or false with probability 1/2 each (`binomial(1, 0.5)`, which is 1 for true).
  public mutating func coin() -> Bool { random() > 0.5 }

  /// A number from the normal distribution with mean 0 and variance 1 (`randn()`).
  ///
  /// Marsaglia's polar method generates two numbers at a time; the second one is buffered.
  /// Source: G. Marsaglia, T. A. Bray 1964, https://doi.org/10.1137/1006063.
  public mutating func normal() -> Double {
    if let waiting = pending {
      pending = nil
      return waiting
    }
    while true {
      let (u, v) = (2 * random() - 1, 2 * random() - 1)
      let square = u * u + v * v
      if square > 0 && square < 1 {
        let factor = (-2 * sarsa_log(square) / square).squareRoot()
        pending = factor * u
        return factor * v
      }
    }
  }
}

// MARK: - Saving the state

extension MT19937 {
  /// The generator's state, as returned by `RandomState.get_state()`.
  public struct State: Hashable, Codable, Sendable {
    /// The state vector, 624 words.
    public var key: [UInt32]
    /// The number of words drawn from the vector, 0…624.
    public var position: Int
    /// The buffered normal number, if there is one.
    public var pending: Double?
  }

  /// The state, to be saved.
  public var written: State { State(key: key, position: position, pending: pending) }

  /// Restores a state.
  ///
  /// - Returns: `nil` for an invalid state: not 624 words, a position beyond them, a normal number that is
  ///   NaN or infinite, or a vector of zeros, which would generate only zeros.
  public init?(_ written: State) {
    guard written.key.count == Self.wordCount, (0...Self.wordCount).contains(written.position),
      written.pending?.isFinite ?? true,
      written.key[0] >> 31 == 1 || written.key.dropFirst().contains(where: { $0 != 0 })
    else { return nil }
    key = written.key
    position = written.position
    pending = written.pending
  }
}

extension MT19937: Codable {
  /// Reads a state.
  public init(from decoder: any Decoder) throws {
    let written = try State(from: decoder)
    guard let restored = MT19937(written) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "not a valid state of MT19937"))
    }
    self = restored
  }

  /// Writes the state.
  public func encode(to encoder: any Encoder) throws {
    try written.encode(to: encoder)
  }
}
