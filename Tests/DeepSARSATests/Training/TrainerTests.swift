import DeepSARSA
import TestSupport
import Testing

@Suite("Training")
struct TrainerTests {
  @Test(
    "the trainer comes to the naive algorithm's values",
    arguments: TargetRule.NextAction.allCases, TargetRule.Selection.allCases)
  func againstTheNaiveAlgorithm(
    nextAction: TargetRule.NextAction, selection: TargetRule.Selection
  ) throws {
    try compareWithTheNaiveAlgorithm(
      TargetRule(nextAction: nextAction, selection: selection), episodes: 2)
  }

  @Test(
    "it does so with targets of several steps and with several environments too",
    arguments: TargetRule.NextAction.allCases, [(3, 1), (1, 3), (3, 3)])
  func stepsAndEnvironments(
    nextAction: TargetRule.NextAction, shape: (steps: Int, environments: Int)
  ) throws {
    try compareWithTheNaiveAlgorithm(
      TargetRule(nextAction: nextAction), steps: shape.steps, environments: shape.environments,
      timeLimit: .bootstrap, episodes: 1)
  }

  @Test(
    "it does so with every kind of return, with environments whose ε differ",
    arguments: ReturnKind.allCases, [(4, 1), (4, 3)])
  func returns(kind: ReturnKind, shape: (steps: Int, environments: Int)) throws {
    for nextAction in [TargetRule.NextAction.stored, .resampled, .greedy] {
      let isStored = nextAction == .stored
      if isStored && ![.nStep, .lambda].contains(kind) { continue }
      try compareWithTheNaiveAlgorithm(
        TargetRule(nextAction: nextAction, selection: isStored ? .target : .online),
        steps: shape.steps, returns: kind, environments: shape.environments, spread: 2,
        timeLimit: .bootstrap, episodes: 1)
    }
  }

  @Test("it does so with priorities", arguments: [(1, 1), (3, 1), (3, 3)], [0.6, 1])
  func priorities(shape: (steps: Int, environments: Int), exponent: Double) throws {
    try compareWithTheNaiveAlgorithm(
      TargetRule(nextAction: .expected), steps: shape.steps, environments: shape.environments,
      priorityExponent: exponent, timeLimit: .bootstrap, episodes: 1)
  }

  private func compareWithTheNaiveAlgorithm(
    _ rule: TargetRule, steps: Int = 1, returns: ReturnKind = .nStep, environments: Int = 1,
    spread: Double = 0, priorityExponent: Double = 0, timeLimit: TimeLimitRule = .terminal,
    episodes: Int
  ) throws {
    var hyperparameters = smallHyperparameters()
    hyperparameters.replay.priority.exponent = priorityExponent
    // β is 1 before the end.
    if priorityExponent > 0 { hyperparameters.budget = Budget(steps: 230 * environments) }
    hyperparameters.target.returns = returns
    hyperparameters.epsilonSpread = spread
    hyperparameters.network.hiddenSizes = [8, 6]
    hyperparameters.environmentCount = environments
    hyperparameters.replay.batchSize = 8
    hyperparameters.replay.learningStarts = 40
    // With three environments, the ring's end does not fall between two steps.
    hyperparameters.replay.capacity = environments == 1 ? 150 : 151
    hyperparameters.replay.trainFrequency = environments
    hyperparameters.target.rule = rule
    hyperparameters.target.steps = steps
    hyperparameters.target.timeLimit = timeLimit
    hyperparameters.optimizer.learningRate = .linear(from: 3e-3, to: 1e-3, steps: 300)
    hyperparameters.target.synchronization = TargetSynchronization(every: 1, .episodes)
    var trainer = try Trainer(hyperparameters, environment: mountainCar(), seed: 4)
    var naive = NaiveDeepSARSA(hyperparameters, seed: 4, model: trainer.agent.model())
    for _ in 0..<200 * episodes + 50 {
      try trainer.advance()
      naive.advance()
    }
    #expect(trainer.episodes == naive.episodes && naive.episodes == episodes * environments)
    #expect(trainer.agent.updateCount == naive.updates)
    let (difference, largest) = try compare(trainer, naive)
    #expect(difference < 1e-4)
    #expect(largest > 0.5, "nothing was learned that could differ")
  }

