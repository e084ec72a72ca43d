internal import CSARSAMath
internal import SARSAPreconditions

/// The permuted congruential generator PCG XSL RR 128/64, bit-equal to numpy's `Generator(PCG64(…))`.
///
/// Every method returns the numbers of the named numpy method, so a seed gives the same numbers as in
/// numpy. It is a value type: a copy has a copy of the stream, and the state can be saved and restored.
///
/// Source: M. E. O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good
/// Algorithms for Random Number Generation", Harvey Mudd College HMC-CS-2014-0905.
public struct PCG64: Hashable, Sendable, RandomNumberGenerator {
  private var state: UInt128
  private var increment: UInt128
  /// The high half of the last word, if only its low half has been used.
  private var buffered: UInt32?

  /// Starts the stream of a seed sequence.
  public init(_ seeds: SeedSequence) {
    let words = seeds.generateState64(count: 4)
    self.state = 0
    self.increment = (UInt128(words[2]) << 64 | UInt128(words[3])) << 1 | 1
    step()
    self.state &+= UInt128(words[0]) << 64 | UInt128(words[1])
    step()
  }

  /// Starts the stream of a seed.
  public init(seed: UInt64) {
    self.init(SeedSequence(seed))
  }

  private mutating func step() {
    let multiplier: UInt128 = 0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645
    state = state &* multiplier &+ increment
  }

  /// The next 64 bits (`bit_generator.random_raw`).
  public mutating func next() -> UInt64 {
    step()
    let folded = UInt64(truncatingIfNeeded: state >> 64) ^ UInt64(truncatingIfNeeded: state)
    let rotation = UInt64(truncatingIfNeeded: state >> 122)
    return folded &>> rotation | folded &<< (64 &- rotation)
  }

  /// The next 32 bits: the low half of a new word, then its high half.
  ///
  /// A draw of 64 bits in between keeps the buffered half, as in numpy.
  public mutating func next32() -> UInt32 {
    if let half = buffered {
      buffered = nil
      return half
    }
    let word = next()
    buffered = UInt32(word >> 32)
    return UInt32(truncatingIfNeeded: word)
  }

  /// A number in [0, 1), a multiple of 2⁻⁵³ (`random()`).
  public mutating func random() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// A number between two bounds (`uniform(low, high)`).
  public mutating func uniform(_ low: Double, _ high: Double) -> Double {
    let range = high - low
    return low + range * random()
  }

  /// A number from the normal distribution with mean 0 and variance 1, by Marsaglia's polar method.
  ///
  /// These are not numpy's numbers: it draws them from a table.
  /// Source: G. Marsaglia, T. A. Bray 1964, https://doi.org/10.1137/1006063.
  public mutating func normal() -> Double {
    while true {
      let (u, v) = (uniform(-1, 1), uniform(-1, 1))
      let square = u * u + v * v
      if square > 0 && square < 1 { return u * (-2 * sarsa_log(square) / square).squareRoot() }
    }
  }

  /// A uniform integer in 0..<bound (`integers(bound)`).
  ///
  /// Bounds up to 2³² use Lemire's method with 32 bits, larger ones with 64; a bound of 1 draws no number.
  /// Source: D. Lemire, "Fast Random Integer Generation in an Interval", 2019,
  /// https://doi.org/10.1145/3230636.
  ///
  /// - Precondition: the bound is positive.
  public mutating func integer(below bound: Int) -> Int {
    require(bound > 0, "bound is %; allowed: 1 or more", bound)
    if bound == 1 { return 0 }
    if bound < 1 << 32 {
      let n = UInt32(bound)
      var product = UInt64(next32()) * UInt64(n)
      if UInt32(truncatingIfNeeded: product) < n {
        let threshold = (0 &- n) % n
        while UInt32(truncatingIfNeeded: product) < threshold {
          product = UInt64(next32()) * UInt64(n)
        }
      }
      return Int(product >> 32)
    }
    if bound == 1 << 32 { return Int(next32()) }
    let n = UInt64(bound)
    var product = next().multipliedFullWidth(by: n)
    if product.low < n {
      let threshold = (0 &- n) % n
      while product.low < threshold { product = next().multipliedFullWidth(by: n) }
    }
    return Int(product.high)
  }
}

// MARK: - Saving the state

extension PCG64 {
  /// The generator's state as 64-bit words.
  public struct State: Hashable, Codable, Sendable {
    /// The 128-bit state, high half first.
    public var state: [UInt64]
    /// The 128-bit increment, high half first; it is odd.
    public var increment: [UInt64]
    /// The buffered half word, if there is one.
    public var buffered: UInt32?
  }

  /// The state, to be saved.
  public var written: State {
    func halves(_ word: UInt128) -> [UInt64] {
      [UInt64(word >> 64), UInt64(truncatingIfNeeded: word)]
    }
    return State(state: halves(state), increment: halves(increment), buffered: buffered)
  }

  /// Restores a state.
  ///
  /// - Returns: `nil` for an invalid state: not two halves each, or an even increment.
  public init?(_ written: State) {
    guard written.state.count == 2, written.increment.count == 2, written.increment[1] % 2 == 1
    else { return nil }
    self.state = UInt128(written.state[0]) << 64 | UInt128(written.state[1])
    self.increment = UInt128(written.increment[0]) << 64 | UInt128(written.increment[1])
    self.buffered = written.buffered
  }
}

extension PCG64: Codable {
  /// Reads a state.
  public init(from decoder: any Decoder) throws {
    let written = try State(from: decoder)
    guard let restored = PCG64(written) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "not a valid state of PCG64"))
    }
    self = restored
  }

  /// Writes the state.
  public func encode(to encoder: any Encoder) throws {
    try written.encode(to: encoder)
  }
}
