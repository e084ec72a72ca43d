import Foundation
import SARSAEnvironments
import SARSAFormats
import SARSARandomSources
import TestSupport
import Testing

@Suite("Gymnasium's worlds")
struct WorldTests {
  private static let worlds = try? fixture("worlds.json") as WorldFixture
  private static let cases = worlds?.cases ?? []

  @Test("the fixture has every world of the registry that Gymnasium has, twice at least")
  func coverage() throws {
    let ids = Self.cases.map(\.id)
    let shared = Set(EnvironmentRegistry.ids).intersection(try #require(Self.worlds).registry)
    #expect(shared.count >= 10)
    for id in shared { #expect(ids.count { $0 == id } >= 2, "\(id)") }
  }

  @Test("every observation, reward and flag equals Gymnasium's to the bit", arguments: cases)
  func rollout(each: WorldCase) throws {
    try check(try EnvironmentRegistry.make(each.id, arguments: each.arguments), against: each)
  }

  private func check<World: Environment>(_ world: World, against each: WorldCase) throws {
    var world = world
    let rowSize = each.observations.count / each.actions.count
    for (row, action) in each.actions.enumerated() {
      if action < 0 {
        try world.reset(seed: row == 0 ? UInt64(each.seed) : nil)
      } else {
        let step = try world.step(action)
        #expect(step.reward.bitPattern == each.rewards[row].bitPattern, "row \(row)")
        #expect(step.isTerminated == (each.ends[row] & 1 == 1), "row \(row)")
        #expect(step.isTruncated == (each.ends[row] & 2 == 2), "row \(row)")
      }
      let expected = Array(each.observations[row * rowSize..<(row + 1) * rowSize])
      let observation = world.observation
      let found =
        each.isFloat
        ? observation.map { Int($0.bitPattern) }
        : try #require(world.specification.observationSpace.categories(in: observation))
      try #require(found == expected, "row \(row)")
      #expect(world.specification.observationSpace.contains(observation))
    }
  }

  @Test("a lake that is drawn is drawn as Gymnasium draws it, and one without a way is none")
  func lakes() throws {
    let map = try #require(FrozenLake.Map.random(size: 6, probability: 0.7, seed: 5))
    #expect(map.rows == 6 && map.columns == 6)
    #expect(map.cells.first == .start && map.cells.last == .goal)
    #expect(FrozenLake.Map.random(size: 4, probability: 0, seed: 1) == nil)
    #expect(FrozenLake.Map(["SF", "FG"])?.cells == [.start, .ice, .ice, .goal])
    for rows in [[], [""], ["SF", "F"], ["FF", "FG"], ["SX"], ["S", "FF"]] {
      #expect(FrozenLake.Map(rows) == nil)
    }
    #expect(
      FrozenLake.Map(Array(repeating: "S" + String(repeating: "F", count: 100), count: 100)) == nil)
  }

  @Test("tables say what the worlds do")
  func tables() throws {
    func check<World: Environment>(
      _ world: World, _ model: FiniteModel, _ start: (World) -> Int
    ) throws where World.Failure == Never {
      var world = world
      world.reset(seed: 1)
      var seen: Set<Int> = []
      var random = PCG64(seed: 2)
      for _ in 0..<5_000 {
        let state = start(world)
        let action = random.integer(below: model.actionCount)
        let step = world.step(action)
        #expect(
          model.outcomes(of: action, in: state).contains {
            $0.probability > 0 && $0.state == start(world) && $0.reward == step.reward
              && $0.isTerminated == step.isTerminated
          })
        seen.insert(state)
        if step.isLast { world.reset(seed: nil) }
      }
      #expect(seen.count > 5)
    }
    let lake = FrozenLake()
    try check(lake, lake.model) { $0.state.cell }
    let cliff = CliffWalking(.slippery)
    try check(cliff, cliff.model) { $0.state.cell }
    let taxi = Taxi(rain: 0.5)
    try check(taxi, taxi.model) { $0.state.number }
  }

