/// The presets of control problems.
extension Hyperparameters {
  /// `MountainCar-v0`: three steps of rewards, layer normalisation, and inputs scaled to their bounds.
  ///
  /// Together they learn with a time limit that bootstraps: each alone does not. Exploration ends at ε = 0.
  static var mountainCar: Hyperparameters {
    var result = threeSteps
    result.optimizer.learningRate = .linear(from: 4e-3, to: 1e-5, steps: 120_000)
    result.replay.batchSize = 128
    result.replay.trainFrequency = 2
    result.exploration = .epsilonGreedy(epsilon: .linear(from: 1, to: 0, steps: 16_000))
    result.target.discount = 0.995
    result.target.rule.selection = .target
    result.target.synchronization = TargetSynchronization(every: 300, .steps)
    result.budget = Budget(steps: 120_000)
    return result
  }

  /// A small network, few updates, and exploration that repeats its actions, which reaches the goal earlier.
  static var mountainCarFast: Hyperparameters {
    var result = Hyperparameters()
    result.input.scaling = .bounds
    result.network.hiddenSizes = [64, 64]
    result.optimizer.learningRate = .linear(from: 2e-3, to: 1e-5, steps: 120_000)
    result.replay.batchSize = 32
    result.replay.trainFrequency = 4
    result.exploration = .epsilonGreedy(epsilon: .linear(from: 1, to: 0.02, steps: 12_000))
    result.repeatsExploration = true
    result.target.steps = 5
    result.budget = Budget(steps: 120_000)
    return result
  }

  /// `CartPole-v1`: as for `MountainCar-v0`, with bounds where the environment has none; the target network is
  /// synchronised often.
  static var cartPole: Hyperparameters {
    var result = threeSteps
    result.input.low = [-2.4, -3, -0.21, -3]
    result.input.high = [2.4, 3, 0.21, 3]
    result.optimizer.learningRate = .linear(from: 2.5e-3, to: 1e-5, steps: 50_000)
    result.exploration = .epsilonGreedy(epsilon: .linear(from: 1, to: 0.02, steps: 8_000))
    result.target.synchronization = TargetSynchronization(every: 50, .steps)
    result.budget = Budget(steps: 50_000)
    return result
  }

  /// Parallel SARSA(λ) with one small hidden layer: steps are so cheap that needing more of them costs less.
  static var cartPoleFast: Hyperparameters {
    var result = parallel
    result.network.hiddenSizes = [64]
    result.optimizer.learningRate = .linear(from: 2e-3, to: 1e-5, steps: 80_000)
    result.segment.epochs = 4
    result.segment.minibatches = 8
    result.exploration = .epsilonGreedy(epsilon: .linear(from: 1, to: 0.05, steps: 5_000))
    result.target.lambda = 0.95
    result.environmentCount = 16
    result.budget = Budget(steps: 80_000)
    return result
  }

  /// `Acrobot-v1`: the values that `general` had when `Acrobot-v1` was measured.
  ///
  /// They are spelled out, so that the measured results stay true when the defaults change.
  static var acrobot: Hyperparameters {
    var result = plain
    result.network.isNormalized = true
    result.optimizer.learningRate = .linear(from: 2e-3, to: 1e-5, steps: 100_000)
    result.replay.capacity = 100_000
    result.replay.batchSize = 128
    result.replay.trainFrequency = 2
    result.exploration = .epsilonGreedy(epsilon: .linear(from: 1, to: 0.02, steps: 10_000))
    result.target.rule.selection = .target
    result.target.synchronization = TargetSynchronization(every: 250, .steps)
    result.budget = Budget(steps: 100_000)
    return result
  }

  /// A small network, small minibatches of three-step returns, few updates and a constant learning rate.
  static var acrobotFast: Hyperparameters {
    var result = acrobot
    result.network.hiddenSizes = [64, 64]
    result.optimizer.learningRate = .constant(2e-3)
    result.replay.capacity = 50_000
    result.replay.batchSize = 32
    result.replay.learningStarts = 500
    result.replay.trainFrequency = 4
    result.exploration = .epsilonGreedy(epsilon: .linear(from: 1, to: 0.02, steps: 3_000))
    result.target.steps = 3
    result.target.synchronization = TargetSynchronization(every: 200, .steps)
    result.budget = Budget(steps: 60_000)
    return result
  }

  /// `LunarLander-v3`: a target network that is fixed for a thousand steps keeps the values stable.
  ///
  /// The final ε is 1 %, because a random action near the ground can cause a crash.
  static var lunarLander: Hyperparameters {
    var result = plain
    result.network.hiddenSizes = [128, 128]
    result.optimizer.learningRate = .linear(from: 1e-3, to: 1e-5, steps: 600_000)
    result.optimizer.method = .adamW()
    result.replay.capacity = 200_000
    result.replay.learningStarts = 320
    result.exploration = .epsilonGreedy(epsilon: .linear(from: 1, to: 0.01, steps: 100_000))
    result.target.synchronization = TargetSynchronization(every: 1_000, .steps)
    result.budget = Budget(steps: 600_000)
    return result
  }

  /// Rewards of a fiftieth, so that values are about as large as their first weights make them.
  ///
  /// Three-step returns, layer normalisation, and four environments at once, which share a message through the
  /// bridge. Twice the learning rate for half as many steps was faster, but missed the threshold more often.
  static var lunarLanderFast: Hyperparameters {
    var result = plain
    result.reward.factor = 0.02
    result.network.isNormalized = true
    result.optimizer.learningRate = .linear(from: 1e-3, to: 1e-5, steps: 200_000)
    result.replay.capacity = 100_000
    result.replay.trainFrequency = 2
    result.exploration = .epsilonGreedy(epsilon: .linear(from: 1, to: 0.02, steps: 20_000))
    result.target.steps = 3
    result.target.synchronization = TargetSynchronization(every: 500, .steps)
    result.environmentCount = 4
    result.budget = Budget(steps: 200_000)
    return result
  }

  /// The starting point of the searches: no layer normalisation, and an update of 64 rows at every step.
  private static var plain: Hyperparameters {
    var result = Hyperparameters()
    result.network.isNormalized = false
    result.optimizer.method = .adam()
    result.replay.capacity = 50_000
    result.replay.batchSize = 64
    result.replay.learningStarts = 1_000
    result.replay.trainFrequency = 1
    result.target.discount = 0.99
    result.target.rule = TargetRule(nextAction: .expected, selection: .online)
    result.target.timeLimit = .bootstrap
    return result
  }

  /// What the searches found to work together.
  private static var threeSteps: Hyperparameters {
    var result = plain
    result.input.scaling = .bounds
    result.network.isNormalized = true
    result.target.steps = 3
    return result
  }
}
