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
  /// The scaling of observations before the network.
  public var input = InputHyperparameters()
  /// The scaling of rewards before the agent learns from them.
  public var reward = RewardHyperparameters()
  /// The Q-network.
  public var network = NetworkHyperparameters()
  /// The optimiser.
  public var optimizer = OptimizerHyperparameters()
  /// The replay memory and the minibatches.
  public var replay = ReplayHyperparameters()
  /// The stretches of steps after which `ParallelSARSA` learns.
  public var segment = SegmentHyperparameters()
  /// The policy over the course of training.
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
  /// The eligibility traces of `StreamingSARSA`.
  public var traces = TraceHyperparameters()
  /// The program whose deviations from its paper are reproduced.
  public var parity = Parity.none
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

/// The scaling of observations before the network.
///
/// It is stored in the model file, so that evaluations, rollouts and other programs scale alike.
public struct InputHyperparameters: Codable, Hashable, Sendable {
  /// How observations are scaled.
  public enum Scaling: String, Codable, CaseIterable, Hashable, Sendable {
    /// Not at all.
    case none
    /// From the bounds of each number to −1 … 1. A number without bounds, or of a one-hot observation, is
    /// not scaled.
    case bounds
    /// By the mean and the standard deviation of the observations seen in training.
    case running
  }

  /// How observations are scaled.
  public var scaling = Scaling.none
  /// The lower bounds, one per number of an observation; `nil` for those that the environment declares.
  public var low: [Double]?
  /// The upper bounds, one per number of an observation.
  public var high: [Double]?

  /// The numbers that a bound can be.
  ///
  /// A number for which an environment declares a larger one counts as one without bounds.
  static let bounds = -1e30...1e30
  /// The least distance of two bounds, so that the scale can be represented as a `Float`.
  static let leastWidth = 1e-30

  /// The defaults.
  public init() {}
}

extension InputHyperparameters {
  /// Extends bounds that a preset gives for an environment to its observations within wrappers.
  ///
  /// A stack of observations has the bounds of one again and again; a number behind them, such as the time, has the
  /// bounds that the environment declares. Nothing changes if the bounds are not the preset's.
  public mutating func extendBounds(
    of preset: InputHyperparameters, to specification: EnvironmentSpecification
  ) {
    guard let low, let high, low == preset.low, high == preset.high, low.count == high.count,
      !low.isEmpty, low.count < specification.observationSize
    else { return }
    let declared = specification.observationSpace.bounds
    let stacked = specification.observationSize / low.count * low.count
    func extended(_ bounds: [Double], _ declared: [Float]) -> [Double] {
      declared.indices.map { $0 < stacked ? bounds[$0 % bounds.count] : Double(declared[$0]) }
    }
    self.low = extended(low, declared.low)
    self.high = extended(high, declared.high)
  }
}

/// The scaling of rewards before the agent learns from them.
public struct RewardHyperparameters: Codable, Hashable, Sendable {
  /// What rewards are divided by.
  public enum Scaling: String, Codable, CaseIterable, Hashable, Sendable {
    /// Nothing.
    case none
    /// The standard deviation of discounted sums of rewards so far.
    case running
  }

  /// What rewards are divided by.
  public var scaling = Scaling.none
  /// The factor of rewards, after the division.
  public var factor = 1.0
  /// The largest size of a reward, after the factor; `nil` for no limit.
  public var limit: Double?

  /// The defaults.
  public init() {}
}

/// The Q-network, from an observation to one value per action.
public struct NetworkHyperparameters: Codable, Hashable, Sendable {
  /// The whole network from input to output; `nil` for one that the other sizes describe.
  ///
  /// Its input and output must fit the environment. It replaces all other values except the initialiser.
  public var description: NetworkDescription?
  /// The filters of each convolution of 3 by 3 cells before the hidden layers, first to last, for observations that
  /// are boards.
  public var filters: [Int] = []
  /// The units of each hidden layer, first to last.
  public var hiddenSizes = [128, 64]
  /// The activation of the hidden layers.
  public var activation = Activation.relu
  /// Whether hidden layers are normalised before their activation.
  public var isNormalized = true
  /// Whether a normalisation of hidden layers has a gain and a bias.
  public var isNormalizationAffine = true
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
  /// How transitions are drawn by the size of their errors.
  public var priority = PriorityHyperparameters()

  /// The defaults.
  public init() {}
}

/// How transitions are drawn from the replay memory by priority: the size of the error of their last update.
///
/// A new transition has the largest priority so far. With an exponent of 0 all are equally likely, and nothing
/// is stored for it.
///
/// Source: T. Schaul et al. 2016, "Prioritized Experience Replay",
/// https://doi.org/10.48550/arXiv.1511.05952.
public struct PriorityHyperparameters: Codable, Hashable, Sendable {
  /// α, the power of the priority with which the probability of a transition grows; 0 for uniform draws.
  public var exponent = 0.0
  /// β₀, the first exponent of the weights that correct the loss for unequal draws.
  ///
  /// It rises in proportion to the share of the budget that is used, to 1 at its end: a full correction.
  public var correction = 0.4

