/// The presets of every environment, but for `general`, which are the defaults.
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

  /// Stream SARSA(λ) with the values of its authors, but for wider layers.
  ///
  /// The authors' sparse initialisation leaves no weights in a layer of up to 9 inputs. Here that is better than
  /// one weight for each unit: in trials with Acrobot-v1, 10 of 10 seeds reached −100, instead of 6.
  ///
  /// Source: M. Elsayed et al. 2024, https://doi.org/10.48550/arXiv.2410.14606, and its program.
  public static var streaming: Hyperparameters {
    var result = Hyperparameters()
    result.algorithm = .streaming
    result.input.scaling = .running
    result.reward.scaling = .running
    result.network.hiddenSizes = [128, 128]
    result.network.activation = .leakyReLU
    result.network.isNormalized = true
    result.network.isNormalizationAffine = false
    result.network.isDueling = false
    result.network.initializer = .streamingDRL
    result.optimizer.learningRate = .constant(1)
    result.optimizer.method = .sgd()
    result.optimizer.loss = .meanSquaredError
    result.optimizer.gradientNormLimit = nil
    result.exploration = .epsilonGreedy(epsilon: .linear(from: 1, to: 0.01, steps: 25_000))
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

  /// Parallel SARSA(λ): many environments and layer normalisation instead of memory and target network.
  ///
  /// The sizes of segments and minibatches, RAdam and the limit on the gradient's norm are those of the source,
  /// M. Gallici et al. 2025, https://doi.org/10.48550/arXiv.2407.04811, for fewer environments.
  static var parallel: Hyperparameters {
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
}
