import Foundation
import SARSAEnvironments
import TestSupport
import Testing

@Suite("MinAtar's games and bsuite's worlds")
struct GameTests {
  @Test(
    "observations, rewards and ends equal the packages' to the bit",
    arguments: ["minatar.json", "bsuite.json"])
  func recorded(file: String) throws {
    let fixture: GameFixture = try fixture(file)
    #expect(fixture.cases.count >= 8)
    for each in fixture.cases {
      let environment = try EnvironmentRegistry.make(each.environment, arguments: each.arguments)
      let replay = try replay(each, in: environment, interval: fixture.interval)
      #expect(replay.ends == each.ends)
      let wrong = zip(replay.checksums, each.checksums).enumerated().first { $1.0 != $1.1 }
      #expect(
        replay.checksums == each.checksums,
        "\(each.environment), seed \(each.seed), from row \((wrong?.offset ?? 0) * fixture.interval)"
      )
    }
  }

  /// The ends and the checksums of an episode after the other.
  private func replay<World: Environment>(
    _ each: GameFixture.Case, in world: World, interval: Int
  ) throws -> (ends: Int, checksums: [UInt32]) {
    var (world, checksum, rows) = (world, Checksum(), 0)
    var (ends, checksums): (Int, [UInt32]) = (0, [])
    func record(_ step: Step) {
      for (place, value) in world.observation.enumerated() where value != 0 {
        // What is neither 0 nor 1 is in no checksum of the fixture.
        checksum.update(value == 1 ? UInt32(place) : .max)
      }
      checksum.update(step.reward)
      checksum.update(step.isTerminated ? 1 : 0 as UInt32)
      rows += 1
      if rows % interval == 0 { checksums.append(checksum.value) }
    }
    try world.reset(seed: UInt64(each.seed))
    var last = Step(reward: 0)
    record(last)
    for action in each.actions {
      if last.isLast {
        try world.reset(seed: nil)
        record(Step(reward: 0))
      }
      last = try world.step(try #require(action.wholeNumberValue))
      record(last)
      ends += last.isLast ? 1 : 0
    }
    if rows % interval != 0 { checksums.append(checksum.value) }
    return (ends, checksums)
  }

  @Test(
    "arguments that are not allowed are refused by name",
    arguments: [
      ("MinAtar/Asterix-v0", "sticky_action_prob", .number(1.01)),
      ("MinAtar/Freeway-v1", "sticky_action_prob", .number(-0.1)),
      ("MinAtar/Seaquest-v1", "sticky_action_prob", .text("0.1")),
      ("MinAtar/Breakout-v1", "difficulty_ramping", .integer(1)),
      ("bsuite/Catch-v0", "rows", .integer(1)), ("bsuite/Catch-v0", "rows", .integer(101)),
      ("bsuite/Catch-v0", "columns", .integer(0)),
      ("bsuite/Catch-v0", "columns", .number(2.5)),
      ("bsuite/DeepSea-v0", "size", .integer(0)), ("bsuite/DeepSea-v0", "size", .integer(101)),
      ("bsuite/DeepSea-v0", "deterministic", .text("no")),
      ("bsuite/DeepSea-v0", "unscaled_move_cost", .integer(1_001)),
      ("bsuite/DeepSea-v0", "unscaled_move_cost", .number(.nan)),
      ("bsuite/DeepSea-v0", "mapping_seed", .integer(-1)),
      ("bsuite/DeepSea-v0", "mapping_seed", .integer(1 << 32)),
    ] as [(String, String, ArgumentValue)])
  func badArguments(id: String, name: String, value: ArgumentValue) throws {
    #expect {
      try EnvironmentRegistry.make(id, arguments: [name: value])
    } throws: { error in
      guard case .badArgument(id, name, _, _)? = error as? EnvironmentError else { return false }
      return true
    }
  }

  @Test("the smallest worlds of bsuite play")
  func smallest() throws {
    let ball: [String: ArgumentValue] = ["rows": .integer(2), "columns": .integer(1)]
    for (id, arguments) in [
      ("bsuite/Catch-v0", ball), ("bsuite/DeepSea-v0", ["size": .integer(1)]),
    ] {
      let world = try EnvironmentRegistry.make(id, arguments: arguments)
      #expect(try brokenPromises(of: world) == [])
    }
  }
}

@Suite("What MinAtar's games share")
struct MinAtarTests {
  @Test("-v0 has six actions, -v1 those that the game knows")
  func actions() {
    #expect(MinAtar<Asterix>(.v1).specification.actionCount == 5)
    #expect(MinAtar<Breakout>(.v1).specification.actionCount == 3)
    #expect(MinAtar<Freeway>(.v1).specification.actionCount == 3)
    #expect(MinAtar<Seaquest>(.v1).specification.actionCount == 6)
    #expect(MinAtar<SpaceInvaders>(.v1).specification.actionCount == 4)
    #expect(MinAtar<Freeway>(.v0).specification.actionCount == 6)
    var freeway = MinAtar<Freeway>(.v1, stickyActionProbability: 0)
    freeway.reset(seed: 1)
    _ = freeway.step(2)
    #expect(freeway.state.lastAction == .down)
  }