  @Test("a schedule of one's own reaches acting, targets and descent")
  func ownSchedule() throws {
    /// ε falls from 1 to 0.05, and starts again every 50 steps.
    func sawtooth(at step: Int) -> Double { 1 - 0.95 * Double(step % 50) / 49 }
    /// The learning rate halves by the 300th step, and again by the 1,500th.
    func learningRate(at step: Int) -> Double { 3e-3 / (1 + Double(step) / 100).squareRoot() }

    var hyperparameters = smallHyperparameters()
    hyperparameters.network.hiddenSizes = [8, 6]
    hyperparameters.replay.batchSize = 8
    hyperparameters.replay.learningStarts = 40
    hyperparameters.budget = Budget(steps: 150)
    var trainer = try Trainer(
      hyperparameters, environment: ReplicatedEnvironment(mountainCar()), seed: 4)
    let untrained = NaiveDeepSARSA(hyperparameters, seed: 4, model: trainer.agent.model())
    while !trainer.isFinished {
      let step = trainer.steps
      try trainer.advance(
        with: .epsilonGreedy(epsilon: sawtooth(at: step)), learningRate: learningRate(at: step))
    }

    // The same two schedules lead to the same network; either one of the hyperparameters to another.
    for (isSawtooth, isFalling) in [(true, true), (false, true), (true, false)] {
      var naive = untrained
      for step in 0..<trainer.steps {
        naive.advance(
          epsilon: isSawtooth ? sawtooth(at: step) : 1,
          learningRate: isFalling ? learningRate(at: step) : 1e-3)
      }
      let (difference, _) = try compare(trainer, naive)
      #expect(isSawtooth && isFalling ? difference < 1e-4 : difference > 1e-2)
    }
  }

  /// The largest difference between a trainer's action values and the naive algorithm's, and the
  /// largest value.
  private func compare(
    _ trainer: borrowing Trainer<ReplicatedEnvironment<TimeLimit<MountainCar>>, ReplaySARSA>,
    _ naive: NaiveDeepSARSA
  ) throws -> (difference: Double, value: Double) {
    var policy = try GreedyPolicy(trainer.agent.description)
    trainer.agent.copyParameters(into: &policy)
    var result = (difference: 0.0, value: 0.0)
    for i in 0..<20 {
      let state = [Float(-1.2 + 0.09 * Double(i)), Float(-0.07 + 0.007 * Double(i))]
      let expected = NaiveDeepSARSA.values(naive.online, state.map(Double.init))
      for (found, expected) in zip(policy.values(for: state), expected) {
        result.difference = max(result.difference, abs(Double(found) - expected))
        result.value = max(result.value, abs(expected))
      }
    }
    return result
  }

  @Test("a soft synchronisation moves the target network by its rate")
  func softSynchronization() throws {
    // One state, one action, reward 1, γ = 1: the error of an update is 1 + q_target − q.
    var hyperparameters = Hyperparameters()
    hyperparameters.network.hiddenSizes = []
    hyperparameters.optimizer.method = .sgd()
    hyperparameters.replay.capacity = 1
    hyperparameters.replay.batchSize = 1
    hyperparameters.replay.learningStarts = 1
    hyperparameters.target.discount = 1
    hyperparameters.target.synchronization.rate = 0.25
    let specification = EnvironmentSpecification(id: "One", observationSize: 1, actionCount: 1)
    var agent = try ReplaySARSA(hyperparameters, for: specification, seed: 1)
    var step = VectorStep(count: 1, observationSize: 1)
    (step.rewards, step.nextObservations) = ([1], [1])
    agent.remember([1], [0], step)
    func loss(learningRate: Double) throws -> Float {
      try agent.learn(for: .epsilonGreedy(epsilon: 0), learningRate: learningRate).loss
    }
    // q = w + b, and each moves by 2·¼: q moves by 1, and there the error is gone.
    let first = try loss(learningRate: 0.25)
    let second = try loss(learningRate: 0)
    #expect(abs(first - 1) < 1e-5 && second < 1e-10)
    // The target has come a quarter of the way, then a quarter of what was left.
    for moved in [0.25, 0.4375, 0.578125] as [Float] {
      agent.synchronize()
      let found = try loss(learningRate: 0)
      #expect(abs(found - moved * moved) < 1e-5)
    }
  }

