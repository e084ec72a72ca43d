import DeepSARSA
import TestSupport
import Testing

/// An agent that is shown steps by hand, and whose parameters and trace can be looked at.
struct ShownSteps: ~Copyable {
  var agent: StreamingSARSA
  let inputs: Int
  let actions: Int
  private(set) var steps = 0

  init(_ hyperparameters: Hyperparameters, inputs: Int, actions: Int, isBinary: Bool = true) throws
  {
    var hyperparameters = hyperparameters
    hyperparameters.algorithm = .streaming
    var agent = try StreamingSARSA(
      hyperparameters,
      for: EnvironmentSpecification(
        id: "Shown",
        observationSpace: isBinary ? .category(inputs) : .box(shape: [inputs]),
        actionCount: actions), seed: 1)
    if hyperparameters.network.hiddenSizes.isEmpty {
      try agent.load(
        Self.linear(
          weights: Array(repeating: 0, count: inputs * actions),
          biases: Array(repeating: 0, count: actions), inputs: inputs))
    }
    self.agent = agent
    self.inputs = inputs
    self.actions = actions
  }

  /// Sets a linear network: weights [actions, inputs], as PyTorch has them.
  mutating func set(weights: [Float], biases: [Float]) throws {
    try agent.load(Self.linear(weights: weights, biases: biases, inputs: inputs))
  }

  private static func linear(weights: [Float], biases: [Float], inputs: Int) -> Safetensors {
    Safetensors(tensors: [
      Safetensors.Tensor(
        name: "q_network.0.weight", shape: [biases.count, inputs], values: weights),
      Safetensors.Tensor(name: "q_network.0.bias", shape: [biases.count], values: biases),
    ])
  }

  /// Shows a transition, and learns from it.
  @discardableResult
  mutating func show(
    _ observation: [Float], _ action: Int, reward: Double, _ next: [Float],
    isTerminated: Bool = false, isTruncated: Bool = false, epsilon: Double = 0,
    learningRate: Double = 0.1
  ) throws -> Update {
    var step = VectorStep(count: 1, observationSize: inputs)
    step.rewards = [reward]
    (step.isTerminated, step.isTruncated) = ([isTerminated], [isTruncated])
    step.nextObservations = next
    agent.remember(observation, [action], step)
    let moment = TrainingMoment(
      steps: steps + 1, stepsBefore: steps, finishedEpisodes: isTerminated || isTruncated ? 1 : 0,
      policy: .epsilonGreedy(epsilon: epsilon), learningRate: learningRate)
    steps += 1
    return try #require(try agent.learn(at: moment).update)
  }

  mutating func act(on observation: [Float], epsilon: Double = 0) -> Int {
    var actions = [0]
    agent.act(on: observation, by: .epsilonGreedy(epsilon: epsilon), into: &actions)
    return actions[0]
  }

  /// The weights [actions, inputs] of a linear network.
  var weights: [Float] { agent.model().tensors[0].values }
  var biases: [Float] { agent.model().tensors[1].values }

  /// z, in the order of a block of parameters: weights [inputs, actions], then biases.
  mutating func trace() throws -> [Float] {
    var archive = Numbers()
    try agent.archive(in: &archive, as: "agent")
    return archive.found["agent.trace"] ?? []
  }
}

/// An archive that keeps the numbers it is given.
private struct Numbers: Archive {
  var found: [String: [Float]] = [:]
  let isReading = false

  mutating func value<Value: Codable>(_ name: String, _ value: inout Value) {}

  mutating func numbers(_ name: String, of region: Region, in arena: inout Arena<Float>) {
    found[name] = arena.values(of: region)
  }
}

/// Settings of a linear learner without exploration.
func linearStreaming(
  _ nextAction: TargetRule.NextAction = .stored, discount: Double = 0.9, lambda: Double = 1,
  _ change: (inout Hyperparameters) -> Void = { _ in }
) -> Hyperparameters {
  var result = Hyperparameters.streaming
  result.network.hiddenSizes = []
  result.network.initializer = .pytorch
  result.input.scaling = .none
  result.reward.scaling = .none
  result.optimizer.learningRate = .constant(0.1)
  result.exploration = .epsilonGreedy(epsilon: .constant(0))
  result.target.discount = discount
  result.target.lambda = lambda
  result.target.rule.nextAction = nextAction
  result.traces.kappa = 0
  change(&result)
  return result
}

