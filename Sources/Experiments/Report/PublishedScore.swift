/// The highest mean return that another project publishes of an environment, as far as it is known here.
///
/// Protocols differ, so it says where a score lies, and not that one method is better than another. docs/results.md
/// has more of them, with their protocols.
struct PublishedScore: Hashable, Sendable {
  /// The environment's id.
  var environment: String
  /// The mean return.
  var value: Double
  /// The method, with steps and runs if they are given.
  var method: String
  /// The project, and the file that has the number.
  var source: String

  private init(_ environment: String, _ value: Double, _ method: String, _ source: String) {
    self.environment = environment
    self.value = value
    self.method = method
    self.source = source
  }

  /// That of an environment; `nil` if none is known.
  static func known(of environment: String) -> PublishedScore? {
    all.first { $0.environment == environment }
  }

  private static let all = [
    PublishedScore("MountainCar-v0", -100.85, "DQN, 120,000 steps, one run", zoo),
    PublishedScore("CartPole-v1", 500, "DQN, 50,000 steps, one run", zoo),
    PublishedScore("Acrobot-v1", -69.14, "QR-DQN, 100,000 steps, one run", zoo),
    PublishedScore(
      "gymnasium:LunarLander-v3", 265.9,
      "double DQN with prioritised replay, 300,000 steps, 4 seeds, training episodes",
      "SLM-Lab, docs/BENCHMARKS.md"),
    PublishedScore("MinAtar/Asterix-v1", 15, "PPO", gymnax),
    PublishedScore("MinAtar/Breakout-v1", 28, "PPO", gymnax),
    PublishedScore("MinAtar/Freeway-v1", 58, "PPO", gymnax),
    PublishedScore("MinAtar/SpaceInvaders-v1", 131, "PPO", gymnax),
  ]

  private static let zoo = "rl-zoo3, benchmark.md"
  private static let gymnax = "gymnax, README"
}
