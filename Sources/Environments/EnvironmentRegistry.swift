/// The built-in environments by id; those of Gymnasium have the ids of its registry.
public enum EnvironmentRegistry {
  /// Makes an environment, with its time limit.
  ///
  /// - Parameters:
  ///   - id: one of `ids`.
  ///   - arguments: the keyword arguments of Gymnasium's `make`: those of the environment, and
  ///     `max_episode_steps`, which every environment takes; −1 is no limit.
  /// - Returns: the environment, within a `TimeLimit` if it has one.
  /// - Throws: `EnvironmentError` for an unknown id or argument, or a value that is not allowed.
  public static func make(
    _ id: String, arguments: [String: ArgumentValue] = [:]
  ) throws(EnvironmentError) -> any Environment {
    var reader = EnvironmentArguments(arguments, of: id)
    return try make(id, reading: &reader)
  }

  private static func make(
    _ id: String, reading reader: inout EnvironmentArguments
  ) throws(EnvironmentError) -> any Environment {
    guard let entry = entries.first(where: { $0.id == id }) else {
      throw .unknown(id: id, known: ids)
    }
    let environment = try entry.make(&reader)
    let given = try reader.integer("max_episode_steps", in: -1...1_000_000_000)
    if given == 0 {
      throw reader.bad(
        "max_episode_steps", .integer(0), allowed: "-1 for no limit, or a limit of 1 or more")
    }
    try reader.requireAllKnown()
    guard let limit = given ?? entry.maximumSteps, limit > 0 else { return environment }
    return limited(environment, to: limit)
  }

  /// The names of the arguments that an environment takes, in alphabetical order.
  ///
  /// - Throws: `EnvironmentError` for an unknown id.
  public static func arguments(of id: String) throws(EnvironmentError) -> [String] {
    var reader = EnvironmentArguments([:], of: id)
    _ = try make(id, reading: &reader)
    return reader.known.sorted()
  }

  /// Every known id, in alphabetical order.
  public static var ids: [String] { entries.map(\.id) }

  private static func limited<Base: Environment>(_ base: Base, to limit: Int) -> any Environment {
    TimeLimit(base, maximumSteps: limit)
  }

  typealias Maker =
    @Sendable (inout EnvironmentArguments) throws(EnvironmentError) -> any Environment

  private static let entries: [(id: String, maximumSteps: Int?, make: Maker)] = [
    (
      "Acrobot-v1", 500,
      { arguments throws(EnvironmentError) in
        Acrobot(starts: try arguments.starts(-0.1...0.1, within: -100...100))
      }
    ),
    (
      "Blackjack-v1", nil,
      { arguments throws(EnvironmentError) in
        let isBook = try arguments.boolean("sab", default: true)
        let isCasino = try arguments.boolean("natural", default: false)
        return Blackjack(rules: isBook ? .book : isCasino ? .casino : .plain)
      }
    ),
    (
      "CartPole-v0", 200,
      { arguments throws(EnvironmentError) in
        try cartPole(.v0, &arguments)
      }
    ),
    (
      "CartPole-v1", 500,
      { arguments throws(EnvironmentError) in
        try cartPole(.v1, &arguments)
      }
    ),
    (
      "CliffWalking-v1", nil,
      { arguments throws(EnvironmentError) in
        CliffWalking(.v1, isSlippery: try arguments.boolean("is_slippery", default: false))
      }
    ),
    (
      "CliffWalkingSlippery-v1", nil,
      { arguments throws(EnvironmentError) in
        CliffWalking(.slippery, isSlippery: try arguments.boolean("is_slippery", default: true))
      }
    ),
    (
      "FrozenLake-v1", 100,
      { arguments throws(EnvironmentError) in
        try frozenLake(.v1, &arguments)
      }
    ),
    (
      "FrozenLake8x8-v1", 200,
      { arguments throws(EnvironmentError) in
        try frozenLake(.eightByEight, &arguments)
      }
    ),
    (
      "Maze-v0", 100,
      { arguments throws(EnvironmentError) in
        Maze(
          start: try arguments.choice("start", default: .corner),
          reward: try arguments.choice("reward", default: .step))
      }
    ),
    ("MinAtar/Asterix-v0", nil, minAtar(Asterix.self, .v0)),
    ("MinAtar/Asterix-v1", nil, minAtar(Asterix.self, .v1)),
    ("MinAtar/Breakout-v0", nil, minAtar(Breakout.self, .v0)),
    ("MinAtar/Breakout-v1", nil, minAtar(Breakout.self, .v1)),
    ("MinAtar/Freeway-v0", nil, minAtar(Freeway.self, .v0)),
    ("MinAtar/Freeway-v1", nil, minAtar(Freeway.self, .v1)),
    ("MinAtar/Seaquest-v0", nil, minAtar(Seaquest.self, .v0)),
    ("MinAtar/Seaquest-v1", nil, minAtar(Seaquest.self, .v1)),
    ("MinAtar/SpaceInvaders-v0", nil, minAtar(SpaceInvaders.self, .v0)),
    ("MinAtar/SpaceInvaders-v1", nil, minAtar(SpaceInvaders.self, .v1)),
    (
      "MountainCar-v0", 200,
      { arguments throws(EnvironmentError) in
        MountainCar(
          goalVelocity: try arguments.number("goal_velocity", default: 0, in: -1...1),
          starts: try arguments.starts(-0.6 ... -0.4, within: -1.2...0.6))
      }
    ),
    (
      "Taxi-v4", 200,
      { arguments throws(EnvironmentError) in
        let isRainy = try arguments.boolean("is_rainy", default: false)
        let isFickle = try arguments.boolean("fickle_passenger", default: false)
        let rain = try arguments.number("rainy_probability", default: 0.8, in: 0...1)
        let fickleness = try arguments.number("fickle_probability", default: 0.3, in: 0...1)
        return Taxi(rain: isRainy ? rain : nil, fickleness: isFickle ? fickleness : nil)
      }
    ),
    ("bsuite/Catch-v0", nil, catchBall),
    ("bsuite/DeepSea-v0", nil, deepSea),
  ]

