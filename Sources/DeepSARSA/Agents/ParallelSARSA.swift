internal import SARSAPreconditions

/// SARSA(λ) in many environments at once, without replay memory and without target network.
///
/// A fixed θ takes `segment.steps` steps in each of `environmentCount` environments. From these rows the agent
/// computes λ-returns, once and backwards, and passes over them `segment.epochs` times in
/// `segment.minibatches` shuffled minibatches, each with an update of θ. Then the rows are forgotten.
/// Layer normalisation makes up for the missing target network.
///
/// The rule of the target decides which algorithm it is: `greedy` is Q(λ) as in the source, `expected`
/// Expected SARSA(λ), and `stored` SARSA(λ), whose action behind the last row is drawn by θ before the
/// updates, and then taken.
///
/// ```swift
/// var trainer = try Trainer(
///   ParallelSARSA.self, hyperparameters, environment: environment, seed: 1)
/// ```
///
/// `unusedSettings` names the settings without effect, such as those of the replay memory and the target network:
/// there is one network, which selects and values.
///
/// The source's program differs: there a truncation ends an episode, here it bootstraps from the true last
/// state; and its loss is half the squared error, so that the same limit on the gradient's norm allows twice the error.
///
/// The initialiser allocates all memory; the other methods allocate nothing.
///
/// Source: M. Gallici et al. 2025, "Simplifying Deep Temporal Difference Learning",
/// https://doi.org/10.48550/arXiv.2407.04811.
public struct ParallelSARSA: Agent, ~Copyable {
  /// `parallel`.
  public static var algorithm: String { "parallel" }

  /// The replay memory, the target network, and n-step or corrected returns.
  public static var unusedSettings: [String] {
    [
      "replay", "target.synchronization", "target.steps", "target.returns", "target.sigma",
      "target.rule.selection", "traces", "parity",
    ]
  }

  /// The settings.
  public let hyperparameters: Hyperparameters
  /// The network's description.
  public let description: NetworkDescription
  /// The number of updates so far: minibatches.
  public var updateCount: Int { descent.stepCount }

  private var arena: Arena<Float>
  private let network: Network
  /// θ.
  private let parameters: Region
  private let actor: Actor
  private var inputs: InputScaling
  private var rewards: RewardScaling
  private var descent: Descent
  private var segment: Segment
  /// The rows of the segment in the order of an epoch.
  private var order: [Int]
  private var batch: Batch
  /// The outputs of the network for a minibatch [rows, …].
  private let outputs: LayerOutputs

  private var exploration: PCG64
  private var resampling: PCG64
  private var shuffling: PCG64

  /// Makes an agent with freshly drawn parameters that has seen nothing.
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
    let network = Network(description)
    var layout = ArenaLayout()
    let parameters = try layout.reserve(count: network.parameterCount)
    let actor = try Actor(network, environments: hyperparameters.environmentCount, in: &layout)
    let inputs = try InputScaling(columns: description.inputs, in: &layout)
    let segment = try Segment(
      steps: hyperparameters.segment.steps, environmentCount: hyperparameters.environmentCount,
      observationSize: description.inputs, actionCount: description.outputs,
      hasActionMasks: specification.hasActionMasks, in: &layout)
    let minibatches = hyperparameters.segment.minibatches
    let rows = (segment.count + minibatches - 1) / minibatches
    let batch = try Batch(capacity: rows, observationSize: description.inputs, in: &layout)
    let outputs = try network.reserveOutputs(rows: rows, in: &layout)
    let descent = try Descent(network, hyperparameters.optimizer, rows: rows, in: &layout)
    let arena = try Arena<Float>(layout)

    self.hyperparameters = hyperparameters
    self.description = description
    self.network = network
    self.parameters = parameters
    self.actor = actor
    self.inputs = inputs
    rewards = RewardScaling(
      hyperparameters.reward, discount: hyperparameters.target.discount,
      environments: hyperparameters.environmentCount)
    self.descent = descent
    self.segment = segment
    self.batch = batch
    self.outputs = outputs
    self.arena = arena
    order = Array(repeating: 0, count: segment.count)

    let streams = RandomStreams(seed: seed)
    exploration = streams.stream(.exploration)
    resampling = streams.stream(.target)
    shuffling = streams.stream(.shuffling)
    var initialization = streams.stream(.initialization)
    self.inputs.start(
      hyperparameters.input, for: specification.observationSpace, in: &self.arena)
    network.initialize(
      parameters, by: hyperparameters.network.initializer, in: &self.arena,
      using: &initialization)
  }
}

// MARK: - The settings

