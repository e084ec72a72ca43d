import Foundation
import SARSARandomSources
import TestSupport
import Testing

@Suite("MT19937 equals numpy's RandomState to the bit")
struct RandomStateTests {
  static let file = Result { try fixture("random_state.json", as: RandomStateFixture.self) }

  private func cases() throws -> [(stream: MT19937, expected: RandomStateFixture.Case)] {
    try Self.file.get().cases.map { (MT19937(seed: try #require(UInt64($0.seed))), $0) }
  }

  @Test("seeds of 32 and of 64 bits, and of any number of words")
  func seeds() throws {
    let cases = try cases()
    #expect(cases.count > 10)
    for (stream, expected) in cases { #expect(expected.firstState == stream.written) }
    func first(_ count: Int, of words: [UInt32]) -> [UInt32] {
      var stream = MT19937(words: words)
      return (0..<count).map { _ in stream.next32() }
    }
    let file = try Self.file.get()
    #expect(first(4, of: [1, .max, 3]) == file.threeWords)
    #expect(first(4, of: Array(0..<700)) == file.sevenHundredWords)
  }

  @Test("words across two renewals of the vector")
  func words() throws {
    for (stream, expected) in try cases() {
      var stream = stream
      let words = (0..<1_300).map { _ in stream.next32() }
      #expect([0, 1, 2, 623, 624, 625, 1_247, 1_248, 1_299].map { words[$0] } == expected.words)
      #expect(Self.checksum(of: words) == expected.wordsChecksum)
    }
  }

  @Test("doubles, normal numbers, coins")
  func draws() throws {
    for (stream, expected) in try cases() {
      var random = stream
      for number in expected.random { #expect(random.random() == number.double) }
      var normal = stream
      for number in expected.normal { #expect(normal.normal() == number.double) }
      var coin = stream
      #expect(expected.coins.map { _ in coin.coin() ? 1 : 0 } == expected.coins)
    }
  }

  @Test("bounded integers below bounds from 1 to the largest")
  func integers() throws {
    for (stream, expected) in try cases() {
      for draws in expected.integers {
        var stream = stream
        let bound = try #require(Int(draws.bound))
        #expect(draws.values.map { _ in String(stream.integer(below: bound)) } == draws.values)
      }
    }
  }

  @Test("a normal number waits while others are drawn, and the state can be written down")
  func mixed() throws {
    for (stream, expected) in try cases() {
      var stream = stream
      for draw in expected.mixed {
        switch draw.kind {
        case "integer":
          let bound = try #require(draw.bound.flatMap { Int($0) })
          #expect(String(stream.integer(below: bound)) == draw.value)
        case "coin": #expect(stream.coin() == (draw.value == "1"))
        case "normal": #expect(stream.normal() == draw.value.double)
        default: #expect(stream.random() == draw.value.double)
        }
        stream = try JSONDecoder().decode(MT19937.self, from: JSONEncoder().encode(stream))
      }
      #expect(expected.lastState == stream.written)
    }
  }

  @Test("two 32-bit words make one of 64 bits, high half first")
  func doubleWords() {
    var (words, doubled) = (MT19937(seed: 5), MT19937(seed: 5))
    let (high, low) = (words.next32(), words.next32())
    #expect(doubled.next() == UInt64(high) << 32 | UInt64(low))
  }

  @Test("a written state that no generator can have is refused")
  func badStates() throws {
    let good = MT19937(seed: 1).written
    #expect(MT19937(good) == MT19937(seed: 1))
    func isRefused(_ change: (inout MT19937.State) -> Void) -> Bool {
      var state = good
      change(&state)
      return MT19937(state) == nil
    }
    #expect(isRefused { $0.key.removeLast() })
    #expect(isRefused { $0.position = 625 })
    #expect(isRefused { $0.position = -1 })
    #expect(isRefused { $0.pending = .infinity })
    #expect(isRefused { $0.key = [.max >> 1] + Array(repeating: 0, count: 623) })
    var bad = good
    bad.position = 700
    let text = try JSONEncoder().encode(bad)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(MT19937.self, from: text) }
  }
}

extension RandomStateTests {
  fileprivate static func checksum(of words: [UInt32]) -> UInt32 {
    var checksum = Checksum()
    for word in words { checksum.update(word) }
    return checksum.value
  }
}

struct RandomStateFixture: Decodable, Sendable {
  struct Integers: Decodable, Sendable {
    var bound: String
    var values: [String]
  }

  struct Draw: Decodable, Sendable {
    var kind: String
    var bound: String?
    var value: String
  }

  struct State: Decodable, Sendable {
    var checksum: UInt32
    var position: Int
    var pending: String?

    enum CodingKeys: String, CodingKey {
      case checksum = "key_crc32"
      case position
      case pending = "pending_f64"
    }

    static func == (expected: State, found: MT19937.State) -> Bool {
      expected.checksum == RandomStateTests.checksum(of: found.key)
        && expected.position == found.position && expected.pending?.double == found.pending
    }
  }

  struct Case: Decodable, Sendable {
    var seed: String
    var firstState: State
    var words: [UInt32]
    var wordsChecksum: UInt32
    var random: [String]
    var normal: [String]
    var coins: [Int]
    var integers: [Integers]
    var mixed: [Draw]
    var lastState: State

    enum CodingKeys: String, CodingKey {
      case seed, words, coins, integers, mixed
      case firstState = "first_state"
      case wordsChecksum = "words_crc32"
      case random = "random_f64"
      case normal = "normal_f64"
      case lastState = "last_state"
    }
  }

  var cases: [Case]
  var threeWords: [UInt32]
  var sevenHundredWords: [UInt32]

  enum CodingKeys: String, CodingKey {
    case cases
    case threeWords = "three_words"
    case sevenHundredWords = "seven_hundred_words"
  }
}