  private static func cartPole(
    _ version: CartPole.Version, _ arguments: inout EnvironmentArguments
  ) throws(EnvironmentError) -> CartPole {
    CartPole(
      version,
      reward: try arguments.boolean("sutton_barto_reward", default: false) ? .book : .survival,
      starts: try arguments.starts(-0.05...0.05, within: -100...100))
  }

  private static func frozenLake(
    _ version: FrozenLake.Version, _ arguments: inout EnvironmentArguments
  ) throws(EnvironmentError) -> FrozenLake {
    let rewards = try arguments.numbers("reward_schedule", default: [1, 0, 0])
    return FrozenLake(
      version, map: try arguments.lake(version),
      isSlippery: try arguments.boolean("is_slippery", default: true),
      successRate: try arguments.number("success_rate", default: 1.0 / 3.0, in: 0...1),
      rewards: FrozenLake.Rewards(goal: rewards[0], hole: rewards[1], ice: rewards[2]))
  }
}

/// The maps with a name in Gymnasium.
private enum LakeName: String, CaseIterable {
  case fourByFour = "4x4"
  case eightByEight = "8x8"

  var map: FrozenLake.Map { self == .fourByFour ? .fourByFour : .eightByEight }
}

extension EnvironmentArguments {
  /// The range of starting states: Gymnasium's reset options `low` and `high`.
  fileprivate mutating func starts(
    _ standard: ClosedRange<Double>, within limits: ClosedRange<Double>
  ) throws(EnvironmentError) -> ClosedRange<Double> {
    let low = try number("low", default: standard.lowerBound, in: limits)
    let high = try number("high", default: standard.upperBound, in: limits)
    guard low <= high else {
      let (name, value) = given(["high", "low"])[0]
      throw bad(name, value, allowed: "low ≤ high; they are \(low) and \(high)")
    }
    return low...high
  }

  /// The map by its name or its rows, or a random map.
  fileprivate mutating func lake(
    _ version: FrozenLake.Version
  ) throws(EnvironmentError) -> FrozenLake.Map {
    let named = try choice(
      "map_name", default: version == .v1 ? LakeName.fourByFour : .eightByEight)
    let size = try integer("map_size", in: 2...100)
    let probability = try number("map_p", default: 0.8, in: 0...1)
    let seed = try integer("map_seed", in: 0...Int.max) ?? 0
    let rows = value("desc")
    for (name, value) in given(["map_p", "map_seed"]) where size == nil {
      throw bad(name, value, allowed: "only with map_size")
    }
    // Rows and a name together are allowed: Gymnasium then uses the rows.
    for (name, value) in given(["desc"]) + given(["map_name"]) where size != nil {
      throw bad(name, value, allowed: "only without map_size")
    }
    if let rows {
      guard case .list(let values) = rows,
        let map = FrozenLake.Map(values.map { if case .text(let row) = $0 { row } else { "" } })
      else {
        throw bad(
          "desc", rows,
          allowed: "rows of one length, of the letters S, F, H and G, with an S and at most "
            + "\(FrozenLake.Map.cellLimit) cells")
      }
      return map
    }
    guard let size else { return named.map }
    guard
      let map = FrozenLake.Map.random(size: size, probability: probability, seed: UInt64(seed))
    else {
      throw bad(
        "map_p", .number(probability),
        allowed: "enough ice for a path across \(size) × \(size) cells")
    }
    return map
  }

  /// A list of numbers of the default's length, with bounds that keep sums finite.
  fileprivate mutating func numbers(
    _ name: String, default standard: [Double]
  ) throws(EnvironmentError) -> [Double] {
    guard let given = value(name) else { return standard }
    let limits = -1e9...1e9
    let error = bad(
      name, given,
      allowed: "\(standard.count) numbers from \(limits.lowerBound) to \(limits.upperBound)")
    guard case .list(let values) = given, values.count == standard.count else { throw error }
    var result: [Double] = []
    for value in values {
      guard let number = value.number, limits.contains(number) else { throw error }
      result.append(number)
    }
    return result
  }
}
