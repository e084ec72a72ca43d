internal import SARSAPreconditions

/// Online SARSA(λ): an agent that learns from every transition once, when it happens, with eligibility traces.
///
/// There is no replay memory, no target network and no minibatch: their settings have no effect. The
/// algorithm, with γ the discount, α the learning rate, and q = q(·, ·|θ):
///
///     a′ ← the target rule's action in s′, with θ from before the update
///     δ ← r + γ·q(s′, a′) − q(s, a)            without the second term after a termination
///     z ← γλ·z + ∇q(s, a)                      or another kind of trace
///     θ ← θ + α·δ·z / max(1, α·κ·max(|δ|, 1)·‖z‖₁)
///     z ← 0                                    after the update, if the episode has ended
///
/// With the rule `stored`, a′ is drawn by the behaviour and is the next action. After a truncation that
/// bootstraps no action follows, and a′ is only drawn. The first action of an episode is chosen in its own
/// first state. `expected` gives expected SARSA(λ), `greedy` Q(λ).
///
/// κ bounds the step: with κ above 1 the error of a linear network cannot change its sign. κ, layer
/// normalisation and a sparse initialisation make the algorithm work with a neural network, without a memory;
/// the preset `streaming` has them.
///
/// ```swift
/// var trainer = try Trainer(
///   StreamingSARSA.self, .streaming, environment: TimeLimit(CartPole(), maximumSteps: 500), seed: 1)
/// while !trainer.isFinished { try trainer.advance() }
/// ```
///
/// The initialiser allocates all memory; the other methods allocate nothing.
///
/// Sources: R. S. Sutton, A. G. Barto, "Reinforcement Learning", 2nd edition, 2018, §12.7; H. van Seijen et al.
/// 2016, https://jmlr.org/papers/v17/15-599.html, for dutch traces; C. J. C. H. Watkins, "Learning from Delayed
/// Rewards", 1989, for the cut; M. Elsayed, G. Vasan, A. R. Mahmood 2024,
/// https://doi.org/10.48550/arXiv.2410.14606, for the bound and the streaming form.
public struct StreamingSARSA: Agent, ~Copyable {
  /// `streaming`.
  public static var algorithm: String { "streaming" }

  /// The replay memory, the target network, segments, and returns of several steps.
  public static var unusedSettings: [String] {
    [
      "replay", "segment", "target.synchronization", "target.steps", "target.returns",
      "target.sigma", "target.rule.selection",
    ]
  }

  /// The settings.
  public let hyperparameters: Hyperparameters
  /// The network's description.
  public let description: NetworkDescription
  /// The number of updates so far.
  public private(set) var updateCount = 0

  private var arena: Arena<Float>
  private let network: Network
  private let actor: Actor
  private var inputs: InputScaling
  private var rewards: RewardScaling
  /// θ, z and ∇q(s, a).
  private let parameters: Region
  private let trace: Region
  private let gradient: Region
  /// s and s′, each one row, and q of each.
  private let observation: Region
  private let nextObservation: Region
  private let outputs: LayerOutputs
  private let nextOutputs: LayerOutputs
  private let deltas: LayerDeltas

  /// Whether the next observation is the first of an episode.
  private var isFirst = true
  /// The rest of the transition that `learn` is due for.
  private var transition: Transition?
  /// The actions that are legal in s and in s′; empty if all always are.
  ///
  /// A step sets both before it uses them, so that neither is part of the state.
  private var mask: [Bool]
  private var nextMask: [Bool]
  /// a′ of the last target, if it is to be taken.
  private var nextAction: Int?
  /// q(s, a) by the parameters before the last update, for dutch traces; 0 at an episode's start.
  private var oldValue: Float = 0
  /// δ of the last update, for its measures.
  private var error: Float = 0
  private var exploration: PCG64
  private var resampling: PCG64