  /// The defaults.
  public init() {}
}

/// The segments of `ParallelSARSA`: steps of every environment, from which it learns together and once.
public struct SegmentHyperparameters: Codable, Hashable, Sendable {
  /// The steps of each environment in a segment; with n environments it has n times as many rows.
  public var steps = 32
  /// The passes over a segment's rows.
  public var epochs = 2
  /// The minibatches of a pass, each with an update; their sizes differ by one row at most.
  public var minibatches = 16

  /// The defaults.
  public init() {}
}

/// The target y = r + γ·q(s′, a′|θ_target), or its form over several steps.
public struct TargetHyperparameters: Codable, Hashable, Sendable {
  /// γ.
  public var discount = 0.99
  /// The largest number of steps n of the window whose return a target is.
  ///
  /// Source: R. S. Sutton, A. G. Barto, "Reinforcement Learning", 2nd edition, 2018, §7.2.
  public var steps = 1
  /// The kind of return that a target is.
  public var returns = ReturnKind.nStep
  /// λ, how much of the longer returns a λ-return, a trace or a corrected return takes: 0 is one step.
  ///
  /// Source: R. S. Sutton, A. G. Barto, "Reinforcement Learning", 2nd edition, 2018, §12.1.
  public var lambda = 0.8
  /// σ, how much a return of `ReturnKind.qSigma` samples: 0 is tree backup, 1 importance sampling.
  public var sigma = 0.5
  /// How a′ is chosen and evaluated.
  public var rule = TargetRule(nextAction: .expected, selection: .target)
  /// How a truncation by a time limit affects the value of the last state.
  public var timeLimit = TimeLimitRule.bootstrap
  /// When and how far θ_target follows θ.
  public var synchronization = TargetSynchronization(every: 250, .steps)

  /// The defaults.
  public init() {}
}

/// The eligibility traces of an agent that learns on-line, and the bound of its steps.
public struct TraceHyperparameters: Codable, Hashable, Sendable {
  /// How a trace z moves.
  public enum Kind: String, Codable, CaseIterable, Sendable {
    /// z ← γλ·z + ∇q(s, a), for any network.
    case accumulating
    /// z ← γλ·z, then 1 for every feature that is 1; for linear networks whose features are 0 or 1.
    ///
    /// Source: S. P. Singh, R. S. Sutton 1996, https://doi.org/10.1007/BF00114726.
    case replacing
    /// The traces of true online SARSA(λ), for linear networks.
    ///
    /// Source: H. van Seijen et al. 2016, https://jmlr.org/papers/v17/15-599.html.
    case dutch
  }

  /// When a trace is emptied within an episode.
  public enum Cut: String, Codable, CaseIterable, Sendable {
    /// Never; with the rule `greedy`, naive Q(λ).
    case never
    /// Before the gradient of an exploratory action, one whose value is below the largest in its state;
    /// with the rule `greedy`, Watkins's Q(λ).
    case exploratory
  }

  /// How a trace moves.
  public var kind = Kind.accumulating
  /// When a trace is emptied within an episode.
  public var cut = Cut.never
  /// κ, which bounds a step: it is divided by α·κ·max(|δ|, 1)·‖z‖₁ where that is above 1.
  ///
  /// 0 is no bound.
  /// Source: M. Elsayed et al. 2024, https://doi.org/10.48550/arXiv.2410.14606.
  public var kappa = 0.0

  /// The defaults.
  public init() {}
}

/// A program whose deviations from its paper are reproduced, to compare runs.
public enum Parity: String, Codable, CaseIterable, Hashable, Sendable {
  /// None: the algorithm as published.
  case none
  /// The program of M. Elsayed et al. 2024, https://github.com/mohmdelsayed/streaming-drl.
  ///
  /// With `StreamingSARSA`, the action that was drawn in an episode's last state is the first one of the next
  /// episode, a trace is cut after the update of an exploratory action, and the sum of rewards by which a
  /// running scaling divides them starts again at an episode's last reward. Three further differences are
  /// settings of their own: `Initializer.streamingDRL`, `TimeLimitRule.terminal`, and the time in the
  /// observation, which a wrapper adds.
  case streamingDRL = "streaming-drl"
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

  /// The share of the budget that a run has used, from 0 to 1: the larger one of the shares of both limits.
  public func usedShare(steps: Int, episodes: Int) -> Double {
    let steps = self.steps.map { Double(steps) / Double($0) } ?? 0
    let episodes = self.episodes.map { Double(episodes) / Double($0) } ?? 0
    return min(1, max(steps, episodes))
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
