internal import SARSAPreconditions

/// All settings of the algorithm.
///
/// The defaults are the preset `general`, for environments without a preset of their own: Expected SARSA
/// with replay, for 100,000 steps. They were chosen by a short comparison in up to ten environments.
///
/// ```swift
/// var hyperparameters = Hyperparameters.notebook
/// hyperparameters.replay.capacity = 100_000
/// try hyperparameters.validate()
/// ```
public struct Hyperparameters: Codable, Hashable, Sendable {
  /// The learning algorithm.
  public var algorithm = Algorithm.replay
  /// The Q-network.
  public var network = NetworkHyperparameters()
  /// The optimiser.
  public var optimizer = OptimizerHyperparameters()
  /// The replay memory and the minibatches.
  public var replay = ReplayHyperparameters()
  /// The behaviour policy over the course of training.
  public var exploration = Exploration.epsilonGreedy(
    epsilon: .linear(from: 1, to: 0.02, steps: 10_000))
  /// How far ε differs between environments: environment i of n acts with ε^(1 + spread·i/(n − 1)).
  ///
  /// 0 gives all environments the same ε; targets always use the plain ε. Source: D. Horgan et al. 2018,
  /// "Distributed Prioritized Experience Replay", https://doi.org/10.48550/arXiv.1803.00933, §4.1.
  public var epsilonSpread = 0.0
  /// Whether exploration is εz-greedy, which repeats the actions that it draws.
  ///
  /// With probability ε, a uniformly drawn action is begun, and repeated for m steps, P(m) ∝ m⁻². Targets keep
  /// the ε-greedy policy.
  ///
  /// Source: W. Dabney et al. 2021, "Temporally-Extended ε-Greedy Exploration",
  /// https://doi.org/10.48550/arXiv.2006.01782.
  public var repeatsExploration = false
  /// The target of the value estimates.
  public var target = TargetHyperparameters()
  /// The number of environments that step together.
  public var environmentCount = 1
  /// When training ends.
  public var budget = Budget()

  /// The defaults.
  public init() {}

  /// Sets the number of training steps, and scales the length of all schedules in proportion.
  ///
  /// A schedule over the first tenth of the old budget becomes one over the first tenth of the new budget.
  /// If `budget.steps` is `nil`, schedules are unchanged. A limit on episodes is removed.
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
  /// The same curve over `factor` times as many steps, limited to the allowed range.
  fileprivate func stretched(by factor: Double) -> Schedule {
    guard var curve else { return self }
    let steps = (Double(curve.steps) * factor).rounded()
    curve.steps = Int(min(max(steps, 1), Double(Hyperparameters.Limit.steps)))
    return Schedule(curve)
  }
}

/// The Q-network, from an observation to one value per action.
public struct NetworkHyperparameters: Codable, Hashable, Sendable {
  /// The whole network from input to output; `nil` for one that the other sizes describe.
  ///
  /// Its input and output must fit the environment. It replaces all other values except the initialiser.
  public var description: NetworkDescription?
  /// The units of each hidden layer, first to last.
  public var hiddenSizes = [128, 64]
  /// The activation of the hidden layers.
  public var activation = Activation.relu
  /// Whether hidden layers are normalised before their activation.
  public var isNormalized = true
  /// Whether the network has a dueling head: a state's value plus the advantages of its actions.
  public var isDueling = false
  /// The initialisation of the weights.
  public var initializer = Initializer.pytorch

  /// The defaults.
  public init() {}
}

/// The optimiser and its loss.
public struct OptimizerHyperparameters: Codable, Hashable, Sendable {
  /// The learning rate α, as a function of environment steps.
  public var learningRate = Schedule.linear(from: 2e-3, to: 1e-5, steps: 100_000)
  /// The method with its parameters.
  public var method = Optimizer.Method.adam()
  /// The loss.
  public var loss = Loss.meanSquaredError
  /// The largest norm of the gradient, to which longer gradients are scaled; `nil` for no limit.
  public var gradientNormLimit: Double?

  /// The defaults.
  public init() {}
}

/// The replay memory.
public struct ReplayHyperparameters: Codable, Hashable, Sendable {
  /// The capacity in transitions; in a full memory the newest replaces the oldest.
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

/// The target y = r + γ·q(s′, a′|θ_target), or its form over several steps.
public struct TargetHyperparameters: Codable, Hashable, Sendable {
  /// γ.
  public var discount = 0.99
  /// The largest number of steps n whose rewards a target sums before it bootstraps.
  ///
  /// Source: R. S. Sutton, A. G. Barto, "Reinforcement Learning", 2nd edition, 2018, §7.2.
  public var steps = 1
  /// λ, how much of the longer returns a λ-return, a trace or a corrected return takes: 0 is one step.
  ///
  /// Source: R. S. Sutton, A. G. Barto, "Reinforcement Learning", 2nd edition, 2018, §12.1.
  public var lambda = 0.8
  /// How a′ is chosen and evaluated.
  public var rule = TargetRule(nextAction: .expected, selection: .target)
  /// How a truncation by a time limit affects the value of the last state.
  public var timeLimit = TimeLimitRule.bootstrap
  /// When and how far θ_target follows θ.
  public var synchronization = TargetSynchronization(every: 250, .steps)

  /// The defaults.
  public init() {}
}

/// When training ends: at the first limit that is reached.
public struct Budget: Codable, Hashable, Sendable {
  /// The limit on environment steps, summed over all environments.
  public var steps: Int?
  /// The limit on finished episodes.
  public var episodes: Int?

  /// Makes a budget; `nil` is no limit, and at least one limit is required.
  public init(steps: Int? = 100_000, episodes: Int? = nil) {
    self.steps = steps
    self.episodes = episodes
  }

  /// Whether a run has used its budget.
  public func isSpent(steps: Int, episodes: Int) -> Bool {
    steps >= self.steps ?? .max || episodes >= self.episodes ?? .max
  }
}

/// How a truncation by a time limit affects the value of the last state.
public enum TimeLimitRule: String, Codable, CaseIterable, Hashable, Sendable {
  /// The target bootstraps from the last state. This is correct, because the state does not contain the
  /// limit.
  ///
  /// Source: F. Pardo et al., "Time Limits in Reinforcement Learning", 2018,
  /// https://doi.org/10.48550/arXiv.1712.00378.
  case bootstrap
  /// The last state counts as terminal. This is incorrect, but the notebook's recipe learns MountainCar
  /// only with it.
  case terminal
}

/// When and how far θ_target follows θ: θ_target ← τθ + (1 − τ)θ_target.
public struct TargetSynchronization: Codable, Hashable, Sendable {
  /// The unit of the period between two synchronisations.
  public enum Unit: String, Codable, CaseIterable, Sendable {
    /// Finished episodes.
    case episodes
    /// Environment steps.
    case steps
  }

  /// The length of the period.
  public var every: Int
  /// The unit of the period.
  public var unit: Unit
  /// The rate τ: 1 is a copy, less is a soft update.
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
