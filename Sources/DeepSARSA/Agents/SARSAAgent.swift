internal import SARSAPreconditions

/// The agent of Deep SARSA: it chooses actions, stores transitions, and trains its network on them.
///
/// The initialiser allocates all memory; the other methods allocate nothing. The agent is not copyable,
/// so that only one task uses it.
///
/// ```swift
/// var agent = try SARSAAgent(.notebook, for: environment.specification, seed: 1)
/// agent.act(on: observations, by: .epsilonGreedy(epsilon: 0.01), into: &actions)
/// agent.remember(observations, actions, step)
/// let update = try agent.learn(for: .epsilonGreedy(epsilon: 0.01), learningRate: 1e-3)
/// ```
///
/// Source: G. A. Rummery, M. Niranjan, "On-line Q-learning Using Connectionist Systems", 1994;
/// V. Mnih et al. 2015, https://doi.org/10.1038/nature14236, for memory and target network.
public struct SARSAAgent: ~Copyable, Sendable {
  /// The settings.
  public let hyperparameters: Hyperparameters
  /// The network's description.
  public let description: NetworkDescription
  /// The replay memory.
  package private(set) var memory: ReplayMemory
  /// The number of transitions in the replay memory.
  public var transitionCount: Int { memory.count }
  /// The number of updates so far.
  public var updateCount: Int { optimizer.stepCount }

  private var arena: Arena<Float>
  private let q: QNetwork
  private let workspace: Workspace
  private var optimizer: Optimizer
  private var batch: Minibatch

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
    do { try hyperparameters.validate(for: specification) } catch { fatalError("\(error)") }
    let description = hyperparameters.network.description(for: specification)
    var layout = ArenaLayout()
    let q = try QNetwork(description, in: &layout)
    let workspace = try Workspace(q.network, hyperparameters, in: &layout)
    let optimizer = try Optimizer(
      hyperparameters.optimizer.method, parameterCount: q.network.parameterCount, in: &layout)
    let batch = try Minibatch(
      count: hyperparameters.replay.batchSize, observationSize: description.inputs, in: &layout)
    let arena = try Arena<Float>(layout)
    let memory = try ReplayMemory(
      capacity: hyperparameters.replay.capacity, observationSize: description.inputs,
      batchSize: batch.count, environmentCount: hyperparameters.environmentCount)

    self.hyperparameters = hyperparameters
    self.description = description
    self.q = q
    self.workspace = workspace
    self.optimizer = optimizer
    self.batch = batch
    self.arena = arena
    self.memory = memory

    let streams = RandomStreams(seed: seed)
    exploration = streams.stream(.exploration)
    resampling = streams.stream(.target)
    replay = streams.stream(.replay)
    var initialization = streams.stream(.initialization)
    q.initialize(
      by: hyperparameters.network.initializer, in: &self.arena, using: &initialization)
  }
}

/// The regions that the network's forward and backward passes write.
private struct Workspace: Sendable {
  /// The observations to act on [environments, observationSize], and the layers' outputs for them.
  let actingInputs: Region
  let actingOutputs: LayerOutputs
  /// The outputs of the online network for s and s′ [2·batch, …], and of the target network for s′
  /// [batch, …].
  let onlineOutputs: LayerOutputs
  let targetOutputs: LayerOutputs
  /// The derivatives of L with respect to every layer's output [batch, …] and every parameter.
  let deltas: LayerDeltas
  let gradient: Region

  init(
    _ network: Network, _ hyperparameters: Hyperparameters, in layout: inout ArenaLayout
  ) throws(ArenaError) {
    let batchSize = hyperparameters.replay.batchSize
    let environments = hyperparameters.environmentCount
    gradient = try layout.reserve(count: network.parameterCount)
    onlineOutputs = try network.reserveOutputs(rows: 2 * batchSize, in: &layout)
    targetOutputs = try network.reserveOutputs(rows: batchSize, in: &layout)
    deltas = try network.reserveDeltas(rows: batchSize, in: &layout)
    actingInputs = try layout.reserve(rows: environments, columns: network.description.inputs)
    actingOutputs = try network.reserveOutputs(rows: environments, in: &layout)
  }
}