  @Test("ten thousand steps after warm-up allocate nothing: ends, resets, copies, wrapping and all")
  func allocations() throws {
    var kept: [[Int]] = []
    let counted = TestSupport.allocations { kept.append([1, 2, 3]) }
    try #require(counted > 0 || !countsAllocations, "the counter does not count")
    var hyperparameters = smallHyperparameters()
    // From 32 units on, OpenBLAS's kernels for AVX-512 would take memory for a narrow last layer.
    hyperparameters.network.hiddenSizes = [48, 32]
    hyperparameters.replay.capacity = 3_000
    hyperparameters.target.synchronization = TargetSynchronization(every: 1, .episodes)
    var trainer = try Trainer(
      hyperparameters, environment: ReplicatedEnvironment(mountainCar()), seed: 1)
    for _ in 0..<1_000 { try trainer.advance() }
    var (finished, synchronized) = (0, 0)
    let count = try TestSupport.allocations {
      for _ in 0..<10_000 {
        let events = try trainer.advance()
        finished += events.finishedEpisodes
        if events.didSynchronize { synchronized += 1 }
      }
    }
    #expect(count == 0)
    #expect(finished >= 50 && synchronized == finished)
    #expect(trainer.agent.memory.count == 3_000)
  }

  @Test(
    "several environments, targets of several steps and synchronisation by steps allocate nothing")
  func allocationsOfManyEnvironments() throws {
    var hyperparameters = smallHyperparameters()
    hyperparameters.environmentCount = 3
    hyperparameters.target.steps = 3
    hyperparameters.target.rule = TargetRule(nextAction: .stored)
    hyperparameters.epsilonSpread = 2
    hyperparameters.replay.trainFrequency = 4
    hyperparameters.target.synchronization = TargetSynchronization(every: 100, .steps)
    var trainer = try Trainer(
      hyperparameters, environment: ReplicatedEnvironment(mountainCar(), count: 3), seed: 1)
    for _ in 0..<300 { try trainer.advance() }
    var synchronized = 0
    let count = try TestSupport.allocations {
      for _ in 0..<1_000 where try trainer.advance().didSynchronize { synchronized += 1 }
    }
    #expect(count == 0)
    #expect(synchronized == 30)
    // 3,900 steps, an update every 4, from the 64th transition on.
    #expect(trainer.agent.updateCount == 3_900 / 4 - 15)
  }

  @Test("steps allocate nothing for every n and every kind of layer", arguments: 1...8)
  func allocationsOfEveryLayer(steps: Int) throws {
    var hyperparameters = smallHyperparameters()
    hyperparameters.network.description = NetworkDescription(
      "1x2x1 > dense 32 silu > layer-normalization tanh > dense 24 dsilu > dense 4 > dueling")
    hyperparameters.replay.batchSize = 16
    hyperparameters.replay.capacity = 100
    hyperparameters.target.steps = steps
    hyperparameters.optimizer.gradientNormLimit = 1
    let rules = TargetRule.NextAction.allCases
    hyperparameters.target.rule.nextAction = rules[steps % rules.count]
    var trainer = try Trainer(
      hyperparameters, environment: ReplicatedEnvironment(mountainCar()), seed: 1)
    for _ in 0..<100 { try trainer.advance() }
    let count = try TestSupport.allocations { for _ in 0..<250 { try trainer.advance() } }
    #expect(count == 0)
    #expect(trainer.agent.updateCount == 350 - 63 && trainer.episodes == 1)
  }