/// The unit vector of a state.
func oneHot(_ state: Int, of count: Int) -> [Float] {
  (0..<count).map { $0 == state ? 1 : 0 }
}

private func isClose(_ found: [Float], _ expected: [Float], within tolerance: Float = 1e-6) -> Bool
{
  found.count == expected.count && zip(found, expected).allSatisfy { abs($0 - $1) <= tolerance }
}

@Suite("Online SARSA(λ), by hand")
struct StreamingSARSATests {
  @Test("a reward after three steps reaches all three, and the end's own discount decays no trace")
  func delayedReward() throws {
    // A trace that decays by the discount out of a state, which is 0 at the end, gives 0, 0, 0.1
    // (gymnasium-based programs: asi#2840, asi#2350).
    for nextAction in TargetRule.NextAction.allCases {
      var shown = try ShownSteps(linearStreaming(nextAction), inputs: 4, actions: 1)
      for state in 0..<3 {
        try shown.show(
          oneHot(state, of: 4), 0, reward: state == 2 ? 1 : 0, oneHot(state + 1, of: 4),
          isTerminated: state == 2)
      }
      #expect(isClose(shown.weights, [0.081, 0.09, 0.1, 0]), "\(shown.weights)")
      #expect(!isClose(shown.weights, [0, 0, 0.1, 0]))
    }
  }

  @Test("a trace is empty after an episode, whichever way it ends", arguments: [true, false])
  func emptyAfterTheEnd(isTerminated: Bool) throws {
    // asi#2972 resets at a termination alone, and carries 0.5184, 0.72, 1 over a truncation.
    var shown = try ShownSteps(linearStreaming(lambda: 0.8), inputs: 4, actions: 1)
    var goesOn = try ShownSteps(linearStreaming(lambda: 0.8), inputs: 4, actions: 1)
    for state in 0..<3 {
      let (now, next) = (oneHot(state, of: 4), oneHot(state + 1, of: 4))
      let (isLast, before) = (state == 2, shown.weights[0])
      try shown.show(
        now, 0, reward: 1, next, isTerminated: isLast && isTerminated,
        isTruncated: isLast && !isTerminated)
      try goesOn.show(now, 0, reward: 1, next)
      // The last update too has the whole trace.
      #expect(shown.weights[0] > before + 0.01)
    }
    let (empty, full) = (try shown.trace(), try goesOn.trace())
    #expect(empty == [0, 0, 0, 0, 0])
    #expect(isClose(Array(full[..<3]), [0.5184, 0.72, 1]), "\(full)")
  }

  @Test("Watkins's cut empties the trace before an exploratory action's own gradient enters")
  func watkins() throws {
    /// Δ of three states; the first action is greedy, the second exploratory, the third greedy.
    func weights(
      _ rewards: [Double], _ cut: TraceHyperparameters.Cut, _ parity: Parity = .none
    ) throws -> [Float] {
      let hyperparameters = linearStreaming(.greedy) {
        $0.traces.cut = cut
        $0.parity = parity
      }
      var shown = try ShownSteps(hyperparameters, inputs: 4, actions: 2)
      // In state 1 action 1 is better by a hair: 0 is exploratory there.
      let tiny: Float = 0x1p-60
      try shown.set(weights: [0, 0, 0, 0, 0, tiny, 0, 0], biases: [0, 0])
      for state in rewards.indices {
        try shown.show(
          oneHot(state, of: 4), 0, reward: rewards[state], oneHot(state + 1, of: 4),
          isTerminated: state == rewards.count - 1)
      }
      return Array(shown.weights[..<rewards.count])
    }
    // The bias of action 0 moves too, but after all that is compared here.
    let right = try weights([0, 1], .exploratory)
    #expect(isClose(right, [0, 0.1]), "\(right)")
    // streaming-drl empties it afterwards: the reward of an exploratory action reaches the state before.
    let wrong = try weights([0, 1], .exploratory, .streamingDRL)
    #expect(isClose(wrong, [0.09, 0.1]) && !isClose(wrong, right), "\(wrong)")
    #expect(isClose(try weights([0, 1], .never), [0.09, 0.1]))
    // One step later both orders are told apart from naive Q(λ).
    #expect(isClose(try weights([0, 0, 1], .exploratory), [0, 0.09, 0.1]))
    #expect(isClose(try weights([0, 0, 1], .exploratory, .streamingDRL), [0, 0, 0.1]))
    #expect(isClose(try weights([0, 0, 1], .never), [0.081, 0.09, 0.1]))
  }

