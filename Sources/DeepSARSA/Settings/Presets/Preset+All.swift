extension Preset {
  /// All presets: those of single environments first; an environment's first preset is its default.
  public static let all = [
    Preset(
      "tuned", .mountainCar, for: ["MountainCar-v0"],
      """
      found by a search of 562 runs with 102 settings of MountainCar-v0 and CartPole-v1; the time limit \
      counts as a termination
      """),
    Preset(
      "tuned", .cartPole, for: ["CartPole-v1", "CartPole-v0"],
      "found by a search of 562 runs with 102 settings of MountainCar-v0 and CartPole-v1"),
    Preset(
      "fast", .cartPoleFast, for: ["CartPole-v1"], evaluationInterval: 500, stopsAtThreshold: true,
      """
      stops at the reward threshold, and reaches it quickly; the fastest of 14 settings that were tried \
      with 12 to 20 seeds each
      """),
    Preset(
      "tuned", .acrobot, for: ["Acrobot-v1"],
      """
      the values of 'general', which a short comparison on this and other environments chose; no \
      search was made for this environment alone
      """),
    Preset(
      "fast", .acrobotFast, for: ["Acrobot-v1"], evaluationInterval: 4_000,
      stopsAtThreshold: true,
      """
      stops at the reward threshold, and reaches it quickly; chosen from 15 settings that were tried with \
      12 seeds each
      """),
    Preset(
      "tuned", .lunarLander, for: ["LunarLander-v3"],
      "the best of a few settings that were tried by hand; no search was made"),
    Preset(
      "general", Hyperparameters(),
      """
      the defaults, for environments without a preset of their own; chosen from ten settings by a short \
      comparison in up to ten environments, with one or two seeds
      """),
    Preset(
      "notebook", .notebook,
      "the recipe of a course's notebook for MountainCar-v0, with one mistake corrected; no search was made"
    ),
    Preset(
      "parallel", .parallel,
      """
      SARSA(λ) in 32 environments at once, without replay memory and target network; rule and λ are the \
      best of six pairs that were tried in CartPole-v1 and Acrobot-v1 with three seeds each
      """),
    Preset(
      "streaming", .streaming,
      """
      stream SARSA(λ), which learns from each transition once and stores none, with the values of its \
      authors; no search was made
      """),
  ]
}

extension Hyperparameters {
  /// The notebook's recipe for `MountainCar-v0`, including `TimeLimitRule.terminal`.
  ///
  /// It differs from the notebook in one point, a mistake of the notebook: whether a target explores is
  /// drawn for each row of a minibatch, not once for all rows.
  public static var notebook: Hyperparameters {
    var result = Hyperparameters()
    result.network.hiddenSizes = [128, 64]
    result.network.activation = .relu
    result.network.isNormalized = false
    result.network.isDueling = false
    result.network.initializer = .pytorch
    result.optimizer.learningRate = .constant(1e-3)
    result.optimizer.method = .adamW()
    result.optimizer.loss = .meanSquaredError
    result.optimizer.gradientNormLimit = nil
    result.replay.capacity = 1_000_000
    result.replay.batchSize = 32
    result.replay.learningStarts = 320
    result.replay.trainFrequency = 1
    result.exploration = .epsilonGreedy(epsilon: .constant(0.01))
    result.target.discount = 0.99
    result.target.rule = TargetRule(nextAction: .resampled, selection: .online)
    result.target.timeLimit = .terminal
    result.target.synchronization = TargetSynchronization(every: 10, .episodes)
    result.environmentCount = 1
    result.budget = Budget(steps: nil, episodes: 2_500)
    return result
  }

  /// Stream SARSA(λ) with the values of its authors, but for ε, which falls over a fifth of the budget.
  ///
  /// Source: M. Elsayed et al. 2024, https://doi.org/10.48550/arXiv.2410.14606, and its program.
  public static var streaming: Hyperparameters {
    var result = Hyperparameters()
    result.algorithm = .streaming
    result.input.scaling = .running
    result.reward.scaling = .running
    result.network.hiddenSizes = [32, 32]
    result.network.activation = .leakyReLU
    result.network.isNormalized = true
    result.network.isNormalizationAffine = false
    result.network.isDueling = false
    result.network.initializer = .sparse
    result.optimizer.learningRate = .constant(1)
    result.optimizer.method = .sgd()
    result.optimizer.loss = .meanSquaredError
    result.optimizer.gradientNormLimit = nil
    result.exploration = .epsilonGreedy(epsilon: .linear(from: 1, to: 0.01, steps: 100_000))
    result.target.discount = 0.99
    result.target.steps = 1
    result.target.lambda = 0.8
    result.target.rule.nextAction = .stored
    result.target.timeLimit = .bootstrap
    result.traces.kind = .accumulating
    result.traces.cut = .never
    result.traces.kappa = 2
    result.environmentCount = 1
    result.budget = Budget(steps: 500_000)
    return result
  }

