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
public struct Trainer<World: VectorEnvironment, Learner: Agent & ~Copyable>: ~Copyable, Sendable {
  /// The agent's settings.
  public let hyperparameters: Hyperparameters
  /// The number of environment steps, summed over all environments.
  public private(set) var steps = 0
  /// The number of finished episodes.
  public private(set) var episodes = 0
  /// The number of episodes that reached a terminal state; the other finished ones were truncated.
  public private(set) var terminations = 0
  /// The episodes that the last call finished.
  public private(set) var finishedEpisodes: [Episode] = []
  /// The environments' seeds, with which their episodes can be repeated.
  public private(set) var environmentSeeds: [UInt64]

  private var step: VectorStep
  /// The observations before the step, kept until the transition is stored.
  private var observations: [Float]
  private var actions: [Int]
  private var returns: [Double]
  private var lengths: [Int]
  private let observationSize: Int
  private let isBinary: Bool
  private let actionCount: Int
  /// Whether the last update is in the agent's memory; after a state was read it is not.
  private var hasUpdate = false
  /// What εz-greedy exploration repeats; `nil` without it.
  private var repetition: RepeatedExploration?

  // The generic properties are the last ones, because unspecialised generic code computes the offsets
  // of all fields behind a generic field at run time, at each access.

  /// The agent.
  public private(set) var agent: Learner
  private var environment: World

