import DeepSARSA
import TestSupport
import Testing

/// Settings of a small agent that meets everything: several minibatches of unequal sizes, clipped gradients.
private func hyperparameters(
  _ nextAction: TargetRule.NextAction = .expected, environments: Int = 3, steps: Int = 5
) -> Hyperparameters {
  var result = Hyperparameters()
  result.algorithm = .parallel
  result.network.hiddenSizes = [8, 6]
  result.network.isNormalized = false
  result.optimizer.method = .rAdam(beta1: 0.8, beta2: 0.99)
  result.optimizer.learningRate = .linear(from: 1e-2, to: 4e-3, steps: 600)
  result.optimizer.gradientNormLimit = 3
  result.exploration = .epsilonGreedy(epsilon: .linear(from: 1, to: 0.2, steps: 400))
  result.target.rule.nextAction = nextAction
  result.target.lambda = 0.7
  result.environmentCount = environments
  result.segment.steps = steps
  result.segment.minibatches = min(2, environments * steps)
  result.budget = Budget(steps: 10_000)
  return result
}

/// CartPole with so short a limit that episodes end either way.
private let shortCartPole = TimeLimit(CartPole(), maximumSteps: 13)

private func trainer<World: Environment>(
  _ hyperparameters: Hyperparameters, in environment: World, seed: UInt64 = 4
) throws -> Trainer<ReplicatedEnvironment<World>, ParallelSARSA> {
  try Trainer(
    ParallelSARSA.self, hyperparameters,
    environment: ReplicatedEnvironment(environment, count: hyperparameters.environmentCount),
    seed: seed)
}

@Suite("Parallel SARSA(λ)")
struct ParallelSARSATests {
  // MARK: - Against the naive algorithm

  @Test(
    "it comes to the naive algorithm's values",
    arguments: TargetRule.NextAction.allCases, [(1, 1), (3, 1), (1, 5), (3, 5)])
  func againstTheNaiveAlgorithm(
    nextAction: TargetRule.NextAction, shape: (environments: Int, steps: Int)
  ) throws {
    try compare(hyperparameters(nextAction, environments: shape.environments, steps: shape.steps))
  }

  @Test(
    "so it does for every λ, where a limit counts as an end, and where environments explore differently",
    arguments: TargetRule.NextAction.allCases)
  func further(nextAction: TargetRule.NextAction) throws {
    for lambda in [0, 1.0] {
      var hyperparameters = hyperparameters(nextAction, steps: 17)
      hyperparameters.target.lambda = lambda
      hyperparameters.target.timeLimit = lambda == 0 ? .terminal : .bootstrap
      hyperparameters.epsilonSpread = 3
      hyperparameters.segment.epochs = 3
      hyperparameters.segment.minibatches = 4
      try compare(hyperparameters)
    }
  }

