internal import SARSAPreconditions

/// Everything that a training run can be told.
///
/// The defaults, which are the preset `general`, are for an environment that has no settings of its own:
/// Expected SARSA with replay, for 100,000 steps. They were chosen by a short comparison over all
/// environments that are built in.
///
/// ```swift
/// var hyperparameters = Hyperparameters.notebook
/// hyperparameters.replay.capacity = 100_000
/// try hyperparameters.validate()
/// ```
public struct Hyperparameters: Codable, Hashable, Sendable {
  /// The Q-network.
  public var network = NetworkHyperparameters()
  /// The descent.
  public var optimizer = OptimizerHyperparameters()
  /// The memory and what is drawn from it.
  public var replay = ReplayHyperparameters()
  /// How actions are chosen: from every one to nearly always the best.
  public var exploration = Exploration.epsilonGreedy(
    epsilon: .linear(from: 1, to: 0.02, steps: 10_000))
  /// The target that estimates move to.
  public var target = TargetHyperparameters()
  /// How many environments step together.
  public var environmentCount = 1
  /// When training ends.
  public var budget = Budget()

  /// The defaults.
  public init() {}

  /// Sets how many steps training has, and stretches or shrinks all schedules in proportion.
  ///
  /// A schedule over the first tenth of the old budget is one over the first tenth of the new. Without an
  /// old number of steps (`budget.steps` is `nil`), schedules stay as they are. A limit on episodes is
  /// dropped.
  ///
  /// - Precondition: `steps` is positive.
  public mutating func stretch(toSteps steps: Int) {
    require(steps > 0, "steps is \(steps); allowed: 1 or more")
    if let old = budget.steps, old > 0 {
      let factor = Double(steps) / Double(old)
      optimizer.learningRate = optimizer.learningRate.stretched(by: factor)
      switch exploration {
      case .epsilonGreedy(let schedule):
        exploration = .epsilonGreedy(epsilon: schedule.stretched(by: factor))
      case .boltzmann(let schedule):
        exploration = .boltzmann(temperature: schedule.stretched(by: factor))
      }
    }
    budget = Budget(steps: steps)
  }
}

extension Schedule {
  /// The same curve over `factor` times as many steps, at least one and at most as many as may be.
  fileprivate func stretched(by factor: Double) -> Schedule {
    guard var curve else { return self }
    let steps = (Double(curve.steps) * factor).rounded()
    curve.steps = Int(min(max(steps, 1), Double(Hyperparameters.Limit.steps)))
    return Schedule(curve)
  }
}

/// The Q-network: observations in, one value per action out.
public struct NetworkHyperparameters: Codable, Hashable, Sendable {
  /// The units of each hidden layer, first to last.
  public var hiddenSizes = [128, 64]
  /// What ends each hidden layer.
  public var activation = Activation.relu
  /// Whether hidden layers are normalised before their activation.
  public var isNormalized = true
  /// Whether the values are a state's value plus its actions' advantages.
  public var isDueling = false
  /// How weights are first drawn.
  public var initializer = Initializer.pytorch

  /// The defaults.
  public init() {}
}

/// The descent on the loss.
public struct OptimizerHyperparameters: Codable, Hashable, Sendable {
  /// α, over environment steps.
  public var learningRate = Schedule.linear(from: 2e-3, to: 1e-5, steps: 100_000)
  /// The method, with its own numbers.
  public var method = Optimizer.Method.adam()
  /// What is made small.
  public var loss = Loss.meanSquaredError
  /// The norm that a longer gradient is scaled to; `nil` for none.
  public var gradientNormLimit: Double?

  /// The defaults.
  public init() {}
}

/// The replay memory.
public struct ReplayHyperparameters: Codable, Hashable, Sendable {
  /// The transitions that are remembered; then the newest replaces the oldest.
  public var capacity = 100_000
  /// The transitions in a minibatch.
  public var batchSize = 128
  /// The transitions that must be stored before the first update.
  public var learningStarts = 1_000
  /// The environment steps from one update to the next.
  public var trainFrequency = 2

  /// The defaults.
  public init() {}
}

/// The target y = r + γ·q(s′, a′|θ_target).
public struct TargetHyperparameters: Codable, Hashable, Sendable {
  /// γ.
  public var discount = 0.99
  /// How a′ is chosen and valued.
  public var rule = TargetRule(nextAction: .expected, selection: .target)
  /// What a time limit's cut means for the value of the last state.
  public var timeLimit = TimeLimitRule.bootstrap
  /// When and how far θ_target follows θ.
  public var synchronization = TargetSynchronization(every: 250, .steps)

  /// The defaults.
  public init() {}
}

/// When training ends: at whichever comes first.
public struct Budget: Codable, Hashable, Sendable {
  /// The environment steps, all environments together.
  public var steps: Int?
  /// The finished episodes.
  public var episodes: Int?

  /// Makes a budget; `nil` is no limit, and one of the two must be limited.
  public init(steps: Int? = 100_000, episodes: Int? = nil) {
    self.steps = steps
    self.episodes = episodes
  }

  /// Whether a run has come to its end.
  public func isSpent(steps: Int, episodes: Int) -> Bool {
    steps >= self.steps ?? .max || episodes >= self.episodes ?? .max
  }
}

/// What a time limit's cut means for the value of the last state.
public enum TimeLimitRule: String, Codable, CaseIterable, Hashable, Sendable {
  /// The state has its value: the target bootstraps. This is right; the limit is not in the state.
  ///
  /// Source: F. Pardo et al., "Time Limits in Reinforcement Learning", 2018,
  /// https://doi.org/10.48550/arXiv.1712.00378.
  case bootstrap
  /// The state counts as terminal. This is wrong, and it is why the notebook learns MountainCar.
  case terminal
}

/// When and how far θ_target follows θ: θ_target ← τθ + (1 − τ)θ_target.
public struct TargetSynchronization: Codable, Hashable, Sendable {
  /// What is counted between two of them.
  public enum Unit: String, Codable, CaseIterable, Sendable {
    /// Finished episodes.
    case episodes
    /// Environment steps.
    case steps
  }

  /// How many.
  public var every: Int
  /// Of what.
  public var unit: Unit
  /// τ: 1 copies, less follows softly.
  ///
  /// Source: T. P. Lillicrap et al. 2016, https://doi.org/10.48550/arXiv.1509.02971.
  public var rate: Double

  /// Makes a rule, such as a copy every 10 episodes.
  public init(every: Int, _ unit: Unit, rate: Double = 1) {
    self.every = every
    self.unit = unit
    self.rate = rate
  }
}