  @Test("equally good actions are greedy, whichever of them is taken")
  func ties() throws {
    let hyperparameters = linearStreaming(.greedy) { $0.traces.cut = .exploratory }
    var shown = try ShownSteps(hyperparameters, inputs: 3, actions: 2)
    try shown.show(oneHot(0, of: 3), 1, reward: 0, oneHot(1, of: 3))
    try shown.show(oneHot(1, of: 3), 1, reward: 1, oneHot(2, of: 3), isTerminated: true)
    #expect(isClose(shown.weights, [0, 0, 0, 0.09, 0.1, 0]))
  }

  @Test(
    "the bound of the step has its closed form, for errors up to one and above", arguments: [1, 3])
  func bound(reward: Double) throws {
    // The bias is the weight of a feature that is always 1: q = wx with x = (1, −2). Then ‖z‖₁ is 3 and
    // M = κ·max(|δ|, 1)·3 = 6·|δ|, so that Δw = (1/6, −1/3), whatever δ is.
    let hyperparameters = linearStreaming { $0.traces.kappa = 2 }
    var shown = try ShownSteps(hyperparameters, inputs: 1, actions: 1, isBinary: false)
    try shown.show([-2], 0, reward: reward, [0], isTerminated: true, learningRate: 1)
    #expect(isClose(shown.biases, [1.0 / 6], within: 1e-7), "\(shown.biases)")
    #expect(isClose(shown.weights, [-1.0 / 3], within: 1e-7), "\(shown.weights)")

    // Without the bound it is αδz; with an α so small that M is below 1 too.
    var plain = try ShownSteps(linearStreaming(), inputs: 1, actions: 1, isBinary: false)
    try plain.show([-2], 0, reward: reward, [0], isTerminated: true, learningRate: 1)
    #expect(plain.biases == [Float(reward)] && plain.weights == [Float(-2 * reward)])
    var slow = try ShownSteps(hyperparameters, inputs: 1, actions: 1, isBinary: false)
    try slow.show([-2], 0, reward: reward, [0], isTerminated: true, learningRate: 0.05)
    #expect(isClose(slow.weights, [Float(-2 * 0.05 * reward)], within: 1e-7))
  }

  @Test("the action of the target is the one that is taken, and it was chosen before the update")
  func nextAction() throws {
    var shown = try ShownSteps(linearStreaming(lambda: 0), inputs: 3, actions: 2)
    // In state 1, action 1 is better by 0.5; the update makes action 0 better, by way of its bias.
    try shown.set(weights: [0, 0, 0, 0, 0.5, 0], biases: [0, 0])
    let update = try shown.show(oneHot(0, of: 3), 0, reward: 10, oneHot(1, of: 3))
    #expect(abs(update.loss - 10.45 * 10.45) < 1e-3)
    #expect(shown.biases[0] > 1)
    #expect(shown.act(on: oneHot(1, of: 3)) == 1)

    // Expected SARSA(λ) and Q(λ) choose by the present parameters.
    var other = try ShownSteps(linearStreaming(.greedy, lambda: 0), inputs: 3, actions: 2)
    try other.set(weights: [0, 0, 0, 0, 0.5, 0], biases: [0, 0])
    try other.show(oneHot(0, of: 3), 0, reward: 10, oneHot(1, of: 3))
    #expect(other.act(on: oneHot(1, of: 3)) == 0)
  }

  @Test("the drawn action's value is in the error, at every step of a random behaviour")
  func nextActionInTheError() throws {
    var shown = try ShownSteps(linearStreaming(lambda: 0.5), inputs: 4, actions: 3)
    var generator = PCG64(seed: 4)
    let weights = (0..<12).map { _ in Float(generator.uniform(-1, 1)) }
    try shown.set(weights: weights, biases: [0.1, -0.2, 0.3])
    var (state, action) = (0, 1)
    var taken: Set<Int> = []
    for _ in 0..<60 {
      let (weights, biases) = (shown.weights, shown.biases)
      func q(_ state: Int, _ action: Int) -> Float { weights[action * 4 + state] + biases[action] }
      let next = generator.integer(below: 4)
      let update = try shown.show(
        oneHot(state, of: 4), action, reward: 0.5, oneHot(next, of: 4), epsilon: 1,
        learningRate: 0.05)
      // It is not drawn once more, neither by another policy nor in another call.
      let nextAction = shown.act(on: oneHot(next, of: 4))
      #expect(shown.act(on: oneHot(next, of: 4), epsilon: 1) == nextAction)
      let error = 0.5 + 0.9 * q(next, nextAction) - q(state, action)
      #expect(abs(update.loss - error * error) < 1e-5 && update.meanValue == q(state, action))
      (state, action) = (next, nextAction)
      taken.insert(action)
    }
    #expect(taken == [0, 1, 2])
  }