  @Test(
    "arguments that cannot be are refused by name",
    arguments: [
      ("FrozenLake-v1", "map_name", ArgumentValue.text("5x5")),
      ("FrozenLake-v1", "desc", .list([.text("SFX")])),
      ("FrozenLake-v1", "desc", .text("SFFG")),
      ("FrozenLake-v1", "desc", .list([.integer(1)])),
      ("FrozenLake-v1", "success_rate", .number(1.5)),
      ("FrozenLake-v1", "success_rate", .number(.nan)),
      ("FrozenLake-v1", "reward_schedule", .list([.integer(1)])),
      ("FrozenLake-v1", "reward_schedule", .list([.integer(1), .number(.infinity), .integer(0)])),
      ("FrozenLake-v1", "is_slippery", .integer(1)),
      ("FrozenLake-v1", "map_size", .integer(1)),
      ("FrozenLake-v1", "map_size", .integer(Int.max)),
      ("FrozenLake-v1", "map_seed", .integer(-1)),
      ("FrozenLake-v1", "map_seed", .integer(1)),
      ("FrozenLake-v1", "map_p", .number(0.9)),
      ("Taxi-v4", "rainy_probability", .number(-0.1)),
      ("Taxi-v4", "is_rainy", .text("yes")),
      ("Blackjack-v1", "sab", .number(0.5)),
      ("CartPole-v1", "low", .text("-1")),
      ("CartPole-v1", "high", .number(-0.5)),
      ("MountainCar-v0", "high", .number(7)),
      ("Maze-v0", "start", .text("middle")),
      ("CartPole-v1", "max_episode_steps", .integer(0)),
      ("CartPole-v1", "max_episode_steps", .number(0.5)),
      ("CartPole-v1", "max_episode_steps", .number(1e23)),
      ("CartPole-v1", "max_episode_steps", .number(.nan)),
    ])
  func badArguments(id: String, name: String, value: ArgumentValue) {
    let error = #expect(throws: EnvironmentError.self) {
      try EnvironmentRegistry.make(id, arguments: [name: value])
    }
    guard case .badArgument(id, let named, _, let allowed) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(named == name && !allowed.isEmpty)
  }

  @Test("JSON is read as Python reads it, and written so that it is read again")
  func json() throws {
    let text = """
      {"a": [1, -2.0, 1e3, true, null], "b": {"c": "\\u00e9\\n\\ud83d\\ude00 \\"x\\""}, "d": ""}
      """
    let value = ArgumentValue.object([
      "a": .list([.integer(1), .number(-2), .number(1000), .boolean(true), .null]),
      "b": .object(["c": .text("é\n😀 \"x\"")]), "d": .text(""),
    ])
    #expect(try ArgumentValue(json: text) == value)
    #expect(try ArgumentValue(json: value.description) == value)
    #expect(try ArgumentValue(json: "9223372036854775807") == .integer(.max))
    #expect(try ArgumentValue(json: "9223372036854775808") == .number(0x1p63))
    #expect(try ArgumentValue(json: "[-99999999999999999999999]") == .list([.number(-1e23)]))
    let deepest = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
    #expect(throws: Never.self) { try ArgumentValue(json: deepest) }
    for bad in ["", "nul", "1 2", "[1,]", "{\"a\":1,\"a\":2}", "'a'", "[\(deepest)]"] {
      #expect(throws: JSONError.self, "\(bad.prefix(20))") { try ArgumentValue(json: bad) }
    }
  }

  @Test("a whole number may have a point or an exponent")
  func wholeNumbers() throws {
    func limit(_ id: String, _ arguments: [String: ArgumentValue]) throws -> Int? {
      try EnvironmentRegistry.make(id, arguments: arguments).specification.maximumEpisodeSteps
    }
    #expect(try limit("FrozenLake-v1", ["max_episode_steps": .number(1e9)]) == 1_000_000_000)
    #expect(try limit("FrozenLake-v1", ["max_episode_steps": .number(-1)]) == nil)
    let repeated: [String: ArgumentValue] = [
      "max_episode_steps": .number(6), "action_repeat": .number(2),
    ]
    #expect(try limit("CartPole-v1", repeated) == 3)
    let sea = try EnvironmentRegistry.make("bsuite/DeepSea-v0", arguments: ["size": .number(5)])
    #expect(sea.specification.observationSize == 25)
  }

  @Test("no limit is minus one, as in Gymnasium")
  func noLimit() throws {
    let world = try EnvironmentRegistry.make(
      "CartPole-v1", arguments: ["max_episode_steps": .integer(-1)])
    #expect(world.specification.maximumEpisodeSteps == nil)
  }

  @Test("an environment keeps its id and its threshold, whatever it is made with")
  func ids() throws {
    for (id, arguments) in [
      ("FrozenLake-v1", ["map_name": ArgumentValue.text("8x8")]),
      ("FrozenLake8x8-v1", ["map_name": .text("4x4")]),
      ("CliffWalking-v1", ["is_slippery": .boolean(true)]),
      ("CliffWalkingSlippery-v1", ["is_slippery": .boolean(false)]),
    ] {
      let usual = try EnvironmentRegistry.make(id).specification
      let unusual = try EnvironmentRegistry.make(id, arguments: arguments).specification
      #expect(unusual.id == id && unusual.rewardThreshold == usual.rewardThreshold)
      #expect(unusual.maximumEpisodeSteps == usual.maximumEpisodeSteps)
    }
  }

  @Test("a map without a way, and arguments nobody knows, are refused")
  func otherErrors() {
    #expect(throws: EnvironmentError.self) {
      try EnvironmentRegistry.make(
        "FrozenLake-v1", arguments: ["map_size": .integer(5), "map_p": .integer(0)])
    }
    #expect(
      throws: EnvironmentError.unknownArgument(
        id: "CliffWalking-v1", name: "slippery",
        known: [
          "action_masks", "action_repeat", "frame_stack", "is_slippery", "max_episode_steps",
          "time_aware",
        ])
    ) { try EnvironmentRegistry.make("CliffWalking-v1", arguments: ["slippery": .null]) }
  }
}

