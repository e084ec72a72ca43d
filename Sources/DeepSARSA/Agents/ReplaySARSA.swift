internal import SARSAPreconditions

/// The agent of Deep SARSA: it stores transitions in a replay memory, and trains its network on minibatches of
/// them, with the values of a target network.
///
/// The initialiser allocates all memory; the other methods allocate nothing. The agent is not copyable,
/// so that only one task uses it.
///
/// ```swift
/// var agent = try ReplaySARSA(.notebook, for: environment.specification, seed: 1)
/// agent.act(on: observations, by: .epsilonGreedy(epsilon: 0.01), into: &actions)
/// agent.remember(observations, actions, step)
/// let update = try agent.learn(for: .epsilonGreedy(epsilon: 0.01), learningRate: 1e-3)
/// ```
///
/// Source: G. A. Rummery, M. Niranjan, "On-line Q-learning Using Connectionist Systems", 1994;
/// V. Mnih et al. 2015, https://doi.org/10.1038/nature14236, for memory and target network.
public struct ReplaySARSA: Agent, ~Copyable {
  /// `replay`.
  public static var algorithm: String { "replay" }

  /// The settings of the other agents alone.
  public static var unusedSettings: [String] { ["segment", "traces", "parity"] }

  /// The settings.
  public let hyperparameters: Hyperparameters
  /// The network's description.
  public let description: NetworkDescription
  /// The replay memory.
  package private(set) var memory: ReplayMemory
  /// The number of transitions in the replay memory.
  public var transitionCount: Int { memory.count }
  /// The number of updates so far.
  public var updateCount: Int { descent.stepCount }

  private var arena: Arena<Float>
  private let q: QNetwork
  private let actor: Actor
  private var inputs: InputScaling
  private var rewards: RewardScaling
  private var descent: Descent
  private var batch: Minibatch
  /// The outputs of the online network for s and all s′, and of the target network for s′.
  private let onlineOutputs: LayerOutputs
  private let targetOutputs: LayerOutputs

  /// Steps or episodes until θ is next copied.
  private var untilSynchronization: Int
  /// The probabilities of the actions that were chosen last, from `act` to `remember` [environments]; empty
  /// if no return uses them.
  private var probabilities: [Float]
  private var exploration: PCG64
  private var resampling: PCG64
  private var replay: PCG64

  /// Makes an agent with freshly drawn parameters and an empty memory.
  ///
  /// - Precondition: the hyperparameters are valid for the specification.
  /// - Throws: `ArenaError` if there is not enough memory.
  public init(
    _ hyperparameters: Hyperparameters, for specification: EnvironmentSpecification, seed: UInt64
  ) throws(ArenaError) {
    do { try hyperparameters.validate(by: Self.self, for: specification) } catch {
      fatalError("\(error)")
    }
    let description = hyperparameters.network.description(for: specification)
    let environments = hyperparameters.environmentCount
    let (rows, nextRows) = Self.passRows(of: hyperparameters)
    let hasMasks = specification.hasActionMasks
    let target = hyperparameters.target
    var layout = ArenaLayout()
    let q = try QNetwork(description, in: &layout)
    let descent = try Descent(q.network, hyperparameters.optimizer, rows: rows, in: &layout)
    let onlineOutputs = try q.network.reserveOutputs(rows: rows + nextRows, in: &layout)
    let targetOutputs = try q.network.reserveOutputs(rows: nextRows, in: &layout)
    let inputs = try InputScaling(columns: description.inputs, in: &layout)
    let actor = try Actor(q.network, environments: environments, in: &layout)
    let batch = try Minibatch(
      count: rows, steps: target.steps, hasNextActions: target.usesNextActions,
      hasEveryState: target.returns.usesEveryState, hasProbabilities: target.usesBehavior,
      maskedActions: hasMasks ? description.outputs : 0,
      observationSize: description.inputs, in: &layout)
    let arena = try Arena<Float>(layout)
    let memory = try ReplayMemory(
      capacity: hyperparameters.replay.capacity, observationSize: description.inputs,
      actionCount: description.outputs, batchSize: rows, environmentCount: environments,
      isBinary: specification.observationSpace.isBinary,
      hasProbabilities: target.usesBehavior, hasActionMasks: hasMasks,
      priorityExponent: hyperparameters.replay.priority.exponent)

    self.hyperparameters = hyperparameters
    self.description = description
    self.q = q
    self.descent = descent
    self.onlineOutputs = onlineOutputs
    self.targetOutputs = targetOutputs
    self.actor = actor
    self.inputs = inputs
    rewards = RewardScaling(
      hyperparameters.reward, discount: hyperparameters.target.discount, environments: environments)
    self.batch = batch
    self.arena = arena
    self.memory = memory

    untilSynchronization = target.synchronization.every
    probabilities = Array(repeating: 0, count: target.usesBehavior ? environments : 0)
    let streams = RandomStreams(seed: seed)
    exploration = streams.stream(.exploration)
    resampling = streams.stream(.target)
    replay = streams.stream(.replay)
    var initialization = streams.stream(.initialization)
    self.inputs.start(
      hyperparameters.input, for: specification.observationSpace, in: &self.arena)
    q.initialize(
      by: hyperparameters.network.initializer, in: &self.arena, using: &initialization)
  }
}