  @Test("an episode's first action is chosen in its own first state", arguments: [true, false])
  func firstAction(isTerminated: Bool) throws {
    for (parity, expected) in [(Parity.none, 1), (.streamingDRL, 0)] {
      var shown = try ShownSteps(linearStreaming { $0.parity = parity }, inputs: 3, actions: 2)
      // Action 0 is better in the last state, 1, and action 1 in the first state of the next episode, 2.
      try shown.set(weights: [0, 5, 0, 0, 0, 5], biases: [0, 0])
      try shown.show(
        oneHot(0, of: 3), 1, reward: 0, oneHot(1, of: 3), isTerminated: isTerminated,
        isTruncated: !isTerminated, learningRate: 1e-6)
      // streaming-drl keeps the action that was drawn in the last state.
      #expect(shown.act(on: oneHot(2, of: 3)) == expected, "\(parity)")
    }
  }

  @Test("a truncation bootstraps from its true last state, unless the time limit counts as an end")
  func truncation() throws {
    for (timeLimit, error) in [(TimeLimitRule.bootstrap, 1 + 0.9 * 5 as Float), (.terminal, 1)] {
      for nextAction in TargetRule.NextAction.allCases {
        var shown = try ShownSteps(
          linearStreaming(nextAction) { $0.target.timeLimit = timeLimit }, inputs: 3, actions: 2)
        try shown.set(weights: [0, 5, 0, 0, 0, 0], biases: [0, 0])
        let update = try shown.show(
          oneHot(0, of: 3), 1, reward: 1, oneHot(1, of: 3), isTruncated: true)
        #expect(abs(update.loss - error * error) < 1e-4, "\(nextAction) \(timeLimit)")
        let ended = try shown.show(
          oneHot(2, of: 3), 1, reward: 1, oneHot(1, of: 3), isTerminated: true)
        #expect(ended.loss < 1.01, "\(nextAction)")
      }
    }
  }

  @Test("the expected rule takes the mean of the policy, the greedy one the largest value")
  func rules() throws {
    for (nextAction, value) in [
      (TargetRule.NextAction.expected, 0.2 * (2 + 6) / 2 + 0.8 * 6 as Float), (.greedy, 6),
    ] {
      var shown = try ShownSteps(linearStreaming(nextAction), inputs: 2, actions: 2)
      try shown.set(weights: [0, 2, 0, 6], biases: [0, 0])
      let update = try shown.show(
        oneHot(0, of: 2), 0, reward: 1, oneHot(1, of: 2), epsilon: 0.2)
      #expect(abs(update.loss.squareRoot() - (1 + 0.9 * value)) < 1e-5, "\(nextAction)")
    }
  }

  @Test("a replacing trace of a feature that is visited again is one, an accumulating one is more")
  func replacing() throws {
    for (kind, expected) in [
      (TraceHyperparameters.Kind.replacing, [1, 0.9, 1] as [Float]),
      (.accumulating, [1.81, 0.9, 2.71]),
    ] {
      var shown = try ShownSteps(linearStreaming { $0.traces.kind = kind }, inputs: 2, actions: 1)
      for state in [0, 1, 0] {
        try shown.show(oneHot(state, of: 2), 0, reward: 0, oneHot(1 - state, of: 2))
      }
      let trace = try shown.trace()
      #expect(isClose(trace, expected), "\(kind): \(trace)")
    }
  }

  @Test("with λ of 0 and one-hot states, dutch and replacing traces are accumulating ones")
  func oneStep() throws {
    var results: [[Float]] = []
    for kind in TraceHyperparameters.Kind.allCases {
      var shown = try ShownSteps(
        linearStreaming(lambda: 0) { $0.traces.kind = kind }, inputs: 3, actions: 1)
      for state in [0, 1, 1, 2, 0, 2] {
        try shown.show(
          oneHot(state, of: 3), 0, reward: Double(state), oneHot((state + 1) % 3, of: 3))
      }
      results.append(shown.weights)
    }
    #expect(isClose(results[0], results[1]) && isClose(results[0], results[2]))
    #expect(results[0][2] > 0.1)
  }