// MARK: - The algorithm

extension SARSAAgent {
  /// Chooses an action for every environment by a policy on q(s, ·|θ).
  ///
  /// Shapes: observations [environments, observationSize], actions [environments].
  ///
  /// - Precondition: the number of environments is that of the hyperparameters.
  /// - Complexity: one product a layer, no allocation.
  public mutating func act(
    on observations: [Float], by policy: BehaviorPolicy, into actions: inout [Int]
  ) {
    require(
      observations.count == workspace.actingInputs.count,
      "observations has % numbers; allowed: %", observations.count, workspace.actingInputs.count)
    arena.write(observations, to: workspace.actingInputs)
    let values = q.network.forward(
      workspace.actingInputs, parameters: q.online, into: workspace.actingOutputs, in: &arena)
    require(
      actions.count == values.rows,
      "% actions were given; allowed: %, one for each environment", actions.count, values.rows)
    let actionCount = values.columns
    arena.withSpan(of: values) { values in
      for i in actions.indices {
        actions[i] = policy.action(values, row: i, of: actionCount, using: &exploration)
      }
    }
  }

  /// Stores the transitions (s, a, r, s′, end) of a step.
  ///
  /// - Parameters:
  ///   - observations: the observations before the step [environments, observationSize].
  ///   - actions: the actions [environments].
  ///   - step: the step's result.
  /// - Precondition: the number of environments is that of the hyperparameters.
  /// - Complexity: O(environments·observationSize), no allocation.
  public mutating func remember(_ observations: [Float], _ actions: [Int], _ step: VectorStep) {
    require(
      actions.count == hyperparameters.environmentCount,
      "% actions were given; allowed: %, one for each environment", actions.count,
      hyperparameters.environmentCount)
    for i in actions.indices {
      let discount = hyperparameters.target.discount(
        after: step.isTerminated[i], step.isTruncated[i])
      memory.append(
        observations: observations, action: actions[i], reward: step.rewards[i],
        nextObservations: step.nextObservations, discount: discount,
        isLast: step.isTerminated[i] || step.isTruncated[i], row: i)
    }
  }

  /// Makes one update: draws a minibatch, computes targets, and moves θ down the loss's gradient.
  ///
  /// The policy is the one that acts: SARSA learns its values.
  ///
  /// - Precondition: the memory holds at least a minibatch.
  /// - Returns: the loss and the mean value before the update.
  /// - Throws: `Divergence` if the loss, a parameter or a moment is no longer finite.
  /// - Complexity: three forward passes and one backward, no allocation.
  @discardableResult
  public mutating func learn(
    for policy: BehaviorPolicy, learningRate: Double
  ) throws(Divergence) -> Update {
    // Sample.
    require(
      memory.count >= batch.count,
      "the memory holds % transitions; allowed: a minibatch, %, or more", memory.count, batch.count)
    memory.draw(&batch, using: &replay)
    memory.gather(&batch, in: &arena)

    // q(s, ·|θ), q(s′, ·|θ) and q(s′, ·|θ_target).
    let rule = hyperparameters.target.rule
    let seesNext = rule.selection == .online
    let online = q.network.forward(
      seesNext ? batch.allObservations : batch.observations, parameters: q.online,
      into: workspace.onlineOutputs, in: &arena)
    let values = online.rows(0..<batch.count)
    let nextValues = q.network.forward(
      batch.nextObservations, parameters: q.target, into: workspace.targetOutputs, in: &arena)

    // y = r + γ·q(s′, a′|θ_target).
    rule.evaluate(
      &batch, selecting: seesNext ? online.rows(batch.count..<2 * batch.count) : nextValues,
      valuing: nextValues, policy: policy, in: arena, using: &resampling)

    // L = mean of ℓ(y − q(s, a|θ)), and its gradient.
    let loss = hyperparameters.optimizer.loss.evaluate(
      outputs: values, chosen: batch.actions, targets: batch.targets, weights: batch.weights,
      errors: &batch.errors, gradient: workspace.deltas.last, in: &arena)
    guard loss.isFinite else { throw .loss(loss, update: updateCount + 1) }
    q.network.backward(
      batch.observations, parameters: q.online, outputs: workspace.onlineOutputs,
      deltas: workspace.deltas, gradient: workspace.gradient, in: &arena)
    if let limit = hyperparameters.optimizer.gradientNormLimit {
      arena.clip(workspace.gradient, toNorm: limit)
    }

    // θ ← θ − α·∇L.
    let isFinite = optimizer.update(
      q.online, gradient: workspace.gradient, learningRate: learningRate, in: &arena)
    guard isFinite else { throw divergence() }
    return Update(loss: loss, meanValue: meanValue)
  }

