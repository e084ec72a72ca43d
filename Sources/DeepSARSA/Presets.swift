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
  /// The time limit counts as an end, as in the notebook: without it nothing is learned before the
  /// first arrival, and that takes a random policy longer than a run. The learning rate falls to
  /// nearly nothing, so that the last network is as good as the best.
  public static var mountainCar: Hyperparameters {
    var result = Hyperparameters()
    result.network.hiddenSizes = [128, 64]
    result.optimizer.method = .adam()
    result.optimizer.learningRate = .linear(from: 4e-3, to: 1e-5, steps: 150_000)
    result.replay.capacity = 50_000
    result.replay.batchSize = 64
    result.replay.learningStarts = 1_000
    result.replay.trainFrequency = 2
    result.exploration = .epsilonGreedy(epsilon: .linear(from: 1, to: 0.01, steps: 20_000))
    result.target.rule.nextAction = .expected
    result.target.timeLimit = .terminal
    result.target.synchronization = TargetSynchronization(every: 200, .steps)
    result.budget = Budget(steps: 150_000)
    return result
  }

  /// The settings for `CartPole-v1` that were searched for.
  public static var cartPole: Hyperparameters {
    var result = Hyperparameters()
    result.network.hiddenSizes = [128, 128]
    result.optimizer.method = .adam()
    result.optimizer.learningRate = .linear(from: 1e-3, to: 1e-5, steps: 100_000)
    result.replay.batchSize = 64
    result.replay.learningStarts = 1_000
    result.exploration = .epsilonGreedy(epsilon: .linear(from: 1, to: 0.05, steps: 10_000))
    result.target.rule.nextAction = .expected
    result.target.synchronization = TargetSynchronization(every: 500, .steps)
    result.budget = Budget(steps: 100_000)
    return result
  }

  /// The presets that an environment can be trained with, by name.
  ///
  /// `general` are the defaults, which suit no environment in particular; `notebook` is the recipe of
  /// the course; `tuned` is there for environments that settings were searched for.
  public static func presets(
    for environment: String
  ) -> [(name: String, hyperparameters: Hyperparameters)] {
    [("general", Hyperparameters()), ("notebook", .notebook)]
      + (tuned(for: environment).map { [("tuned", $0)] } ?? [])
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
    default: nil
    }
  }
}