  private func compare(_ hyperparameters: Hyperparameters) throws {
    var hyperparameters = hyperparameters
    if hyperparameters.segment.steps * hyperparameters.environmentCount == 1 {
      // Updates by a single row differ so much that rounding errors grow fast.
      hyperparameters.optimizer.learningRate = .linear(from: 3e-3, to: 1e-3, steps: 200)
    }
    var trainer = try trainer(hyperparameters, in: shortCartPole)
    var naive = NaiveParallelSARSA(
      hyperparameters, shortCartPole, seed: 4, model: trainer.agent.model())
    let calls = 170 / hyperparameters.segment.steps * hyperparameters.segment.steps
    for _ in 0..<calls {
      let update = try trainer.advance().update
      let updates = naive.updates
      naive.advance()
      #expect((update != nil) == (naive.updates > updates))
      guard let update else { continue }
      #expect(abs(Double(update.loss) - naive.lastLoss) < 1e-3 * (1 + naive.lastLoss))
      #expect(
        abs(Double(update.meanValue) - naive.lastMeanValue) < 1e-3
          * (1 + naive.lastMeanValue.magnitude))
    }
    #expect(trainer.episodes == naive.episodes && trainer.terminations == naive.terminations)
    #expect(naive.terminations > 0 && naive.episodes - naive.terminations > 0)
    let segments = calls / hyperparameters.segment.steps
    #expect(
      naive.updates
        == segments * hyperparameters.segment.epochs * hyperparameters.segment.minibatches)
    #expect(trainer.agent.updateCount == naive.updates && naive.largestNorm > 3)

    var policy = try GreedyPolicy(trainer.agent.description)
    trainer.agent.copyParameters(into: &policy)
    var (difference, largest) = (0.0, 0.0)
    for i in 0..<20 {
      let state = (0..<4).map { j in 0.1 * Float(i * (2 * j + 3) % 11) - 0.5 }
      let expected = NaiveDeepSARSA.values(naive.layers, state.map(Double.init))
      for (found, expected) in zip(policy.values(for: state), expected) {
        difference = max(difference, abs(Double(found) - expected))
        largest = max(largest, abs(expected))
      }
    }
    #expect(difference < 1e-3 * largest, "\(difference) of \(largest)")
    #expect(largest > 1, "nothing was learned that could differ")
  }

  // MARK: - The stored action behind the last row

  /// An agent with one environment and a segment of one step, whose values are its weights.
  private struct OneStep: ~Copyable {
    var agent: ParallelSARSA
    var step = VectorStep(count: 1, observationSize: 2)

    init(_ rule: TargetRule.NextAction, timeLimit: TimeLimitRule = .bootstrap) throws {
      var hyperparameters = hyperparameters(rule, environments: 1, steps: 1)
      hyperparameters.network.hiddenSizes = []
      hyperparameters.optimizer.method = .sgd()
      hyperparameters.optimizer.gradientNormLimit = nil
      hyperparameters.target.discount = 1
      hyperparameters.target.timeLimit = timeLimit
      hyperparameters.segment.epochs = 1
      var agent = try ParallelSARSA(
        hyperparameters,
        for: EnvironmentSpecification(id: "Two", observationSize: 2, actionCount: 8), seed: 1)
      // q(s, ·) = 0, and q(s′, a) = a + 1.
      try agent.load(
        Safetensors(tensors: [
          Safetensors.Tensor(
            name: "q_network.0.weight", shape: [8, 2],
            values: (0..<16).map { $0 % 2 == 0 ? 0 : Float($0 / 2 + 1) }),
          Safetensors.Tensor(
            name: "q_network.0.bias", shape: [8], values: Array(repeating: 0, count: 8)),
        ]))
      self.agent = agent
    }

    mutating func act(on observations: [Float], epsilon: Double) -> Int {
      var actions = [0]
      agent.act(on: observations, by: .epsilonGreedy(epsilon: epsilon), into: &actions)
      return actions[0]
    }

    /// A step from s to s′ without reward or learning rate: the value of s′ in its target.
    mutating func target(isTerminated: Bool = false, isTruncated: Bool = false) throws -> Double {
      let action = act(on: [1, 0], epsilon: 1)
      step.nextObservations = [0, 1]
      (step.isTerminated, step.isTruncated) = ([isTerminated], [isTruncated])
      agent.remember([1, 0], [action], step)
      let moment = TrainingMoment(
        steps: 1, stepsBefore: 0, finishedEpisodes: 0, policy: .epsilonGreedy(epsilon: 1),
        learningRate: 0)
      guard let update = try agent.learn(at: moment).update else { return .nan }
      return Double(update.loss).squareRoot()
    }
  }

  @Test(
    "the action whose value ends a segment is the one that is taken next, however often it is asked for"
  )
  func storedActionIsTaken() throws {
    var agent = try OneStep(.stored)
    var seen: Set<Int> = []
    for _ in 0..<40 {
      let target = try agent.target()
      // Neither the greedy policy nor a second question changes what was drawn.
      for epsilon in [0, 1, 1.0] {
        #expect(agent.act(on: [0, 1], epsilon: epsilon) + 1 == Int(target.rounded()))
      }
      seen.insert(Int(target.rounded()))
      // That step, to an end.
      agent.step.isTerminated = [true]
      agent.agent.remember([0, 1], [Int(target.rounded()) - 1], agent.step)
      _ = try agent.agent.learn(
        at: TrainingMoment(
          steps: 2, stepsBefore: 1, finishedEpisodes: 1, policy: .epsilonGreedy(epsilon: 1),
          learningRate: 0))
    }
    #expect(seen.count > 5)
  }

  @Test("at an end nothing is drawn: the next episode's first action is chosen in its own state")
  func endsDrawNothing() throws {
    for (isTerminated, isTruncated) in [(true, false), (false, true), (true, true)] {
      var agent = try OneStep(.stored)
      for _ in 0..<20 {
        let target = try agent.target(isTerminated: isTerminated, isTruncated: isTruncated)
        #expect(isTerminated ? target == 0 : target >= 1)
        // Greedy in s′ is the last action, whatever the target had.
        #expect(agent.act(on: [0, 1], epsilon: 0) == 7)
      }
    }
  }

  @Test("no other rule draws an action that is taken", arguments: TargetRule.NextAction.allCases)
  func othersDrawNothing(nextAction: TargetRule.NextAction) throws {
    var agent = try OneStep(nextAction)
    var greedy = 0
    for _ in 0..<30 {
      let target = try agent.target()
      if nextAction == .greedy { #expect(target == 8) }
      if nextAction == .expected { #expect(abs(target - 4.5) < 1e-5) }
      if agent.act(on: [0, 1], epsilon: 0) == 7 { greedy += 1 }
    }
    #expect(nextAction == .stored ? greedy < 15 : greedy == 30)
  }

  // MARK: - Exactness and running

  @Test("steps allocate nothing", arguments: TargetRule.NextAction.allCases)
  func allocations(nextAction: TargetRule.NextAction) throws {
    var hyperparameters = hyperparameters(nextAction, steps: 7)
    hyperparameters.network.hiddenSizes = [48, 32]
    hyperparameters.network.isNormalized = true
    hyperparameters.segment.minibatches = 4
    hyperparameters.epsilonSpread = nextAction == .stored ? 2 : 0
    var trainer = try trainer(hyperparameters, in: shortCartPole)
    for _ in 0..<100 { try trainer.advance() }
    let updates = trainer.agent.updateCount
    let count = try TestSupport.allocations { for _ in 0..<700 { try trainer.advance() } }
    #expect(count == 0)
    #expect(trainer.agent.updateCount == updates + 100 * 2 * 4 && trainer.episodes > 100)
  }

  @Test("it learns to name what it sees", arguments: TargetRule.NextAction.allCases)
  func learnsToName(nextAction: TargetRule.NextAction) throws {
    var hyperparameters = hyperparameters(nextAction, environments: 4, steps: 8)
    hyperparameters.network.hiddenSizes = [16]
    hyperparameters.optimizer.method = .rAdam()
    hyperparameters.segment.minibatches = 4
    hyperparameters.budget = Budget(steps: 2_000)
    var trainer = try trainer(hyperparameters, in: Naming(), seed: 3)
    while !trainer.isFinished { try trainer.advance() }
    var policy = try GreedyPolicy(trainer.agent.description)
    trainer.agent.copyParameters(into: &policy)
    var evaluation = Evaluation(Naming(), seed: 1)
    let mean = evaluation.play(&policy, episodes: 200).mean
    #expect(mean == 1)
  }

  @Test("the same seed gives the same bytes, another seed others")
  func reproducibility() throws {
    func model(seed: UInt64) throws -> [UInt8] {
      var trainer = try trainer(hyperparameters(.stored), in: shortCartPole, seed: seed)
      for _ in 0..<100 { try trainer.advance() }
      return try trainer.agent.model().encoded()
    }
    let first = try model(seed: 1)
    #expect(try model(seed: 1) == first)
    #expect(try model(seed: 2) != first)
  }

  @Test("numbers that are not finite end training with update and value named")
  func divergence() throws {
    let error = #expect(throws: TrainingError<Never>.self) {
      var trainer = try trainer(hyperparameters(), in: Exploding())
      for _ in 0..<100 { try trainer.advance() }
    }
    guard case .divergence(.loss(.infinity, update: 1), step: 15) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  // MARK: - Settings

  @Test("settings that do not fit each other are refused, the others' have no effect")
  func refusals() throws {
    let changes: [(field: String, change: (inout Hyperparameters) -> Void)] = [
      ("segment.minibatches", { $0.segment.minibatches = 16 }),
      ("segment.minibatches", { $0.segment.minibatches = 0 }),
      ("segment.epochs", { $0.segment.epochs = 0 }),
      ("segment.steps", { $0.segment.steps = 0 }),
      ("segment.steps", { ($0.segment.steps, $0.environmentCount) = (65, 1 << 16) }),
      ("budget.steps", { $0.budget.steps = 12 }),
    ]
    for (field, change) in changes {
      var changed = hyperparameters()
      change(&changed)
      let error = #expect(throws: HyperparameterError.self) { try changed.validate() }
      #expect(error?.field == field)
    }
    var least = hyperparameters()
    least.segment.minibatches = 15
    least.budget.steps = 13
    var first = try trainer(least, in: shortCartPole)
    while !first.isFinished { try first.advance() }
    #expect(first.steps == 15 && first.agent.updateCount == 30)

    // Nothing of replay, target network and n-step returns reaches it.
    var other = least
    other.replay.batchSize = 7
    other.replay.learningStarts = 9
    other.replay.capacity = 10
    other.target.steps = 5
    other.target.rule.selection = .online
    other.target.synchronization = TargetSynchronization(every: 1, .steps, rate: 0.5)
    var second = try trainer(other, in: shortCartPole)
    while !second.isFinished { try second.advance() }
    #expect(try second.agent.model().encoded() == first.agent.model().encoded())
  }

  // MARK: - The state

  /// The parts of an agent's state.
  private static let parts = [
    "exploration", "network", "optimizer.first moment", "optimizer.second moment",
    "optimizer.stepCount", "parameters", "resampling", "rewards.largest", "segment.actions",
    "segment.discounts", "segment.isLast", "segment.nextActions", "segment.nextValues",
    "segment.observations",
    "segment.rewards", "segment.stepCount", "shuffling",
  ]

  private func written<World>(
    _ trainer: inout Trainer<World, ParallelSARSA>
  ) throws -> MemoryArchive {
    var state = MemoryArchive()
    try trainer.archive(in: &state)
    return state
  }

  private func read<World>(
    _ state: MemoryArchive, into trainer: inout Trainer<World, ParallelSARSA>
  ) throws {
    var state = state
    state.startReading()
    try trainer.archive(in: &state)
    try state.finishReading()
  }

  @Test("a state has these parts, reading misses each one, and each one matters")
  func parts() throws {
    let hyperparameters = hyperparameters(.stored, steps: 7)
    var reference = try trainer(hyperparameters, in: shortCartPole)
    // Within a segment, and behind one, where actions are drawn; once with an end at the seam.
    var matters: Set<String> = []
    for calls in [45, 4, 7] {
      for _ in 0..<calls { try reference.advance() }
      let state = try written(&reference)
      let agentParts = state.names.filter { $0.hasPrefix("trainer.agent.") }
      #expect(agentParts == Self.parts.map { "trainer.agent." + $0 })
      var other = try trainer(hyperparameters, in: shortCartPole, seed: 9)
      for _ in 0..<calls { try other.advance() }
      let own = try written(&other)

      var copy = try trainer(hyperparameters, in: shortCartPole, seed: 9)
      try read(state, into: &copy)
      for _ in 0..<60 { try copy.advance() }
      let expected = try written(&copy)
      for name in agentParts {
        var lacking = state
        lacking.remove(name)
        #expect(throws: ArchiveError.missing(name)) { try read(lacking, into: &copy) }
        var mixed = state
        mixed.replace(name, by: own)
        do {
          try read(mixed, into: &copy)
          for _ in 0..<60 { try copy.advance() }
          if try written(&copy) != expected { matters.insert(name) }
        } catch is ArchiveError {
          matters.insert(name)
        }
      }
      for _ in 0..<60 { try reference.advance() }
      #expect(try written(&reference) == expected)
    }
    // The network's description is a constant, and all rewards of CartPole are 1.
    let constants: Set = ["trainer.agent.network", "trainer.agent.rewards.largest"]
    #expect(matters == Set(Self.parts.map { "trainer.agent." + $0 }).subtracting(constants))
  }

  @Test("a state that no agent wrote is an error that names the part, never a trap")
  func impossibleParts() throws {
    let hyperparameters = hyperparameters(.stored, environments: 2, steps: 4)
    func state(after calls: Int) throws -> MemoryArchive {
      var reference = try trainer(hyperparameters, in: shortCartPole)
      for _ in 0..<calls { try reference.advance() }
      return try written(&reference)
    }
    func expect<Value: Codable>(
      after calls: Int = 5, _ part: String, _ value: Value, _ allowed: String
    ) throws {
      let name = "trainer.agent." + part
      var broken = try state(after: calls)
      broken.remove(name)
      var value = value
      try broken.value(name, &value)
      var other = try trainer(hyperparameters, in: shortCartPole, seed: 2)
      do {
        try read(broken, into: &other)
        Issue.record("\(part) was read")
      } catch let error as ArchiveError {
        #expect("\(error)".contains(name) && "\(error)".contains(allowed), "\(error)")
      }
    }
    try expect("segment.stepCount", 4, "from 0 to 3")
    try expect("segment.stepCount", -1, "from 0 to 3")
    try expect("segment.nextActions", [0, -1], "2 numbers from -1 to -1")
    try expect(after: 4, "segment.nextActions", [2, -1], "2 numbers from -1 to 1")
    try expect(after: 4, "segment.nextActions", [-1], "2 numbers from -1 to 1")
    try expect("segment.actions", [2, 0], "2 numbers from 0 to 1")
    try expect("segment.actions", [0], "2 numbers from 0 to 1")
    try expect("segment.rewards", [Float.infinity, 0], "2 finite numbers")
    try expect("segment.discounts", [0.5, 1.5] as [Float], "2 numbers from 0 to 1")
    try expect("segment.isLast", [true], "2 flags")
    try expect("segment.observations", 1, "not a list of numbers")
    try expect("segment.nextValues", 1, "not a list of numbers")
    try expect("parameters", 1, "not a list of numbers")
    try expect("optimizer.stepCount", -1, "from 0 to")
    try expect("shuffling", [1], "cannot be read")
    // A state of more steps than there are numbers.
    var longer = try state(after: 5)
    var count = 2
    longer.remove("trainer.agent.segment.stepCount")
    try longer.value("trainer.agent.segment.stepCount", &count)
    var other = try trainer(hyperparameters, in: shortCartPole, seed: 2)
    #expect(throws: ArchiveError.self) { try read(longer, into: &other) }
  }
}