extension ParallelSARSA {
  /// Checks that a segment has enough rows and not too many, and that the budget reaches its end.
  ///
  /// - Throws: `HyperparameterError` for the first value that is not allowed.
  public static func validate(
    _ hyperparameters: Hyperparameters
  ) throws(HyperparameterError) {
    try requirePlainExploration(hyperparameters)
    let (segment, environments) = (hyperparameters.segment, hyperparameters.environmentCount)
    let rows = segment.steps * environments
    try require(
      rows <= Hyperparameters.Limit.segmentRows, "segment.steps", segment.steps,
      "at most \(Hyperparameters.Limit.segmentRows / environments), with environmentCount "
        + "\(environments)")
    try require(
      segment.minibatches <= rows, "segment.minibatches", segment.minibatches,
      "at most \(rows), the rows of a segment (segment.steps \(segment.steps), environmentCount "
        + "\(environments))")
    // Environments step together, so a run can exceed its budget by all environments but one.
    guard let steps = hyperparameters.budget.steps else { return }
    try require(
      steps > rows - environments, "budget.steps", steps,
      "at least \(rows - environments + 1), because the first update is at step \(rows) "
        + "(segment.steps \(segment.steps), environmentCount \(environments))")
  }
}

extension ParallelSARSA {
  /// The bytes of a segment, and the rows of a minibatch.
  public static func sizes(
    _ hyperparameters: Hyperparameters, for specification: EnvironmentSpecification
  ) -> AgentSizes {
    let rows = hyperparameters.segment.steps * hyperparameters.environmentCount
    let description = hyperparameters.network.description(for: specification)
    // Two regions of floats, and in arrays six numbers, an action, a flag and a place in an order.
    let row = 4 * (description.inputs + description.outputs) + 48
    let minibatches = hyperparameters.segment.minibatches
    return AgentSizes(
      experienceBytes: Double(rows) * Double(row), experienceSetting: "segment.steps",
      batchRows: (rows + minibatches - 1) / minibatches, batchSetting: "segment.minibatches")
  }
}

// MARK: - The algorithm

extension ParallelSARSA {
  /// Chooses an action for every environment by a policy on q(s, ·|θ), unless it was drawn when the agent
  /// learned.
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
      on: observations, scaledBy: inputs, allowing: masks, by: behavior, parameters: parameters,
      into: &actions, in: &arena, using: &exploration)
    for i in actions.indices where segment.nextActions[i] >= 0 {
      actions[i] = segment.nextActions[i]
    }
  }

  /// Stores the transitions (s, a, r, s′, end) of a step.
  ///
  /// - Parameters:
  ///   - observations: the observations before the step [environments, observationSize].
  ///   - actions: the actions [environments].
  ///   - step: the step's result.
  /// - Precondition: `act` was called for these observations, and the agent has learned from a full segment.
  /// - Complexity: O(environments·observationSize), and one product a layer where a truncation bootstraps and
  ///   at the end of a segment; no allocation.
  public mutating func remember(_ observations: [Float], _ actions: [Int], _ step: VectorStep) {
    require(
      actions.count == hyperparameters.environmentCount,
      "% actions were given; allowed: %, one for each environment", actions.count,
      hyperparameters.environmentCount)
    // The actor still has s and q(s, ·|θ).
    let needsValues = segment.append(
      step, actions: actions, observations: actor.inputs, values: actor.values,
      target: hyperparameters.target, scaling: &rewards, in: &arena)
    if needsValues {
      actor.evaluate(step.nextObservations, scaledBy: inputs, parameters: parameters, in: &arena)
      segment.storeNextValues(actor.values, in: &arena)
    }
  }

  /// Learns from a full segment, and forgets it.
  ///
  /// - Returns: the statistics of the last minibatch.
  /// - Throws: `Divergence` if the loss, a parameter or a moment is no longer finite.
  /// - Complexity: a forward and a backward pass of every row and epoch, no allocation.
  public mutating func learn(at moment: TrainingMoment) throws(Divergence) -> Learned {
    guard segment.isFull else { return Learned() }
    let (settings, target) = (hyperparameters.segment, hyperparameters.target)

    // a′ behind the last row, which is the next step's a.
    if target.rule.nextAction == .stored {
      segment.drawNextActions(
        by: Behavior(moment.policy, spread: hyperparameters.epsilonSpread), in: arena,
        using: &exploration)
    }

    // y = G, the λ-return of every row.
    segment.computeReturns(
      of: target.rule, lambda: target.lambda, policy: moment.policy, in: arena, using: &resampling)

    // Minibatches in a random order.
    var update: Update?
    for _ in 0..<settings.epochs {
      shuffle()
      for i in 0..<settings.minibatches {
        let start = segment.count * i / settings.minibatches
        let end = segment.count * (i + 1) / settings.minibatches
        update = try learn(from: start..<end, learningRate: moment.learningRate)
      }
    }
    segment.restart()
    return Learned(update: update)
  }

  /// Draws an order of all rows, each with the same probability.
  ///
  /// Source: R. A. Fisher, F. Yates 1938, in the form that begins with an empty list: D. E. Knuth, "The Art
  /// of Computer Programming", volume 2, §3.4.2.
  private mutating func shuffle() {
    for row in order.indices {
      let place = shuffling.integer(below: row + 1)
      order[row] = order[place]
      order[place] = row
    }
  }

  /// Makes one update: moves θ down the gradient of the loss of some rows.
  private mutating func learn(
    from places: Range<Int>, learningRate: Double
  ) throws(Divergence) -> Update {
    batch.gather(order, places, of: segment, in: &arena)
    let inputs = batch.inputs.rows(0..<places.count)

    // L = mean of ℓ(y − q(s, a|θ)), and its gradient.
    let values = network.forward(inputs, parameters: parameters, into: outputs, in: &arena)
    let loss = hyperparameters.optimizer.loss.evaluate(
      outputs: values, chosen: batch.actions, targets: batch.targets, weights: batch.weights,
      errors: &batch.errors, gradient: descent.outputDelta.rows(0..<places.count), in: &arena)
    guard loss.isFinite else { throw .loss(loss, update: updateCount + 1) }

    // θ ← θ − α·∇L.
    try descent.descend(
      parameters, inputs: inputs, outputs: outputs, learningRate: learningRate, in: &arena)
    return Update(loss: loss, meanValue: batch.meanValue)
  }

  /// A minibatch of rows of a segment.
  private struct Batch: Sendable {
    /// s [capacity, observationSize].
    let inputs: Region
    /// a, y, the weights in the loss, and y − q(s, a|θ), of as many rows as were gathered.
    var actions: [Int] = []
    var targets: [Float] = []
    var weights: [Float]
    var errors: [Float]

    init(
      capacity: Int, observationSize: Int, in layout: inout ArenaLayout
    ) throws(ArenaError) {
      inputs = try layout.reserve(rows: capacity, columns: observationSize)
      weights = Array(repeating: 1, count: capacity)
      errors = weights
      actions.reserveCapacity(capacity)
      targets.reserveCapacity(capacity)
    }

    /// Gathers the rows at some places of an order.
    mutating func gather(
      _ order: [Int], _ places: Range<Int>, of segment: Segment, in arena: inout Arena<Float>
    ) {
      actions.removeAll(keepingCapacity: true)
      targets.removeAll(keepingCapacity: true)
      for place in places {
        let row = order[place]
        arena.copy(segment.observations.row(row), to: inputs.row(actions.count))
        actions.append(segment.actions[row])
        targets.append(segment.returns[row])
      }
      // Minibatches differ by one row at most.
      while errors.count > places.count {
        errors.removeLast()
        weights.removeLast()
      }
      while errors.count < places.count {
        errors.append(0)
        weights.append(1)
      }
    }

    /// The mean of q(s, a|θ), from targets and errors.
    var meanValue: Float {
      var sum: Float = 0
      for i in targets.indices { sum += targets[i] - errors[i] }
      return sum / Float(targets.count)
    }
  }
}