  /// θ_target ← τθ + (1 − τ)θ_target.
  public mutating func synchronize() {
    q.synchronize(rate: hyperparameters.target.synchronization.rate, in: &arena)
  }

  /// The mean of q(s, a|θ) over the minibatch, from targets and errors.
  private var meanValue: Float {
    var sum: Float = 0
    for i in 0..<batch.count { sum += batch.targets[i] - batch.errors[i] }
    return sum / Float(batch.count)
  }

  /// The error for the first parameter, or the first moment of a parameter, that is not finite.
  private func divergence() -> Divergence {
    if let (value, tensor) = firstNonFinite(of: q.online) {
      return .parameter(value, tensor: tensor, update: updateCount)
    }
    for (name, region) in zip(optimizer.method.momentNames, optimizer.moments) {
      if let (value, tensor) = firstNonFinite(of: region) {
        return .moment(value, name: name, tensor: tensor, update: updateCount)
      }
    }
    fatalError("the update reported a number that is not finite, but all are finite")
  }

  /// The first number that is not finite in a block of the parameters' size, with its tensor's name.
  private func firstNonFinite(of block: Region) -> (value: Float, tensor: String)? {
    for tensor in q.network.tensors(of: block, in: arena) {
      if let value = tensor.values.first(where: { !$0.isFinite }) { return (value, tensor.name) }
    }
    return nil
  }
}

/// The statistics of an update.
public struct Update: Hashable, Sendable {
  /// The loss, before the update.
  public var loss: Float
  /// The mean of q(s, a|θ) over the minibatch, before the update.
  public var meanValue: Float
}

/// An error that ends training: a number is no longer finite.
public enum Divergence: Error, Hashable, CustomStringConvertible {
  /// The loss of an update.
  case loss(Float, update: Int)
  /// A parameter after an update.
  case parameter(Float, tensor: String, update: Int)
  /// The optimiser's state for a parameter after an update; `Optimizer.Method.momentNames` has the names.
  ///
  /// With an infinite mean square, every step of its parameter would be zero.
  case moment(Float, name: String, tensor: String, update: Int)

  /// One line that names update, quantity and value.
  public var description: String {
    switch self {
    case .loss(let value, let update): "update \(update): the loss is \(value.plainText)"
    case .parameter(let value, let tensor, let update):
      "update \(update): '\(tensor)' holds \(value.plainText)"
    case .moment(let value, let name, let tensor, let update):
      "update \(update): the \(name) of '\(tensor)' holds \(value.plainText)"
    }
  }
}

// MARK: - Access to the parameters

extension SARSAAgent {
  /// The online network as a file: PyTorch's names and layout.
  public func model() -> Safetensors {
    q.network.model(of: q.online, in: arena)
  }

  /// Copies the online parameters into a policy.
  ///
  /// - Precondition: the policy's network has the same description.
  /// - Complexity: O(parameters), no allocation.
  public func copyParameters(into policy: inout GreedyPolicy) {
    require(
      policy.description == description,
      "the policy's network is '\(policy.description)'; allowed: '\(description)'")
    arena.withSpan(of: q.online) { policy.replaceParameters(with: $0) }
  }
}

// MARK: - A given start

extension SARSAAgent {
  /// Starts both networks from the parameters of a model file.
  ///
  /// - Throws: `ModelError` if they do not fit this network; then both are unchanged.
  public mutating func load(_ model: Safetensors) throws(ModelError) {
    try q.network.load(model, into: q.online, in: &arena)
    arena.copy(q.online, to: q.target)
  }
}