// MARK: - The settings

extension ReplaySARSA {
  /// Checks that the replay memory's settings fit each other, and that the budget reaches an update.
  ///
  /// - Throws: `HyperparameterError` for the first value that is not allowed.
  public static func validate(
    _ hyperparameters: Hyperparameters
  ) throws(HyperparameterError) {
    let (replay, environments) = (hyperparameters.replay, hyperparameters.environmentCount)
    try require(
      !hyperparameters.repeatsExploration || !hyperparameters.target.usesBehavior,
      "repeatsExploration", true,
      "false, because target.returns \(hyperparameters.target.returns.rawValue) needs the probability of "
        + "every action")
    try require(
      replay.batchSize <= replay.capacity, "replay.batchSize", replay.batchSize,
      "at most the capacity (\(replay.capacity))")
    try require(
      replay.learningStarts >= replay.batchSize && replay.learningStarts <= replay.capacity,
      "replay.learningStarts", replay.learningStarts,
      "from the batch size (\(replay.batchSize)) to the capacity (\(replay.capacity))")
    try require(
      environments <= replay.capacity, "environmentCount", environments,
      "at most the capacity (\(replay.capacity))")
    let target = hyperparameters.target
    try require(
      !target.returns.isCorrected || target.rule.nextAction != .stored, "target.rule.nextAction",
      target.rule.nextAction.rawValue,
      "resampled, expected or greedy with the returns \(target.returns.rawValue), which need a policy "
        + "whose mean they take")
    // Environments step together, so a run can exceed its budget by all environments but one.
    guard let steps = hyperparameters.budget.steps else { return }
    let first = firstUpdateStep(with: hyperparameters)
    try require(
      steps > first - environments, "budget.steps", steps,
      "at least \(first - environments + 1), because the first update is at step \(first) "
        + "(replay.learningStarts \(replay.learningStarts), replay.trainFrequency "
        + "\(replay.trainFrequency), environmentCount \(environments))")
  }

  /// The replay memory's bytes, and the rows of a minibatch.
  public static func sizes(
    _ hyperparameters: Hyperparameters, for specification: EnvironmentSpecification
  ) -> AgentSizes {
    let transition = ReplayMemory.bytesPerTransition(
      observationSize: hyperparameters.network.description(for: specification).inputs,
      isBinary: specification.observationSpace.isBinary,
      hasProbabilities: hyperparameters.target.usesBehavior,
      maskedActions: specification.hasActionMasks ? specification.actionCount : 0)
    let priority =
      hyperparameters.replay.priority.exponent > 0 ? Priorities.bytesPerTransition : 0
    let (rows, nextRows) = passRows(of: hyperparameters)
    return AgentSizes(
      experienceBytes: Double(hyperparameters.replay.capacity) * (Double(transition) + priority),
      batchRows: rows, passRows: [rows + nextRows, nextRows])
  }