// MARK: - Measures

extension ParallelSARSA {
  /// Measures the last minibatch; there is no target network to drift from.
  ///
  /// - Complexity: a singular value decomposition.
  public mutating func measurements() -> LearningMeasurements? {
    let rows = batch.targets.count
    var result = LearningMeasurements(of: network, outputs: outputs, rows: rows, in: arena)
    result.gradientNorm = descent.gradientNorm(in: arena)
    result.largestReward = rewards.largest
    return result
  }
}

// MARK: - Access to the parameters

extension ParallelSARSA {
  /// The network as a file: PyTorch's names and layout, and the scaling of inputs, if there is one.
  public func model() -> Safetensors {
    inputs.model(of: network, parameters, rewards: rewards, in: arena)
  }

  /// Replaces the parameters, and the scaling of inputs, by those of a model file.
  ///
  /// The optimiser's state and the segment are unchanged.
  ///
  /// - Throws: `ModelError` if the file's network is another one, or its inputs are scaled otherwise; then
  ///   nothing has changed.
  public mutating func load(_ model: Safetensors) throws(ModelError) {
    try inputs.load(model, of: network, into: parameters, in: &arena)
  }

  /// Copies the parameters, and the scaling of inputs, into a policy.
  ///
  /// - Precondition: the policy's network has the same description.
  /// - Complexity: O(parameters), no allocation.
  public func copyParameters(into policy: inout GreedyPolicy) {
    policy.copy(parameters, of: network, scaling: inputs, from: arena)
  }
}

// MARK: - The state

extension ParallelSARSA {
  /// Writes or replaces the network, the optimiser's state, the random streams and the segment.
  ///
  /// - Throws: `ArchiveError`.
  public mutating func archive<A: Archive & ~Copyable>(
    in archive: inout A, as name: String
  ) throws(ArchiveError) {
    try archive.constant(name + ".network", description)
    try archive.finiteNumbers(name + ".parameters", of: parameters, in: &arena)
    try descent.archive(in: &archive, as: name + ".optimizer", arena: &arena)
    try inputs.archive(in: &archive, as: name + ".inputs", arena: &arena)
    try rewards.archive(in: &archive, as: name + ".rewards")
    try archive.value(name + ".exploration", &exploration)
    try archive.value(name + ".resampling", &resampling)
    try archive.value(name + ".shuffling", &shuffling)
    try segment.archive(in: &archive, as: name + ".segment", arena: &arena)
  }
}