  private struct Transition {
    var action: Int
    var reward: Float
    var discount: Float
    var isLast: Bool
  }

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
    let trace = try layout.reserve(count: network.parameterCount)
    let gradient = try layout.reserve(count: network.parameterCount)
    let observation = try layout.reserve(count: description.inputs)
    let nextObservation = try layout.reserve(count: description.inputs)
    let outputs = try network.reserveOutputs(rows: 1, in: &layout)
    let nextOutputs = try network.reserveOutputs(rows: 1, in: &layout)
    let deltas = try network.reserveDeltas(rows: 1, in: &layout)
    let actor = try Actor(network, environments: 1, in: &layout)
    let inputs = try InputScaling(columns: description.inputs, in: &layout)
    let arena = try Arena<Float>(layout)

    self.hyperparameters = hyperparameters
    self.description = description
    self.network = network
    self.parameters = parameters
    self.trace = trace
    self.gradient = gradient
    self.observation = observation
    self.nextObservation = nextObservation
    self.outputs = outputs
    self.nextOutputs = nextOutputs
    self.deltas = deltas
    self.actor = actor
    self.inputs = inputs
    rewards = RewardScaling(
      hyperparameters.reward, discount: hyperparameters.target.discount, environments: 1,
      parity: hyperparameters.parity)
    mask = Array(
      repeating: true, count: specification.hasActionMasks ? description.outputs : 0)
    nextMask = mask
    self.arena = arena

    let streams = RandomStreams(seed: seed)
    exploration = streams.stream(.exploration)
    resampling = streams.stream(.target)
    var initialization = streams.stream(.initialization)
    self.inputs.start(
      hyperparameters.input, for: specification.observationSpace, in: &self.arena)
    network.initialize(
      parameters, by: hyperparameters.network.initializer, in: &self.arena, using: &initialization)
  }
}

// MARK: - The settings

extension StreamingSARSA {
  /// Stores no experience, and learns from one transition at a time.
  public static func sizes(
    _ hyperparameters: Hyperparameters, for specification: EnvironmentSpecification
  ) -> AgentSizes {
    AgentSizes(batchRows: 1, passRows: [1, 1])
  }

  /// Checks that there is one environment, that the optimiser is plain gradient descent, and that the kind of
  /// traces fits the network and the rule.
  ///
  /// - Throws: `HyperparameterError` for the first value that is not allowed.
  public static func validate(
    _ hyperparameters: Hyperparameters
  ) throws(HyperparameterError) {
    let (optimizer, target) = (hyperparameters.optimizer, hyperparameters.target)
    let traces = hyperparameters.traces
    try requirePlainExploration(hyperparameters)
    try require(
      !hyperparameters.repeatsExploration || traces.cut != .exploratory, "repeatsExploration", true,
      "false, because exploratory actions cut the traces")
    try require(
      hyperparameters.environmentCount == 1, "environmentCount", hyperparameters.environmentCount,
      "1, for algorithm streaming")
    try require(
      optimizer.method == .sgd(), "optimizer.method", optimizer.method.kind.rawValue,
      "sgd without momentum and weight decay, for algorithm streaming")
    try require(
      optimizer.loss == .meanSquaredError, "optimizer.loss", optimizer.loss.kind.rawValue,
      "mse, for algorithm streaming")
    if let limit = optimizer.gradientNormLimit {
      throw HyperparameterError(
        field: "optimizer.gradientNormLimit", value: "\(limit)",
        allowed: "none, for algorithm streaming")
    }
    if traces.kind == .accumulating { return }
    try require(
      hyperparameters.network.isLinear, "traces.kind", traces.kind.rawValue,
      "accumulating, unless the network is one dense layer without activation")
    guard traces.kind == .dutch else { return }
    try require(
      target.rule.nextAction == .stored, "target.rule.nextAction", target.rule.nextAction.rawValue,
      "stored, for dutch traces")
    try require(traces.kappa == 0, "traces.kappa", traces.kappa, "0, for dutch traces")
  }