  /// Makes an agent of a type and starts an episode in every environment.
  ///
  /// - Throws: `TrainingError` for invalid hyperparameters, such as an `environmentCount` that differs from
  ///   the vector's, for too little memory, and for an environment that fails or whose observations are
  ///   not finite.
  public init(
    _ learner: Learner.Type, _ hyperparameters: Hyperparameters, environment: World, seed: UInt64
  ) throws(TrainingError<World.Failure>) {
    do {
      try hyperparameters.validate(by: learner, for: environment)
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
    // Only now does an environment of Gymnasium show whether it has masks.
    let specification = environment.specification
    step.requireSizes(
      count: environment.count, observationSize: specification.observationSize,
      actionCount: specification.actionCount)
    let isBinary = specification.observationSpace.isBinary
    if let number = step.firstNonFinite(step: 0, isBinary: isBinary) { throw .number(number) }
    let agent: Learner
    do {
      agent = try Learner(hyperparameters, for: specification, seed: seed)
    } catch {
      throw .memory(error)
    }

    self.hyperparameters = hyperparameters
    observationSize = specification.observationSize
    self.isBinary = isBinary
    actionCount = specification.actionCount
    repetition =
      hyperparameters.repeatsExploration
      ? RepeatedExploration(
        environments: seeds.count, actionCount: specification.actionCount,
        generator: streams.stream(.repetition)) : nil
    self.agent = agent
    self.environment = environment
    self.step = step
    environmentSeeds = seeds
    observations = step.observations
    actions = Array(repeating: 0, count: seeds.count)
    returns = Array(repeating: 0, count: seeds.count)
    lengths = actions
    finishedEpisodes.reserveCapacity(seeds.count)
  }

  /// Whether the budget is used up.
  public var isFinished: Bool {
    hyperparameters.budget.isSpent(steps: steps, episodes: episodes)
  }

  /// The policy of the next step, for acting and for targets.
  public var policy: Policy { hyperparameters.exploration.policy(at: steps) }

  /// The learning rate of the next updates.
  public var learningRate: Double { hyperparameters.optimizer.learningRate.value(at: steps) }

  /// Takes one step in every environment, and makes the updates that are due.
  ///
  /// - Throws: `TrainingError` if training diverges, if an environment fails, if a reward or an observation is
  ///   not finite, if a binary observation has another number than 0 and 1, or if no action is legal; then that
  ///   step is neither counted nor stored. A trainer that threw must not be advanced again: its environments
  ///   may be one step ahead of its memory.
  /// - Complexity: no allocation.
  @discardableResult
  public mutating func advance() throws(TrainingError<World.Failure>) -> TrainingEvents {
    try advance(with: policy, learningRate: learningRate)
  }

  /// Takes one step with a given policy and learning rate, for schedules that the caller computes.
  ///
  /// - Throws: `TrainingError` for an ε that is not from 0 to 1, a temperature that is not positive, or one
  ///   with `hyperparameters.epsilonSpread` or `hyperparameters.repeatsExploration`; otherwise as `advance()`.
  /// - Complexity: no allocation.
  @discardableResult
  public mutating func advance(
    with policy: Policy, learningRate: Double
  ) throws(TrainingError<World.Failure>) -> TrainingEvents {
    let behavior = Behavior(policy, spread: hyperparameters.epsilonSpread)
    do { try behavior.validate() } catch { throw .hyperparameters(error) }
    if repetition != nil, case .boltzmann = policy {
      throw .hyperparameters(RepeatedExploration.error)
    }
    var events = TrainingEvents()
    finishedEpisodes.removeAll(keepingCapacity: true)

    // Act.
    for i in observations.indices { observations[i] = step.observations[i] }
    act(by: behavior)

    // Step.
    do { try environment.step(actions, into: &step) } catch { throw .environment(error) }
    step.requireSizes(
      count: actions.count, observationSize: observationSize, actionCount: actionCount)
    if !step.isFinite(isBinary: isBinary),
      let number = step.firstNonFinite(step: steps + environment.count, isBinary: isBinary)
    {
      throw .number(number)
    }

    repetition?.endEpisodes(of: step)

    // Remember.
    agent.remember(observations, actions, step)
    let stepsBefore = steps
    steps += environment.count
    countEpisodes(&events)

    // Learn.
    let moment = TrainingMoment(
      steps: steps, stepsBefore: stepsBefore, finishedEpisodes: events.finishedEpisodes,
      episodes: episodes, policy: policy, learningRate: learningRate)
    do {
      let learned = try agent.learn(at: moment)
      (events.update, events.didSynchronize) = (learned.update, learned.didSynchronize)
      if learned.update != nil { hasUpdate = true }
    } catch {
      throw .divergence(error, step: steps)
    }
    return events
  }

  private mutating func act(by behavior: Behavior) {
    repetition?.restrict(to: step.masks, by: behavior)
    guard let repetition else {
      return agent.act(on: observations, allowing: step.masks, by: behavior, into: &actions)
    }
    agent.act(
      on: observations, allowing: repetition.masks, by: Behavior(.epsilonGreedy(epsilon: 0)),
      into: &actions)
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
}

extension Trainer where Learner: ~Copyable {
  /// The agent's measures of its last update; `nil` if it has none, or has made no update since it was made or read.
  ///
  /// Training goes on as without it.
  public mutating func measurements() -> LearningMeasurements? {
    hasUpdate ? agent.measurements() : nil
  }

  /// Replaces the agent's parameters by those of a model file.
  ///
  /// - Throws: `ModelError` if the file's network is another one; then nothing has changed.
  public mutating func load(_ model: Safetensors) throws(ModelError) { try agent.load(model) }
}

extension Trainer where Learner == ReplaySARSA {
  /// Makes an agent of Deep SARSA and starts an episode in every environment.
  ///
  /// - Throws: `TrainingError`, as for any agent, and for hyperparameters of another algorithm, whose agent is the
  ///   first argument of the other initialisers.
  public init(
    _ hyperparameters: Hyperparameters, environment: World, seed: UInt64
  ) throws(TrainingError<World.Failure>) {
    do { try hyperparameters.requireReplay() } catch { throw .hyperparameters(error) }
    try self.init(ReplaySARSA.self, hyperparameters, environment: environment, seed: seed)
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
  /// A reward or an observation of the environment is not finite, or no action is legal.
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

/// A trainer that reads a state goes on as the trainer that wrote it, to the byte, whatever seed it was made
/// with. Both need the same hyperparameters, apart from the budget, and an environment of the same kind.
extension Trainer: Archivable where Learner: ~Copyable {
  /// Writes or replaces the state of the agent and the environments, and all counts.
  ///
  /// - Throws: `ArchiveError`.
  public mutating func archive<A: Archive & ~Copyable>(
    in archive: inout A, as name: String = "trainer"
  ) throws(ArchiveError) {
    if archive.isReading { hasUpdate = false }
    var settings = hyperparameters
    settings.budget = Budget()
    try archive.constant(name + ".hyperparameters", settings)
    try archive.constant(name + ".environment", environment.specification)
    try agent.archive(in: &archive, as: name + ".agent")
    try archive.value(name + ".steps", &steps, allowed: "from 0 to \(Hyperparameters.Limit.steps)")
    {
      (0...Hyperparameters.Limit.steps).contains($0)
    }
    try archive.value(name + ".episodes", &episodes, allowed: "from 0 to \(steps)") {
      (0...steps).contains($0)
    }
    try archive.value(name + ".terminations", &terminations, allowed: "from 0 to \(episodes)") {
      (0...episodes).contains($0)
    }
    let count = environment.count
    try archive.value(name + ".environmentSeeds", &environmentSeeds, allowed: "\(count) seeds") {
      $0.count == count
    }
    try archive.value(name + ".returns", &returns, allowed: "\(count) numbers") {
      $0.count == count
    }
    try archive.value(name + ".lengths", &lengths, allowed: "\(count) numbers from 0 to \(steps)") {
      $0.count == count && $0.allSatisfy((0...steps).contains)
    }
    let size = step.observations.count
    try archive.value(
      name + ".observations", &step.observations,
      allowed: isBinary ? "\(size) zeros and ones" : "\(size) finite numbers"
    ) { $0.count == size && (isBinary ? $0.areBinary : $0.areFinite) }
    if !step.masks.isEmpty {
      let size = step.masks.count
      try archive.value(
        name + ".masks", &step.masks, allowed: "\(size) values, with a legal action in every row"
      ) { $0.count == size && $0.firstRowWithoutTrue(of: count) == nil }
    }
    try repetition?.archive(in: &archive, as: name + ".repetition")
    var state = environment.state
    try archive.value(
      name + ".environments", &state, allowed: "a state that the environment accepts"
    ) {
      environment.accepts($0)
    }
    if archive.isReading { environment.state = state }
  }

  /// Writes the stored experience alone, under the names that it has in `archive(in:as:)`.
  ///
  /// - Throws: `ArchiveError`.
  public mutating func archiveExperience<A: Archive & ~Copyable>(
    in archive: inout A, as name: String = "trainer"
  ) throws(ArchiveError) {
    try agent.archiveExperience(in: &archive, as: name + ".agent")
  }
}
