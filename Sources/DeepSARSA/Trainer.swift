/// The training loop, one step at a time: the caller advances it, and stops when it likes.
///
/// Between two calls nothing is under way. Progress, pauses, evaluations and files are the caller's.
///
/// ```swift
/// let environment = TimeLimit(MountainCar(), maximumSteps: 200)
/// var trainer = try Trainer(.notebook, environment: environment, seed: 1)
/// while !trainer.isFinished {
///   let events = try trainer.advance()
///   if events.finishedEpisodes > 0 { print(trainer.finishedEpisodes) }
/// }
/// ```
public struct Trainer<World: VectorEnvironment>: ~Copyable, Sendable {
  /// The agent.
  public private(set) var agent: SARSAAgent
  /// The environment steps taken, all environments together.
  public private(set) var steps = 0
  /// The episodes finished.
  public private(set) var episodes = 0
  /// Those of them that reached a terminal state; the others were cut short.
  public private(set) var terminations = 0
  /// The episodes that the last call finished.
  public private(set) var finishedEpisodes: [Episode] = []
  /// The seeds that the environments were reset with, for whoever wants to replay them.
  public let environmentSeeds: [UInt64]

  private var step: VectorStep
  /// What was acted upon, kept until the transition is remembered.
  private var observations: [Float]
  private var actions: [Int]
  private var returns: [Double]
  private var lengths: [Int]
  /// Steps or episodes until θ is next copied.
  private var untilSynchronization: Int
  /// Last, so that the place of all that is above does not depend on its size: code that serves every
  /// environment would look it up at each access.
  private var environment: World

  /// Makes an agent and starts an episode in every environment.
  ///
  /// - Throws: `TrainingError` for invalid hyperparameters, such as another number of environments than
  ///   there are, for too little memory, or an environment that fails or whose observations are not finite.
  public init(
    _ hyperparameters: Hyperparameters, environment: World, seed: UInt64
  ) throws(TrainingError<World.Failure>) {
    do {
      try hyperparameters.validate(for: environment)
    } catch {
      throw .hyperparameters(error)
    }
    let streams = RandomStreams(seed: seed)
    let seeds = (0..<environment.count).map { streams.seed(.environment, index: UInt32($0)) }
    var environment = environment
    var step = VectorStep(for: environment)
    do {
      try environment.reset(seeds: seeds, into: &step)
    } catch {
      throw .environment(error)
    }
    step.requireSizes(
      count: environment.count, observationSize: environment.specification.observationSize)
    if let number = step.firstNonFinite(step: 0) { throw .number(number) }
    let agent: SARSAAgent
    do {
      agent = try SARSAAgent(hyperparameters, for: environment.specification, seed: seed)
    } catch {
      throw .memory(error)
    }

    self.agent = agent
    self.environment = environment
    self.step = step
    environmentSeeds = seeds
    observations = step.observations
    actions = Array(repeating: 0, count: seeds.count)
    returns = Array(repeating: 0, count: seeds.count)
    lengths = actions
    finishedEpisodes.reserveCapacity(seeds.count)
    untilSynchronization = hyperparameters.target.synchronization.every
  }

  /// Whether the budget is spent.
  public var isFinished: Bool {
    hyperparameters.budget.isSpent(steps: steps, episodes: episodes)
  }

  /// What the agent was told.
  public var hyperparameters: Hyperparameters { agent.hyperparameters }

  /// The policy that acts next.
  public var policy: BehaviorPolicy { hyperparameters.exploration.policy(at: steps) }

  /// The learning rate of the next updates.
  public var learningRate: Double { hyperparameters.optimizer.learningRate.value(at: steps) }

  /// Takes one step in every environment, and the updates that are due.
  ///
  /// - Throws: `TrainingError` if training diverges, if an environment fails, or if a reward or an
  ///   observation is not finite; then that step is neither counted nor remembered. A trainer that threw
  ///   must not be advanced again: its environments may be one step ahead of its memory.
  /// - Complexity: no allocation.
  @discardableResult
  public mutating func advance() throws(TrainingError<World.Failure>) -> TrainingEvents {
    try advance(with: policy, learningRate: learningRate)
  }

