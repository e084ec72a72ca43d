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
    ("MountainCar-v0", 200, { _ in MountainCar() }),
  ]
}