  /// The rows of a minibatch, and those of the next states that its targets need.
  private static func passRows(of hyperparameters: Hyperparameters) -> (batch: Int, next: Int) {
    let (rows, target) = (hyperparameters.replay.batchSize, hyperparameters.target)
    return (rows, target.returns.usesEveryState ? target.steps * rows : rows)
  }

  /// The environment step of the first update.
  ///
  /// It is the first step at which at least `replay.learningStarts` transitions are stored and a multiple
  /// of `replay.trainFrequency` is reached. It is a multiple of `environmentCount`, because environments
  /// step together.
  package static func firstUpdateStep(with hyperparameters: Hyperparameters) -> Int {
    let (replay, count) = (hyperparameters.replay, hyperparameters.environmentCount)
    // A step that reaches or passes a multiple makes an update. The first update is at the first multiple
    // after the last step without enough transitions.
    let enough = (replay.learningStarts + count - 1) / count * count
    let multiple = ((enough - count) / replay.trainFrequency + 1) * replay.trainFrequency
    return (multiple + count - 1) / count * count
  }
}

// MARK: - The algorithm

extension ReplaySARSA {
  /// Chooses an action for every environment by a policy on q(s, ·|θ).
  ///
  /// Shapes: observations [environments, observationSize], masks [environments, actions] or empty, actions
  /// [environments].
  ///
  /// - Precondition: the number of environments is that of the hyperparameters.
  /// - Complexity: one product a layer, no allocation.
  public mutating func act(
    on observations: [Float], allowing masks: [Bool], by behavior: Behavior,
    into actions: inout [Int]
  ) {
    inputs.observe(observations, in: &arena)
    actor.act(
      on: observations, scaledBy: inputs, allowing: masks, by: behavior, parameters: q.online,
      into: &actions, in: &arena, using: &exploration)
    if !probabilities.isEmpty {
      actor.probabilities(
        of: actions, allowing: masks, by: behavior, into: &probabilities, in: arena)
    }
  }

  /// Stores the transitions (s, a, r, s′, end) of a step.
  ///
  /// - Parameters:
  ///   - observations: the observations before the step [environments, observationSize].
  ///   - actions: the actions [environments].
  ///   - step: the step's result.
  /// - Precondition: the number of environments is that of the hyperparameters. If the returns use the
  ///   probabilities of actions, `act` has chosen them. If the space of observations is binary, the
  ///   observations are the next ones of the step before, except where an episode ended.
  /// - Complexity: O(environments·observationSize), no allocation.
  public mutating func remember(_ observations: [Float], _ actions: [Int], _ step: VectorStep) {
    require(
      actions.count == hyperparameters.environmentCount,
      "% actions were given; allowed: %, one for each environment", actions.count,
      hyperparameters.environmentCount)
    for i in actions.indices {
      let discount = hyperparameters.target.discount(
        after: step.isTerminated[i], step.isTruncated[i])
      let isLast = step.isTerminated[i] || step.isTruncated[i]
      let probability = probabilities.isEmpty ? 1 : probabilities[i]
      require(
        probability > 0 && probability <= 1,
        "the probability of an action is \(probability); allowed: above 0, up to 1, by act or by the caller"
      )
      memory.append(
        observations: observations, action: actions[i],
        reward: rewards.scaled(step.rewards[i], of: i, isLast: isLast),
        nextObservations: step.nextObservations, nextMasks: step.nextMasks, discount: discount,
        isLast: isLast, probability: probability, row: i)
    }
  }

  /// Stores the transitions of a step whose actions were chosen by another policy than by `act`.
  ///
  /// - Parameters:
  ///   - observations: the observations before the step [environments, observationSize].
  ///   - actions: the actions [environments].
  ///   - step: the step's result.
  ///   - probabilities: the probabilities with which the actions were chosen, above 0 [environments].
  /// - Precondition: the number of environments is that of the hyperparameters.
  /// - Complexity: O(environments·observationSize), no allocation.
  public mutating func remember(
    _ observations: [Float], _ actions: [Int], _ step: VectorStep, probabilities: [Double]
  ) {
    require(
      probabilities.count == hyperparameters.environmentCount,
      "% probabilities were given; allowed: %, one for each environment", probabilities.count,
      hyperparameters.environmentCount)
    for i in self.probabilities.indices {
      self.probabilities[i] = behaviorProbability(probabilities[i])
    }
    remember(observations, actions, step)
  }

