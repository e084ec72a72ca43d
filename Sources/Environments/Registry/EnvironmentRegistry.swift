/// The built-in environments by id; those of Gymnasium have the ids of its registry.
public enum EnvironmentRegistry {
  /// The environments of every world; a world has its entries in its own file.
  private static let entries: [Entry] = [
    Acrobot.entries,
    Blackjack.entries,
    CartPole.entries,
    Catch.entries,
    CliffWalking.entries,
    DeepSea.entries,
    FrozenLake.entries,
    Maze.entries,
    MinAtar<Asterix>.entries,
    MinAtar<Breakout>.entries,
    MinAtar<Freeway>.entries,
    MinAtar<Seaquest>.entries,
    MinAtar<SpaceInvaders>.entries,
    MountainCar.entries,
    Taxi.entries,
  ].flatMap { $0 }.sorted { $0.id < $1.id }

  /// Makes an environment, with its time limit.
  ///
  /// - Parameters:
  ///   - id: one of `ids`.
  ///   - arguments: the keyword arguments of Gymnasium's `make`: those of the environment, and
  ///     `max_episode_steps`, which every environment takes; −1 is no limit. Every environment also takes
  ///     those that name wrappers, as `wrapped(_:by:)` says.
  /// - Returns: the environment, within a `TimeLimit` if it has one, and its wrappers around that.
  /// - Throws: `EnvironmentError` for an unknown id or argument, or a value that is not allowed.
  public static func make(
    _ id: String, arguments: [String: ArgumentValue] = [:]
  ) throws(EnvironmentError) -> any Environment {
    var reader = EnvironmentArguments(arguments, of: id)
    let environment = try entry(id).make(&reader)
    try reader.requireAllKnown()
    return environment
  }

  /// The arguments that an environment takes, in alphabetical order.
  ///
  /// - Throws: `EnvironmentError` for an unknown id.
  public static func arguments(of id: String) throws(EnvironmentError) -> [EnvironmentArgument] {
    var reader = EnvironmentArguments([:], of: id)
    _ = try entry(id).make(&reader)
    return reader.known.sorted { $0.name < $1.name }
  }

  /// Every known id, in alphabetical order.
  public static var ids: [String] { entries.map(\.id) }

  private static func entry(_ id: String) throws(EnvironmentError) -> Entry {
    guard let entry = entries.first(where: { $0.id == id }) else {
      throw .unknown(id: id, known: ids)
    }
    return entry
  }
}

extension EnvironmentRegistry {
  /// A built-in environment: its id, and how it is made from its arguments.
  struct Entry: Sendable {
    typealias Maker<World> =
      @Sendable (inout EnvironmentArguments) throws(EnvironmentError) -> World

    let id: String
    /// Makes the environment, within a `TimeLimit` if it has one, and its wrappers.
    let make: Maker<any Environment>

    /// Describes an environment by the closure that reads its arguments and makes it.
    ///
    /// - Parameters:
    ///   - id: the id.
    ///   - maximumSteps: the limit of an episode's steps, unless `max_episode_steps` is given.
    ///   - make: makes the environment without a time limit.
    init<World: Environment>(
      _ id: String, maximumSteps: Int? = nil, make: @escaping Maker<World>
    ) {
      self.id = id
      self.make = { arguments throws(EnvironmentError) in
        let world = try make(&arguments)
        guard let limit = try arguments.maximumSteps(default: maximumSteps) else {
          return try arguments.wrapped(world)
        }
        return try arguments.wrapped(TimeLimit(world, maximumSteps: limit))
      }
    }
  }
}
