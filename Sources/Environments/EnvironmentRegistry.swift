/// The environments that can be named: by the ids of Gymnasium's registry where it has them.
public enum EnvironmentRegistry {
  /// Makes the environment of an id, with its time limit, or `nil` if the id is unknown.
  public static func make(_ id: String) -> (any Environment)? {
    makers.first { $0.id == id }?.make()
  }

  /// Every known id, in alphabetical order.
  public static var ids: [String] { makers.map(\.id) }

  private static let makers: [(id: String, make: @Sendable () -> any Environment)] = [
    ("CartPole-v0", { TimeLimit(CartPole(.v0), maximumSteps: CartPole.Version.v0.maximumSteps) }),
    ("CartPole-v1", { TimeLimit(CartPole(.v1), maximumSteps: CartPole.Version.v1.maximumSteps) }),
    ("Maze-v0", { TimeLimit(Maze(), maximumSteps: 100) }),
    ("MountainCar-v0", { TimeLimit(MountainCar(), maximumSteps: 200) }),
  ]
}