  /// Checks that replacing traces have features that are 0 or 1.
  ///
  /// - Throws: `HyperparameterError` if the observations may have other numbers.
  public static func validate(
    _ hyperparameters: Hyperparameters, for specification: EnvironmentSpecification
  ) throws(HyperparameterError) {
    guard hyperparameters.traces.kind == .replacing else { return }
    let scaling = hyperparameters.input.scaling
    try require(
      scaling == .none, "input.scaling", scaling.rawValue, "none, for replacing traces")
    try require(
      specification.observationSpace.isZerosAndOnes, "traces.kind",
      hyperparameters.traces.kind.rawValue,
      "accumulating or dutch for '\(specification.id)', whose observations are not zeros and ones")
  }
}

extension NetworkHyperparameters {
  /// Whether q is linear in θ, with the observation as features: one dense layer without activation.
  fileprivate var isLinear: Bool {
    guard let description else { return filters.isEmpty && hiddenSizes.isEmpty && !isDueling }
    return description.layers == [.dense(units: description.outputs)]
  }
}

// MARK: - The algorithm

extension StreamingSARSA {
  /// Takes a′ of the last target, or chooses an action by a policy on q(s, ·|θ) if there is none.
  ///
  /// Shapes: observations [1, observationSize], masks [1, actions] or empty, actions [1].
  ///
  /// - Complexity: at most one forward pass, no allocation.
  public mutating func act(
    on observations: [Float], allowing masks: [Bool], by behavior: Behavior,
    into actions: inout [Int]
  ) {
    for i in mask.indices { mask[i] = masks.isEmpty || masks[i] }
    observeFirst(observations)
    if let nextAction {
      require(actions.count == 1, "% actions were given; allowed: 1", actions.count)
      actions[0] = nextAction
    } else {
      actor.act(
        on: observations, scaledBy: inputs, allowing: masks, by: behavior, parameters: parameters,
        into: &actions, in: &arena, using: &exploration)
    }
  }

  /// Stores the transition (s, a, r, s′, end) of a step until `learn` is called.
  ///
  /// Shapes: observations [1, observationSize], actions [1].
  ///
  /// - Complexity: O(observationSize), no allocation.
  public mutating func remember(_ observations: [Float], _ actions: [Int], _ step: VectorStep) {
    require(actions.count == 1, "% actions were given; allowed: 1", actions.count)
    observeFirst(observations)
    arena.write(observations, to: observation)
    inputs.apply(to: observation, in: &arena)
    inputs.observe(step.nextObservations, in: &arena)
    arena.write(step.nextObservations, to: nextObservation)
    inputs.apply(to: nextObservation, in: &arena)

    let isLast = step.isTerminated[0] || step.isTruncated[0]
    let discount = hyperparameters.target.discount(after: step.isTerminated[0], step.isTruncated[0])
    transition = Transition(
      action: actions[0], reward: Float(rewards.scaled(step.rewards[0], of: 0, isLast: isLast)),
      discount: Float(discount), isLast: isLast)
    for i in nextMask.indices { nextMask[i] = step.nextMasks.isEmpty || step.nextMasks[i] }
    nextAction = nil
    isFirst = isLast
  }

  /// Counts the first observation of an episode in the statistics of a running scaling.
  ///
  /// Every observation is counted once, when it arrives, and is scaled by the statistics of that moment both
  /// as s′ and as the next s.
  private mutating func observeFirst(_ observations: [Float]) {
    if !isFirst { return }
    inputs.observe(observations, in: &arena)
    isFirst = false
  }

