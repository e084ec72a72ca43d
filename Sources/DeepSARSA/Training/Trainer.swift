/// The training loop, which the caller advances step by step and can stop after any step.
///
/// No work continues between two calls. Progress, pauses, evaluations and files are up to the caller.
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
  /// The number of environment steps, summed over all environments.
  public private(set) var steps = 0
  /// The number of finished episodes.
  public private(set) var episodes = 0
  /// The number of episodes that reached a terminal state; the other finished ones were truncated.
  public private(set) var terminations = 0
  /// The episodes that the last call finished.
  public private(set) var finishedEpisodes: [Episode] = []
  /// The environments' seeds, with which their episodes can be repeated.
  public let environmentSeeds: [UInt64]

  private var step: VectorStep
  /// The observations before the step, kept until the transition is stored.
  private var observations: [Float]
  private var actions: [Int]
  private var returns: [Double]
  private var lengths: [Int]
  /// Steps or episodes until θ is next copied.
  private var untilSynchronization: Int
  /// The environments.
  ///
  /// They are the last property, because unspecialised generic code computes the offsets
  /// of all fields behind a generic field at run time, at each access.
  private var environment: World

  /// Makes an agent and starts an episode in every environment.
  ///
  /// - Throws: `TrainingError` for invalid hyperparameters, such as an `environmentCount` that differs from
  ///   the vector's, for too little memory, and for an environment that fails or whose observations are
  ///   not finite.
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

  /// Whether the budget is used up.
  public var isFinished: Bool {
    hyperparameters.budget.isSpent(steps: steps, episodes: episodes)
  }

  /// The agent's settings.
  public var hyperparameters: Hyperparameters { agent.hyperparameters }

  /// The behaviour policy of the next step.
  public var policy: BehaviorPolicy { hyperparameters.exploration.policy(at: steps) }

  /// The learning rate of the next updates.
  public var learningRate: Double { hyperparameters.optimizer.learningRate.value(at: steps) }

  /// Takes one step in every environment, and makes the updates that are due.
  ///
  /// - Throws: `TrainingError` if training diverges, if an environment fails, or if a reward or an
  ///   observation is not finite; then that step is neither counted nor stored. A trainer that threw
  ///   must not be advanced again: its environments may be one step ahead of its memory.
  /// - Complexity: no allocation.
  @discardableResult
  public mutating func advance() throws(TrainingError<World.Failure>) -> TrainingEvents {
    try advance(with: policy, learningRate: learningRate)
  }

  /// Takes one step with a given policy and learning rate, for schedules that the caller computes.
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
    // Several periods may end in one step: they count as one.
    while untilSynchronization <= 0 { untilSynchronization += synchronization.every }
    return true
  }
}

/// The events of one call of `advance`.
public struct TrainingEvents: Hashable, Sendable {
  /// The number of episodes that ended; `Trainer.finishedEpisodes` has them.
  public var finishedEpisodes = 0
  /// The last update, if one was due.
  public var update: Update?
  /// Whether θ_target was synchronised.
  public var didSynchronize = false
}

/// A finished training episode.
public struct Episode: Codable, Hashable, Sendable {
  /// Its number, from 1.
  public var number: Int
  /// The number of environment steps when it ended, summed over all environments.
  public var step: Int
  /// The sum of its rewards.
  public var totalReward: Double
  /// Its number of steps.
  public var length: Int
  /// Whether it reached a terminal state; otherwise it was truncated.
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

/// An error that stops training early.
public enum TrainingError<EnvironmentFailure: Error>: Error, CustomStringConvertible {
  /// A hyperparameter that is not allowed.
  case hyperparameters(HyperparameterError)
  /// Not enough memory.
  case memory(ArenaError)
  /// The environment failed.
  case environment(EnvironmentFailure)
  /// A reward or an observation of the environment is not finite.
  case number(NonFiniteNumber)
  /// A number of the network or its optimiser is no longer finite, after a number of environment steps.
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

// MARK: - A given start

extension Trainer {
  /// Starts the agent's networks from the parameters of a model file.
  ///
  /// - Throws: `ModelError` if they do not fit the network; then it is unchanged.
  public mutating func load(_ model: Safetensors) throws(ModelError) {
    try agent.load(model)
  }
}