  @Test("steps allocate nothing with every kind of return", arguments: ReturnKind.allCases)
  func allocationsOfReturns(kind: ReturnKind) throws {
    for selection in TargetRule.Selection.allCases {
      var hyperparameters = smallHyperparameters()
      hyperparameters.environmentCount = 3
      hyperparameters.epsilonSpread = 2
      hyperparameters.replay.capacity = 100
      hyperparameters.target.steps = 4
      hyperparameters.target.returns = kind
      hyperparameters.target.rule = TargetRule(nextAction: .resampled, selection: selection)
      var trainer = try Trainer(
        hyperparameters, environment: ReplicatedEnvironment(mountainCar(), count: 3), seed: 1)
      for _ in 0..<60 { try trainer.advance() }
      let count = try TestSupport.allocations { for _ in 0..<150 { try trainer.advance() } }
      #expect(count == 0)
      #expect(trainer.agent.updateCount > 500 && trainer.episodes == 3)
    }
  }

  @Test("steps allocate nothing with priorities")
  func allocationsOfPriorities() throws {
    var hyperparameters = smallHyperparameters()
    hyperparameters.replay.capacity = 100
    hyperparameters.replay.priority.exponent = 0.6
    hyperparameters.target.steps = 3
    var trainer = try Trainer(
      hyperparameters, environment: ReplicatedEnvironment(mountainCar()), seed: 1)
    for _ in 0..<100 { try trainer.advance() }
    let count = try TestSupport.allocations { for _ in 0..<250 { try trainer.advance() } }
    #expect(count == 0)
    #expect(trainer.agent.updateCount == 350 - 63 && trainer.episodes == 1)
  }

  @Test("the same seed gives the same bytes, another seed others")
  func reproducibility() throws {
    func model(seed: UInt64) throws -> [UInt8] {
      var trainer = try Trainer(
        smallHyperparameters(), environment: ReplicatedEnvironment(mountainCar()), seed: seed)
      for _ in 0..<300 { try trainer.advance() }
      return try trainer.agent.model().encoded()
    }
    let first = try model(seed: 1)
    #expect(try model(seed: 1) == first)
    #expect(try model(seed: 2) != first)
  }

  @Test("evaluating between steps changes nothing of the training")
  func evaluationIsApart() throws {
    func model(isEvaluated: Bool) throws -> Safetensors {
      var trainer = try Trainer(
        smallHyperparameters(), environment: ReplicatedEnvironment(mountainCar()), seed: 1)
      var evaluation = Evaluation(mountainCar(), seed: 5)
      var policy = try GreedyPolicy(trainer.agent.description)
      for i in 0..<200 {
        try trainer.advance()
        if isEvaluated && i % 50 == 0 {
          trainer.agent.copyParameters(into: &policy)
          let first = evaluation.play(&policy, episodes: 2)
          let second = evaluation.play(&policy, episodes: 2)
          #expect(second == first)
        }
      }
      return trainer.agent.model()
    }
    #expect(try model(isEvaluated: true) == model(isEvaluated: false))
  }

  @Test(
    "an agent learns to name what it sees, with one environment and with four", arguments: [1, 4])
  func learnsToName(environments: Int) throws {
    var hyperparameters = Hyperparameters()
    hyperparameters.network.hiddenSizes = [16]
    hyperparameters.optimizer.learningRate = .constant(5e-3)
    hyperparameters.replay.batchSize = 32
    hyperparameters.replay.learningStarts = 320
    hyperparameters.replay.trainFrequency = 1
    hyperparameters.environmentCount = environments
    hyperparameters.exploration = .epsilonGreedy(
      epsilon: .linear(from: 1, to: 0.1, steps: 500))
    hyperparameters.budget = Budget(steps: 1_500)
    var trainer = try Trainer(
      hyperparameters, environment: ReplicatedEnvironment(Naming(), count: environments), seed: 3)
    while !trainer.isFinished { try trainer.advance() }
    #expect(trainer.episodes == trainer.steps)
    var policy = try GreedyPolicy(trainer.agent.description)
    trainer.agent.copyParameters(into: &policy)
    var evaluation = Evaluation(Naming(), seed: 1)
    let mean = evaluation.play(&policy, episodes: 200).mean
    #expect(mean == 1)
  }