  @Test("without a new transition there is no update")
  func noTransition() throws {
    var shown = try ShownSteps(linearStreaming(), inputs: 2, actions: 1)
    try shown.show([1, 0], 0, reward: 1, [0, 1])
    let model = shown.agent.model()
    let moment = TrainingMoment(
      steps: 1, stepsBefore: 0, finishedEpisodes: 0, policy: .epsilonGreedy(epsilon: 0),
      learningRate: 1)
    #expect(try shown.agent.learn(at: moment) == Learned())
    #expect(shown.agent.model() == model && shown.agent.updateCount == 1)
  }
}

@Suite("Settings of online SARSA(λ)")
struct StreamingSettingTests {
  static let mistakes:
    [(field: String, allowed: String, make: @Sendable (inout Hyperparameters) -> Void)] = [
      ("environmentCount", "1, for algorithm streaming", { $0.environmentCount = 2 }),
      ("optimizer.method", "sgd without momentum", { $0.optimizer.method = .adam() }),
      ("optimizer.method", "sgd without momentum", { $0.optimizer.method = .sgd(momentum: 0.5) }),
      ("optimizer.loss", "mse", { $0.optimizer.loss = .huber() }),
      ("optimizer.gradientNormLimit", "none", { $0.optimizer.gradientNormLimit = 1 }),
      ("traces.kappa", "a number from 0 to 1e6", { $0.traces.kappa = -1 }),
      ("target.lambda", "a number from 0 to 1", { $0.target.lambda = 1.5 }),
      ("traces.kind", "accumulating, unless the network is", { $0.traces.kind = .dutch }),
      ("traces.kind", "accumulating, unless the network is", { $0.traces.kind = .replacing }),
      (
        "traces.kind", "accumulating, unless the network is",
        {
          ($0.network.hiddenSizes, $0.network.isDueling) = ([], true)
          $0.traces.kind = .replacing
        }
      ),
      (
        "traces.kind", "accumulating, unless the network is",
        {
          $0.network.description = NetworkDescription("4 > dense 2 tanh")
          $0.traces.kind = .dutch
        }
      ),
      (
        "target.rule.nextAction", "stored, for dutch traces",
        {
          ($0.network.hiddenSizes, $0.traces.kind) = ([], .dutch)
          $0.target.rule.nextAction = .expected
        }
      ),
      (
        "traces.kappa", "0, for dutch traces",
        { ($0.network.hiddenSizes, $0.traces.kind) = ([], .dutch) }
      ),
    ]

  @Test("what would change the update, or does not fit the traces, is refused")
  func mistakes() throws {
    try Hyperparameters.streaming.validate()
    for mistake in Self.mistakes {
      var hyperparameters = Hyperparameters.streaming
      mistake.make(&hyperparameters)
      let error = #expect(throws: HyperparameterError.self) { try hyperparameters.validate() }
      #expect(error?.field == mistake.field && error?.allowed.contains(mistake.allowed) == true)
    }
  }

  @Test("returns and steps of a target have no effect, and are not refused")
  func unused() throws {
    var hyperparameters = Hyperparameters.streaming
    (hyperparameters.target.steps, hyperparameters.target.returns) = (3, .lambda)
    try hyperparameters.validate()
  }

