public import DeepSARSA

extension ScoreScale {
  /// The scale of a built-in environment with its standard arguments; `nil` if it is not known.
  ///
  /// - Parameters:
  ///   - environment: the environment's id.
  ///   - arguments: the arguments that are given. Any may change what can be reached, so that with some, no
  ///     scale is known.
  /// - Returns: the mean return of 10,000 episodes of random actions, and the best mean return.
  public static func known(
    of environment: String, arguments: [String: ArgumentValue] = [:]
  ) -> ScoreScale? {
    arguments.isEmpty ? optimal[environment] ?? declared[environment] : nil
  }

  /// The highest mean return of any policy in a built-in environment with its standard arguments; `nil` if it is not
  /// known.
  public static func optimum(of environment: String) -> Double? { optimal[environment]?.best }

  /// The scale of a run's environment.
  static func known(of settings: RunSettings) -> ScoreScale? {
    known(of: settings.environment, arguments: settings.environmentArguments)
  }

  // Every built-in environment.
  //
  // `make scales` measures the returns of random actions: 10,000 episodes, each ended after 10,000 steps if
  // there is no time limit, all actions drawn with the same probability, also those that a mask rules out.

  /// The environments of which the best score is known.
  private static let optimal: [String: ScoreScale] = [
    // The optimum, as `deep-sarsa optimum` computes it.
    "CliffWalking-v1": ScoreScale(random: -51_321, best: -13),
    "CliffWalkingSlippery-v1": ScoreScale(random: -52_029, best: -64.71),
    "FrozenLake-v1": ScoreScale(random: 0.0145, best: 0.7442),
    "FrozenLake8x8-v1": ScoreScale(random: 0.0015, best: 0.9132),
    "Maze-v0": ScoreScale(random: -93.72, best: -10),
    "MountainCar-v0": ScoreScale(random: -200, best: -97.65),
    "Taxi-v4": ScoreScale(random: -771.2, best: 7.93),
    "bsuite/Catch-v0": ScoreScale(random: -0.592, best: 1),
    "bsuite/DeepSea-v0": ScoreScale(random: -0.0047, best: 0.99),
    // The optimum of the tables of hands, which ScoreScaleTests computes.
    "Blackjack-v1": ScoreScale(random: -0.391, best: -0.0466),
    // The highest return that there is: one for each step up to the time limit.
    "CartPole-v0": ScoreScale(random: 22.25, best: 200),
    "CartPole-v1": ScoreScale(random: 22.25, best: 500),
  ]

  /// The others, of which what the preset `tuned` reaches in docs/results.md is declared to be the best.
  private static let declared: [String: ScoreScale] = [
    "Acrobot-v1": ScoreScale(random: -498.8, best: -70.17),
    "MinAtar/Asterix-v0": ScoreScale(random: 0.498, best: 67.52),
    "MinAtar/Asterix-v1": ScoreScale(random: 0.504, best: 67.52),
    "MinAtar/Breakout-v0": ScoreScale(random: 0.507, best: 125.71),
    "MinAtar/Breakout-v1": ScoreScale(random: 0.389, best: 125.71),
    "MinAtar/Freeway-v0": ScoreScale(random: 0.132, best: 65.71),
    "MinAtar/Freeway-v1": ScoreScale(random: 0.394, best: 65.71),
    "MinAtar/Seaquest-v0": ScoreScale(random: 0.106, best: 79.86),
    "MinAtar/Seaquest-v1": ScoreScale(random: 0.106, best: 79.86),
    "MinAtar/SpaceInvaders-v0": ScoreScale(random: 2.868, best: 332.49),
    "MinAtar/SpaceInvaders-v1": ScoreScale(random: 4.105, best: 332.49),
  ]
}
