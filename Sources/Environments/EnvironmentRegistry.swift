/// The environments that can be named: by the ids of Gymnasium's registry where it has them.
public enum EnvironmentRegistry {
  /// Makes an environment, with its time limit.
  ///
  /// - Parameters:
  ///   - id: one of `ids`.
  ///   - arguments: the keyword arguments of Gymnasium's `make`: those of the environment, and
  ///     `max_episode_steps`, which every environment takes.
  /// - Throws: `EnvironmentError` for an unknown id or argument, or a value that is not allowed.
  public static func make(
    _ id: String, arguments: [String: ArgumentValue] = [:]
  ) throws(EnvironmentError) -> any Environment {
    guard let entry = entries.first(where: { $0.id == id }) else {
      throw .unknown(id: id, known: ids)
    }
    var reader = EnvironmentArguments(arguments, of: id)
    let environment = try entry.make(&reader)
    let given = try reader.integer("max_episode_steps", in: 1...1_000_000_000)
    try reader.requireAllKnown()
    guard let limit = given ?? entry.maximumSteps else { return environment }
    return limited(environment, to: limit)
  }

  /// Every known id, in alphabetical order.
  public static var ids: [String] { entries.map(\.id) }

  private static func limited<Base: Environment>(_ base: Base, to limit: Int) -> any Environment {
    TimeLimit(base, maximumSteps: limit)
  }

  private typealias Maker =
    @Sendable (inout EnvironmentArguments) throws(EnvironmentError) -> any Environment

  private static let entries: [(id: String, maximumSteps: Int?, make: Maker)] = [
    ("CartPole-v0", 200, { _ in CartPole(.v0) }),
    ("CartPole-v1", 500, { _ in CartPole(.v1) }),
    ("Maze-v0", 100, { _ in Maze() }),
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
    ("MountainCar-v0", 200, { _ in MountainCar() }),
    ("bsuite/Catch-v0", nil, catchBall),
    ("bsuite/DeepSea-v0", nil, deepSea),
  ]

  private static func minAtar<Game: MinAtarGame>(
    _ game: Game.Type, _ version: MinAtar<Game>.Version
  ) -> Maker {
    { (arguments: inout EnvironmentArguments) throws(EnvironmentError) in
      MinAtar<Game>(
        version,
        stickyActionProbability: try arguments.number(
          "sticky_action_prob", default: 0.1, in: 0...1),
        isRamping: try arguments.boolean("difficulty_ramping", default: true))
    }
  }

  private static func catchBall(
    _ arguments: inout EnvironmentArguments
  ) throws(EnvironmentError) -> any Environment {
    Catch(
      rows: try arguments.integer("rows", in: 2...100) ?? 10,
      columns: try arguments.integer("columns", in: 1...100) ?? 5)
  }

  private static func deepSea(
    _ arguments: inout EnvironmentArguments
  ) throws(EnvironmentError) -> any Environment {
    let size = try arguments.integer("size", in: 1...100) ?? 10
    let isDeterministic = try arguments.boolean("deterministic", default: true)
    let moveCost = try arguments.number("unscaled_move_cost", default: 0.01, in: -1_000...1_000)
    let isMixed = try arguments.boolean("randomize_actions", default: true)
    // The seeds that numpy takes.
    let seed = try arguments.integer("mapping_seed", in: 0...Int(UInt32.max)) ?? 42
    return DeepSea(
      size: size, isDeterministic: isDeterministic, moveCost: moveCost,
      mappingSeed: isMixed ? UInt64(seed) : nil)
  }
}