  /// Makes the updates and the synchronisation that are due after a step.
  ///
  /// - Throws: `Divergence` if the loss, a parameter or a moment is no longer finite.
  public mutating func learn(at moment: TrainingMoment) throws(Divergence) -> Learned {
    var learned = Learned()
    let settings = hyperparameters.replay
    if memory.count >= settings.learningStarts {
      let due =
        moment.steps / settings.trainFrequency - moment.stepsBefore / settings.trainFrequency
      let correction = memory.hasPriorities ? priorityCorrection(at: moment) : 1
      for _ in 0..<due {
        learned.update = try learn(
          for: moment.policy, learningRate: moment.learningRate, correction: correction)
      }
    }
    if isSynchronizationDue(at: moment) {
      synchronize()
      learned.didSynchronize = true
    }
    return learned
  }

  /// Makes one update: draws a minibatch, computes targets, and moves θ down the loss's gradient.
  ///
  /// The policy is the one whose values the targets have: for SARSA, the one that acts. With priorities, the
  /// correction is β of the weights in the loss.
  ///
  /// - Precondition: the memory holds at least a minibatch.
  /// - Returns: the loss and the mean value before the update.
  /// - Throws: `Divergence` if the loss, a parameter or a moment is no longer finite.
  /// - Complexity: three forward passes and one backward, no allocation.
  @discardableResult
  public mutating func learn(
    for policy: Policy, learningRate: Double, correction: Double = 1
  ) throws(Divergence) -> Update {
    // Sample.
    require(
      memory.count >= batch.count,
      "the memory holds % transitions; allowed: a minibatch, %, or more", memory.count, batch.count)
    memory.draw(&batch, correction: correction, using: &replay)
    memory.gather(&batch, in: &arena)
    inputs.apply(to: batch.allObservations, in: &arena)

    // q(s, ·|θ), q(s′, ·|θ) and q(s′, ·|θ_target).
    let target = hyperparameters.target
    let seesNext = target.rule.selection == .online
    let online = q.network.forward(
      seesNext ? batch.allObservations : batch.observations, parameters: q.online,
      into: onlineOutputs, in: &arena)
    let values = online.rows(0..<batch.count)
    let nextValues = q.network.forward(
      batch.nextObservations, parameters: q.target, into: targetOutputs, in: &arena)

    // y = r + γ·q(s′, a′|θ_target), or the return of several steps.
    target.evaluate(
      &batch, selecting: seesNext ? online.rows(batch.count..<online.rows) : nextValues,
      valuing: nextValues, policy: policy, in: arena, using: &resampling)

    // L = mean of ℓ(y − q(s, a|θ)), and its gradient.
    let loss = hyperparameters.optimizer.loss.evaluate(
      outputs: values, chosen: batch.actions, targets: batch.targets, weights: batch.weights,
      errors: &batch.errors, gradient: descent.outputDelta, in: &arena)
    guard loss.isFinite else { throw .loss(loss, update: updateCount + 1) }
    if memory.hasPriorities { memory.updatePriorities(of: batch) }

    // θ ← θ − α·∇L.
    try descent.descend(
      q.online, inputs: batch.observations, outputs: onlineOutputs, learningRate: learningRate,
      in: &arena)
    return Update(loss: loss, meanValue: batch.meanValue)
  }

  /// θ_target ← τθ + (1 − τ)θ_target.
  public mutating func synchronize() {
    q.synchronize(rate: hyperparameters.target.synchronization.rate, in: &arena)
  }

  /// β: from its first value to 1, in proportion to the share of the budget that is used.
  private func priorityCorrection(at moment: TrainingMoment) -> Double {
    let first = hyperparameters.replay.priority.correction
    let share = hyperparameters.budget.usedShare(steps: moment.steps, episodes: moment.episodes)
    return first + (1 - first) * share
  }

