internal import DeepSARSA

/// The names of an environment's actions, such as left and right.
enum ActionNames {
  /// The names in the order of the actions; of an environment that is not built in, their numbers.
  static func names(of specification: EnvironmentSpecification) -> [String] {
    let count = specification.actionCount
    // Gymnasium's own are called the same through the bridge.
    let id = specification.id.replacing(#/^gymnasium:/#, with: "")
    if let names = all.first(where: { id.hasPrefix($0.prefix) && $0.names.count == count })?.names {
      return names
    }
    return (0..<count).map { "action \(specification.firstAction + $0)" }
  }

  // swift-format-ignore
  private static let all: [(prefix: String, names: [String])] = [
    ("CartPole", ["left", "right"]),
    ("MountainCar-", ["left", "none", "right"]),
    ("Acrobot", ["torque −1", "torque 0", "torque 1"]),
    ("FrozenLake", ["left", "down", "right", "up"]),
    ("CliffWalking", ["up", "right", "down", "left"]),
    ("Maze", ["up", "right", "down", "left"]),
    ("Taxi", ["south", "north", "east", "west", "pick up", "drop off"]),
    ("Blackjack", ["stick", "hit"]),
    ("LunarLander", ["none", "left engine", "main engine", "right engine"]),
    ("bsuite/Catch", ["left", "stay", "right"]),
    // MinAtar has the same six in all games, of which version 1 leaves out those without effect.
    ("MinAtar/", ["none", "left", "up", "right", "down", "fire"]),
    ("MinAtar/Breakout-v1", ["none", "left", "right"]),
    ("MinAtar/Freeway-v1", ["none", "up", "down"]),
    ("MinAtar/Asterix-v1", ["none", "left", "up", "right", "down"]),
    ("MinAtar/SpaceInvaders-v1", ["none", "left", "right", "fire"]),
  ]
}