struct WorldCase: Decodable, CustomTestStringConvertible {
  var id: String
  var arguments: [String: ArgumentValue]
  var seed: String
  var actions: [Int]
  var isFloat: Bool
  var observations: [Int]
  var rewards: [Double]
  /// A bit each for terminated and truncated.
  var ends: [Int]

  var testDescription: String { "\(id) \(ArgumentValue.object(arguments)), seed \(seed)" }

  private enum CodingKeys: String, CodingKey {
    case id, arguments, seed, actions, observations, rewards, ends
    case isFloat = "is_float"
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    id = try container.decode(String.self, forKey: .id)
    arguments = try container.decode([String: ArgumentValue].self, forKey: .arguments)
    seed = try container.decode(String.self, forKey: .seed)
    actions = try container.decode([Int].self, forKey: .actions)
    isFloat = try container.decode(Bool.self, forKey: .isFloat)
    observations = try container.decode([Int].self, forKey: .observations)
    rewards = try container.decode([Double].self, forKey: .rewards)
    ends = try container.decode(String.self, forKey: .ends).compactMap(\.wholeNumberValue)
  }
}

/// Cases under numbers, beside the generator's versions and the ids of Gymnasium's registry.
private struct WorldFixture: Decodable {
  var registry: [String]
  var cases: [WorldCase] = []

  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { Int(stringValue) }
    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { stringValue = "\(intValue)" }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    registry = try container.decode([String].self, forKey: Key("registry"))
    for key in container.allKeys.sorted(by: { ($0.intValue ?? -1) < ($1.intValue ?? -1) })
    where key.intValue != nil {
      cases.append(try container.decode(WorldCase.self, forKey: key))
    }
  }
}