  private mutating func isSynchronizationDue(at moment: TrainingMoment) -> Bool {
    let synchronization = hyperparameters.target.synchronization
    switch synchronization.unit {
    case .episodes: untilSynchronization -= moment.finishedEpisodes
    case .steps: untilSynchronization -= moment.steps - moment.stepsBefore
    }
    if untilSynchronization > 0 { return false }
    // Several periods may end in one step: they count as one.
    while untilSynchronization <= 0 { untilSynchronization += synchronization.every }
    return true
  }
}

// MARK: - Measures

extension ReplaySARSA {
  /// Measures the minibatch of the last update.
  ///
  /// - Complexity: one forward pass of the target network and a singular value decomposition.
  public mutating func measurements() -> LearningMeasurements? {
    // Nothing has overwritten the outputs for s, nor the gradient. Those for s′ are no longer needed.
    let rows = batch.count
    var result = LearningMeasurements(
      of: q.network, outputs: onlineOutputs, rows: rows, in: arena)
    let values = q.network.forward(
      batch.observations, parameters: q.target, into: targetOutputs, in: &arena)
    result.targetDrift = LearningMeasurements.meanDifference(
      onlineOutputs.last.rows(0..<rows), values, in: arena)
    result.gradientNorm = descent.gradientNorm(in: arena)
    result.largestReward = rewards.largest
    let ends = (0..<rows).count { batch.discounts[batch.lastPlace(of: $0)] == 0 }
    result.terminalShare = Double(ends) / Double(rows)
    return result
  }
}

// MARK: - Access to the parameters

extension ReplaySARSA {
  /// The online network as a file: PyTorch's names and layout, and the scaling of inputs, if there is one.
  public func model() -> Safetensors {
    inputs.model(of: q.network, q.online, rewards: rewards, in: arena)
  }

  /// Replaces the parameters of both networks, and the scaling of inputs, by those of a model file.
  ///
  /// The optimiser's state and the replay memory are unchanged.
  ///
  /// - Throws: `ModelError` if the file's network is another one, or its inputs are scaled otherwise; then
  ///   nothing has changed.
  public mutating func load(_ model: Safetensors) throws(ModelError) {
    try inputs.load(model, of: q.network, into: q.online, in: &arena)
    arena.copy(q.online, to: q.target)
  }

  /// Copies the online parameters into a policy.
  ///
  /// - Precondition: the policy's network has the same description.
  /// - Complexity: O(parameters), no allocation.
  public func copyParameters(into policy: inout GreedyPolicy) {
    policy.copy(q.online, of: q.network, scaling: inputs, from: arena)
  }
}

// MARK: - The state

extension ReplaySARSA {
  /// Writes or replaces both networks, the optimiser's state, the random streams and the replay memory.
  ///
  /// - Throws: `ArchiveError`.
  public mutating func archive<A: Archive & ~Copyable>(
    in archive: inout A, as name: String
  ) throws(ArchiveError) {
    try archive.constant(name + ".network", description)
    try archive.finiteNumbers(name + ".online", of: q.online, in: &arena)
    try archive.finiteNumbers(name + ".target", of: q.target, in: &arena)
    try descent.archive(in: &archive, as: name + ".optimizer", arena: &arena)
    let every = hyperparameters.target.synchronization.every
    try archive.value(
      name + ".untilSynchronization", &untilSynchronization, allowed: "from 1 to \(every)"
    ) { (1...every).contains($0) }
    try inputs.archive(in: &archive, as: name + ".inputs", arena: &arena)
    try rewards.archive(in: &archive, as: name + ".rewards")
    try archive.value(name + ".exploration", &exploration)
    try archive.value(name + ".resampling", &resampling)
    try archive.value(name + ".replay", &replay)
    try memory.archive(in: &archive, as: name + ".memory")
  }

  /// Writes or replaces the transitions.
  ///
  /// - Throws: `ArchiveError`.
  public mutating func archiveExperience<A: Archive & ~Copyable>(
    in archive: inout A, as name: String
  ) throws(ArchiveError) {
    try memory.archiveRecords(in: &archive, as: name + ".memory")
  }
}