  /// `MountainCar-v0`: the time limit counts as a termination, as in the notebook.
  ///
  /// Terminations give the values a known end point, long before an episode first reaches the goal. The
  /// expectation over the next action avoids the noise of a drawn action. The learning rate falls to
  /// nearly 0, so that the last network is about as good as the best one.
  fileprivate static var mountainCar: Hyperparameters {
    var result = plain
    result.optimizer.learningRate = .linear(from: 4e-3, to: 1e-5, steps: 150_000)
    result.replay.batchSize = 128
    result.replay.trainFrequency = 2
    result.exploration = .epsilonGreedy(epsilon: .linear(from: 1, to: 0.02, steps: 20_000))
    result.target.discount = 0.995
    result.target.rule.selection = .target
    result.target.timeLimit = .terminal
    result.target.synchronization = TargetSynchronization(every: 300, .steps)
    result.budget = Budget(steps: 150_000)
    return result
  }

  /// `CartPole-v1`: the target network is synchronised often.
  fileprivate static var cartPole: Hyperparameters {
    var result = plain
    result.optimizer.learningRate = .linear(from: 2.5e-3, to: 1e-5, steps: 50_000)
    result.exploration = .epsilonGreedy(epsilon: .linear(from: 1, to: 0.02, steps: 8_000))
    result.target.synchronization = TargetSynchronization(every: 50, .steps)
    result.budget = Budget(steps: 50_000)
    return result
  }

  /// A smaller minibatch saves more time than the additional steps cost.
  ///
  /// A constant learning rate reaches
  /// the threshold before the policy becomes unstable.
  fileprivate static var cartPoleFast: Hyperparameters {
    var result = cartPole
    result.optimizer.learningRate = .constant(4e-3)
    result.replay.batchSize = 32
    result.replay.learningStarts = 500
    result.exploration = .epsilonGreedy(epsilon: .linear(from: 1, to: 0.02, steps: 3_000))
    result.target.synchronization = TargetSynchronization(every: 25, .steps)
    result.budget = Budget(steps: 30_000)
    return result
  }

  /// `Acrobot-v1`: the values that `general` had when `Acrobot-v1` was measured.
  ///
  /// They are spelled out, so that the measured results stay true when the defaults change.
  fileprivate static var acrobot: Hyperparameters {
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

  /// As for `CartPole-v1`: smaller minibatches and a constant learning rate.
  fileprivate static var acrobotFast: Hyperparameters {
    var result = acrobot
    result.network.hiddenSizes = [64, 64]
    result.optimizer.learningRate = .constant(2e-3)
    result.replay.capacity = 50_000
    result.replay.batchSize = 32
    result.replay.learningStarts = 500
    result.exploration = .epsilonGreedy(epsilon: .linear(from: 1, to: 0.02, steps: 3_000))
    result.target.synchronization = TargetSynchronization(every: 200, .steps)
    result.budget = Budget(steps: 60_000)
    return result
  }

  /// `LunarLander-v3`: a target network that is fixed for a thousand steps keeps the values stable.
  ///
  /// The final ε is 1 %, because a random action near the ground can cause a crash.
  fileprivate static var lunarLander: Hyperparameters {
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

  /// Parallel SARSA(λ): many environments and layer normalisation instead of memory and target network.
  ///
  /// The sizes of segments and minibatches, RAdam and the limit on the gradient's norm are those of the source,
  /// M. Gallici et al. 2025, https://doi.org/10.48550/arXiv.2407.04811, for fewer environments.
  fileprivate static var parallel: Hyperparameters {
    var result = Hyperparameters()
    result.algorithm = .parallel
    result.network.isNormalized = true
    result.optimizer.learningRate = .linear(from: 1e-3, to: 1e-5, steps: 500_000)
    result.optimizer.method = .rAdam()
    result.optimizer.gradientNormLimit = 10
    result.segment.steps = 32
    result.segment.epochs = 2
    result.segment.minibatches = 16
    result.exploration = .epsilonGreedy(epsilon: .linear(from: 1, to: 0.05, steps: 50_000))
    result.target.discount = 0.99
    result.target.lambda = 0.9
    result.target.rule.nextAction = .stored
    result.target.timeLimit = .bootstrap
    result.environmentCount = 32
    result.budget = Budget(steps: 500_000)
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
}