  /// Makes the update for the last transition.
  ///
  /// - Returns: δ² as the loss and q(s, a) as the mean value, from before the update.
  /// - Throws: `Divergence` if the loss, a trace or a parameter is no longer finite.
  /// - Complexity: two forward passes and one backward, no allocation.
  public mutating func learn(at moment: TrainingMoment) throws(Divergence) -> Learned {
    guard let transition else { return Learned() }
    self.transition = nil
    updateCount += 1

    // δ, by the parameters before the update.
    let (values, action) = (forward(observation, into: outputs), transition.action)
    let value = arena[values, 0, action]
    let isExploratory = value < arena[values, 0, greedyAction(values)]
    let nextValue = nextValue(after: transition, policy: moment.policy)
    error = transition.reward + transition.discount * nextValue - value
    let loss = error * error
    guard loss.isFinite else { throw .loss(loss, update: updateCount) }

    // ∇q(s, a).
    arena.fill(deltas.last, with: 0)
    arena[deltas.last, 0, action] = 1
    network.backward(
      observation, parameters: parameters, outputs: outputs, deltas: deltas, gradient: gradient,
      in: &arena)

    // z and θ.
    let traces = hyperparameters.traces
    let cuts = traces.cut == .exploratory && isExploratory
    let isLate = hyperparameters.parity == .streamingDRL
    try update(
      error: Double(error), change: Double(value - oldValue),
      decay: cuts && !isLate
        ? 0 : hyperparameters.target.discount * hyperparameters.target.lambda,
      learningRate: moment.learningRate)
    oldValue = nextValue
    if transition.isLast || (cuts && isLate) { arena.fill(trace, with: 0) }
    if transition.isLast { oldValue = 0 }
    return Learned(update: Update(loss: loss, meanValue: value))
  }

  private mutating func forward(_ inputs: Region, into outputs: LayerOutputs) -> Region {
    network.forward(inputs, parameters: parameters, into: outputs, in: &arena)
  }

  private func greedyAction(_ values: Region) -> Int {
    arena.withSpan(of: values) {
      Policy.greedy($0, row: 0, of: values.columns, allowing: mask.span)
    }
  }

  /// The value of s′ by the rule; 0 if there is no next state.
  ///
  /// With `stored`, it draws the next action.
  private mutating func nextValue(after transition: Transition, policy: Policy) -> Float {
    let rule = hyperparameters.target.rule
    let takesAction =
      rule.nextAction == .stored
      && (!transition.isLast || hyperparameters.parity == .streamingDRL)
    if transition.discount == 0 && !takesAction { return 0 }
    let values = forward(nextObservation, into: nextOutputs)
    // Copies, because a closure that changes a property cannot read the arena of the same value.
    var (exploration, resampling) = (self.exploration, self.resampling)
    var taken: Int?
    let mask = nextMask
    let value = arena.withSpan(of: values) { q in
      if takesAction {
        taken = policy.action(
          q, row: 0, of: values.columns, allowing: mask.span, using: &exploration)
      }
      if transition.discount == 0 { return 0 as Float }
      return rule.value(
        of: q, selecting: q, row: 0, of: values.columns, allowing: mask.span,
        stored: taken ?? -1, policy: policy, using: &resampling)
    }
    (self.exploration, self.resampling, nextAction) = (exploration, resampling, taken)
    return value
  }

  /// Moves z and θ.
  ///
  /// For dutch traces, with Q = q(s, a) and Q_old the same by the parameters before the last update, x = ∇q:
  ///
  ///     z ← γλ·z + α·(1 − γλ·zᵀx)·x
  ///     θ ← θ + (δ + Q − Q_old)·z − α·(Q − Q_old)·x
  ///
  /// α is within z, so that the result is that of the online forward view also while α changes.
  ///
  /// - Parameters:
  ///   - error: δ.
  ///   - change: Q − Q_old.
  ///   - decay: γλ, or 0 for a trace that is cut.
  ///   - learningRate: α.
  /// - Throws: `Divergence` if a trace or a parameter is no longer finite.
  private mutating func update(
    error: Double, change: Double, decay: Double, learningRate: Double
  ) throws(Divergence) {
    let traces = hyperparameters.traces
    let isDutch = traces.kind == .dutch
    let weight =
      isDutch ? learningRate * (1 - decay * Double(arena.dot(trace, gradient))) : 1
    let norm = arena.updateTrace(
      trace, gradient: gradient, decay: decay, weight: weight, replaces: traces.kind == .replacing)
    guard norm.isFinite else { throw divergence(ofTrace: norm) }
    let factor: Double
    if isDutch {
      factor = error + change
    } else {
      let length = learningRate * traces.kappa * max(abs(error), 1) * Double(norm)
      factor = learningRate * error / max(1, length)
    }
    let isFinite = arena.followTrace(
      trace, parameters: parameters, factor: factor, gradient: gradient,
      correction: isDutch ? -learningRate * change : 0)
    if isFinite { return }
    guard let (value, tensor) = network.firstNonFinite(of: parameters, in: arena) else {
      fatalError("the update reported a number that is not finite, but all are finite")
    }
    throw .parameter(value, tensor: tensor, update: updateCount)
  }