  @Test("replacing traces need observations of zeros and ones")
  func binary() throws {
    var hyperparameters = linearStreaming { $0.traces.kind = .replacing }
    for id in ["FrozenLake-v1", "Taxi-v4", "MinAtar/Breakout-v1", "bsuite/Catch-v0"] {
      try hyperparameters.validate(for: EnvironmentRegistry.make(id).specification)
    }
    let car = mountainCar().specification
    let error = #expect(throws: HyperparameterError.self) { try hyperparameters.validate(for: car) }
    #expect(
      error?.description
        == "traces.kind is replacing; allowed: accumulating or dutch for 'MountainCar-v0', whose "
        + "observations are not zeros and ones")
    // The time from 0 to 1 is no feature either, although its bounds are those of one.
    let timed = TimeAware(TimeLimit(CliffWalking(), maximumSteps: 100)).specification
    #expect(throws: HyperparameterError.self) { try hyperparameters.validate(for: timed) }
    hyperparameters.traces.kind = .dutch
    try hyperparameters.validate(for: car)
  }

  @Test("a run ends with the tensor named, if a trace or a parameter is no longer finite")
  func divergence() throws {
    var hyperparameters = linearStreaming()
    var trainer = try Trainer(
      StreamingSARSA.self, hyperparameters, environment: ReplicatedEnvironment(Exploding()), seed: 1
    )
    let diverged = #expect(throws: TrainingError<Never>.self) { try trainer.advance() }
    guard case .divergence(.loss(.infinity, update: 1), step: 1)? = diverged else {
      Issue.record("\(String(describing: diverged))")
      return
    }
    var steep = try ShownSteps(hyperparameters, inputs: 1, actions: 1, isBinary: false)
    let parameter = #expect(throws: Divergence.self) {
      try steep.show([1e10], 0, reward: 1e15, [0], isTerminated: true, learningRate: 1e14)
    }
    #expect(parameter == .parameter(.infinity, tensor: "q_network.0.weight", update: 1))

    // A gradient of 3e38 that is seen twice: the trace overflows, and the error does not.
    hyperparameters.target.discount = 1
    var shown = try ShownSteps(hyperparameters, inputs: 1, actions: 1, isBinary: false)
    try shown.set(weights: [0], biases: [0])
    try shown.show([3e38], 0, reward: 0, [0])
    let error = #expect(throws: Divergence.self) { try shown.show([3e38], 0, reward: 0, [0]) }
    #expect(error == .moment(.infinity, name: "trace", tensor: "q_network.0.weight", update: 2))
    // The sum overflows before any number does.
    var wide = try ShownSteps(hyperparameters, inputs: 2, actions: 1, isBinary: false)
    let overflow = #expect(throws: Divergence.self) {
      try wide.show([3e38, 3e38], 0, reward: 0, [0, 0])
    }
    #expect(
      overflow
        == .moment(
          .infinity, name: "norm of the trace", tensor: "q_network.0.weight", update: 1))
  }

  @Test("parity with streaming-drl sets what its program does otherwise, and later flags change it")
  func parity() throws {
    var hyperparameters = Hyperparameters.streaming
    let setting = try #require(Hyperparameters.settings.first { $0.path == "parity" })
    #expect(setting.set("streaming-drl", in: &hyperparameters))
    var expected = Hyperparameters.streaming
    expected.parity = .streamingDRL
    expected.network.initializer = .streamingDRL
    expected.target.timeLimit = .terminal
    #expect(hyperparameters == expected)
    #expect(setting.set("none", in: &hyperparameters))
    expected.parity = .none
    #expect(hyperparameters == expected)

    // Up to nine inputs, the first layer is all zero: every observation has the same values.
    let specification = EnvironmentSpecification(id: "E", observationSize: 9, actionCount: 2)
    let agent = try StreamingSARSA(hyperparameters, for: specification, seed: 1)
    let tensors = agent.model().tensors
    #expect(tensors[0].values.allSatisfy { $0 == 0 } && tensors[2].values.contains { $0 != 0 })
    hyperparameters.network.initializer = .sparse
    let sparse = try StreamingSARSA(hyperparameters, for: specification, seed: 1)
    #expect(sparse.model().tensors[0].values.count { $0 != 0 } == 128)
  }

  @Test(
    "the preset has the authors' values, in a wider network: normalised without gain and bias, and sparse"
  )
  func preset() throws {
    let preset = Hyperparameters.streaming
    #expect(preset.optimizer.learningRate == .constant(1) && preset.traces.kappa == 2)
    #expect(preset.target.lambda == 0.8 && preset.target.discount == 0.99)
    #expect(preset.target.rule.nextAction == .stored && preset.target.timeLimit == .bootstrap)
    #expect(preset.input.scaling == .running && preset.reward.scaling == .running)
    #expect(
      preset.exploration == .epsilonGreedy(epsilon: .linear(from: 1, to: 0.01, steps: 25_000)))
    #expect(preset.budget == Budget(steps: 500_000))
    let agent = try StreamingSARSA(.streaming, for: CartPole().specification, seed: 1)
    #expect(
      agent.description.description == """
        4 > dense 128 > plain-layer-normalization leaky-relu > dense 128 > plain-layer-normalization \
        leaky-relu > dense 2
        """)
    // A tenth of 128 inputs is 12.
    #expect(agent.model().tensors[2].values.count { $0 != 0 } == 12 * 128)
    #expect(
      agent.model().tensors.map(\.name) == [
        "q_network.0.weight", "q_network.0.bias", "q_network.3.weight", "q_network.3.bias",
        "q_network.6.weight", "q_network.6.bias", "input_scaling.offset", "input_scaling.scale",
      ])
  }
}