  @Test("finished episodes carry their returns, lengths and ends")
  func episodes() throws {
    var hyperparameters = smallHyperparameters()
    hyperparameters.budget = Budget(steps: nil, episodes: 2)
    var trainer = try Trainer(
      hyperparameters, environment: ReplicatedEnvironment(mountainCar()), seed: 1)
    var seen: [Episode] = []
    while !trainer.isFinished {
      if try trainer.advance().finishedEpisodes > 0 { seen += trainer.finishedEpisodes }
    }
    let first = Episode(
      number: 1, step: 200, totalReward: -200, length: 200, isTerminated: false)
    var second = first
    (second.number, second.step) = (2, 400)
    #expect(seen == [first, second])
  }

  @Test("a loss that is not finite ends training with update, step and value named")
  func divergence() throws {
    var hyperparameters = smallHyperparameters()
    hyperparameters.replay.learningStarts = 32
    var trainer = try Trainer(
      hyperparameters, environment: ReplicatedEnvironment(Exploding()), seed: 1)
    let error = #expect(throws: TrainingError<Never>.self) {
      for _ in 0..<1_000 { try trainer.advance() }
    }
    guard case .divergence(let divergence, let step) = error else {
      Issue.record("no divergence")
      return
    }
    #expect(step == 32)
    #expect(divergence == .loss(.infinity, update: 1))
    #expect("\(divergence)" == "update 1: the loss is inf")
  }

  @Test("a parameter that is not finite ends training with the tensor named")
  func divergingParameter() throws {
    // The observation is so large that the gradient overflows before the loss does, if the weight
    // happens to be small: within twenty seeds it does.
    var hyperparameters = Hyperparameters()
    hyperparameters.network.hiddenSizes = []
    hyperparameters.replay.batchSize = 1
    hyperparameters.replay.learningStarts = 1
    hyperparameters.replay.trainFrequency = 1
    var found: [Divergence] = []
    for seed in 0..<20 as Range<UInt64> {
      var trainer = try Trainer(
        hyperparameters, environment: ReplicatedEnvironment(Glaring()), seed: seed)
      let error = #expect(throws: TrainingError<Never>.self) { try trainer.advance() }
      guard case .divergence(let divergence, step: 1) = error else { continue }
      found.append(divergence)
    }
    #expect(found.count == 20)
    let isNamed = found.contains { divergence in
      guard case .parameter(let value, tensor: "q_network.0.weight", update: 1) = divergence else {
        return false
      }
      return !value.isFinite
    }
    #expect(isNamed, "\(found)")
  }

  @Test("a second moment that overflows ends training, and is named with its tensor")
  func divergingMoment() throws {
    for method in [Optimizer.Method.adamW(), .rmsProp()] {
      var hyperparameters = smallHyperparameters()
      hyperparameters.optimizer.method = method
      hyperparameters.replay.learningStarts = 32
      var trainer = try Trainer(
        hyperparameters, environment: ReplicatedEnvironment(Huge()), seed: 1)
      let error = #expect(throws: TrainingError<Never>.self) {
        for _ in 0..<1_000 { _ = try trainer.advance() }
      }
      guard case .divergence(.moment(let value, let name, let tensor, update: 1), step: 32) = error
      else {
        Issue.record("\(String(describing: error))")
        continue
      }
      #expect(value == .infinity && name == method.momentNames.last)
      #expect(tensor == "q_network.0.weight")
      #expect(trainer.agent.model().tensors.allSatisfy { $0.values.allSatisfy(\.isFinite) })
    }
    #expect(
      Divergence.moment(.infinity, name: "second moment", tensor: "q_network.2.bias", update: 7)
        .description == "update 7: the second moment of 'q_network.2.bias' holds inf")
  }

  @Test("returns are summarised as numpy does")
  func returns() {
    let returns = Returns([1, 2, 3, 6])
    #expect(returns.mean == 3)
    #expect(abs(returns.standardDeviation - 3.5.squareRoot()) < 1e-15)
    #expect(returns.minimum == 1 && returns.maximum == 6)
  }
}