  /// The error for the first trace that is not finite, or for a norm that overflows without one.
  private func divergence(ofTrace norm: Float) -> Divergence {
    let found = network.firstNonFinite(of: trace, in: arena)
    return .moment(
      found?.value ?? norm, name: found == nil ? "norm of the trace" : "trace",
      tensor: found?.tensor ?? network.tensors(of: trace, in: arena)[0].name, update: updateCount)
  }
}

// MARK: - Measures

extension StreamingSARSA {
  /// Measures the values of s, and the gradient of δ², which the trace has taken in.
  ///
  /// Effective rank and dead units are of many rows; there is one.
  ///
  /// - Complexity: O(parameters), no allocation.
  public mutating func measurements() -> LearningMeasurements? {
    var result = LearningMeasurements(ofValues: outputs.last, in: arena)
    result.gradientNorm = 2 * Double(abs(error)) * Double(arena.norm(gradient))
    result.largestReward = rewards.largest
    return result
  }
}

// MARK: - Access to the parameters

extension StreamingSARSA {
  /// The network as a file: PyTorch's names and layout, and the scaling of inputs, if there is one.
  public func model() -> Safetensors {
    inputs.model(of: network, parameters, rewards: rewards, in: arena)
  }

  /// Replaces the parameters, and the scaling of inputs, by those of a model file; the trace is unchanged.
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

extension StreamingSARSA {
  /// Writes or replaces the parameters, the trace, the next action, the statistics of scalings and the random
  /// streams.
  ///
  /// - Precondition: `learn` was called after the last `remember`.
  /// - Throws: `ArchiveError`.
  public mutating func archive<A: Archive & ~Copyable>(
    in archive: inout A, as name: String
  ) throws(ArchiveError) {
    require(
      transition == nil, "a transition is not yet learned from; allowed: a state after `learn`")
    try archive.constant(name + ".network", description)
    try archive.finiteNumbers(name + ".parameters", of: parameters, in: &arena)
    try archive.finiteNumbers(name + ".trace", of: trace, in: &arena)
    if hyperparameters.traces.kind == .dutch {
      try archive.value(name + ".oldValue", &oldValue, allowed: "a finite number") { $0.isFinite }
    }
    try archive.value(
      name + ".updateCount", &updateCount, allowed: "from 0 to \(Hyperparameters.Limit.steps)"
    ) { (0...Hyperparameters.Limit.steps).contains($0) }
    try archive.value(name + ".isFirst", &isFirst)
    try inputs.archive(in: &archive, as: name + ".inputs", arena: &arena)
    try rewards.archive(in: &archive, as: name + ".rewards")
    try archive.value(name + ".exploration", &exploration)
    try archive.value(name + ".resampling", &resampling)
    guard hyperparameters.target.rule.nextAction == .stored else { return }
    let actions = 0..<description.outputs
    try archive.value(
      name + ".nextAction", &nextAction, allowed: "none, or from 0 to \(actions.count - 1)"
    ) { $0.map(actions.contains) ?? true }
  }
}
