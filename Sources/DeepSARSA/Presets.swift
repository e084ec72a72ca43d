extension Hyperparameters {
  /// The notebook's recipe for `MountainCar-v0`, its time limit's meaning included.
  ///
  /// It differs from the notebook in one point, where the notebook errs: ε is tossed for each row of
  /// a minibatch, not once for all of them.
  public static var notebook: Hyperparameters {
    var result = Hyperparameters()
    result.network.hiddenSizes = [128, 64]
    result.optimizer.learningRate = .constant(1e-3)
    result.replay.capacity = 1_000_000
    result.replay.batchSize = 32
    result.replay.learningStarts = 320
    result.exploration = .epsilonGreedy(epsilon: .constant(0.01))
    result.target.discount = 0.99
    result.target.timeLimit = .terminal
    result.target.synchronization = TargetSynchronization(every: 10, .episodes)
    result.budget = Budget(steps: nil, episodes: 2_500)
    return result
  }

  /// The settings for `MountainCar-v0` that were searched for.
  ///
  /// The time limit counts as an end, as in the notebook: an episode that ends anywhere gives values a
  /// place to start from, long before the first arrival. The expected next action spares the noise of
  /// drawing one, and the learning rate falls to nearly nothing, so that the last network is about as
  /// good as the best.
  public static var mountainCar: Hyperparameters {
    var result = tuned
    result.replay.batchSize = 128
    result.replay.trainFrequency = 2
    result.optimizer.learningRate = .linear(from: 4e-3, to: 1e-5, steps: 150_000)
    result.exploration = .epsilonGreedy(epsilon: .linear(from: 1, to: 0.02, steps: 20_000))
    result.target.discount = 0.995
    result.target.rule.selection = .target
    result.target.timeLimit = .terminal
    result.target.synchronization = TargetSynchronization(every: 300, .steps)
    result.budget = Budget(steps: 150_000)
    return result
  }

  /// The settings for `CartPole-v1` that were searched for.
  ///
  /// Its time limit cuts what goes well, so it bootstraps; the target network follows closely.
  public static var cartPole: Hyperparameters {
    var result = tuned
    result.optimizer.learningRate = .linear(from: 2.5e-3, to: 1e-5, steps: 50_000)
    result.exploration = .epsilonGreedy(epsilon: .linear(from: 1, to: 0.02, steps: 8_000))
    result.target.synchronization = TargetSynchronization(every: 50, .steps)
    result.budget = Budget(steps: 50_000)
    return result
  }

  /// The settings with which `CartPole-v1` reaches its threshold soonest, by the clock.
  ///
  /// A smaller minibatch costs less than the steps that it adds, and a learning rate that does not fall
  /// gets there before it wobbles. Training is meant to stop there, and ends after 30,000 steps if it
  /// does not get there.
  public static var cartPoleFast: Hyperparameters {
    var result = cartPole
    result.replay.batchSize = 32
    result.replay.learningStarts = 500
    result.optimizer.learningRate = .constant(4e-3)
    result.exploration = .epsilonGreedy(epsilon: .linear(from: 1, to: 0.02, steps: 3_000))
    result.target.synchronization = TargetSynchronization(every: 25, .steps)
    result.budget = Budget(steps: 30_000)
    return result
  }

  /// Settings with which Gymnasium's `LunarLander-v3` learns to land.
  ///
  /// They were the best of a handful that were tried. The expected next action and a target network that
  /// stays for a thousand steps keep values calm; exploration ends at 1 %, for a slip near the ground is
  /// a crash.
  public static var lunarLander: Hyperparameters {
    var result = Hyperparameters()
    result.network.hiddenSizes = [128, 128]
    result.optimizer.learningRate = .linear(from: 1e-3, to: 1e-5, steps: 600_000)
    result.replay.capacity = 200_000
    result.replay.batchSize = 64
    result.exploration = .epsilonGreedy(epsilon: .linear(from: 1, to: 0.01, steps: 100_000))
    result.target.rule.nextAction = .expected
    result.target.synchronization = TargetSynchronization(every: 1_000, .steps)
    result.budget = Budget(steps: 600_000)
    return result
  }

  /// What the searches had in common.
  private static var tuned: Hyperparameters {
    var result = Hyperparameters()
    result.optimizer.method = .adam()
    result.replay.capacity = 50_000
    result.replay.batchSize = 64
    result.replay.learningStarts = 1_000
    result.target.rule.nextAction = .expected
    return result
  }

  /// The presets that an environment can be trained with, by name.
  ///
  /// `general` are the defaults, which suit no environment in particular; `notebook` is the recipe of
  /// the course; `tuned` is there for environments that settings were searched for; `fast` is there
  /// where the search was for the least time.
  public static func presets(
    for environment: String
  ) -> [(name: String, hyperparameters: Hyperparameters)] {
    [("general", Hyperparameters()), ("notebook", .notebook)]
      + (tuned(for: environment).map { [("tuned", $0)] } ?? [])
      + (environment == "CartPole-v1" ? [("fast", .cartPoleFast)] : [])
  }

  /// What an environment is trained with if nothing else is said: `tuned` if there is one.
  public static func standard(for environment: String) -> Hyperparameters {
    tuned(for: environment) ?? Hyperparameters()
  }

  /// The settings that were searched for, or `nil` if none were.
  public static func tuned(for environment: String) -> Hyperparameters? {
    switch environment {
    case "MountainCar-v0": .mountainCar
    case "CartPole-v0", "CartPole-v1": .cartPole
    case "LunarLander-v3": .lunarLander
    default: nil
    }
  }
}
