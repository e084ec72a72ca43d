import Foundation
import SARSARandomSources
import TestSupport
import Testing

@Suite("Random sources equal numpy's to the bit")
struct RandomSourcesTests {
  static let cases = Result { try fixture("random_sources.json", as: RandomFixture.self).cases }

  private func generator(_ each: RandomFixture.Case) throws -> PCG64 {
    PCG64(try #require(SeedSequence(decimal: each.seed, spawnKey: each.spawnKey)))
  }

  @Test("seed sequences of any size, with and without spawn keys")
  func seedSequences() throws {
    let cases = try Self.cases.get()
    #expect(cases.count > 20)
    for each in cases {
      let seeds = try #require(SeedSequence(decimal: each.seed, spawnKey: each.spawnKey))
      #expect(seeds.generateState(count: 8) == each.state32, "\(each.seed) \(each.spawnKey)")
      #expect(seeds.generateState64(count: 4).map(String.init) == each.state64)
      if let seed = UInt64(each.seed) {
        #expect(SeedSequence(seed, spawnKey: each.spawnKey) == seeds)
      }
    }
  }

  @Test("raw words, doubles, uniforms")
  func draws() throws {
    for each in try Self.cases.get() {
      var raw = try generator(each)
      #expect(each.raw.map { _ in String(raw.next()) } == each.raw)
      var random = try generator(each)
      for expected in each.random { #expect(random.random() == expected.double) }
      var uniform = try generator(each)
      for expected in each.uniform { #expect(uniform.uniform(-0.6, -0.4) == expected.double) }
    }
  }

  @Test("bounded integers below bounds from 1 to beyond 2³²")
  func integers() throws {
    for each in try Self.cases.get() {
      for draws in each.integers {
        var generator = try generator(each)
        let found = draws.values.map { _ in String(generator.integer(below: draws.n)) }
        #expect(found == draws.values, "below \(draws.n)")
      }
    }
  }

  @Test("half words wait while doubles are drawn, and the state can be written down")
  func halfWords() throws {
    for each in try Self.cases.get() {
      var generator = try generator(each)
      for (i, draw) in each.mixed.enumerated() {
        switch draw.kind {
        case "integers":
          #expect(generator.integer(below: try #require(draw.n)) == draw.value)
        default: #expect(generator.random() == draw.valueF64?.double)
        }
        if i == 0 { #expect(generator.written == each.stateAfterFirstMixed.written) }
        // Through JSON and back at every step, half word and all.
        generator = try JSONDecoder().decode(
          PCG64.self, from: JSONEncoder().encode(generator))
      }
      #expect(generator.written == each.finalState.written)
    }
  }

  @Test("a written state that no generator can have is refused")
  func badStates() {
    var state = PCG64(seed: 1).written
    #expect(PCG64(state) == PCG64(seed: 1))
    state.increment[1] &= ~1
    #expect(PCG64(state) == nil)
    state = PCG64(seed: 1).written
    state.state.removeLast()
    #expect(PCG64(state) == nil)
  }

  @Test("a seed is digits and nothing else", arguments: ["", "-1", "1.5", "٣", "12a", " 1"])
  func badSeeds(text: String) {
    #expect(SeedSequence(decimal: text) == nil)
  }

  @Test("spawned sequences differ from one another and from their parent")
  func spawned() {
    let seeds = SeedSequence(7)
    let all = [seeds, seeds.spawned(0), seeds.spawned(1), seeds.spawned(0, 0), seeds.spawned(0, 1)]
    #expect(Set(all.map { $0.generateState64(count: 4) }).count == all.count)
    #expect(seeds.spawned(0).spawned(1) == seeds.spawned(0, 1))
  }
}

struct RandomFixture: Decodable, Sendable {
  struct Integers: Decodable, Sendable {
    var n: Int
    var values: [String]
  }

  struct Draw: Decodable, Sendable {
    var kind: String
    var n: Int?
    var value: Int?
    var valueF64: String?

    enum CodingKeys: String, CodingKey {
      case kind, n, value
      case valueF64 = "value_f64"
    }
  }

  struct State: Decodable, Sendable {
    var stateHigh: String
    var stateLow: String
    var incrementHigh: String
    var incrementLow: String
    var hasHalf: Bool
    var half: UInt32

    enum CodingKeys: String, CodingKey {
      case stateHigh = "state_high"
      case stateLow = "state_low"
      case incrementHigh = "inc_high"
      case incrementLow = "inc_low"
      case hasHalf = "has_uint32"
      case half = "uinteger"
    }

    var written: PCG64.State? {
      let words = [stateHigh, stateLow, incrementHigh, incrementLow].compactMap { UInt64($0) }
      guard words.count == 4 else { return nil }
      var state = PCG64(seed: 0).written
      state.state = [words[0], words[1]]
      state.increment = [words[2], words[3]]
      state.buffered = hasHalf ? half : nil
      return state
    }
  }

  struct Case: Decodable, Sendable {
    var seed: String
    var spawnKey: [UInt32]
    var state32: [UInt32]
    var state64: [String]
    var raw: [String]
    var random: [String]
    var uniform: [String]
    var integers: [Integers]
    var mixed: [Draw]
    var finalState: State
    var stateAfterFirstMixed: State

    enum CodingKeys: String, CodingKey {
      case seed, state32, state64, raw, integers, mixed
      case spawnKey = "spawn_key"
      case random = "random_f64"
      case uniform = "uniform_f64"
      case finalState = "final_state"
      case stateAfterFirstMixed = "state_after_first_mixed"
    }
  }

  var cases: [Case]
}