  /// The same with a policy and a learning rate of the caller's: any schedule that can be computed.
  ///
  /// - Throws: `TrainingError` for an ε that is not from 0 to 1 or a temperature that is not positive;
  ///   otherwise as `advance()`.
  /// - Complexity: no allocation.
  @discardableResult
  public mutating func advance(
    with policy: BehaviorPolicy, learningRate: Double
  ) throws(TrainingError<World.Failure>) -> TrainingEvents {
    guard policy.isPossible else { throw .hyperparameters(policy.error) }
    var events = TrainingEvents()
    finishedEpisodes.removeAll(keepingCapacity: true)

    // Interact.
    for i in observations.indices { observations[i] = step.observations[i] }
    agent.act(on: observations, by: policy, into: &actions)
    do { try environment.step(actions, into: &step) } catch { throw .environment(error) }
    step.requireSizes(count: actions.count, observationSize: agent.description.inputs)
    if !step.isFinite, let number = step.firstNonFinite(step: steps + environment.count) {
      throw .number(number)
    }

    // Remember.
    agent.remember(observations, actions, step)
    let stepsBefore = steps
    steps += environment.count
    countEpisodes(&events)

    // Learn.
    let replay = hyperparameters.replay
    if agent.memory.count >= replay.learningStarts {
      let due = steps / replay.trainFrequency - stepsBefore / replay.trainFrequency
      for _ in 0..<due {
        do {
          events.update = try agent.learn(for: policy, learningRate: learningRate)
        } catch {
          throw .divergence(error, step: steps)
        }
      }
    }

    // Synchronise.
    if isSynchronizationDue(finishedEpisodes: events.finishedEpisodes) {
      agent.synchronize()
      events.didSynchronize = true
    }
    return events
  }

  private mutating func countEpisodes(_ events: inout TrainingEvents) {
    for i in actions.indices {
      returns[i] += step.rewards[i]
      lengths[i] += 1
      if step.isTerminated[i] || step.isTruncated[i] {
        episodes += 1
        if step.isTerminated[i] { terminations += 1 }
        finishedEpisodes.append(
          Episode(
            number: episodes, step: steps, totalReward: returns[i], length: lengths[i],
            isTerminated: step.isTerminated[i]))
        returns[i] = 0
        lengths[i] = 0
      }
    }
    events.finishedEpisodes = finishedEpisodes.count
  }

  private mutating func isSynchronizationDue(finishedEpisodes: Int) -> Bool {
    let synchronization = hyperparameters.target.synchronization
    switch synchronization.unit {
    case .episodes: untilSynchronization -= finishedEpisodes
    case .steps: untilSynchronization -= environment.count
    }
    if untilSynchronization > 0 { return false }
    // More may have ended in one step than a period is long: that is one occasion.
    while untilSynchronization <= 0 { untilSynchronization += synchronization.every }
    return true
  }
}

/// What one call of `advance` brought.
public struct TrainingEvents: Hashable, Sendable {
  /// The episodes that ended; `Trainer.finishedEpisodes` has them.
  public var finishedEpisodes = 0
  /// The last update, if one was due.
  public var update: Update?
  /// Whether θ_target followed θ.
  public var didSynchronize = false
}

/// A finished training episode.
public struct Episode: Codable, Hashable, Sendable {
  /// Its number, from 1.
  public var number: Int
  /// The environment steps taken when it ended, all environments together.
  public var step: Int
  /// The sum of its rewards.
  public var totalReward: Double
  /// Its steps.
  public var length: Int
  /// Whether it reached a terminal state; otherwise it was cut short.
  public var isTerminated: Bool

  /// Makes an episode's record.
  public init(number: Int, step: Int, totalReward: Double, length: Int, isTerminated: Bool) {
    self.number = number
    self.step = step
    self.totalReward = totalReward
    self.length = length
    self.isTerminated = isTerminated
  }
}

/// Why training stopped before its end.
public enum TrainingError<EnvironmentFailure: Error>: Error, CustomStringConvertible {
  /// A hyperparameter that is not allowed.
  case hyperparameters(HyperparameterError)
  /// Not enough memory.
  case memory(ArenaError)
  /// The environment failed.
  case environment(EnvironmentFailure)
  /// A reward or an observation of the environment is not finite.
  case number(NonFiniteNumber)
  /// A number of the network or its optimiser is no longer finite, after so many environment steps.
  case divergence(Divergence, step: Int)

  /// One line that says what and where.
  public var description: String {
    switch self {
    case .hyperparameters(let error): error.description
    case .memory(let error): error.description
    case .environment(let error): "the environment failed: \(error)"
    case .number(let number): "the environment failed: \(number)"
    case .divergence(let error, let step): "training diverged at step \(step): \(error)"
    }
  }
}