  @Test("an action that always sticks never changes, until a seed is given")
  func sticky() {
    var game = MinAtar<Asterix>(.v0, stickyActionProbability: 1)
    game.reset(seed: 1)
    _ = game.step(3)
    #expect(game.state.lastAction == .wait)
    game.state.lastAction = .up
    game.reset(seed: nil)
    _ = game.step(3)
    #expect(game.state.lastAction == .up)
    game.reset(seed: 1)
    #expect(game.state.lastAction == .wait)
  }

  @Test("a frame allocates nothing", .enabled(if: countsAllocations))
  func memory() {
    // No car ends a game. Nothing ends one at the surface either, while things swim below; but
    // without optimisation, going through a list backwards allocates.
    #expect(allocationsOfFrames(in: MinAtar<Freeway>()) == 0)
    #if !DEBUG
      #expect(allocationsOfFrames(in: MinAtar<Seaquest>()) == 0)
    #endif
  }

  private func allocationsOfFrames<Game: MinAtarGame>(in game: MinAtar<Game>) -> Int {
    var game = game
    game.reset(seed: 1)
    for _ in 0..<100 { _ = game.step(0) }
    return allocations {
      for _ in 0..<1_000 { _ = game.step(0) }
    }
  }

  @Test("a state whose board has cells beyond its borders is refused")
  func badBoard() throws {
    let state = MinAtar<SpaceInvaders>().state
    let text = String(decoding: try JSONEncoder().encode(state), as: UTF8.self)
    func decoded(_ text: String) throws -> MinAtar<SpaceInvaders>.State {
      try JSONDecoder().decode(MinAtar<SpaceInvaders>.State.self, from: Data(text.utf8))
    }
    #expect(try decoded(text) == state)
    // Columns 2 to 7 of four rows.
    let rows = "252,252,252,252,0,0,0,0,0,0"
    #expect(text.contains(rows))
    for bad in ["252,252,252,252,0,0,0,0,0", "1024,252,252,252,0,0,0,0,0,0"] {
      #expect(throws: DecodingError.self) {
        try decoded(text.replacingOccurrences(of: rows, with: bad))
      }
    }
  }
}

@Suite("DeepSea's tables")
struct DeepSeaTests {
  @Test("say what its steps do", arguments: [true, false])
  func tables(isDeterministic: Bool) {
    var sea = DeepSea(size: 5, isDeterministic: isDeterministic, moveCost: 0.2)
    let model = sea.model
    sea.reset(seed: 3)
    for cell in 0..<25 {
      for action in 0..<2 {
        let outcomes = model.outcomes(of: action, in: cell)
        for _ in 0..<20 {
          (sea.state.row, sea.state.column) = (cell / 5, cell % 5)
          let step = sea.step(action)
          let isNoisy = !isDeterministic && cell / 5 == 4 && [0, 4].contains(cell % 5)
          let found = outcomes.contains {
            (isNoisy || $0.reward == step.reward) && $0.isTerminated == step.isTerminated
              && $0.state % 5 == sea.state.column
              && ($0.isTerminated || $0.state / 5 == sea.state.row)
          }
          #expect(found, "action \(action) in cell \(cell)")
        }
      }
    }
  }

  @Test("lead to the treasure for 0.99 by one action in every row, 1 if actions are not mixed")
  func treasure() {
    for seed in [nil, 42, 1] as [UInt64?] {
      var sea = DeepSea(mappingSeed: seed)
      sea.reset(seed: 0)
      let model = sea.model
      var (total, last) = (0.0, Step(reward: 0))
      while !last.isLast {
        let (row, column) = (sea.state.row, sea.state.column)
        let right = (0..<2).first {
          model.outcomes(of: $0, in: row * 10 + column)[0].reward != 0
        }
        #expect(seed != nil || right == 1)
        last = sea.step(right ?? 0)
        total += last.reward
      }
      #expect(abs(total - 0.99) < 1e-12 && sea.state.row == 10)
      #expect(sea.observation.allSatisfy { $0 == 0 })
    }
  }
}

private struct GameFixture: Decodable {
  struct Case: Decodable {
    var environment: String
    var arguments: [String: ArgumentValue]
    var seed: String
    var actions: String
    var ends: Int
    var checksums: [UInt32]
  }

  /// The rows, of resets and steps alike, that each checksum adds.
  var interval: Int
  var cases: [Case]
}
