import DeepSARSA
import TestSupport
import Testing

@Suite("Training with action masks")
struct MaskedTrainingTests {
  private func hyperparameters() -> Hyperparameters {
    var result = smallHyperparameters()
    result.network.hiddenSizes = [8]
    result.target.synchronization = TargetSynchronization(every: 20, .steps)
    result.exploration = .epsilonGreedy(epsilon: .constant(0.5))
    return result
  }

  @Test(
    "no illegal action is taken, in training or in an evaluation, by any rule or policy",
    arguments: TargetRule.NextAction.allCases, [1, 3])
  func neverIllegal(rule: TargetRule.NextAction, count: Int) throws {
    for exploration in [
      Exploration.epsilonGreedy(epsilon: .constant(0.7)), .boltzmann(temperature: .constant(2)),
    ] {
      var hyperparameters = hyperparameters()
      hyperparameters.exploration = exploration
      hyperparameters.target.rule.nextAction = rule
      hyperparameters.target.steps = count
      hyperparameters.environmentCount = count
      var trainer = try Trainer(hyperparameters, environment: Forbidding(), seed: 4)
      for _ in 0..<300 {
        try trainer.advance()
        for episode in trainer.finishedEpisodes {
          #expect(episode.totalReward == Double(episode.length))
        }
      }
      #expect(trainer.episodes > 40 && trainer.agent.updateCount > 100)
      var policy = try GreedyPolicy(trainer.agent.description)
      trainer.agent.copyParameters(into: &policy)
      var evaluation = Evaluation(Forbidding(), seed: 1)
      #expect(evaluation.play(&policy, episodes: 20).minimum >= 5)
    }
  }

  @Test("nor by the agents without a replay memory", arguments: TargetRule.NextAction.allCases)
  func otherAgents(rule: TargetRule.NextAction) throws {
    var parallel = hyperparameters()
    parallel.algorithm = .parallel
    parallel.target.rule.nextAction = rule
    parallel.environmentCount = 3
    (parallel.segment.steps, parallel.segment.minibatches) = (4, 2)
    try expectLegalActions(ParallelSARSA.self, parallel)
    var streaming = hyperparameters()
    streaming.algorithm = .streaming
    streaming.target.rule.nextAction = rule
    streaming.optimizer.method = .sgd()
    streaming.optimizer.learningRate = .constant(0.1)
    streaming.traces.cut = .exploratory
    try expectLegalActions(StreamingSARSA.self, streaming)
  }

  private func expectLegalActions<Learner: Agent & ~Copyable>(
    _ learner: Learner.Type, _ hyperparameters: Hyperparameters
  ) throws {
    var trainer = try Trainer(learner, hyperparameters, environment: Forbidding(), seed: 4)
    for _ in 0..<300 {
      try trainer.advance()
      for episode in trainer.finishedEpisodes {
        #expect(episode.totalReward == Double(episode.length))
      }
    }
    #expect(trainer.episodes > 40 && trainer.agent.updateCount > 40)
  }

  @Test("returns of several steps weigh and value legal actions only")
  func treeBackup() throws {
    var layout = ArenaLayout()
    var batch = try Minibatch(
      count: 1, steps: 2, hasEveryState: true, maskedActions: 3, observationSize: 1, in: &layout)
    let values = try layout.reserve(rows: 2, columns: 3)
    var arena = try Arena<Float>(layout)
    arena.write([1, 2, 9, 9, 9, 3], to: values)
    batch.nextMasks = [true, true, false, false, false, true]
    (batch.lengths, batch.nextActions) = ([2], [0, -1])
    (batch.discounts, batch.traces) = ([1, 1], [1, 0])
    var target = TargetHyperparameters()
    (target.returns, target.steps) = (.treeBackup, 2)
    var generator = PCG64(seed: 1)
    target.evaluate(
      &batch, selecting: values, valuing: values, policy: .epsilonGreedy(epsilon: 1), in: arena,
      using: &generator)
    // V = 1.5 and π = ½ behind the first step, V = 3 behind the second: 1.5 + ½·(3 − 1).
    #expect(batch.targets == [2.5])
  }

  @Test("without its masks, the same environment sees illegal actions")
  func unmasked() throws {
    var trainer = try Trainer(hyperparameters(), environment: Unmasked(Forbidding()), seed: 4)
    var lowest = 0.0
    for _ in 0..<200 {
      try trainer.advance()
      for episode in trainer.finishedEpisodes { lowest = min(lowest, episode.totalReward) }
    }
    #expect(lowest < -100)
  }

  @Test("at a truncation the mask of the last observation counts, at a termination none")
  func ends() {
    var vector = ReplicatedEnvironment(Forbidding(), count: 2)
    var step = VectorStep(for: vector)
    vector.reset(seeds: [1, 2], into: &step)
    func legal(_ masks: [Bool], _ observations: [Float], _ i: Int) -> Bool {
      (0..<3).allSatisfy { masks[3 * i + $0] == (observations[4 * i + $0] == 0) }
    }
    var (truncations, differences) = (0, 0)
    for _ in 0..<200 {
      for i in 0..<2 { #expect(legal(step.masks, step.observations, i)) }
      let actions = (0..<2).map { i in (0..<3).first { step.masks[3 * i + $0] } ?? 0 }
      vector.step(actions, into: &step)
      for i in 0..<2 {
        let next = Array(step.nextMasks[3 * i..<3 * i + 3])
        if step.isTerminated[i] {
          #expect(next == [true, true, true])
        } else {
          #expect(legal(step.nextMasks, step.nextObservations, i))
        }
        if step.isTruncated[i] {
          truncations += 1
          if next != Array(step.masks[3 * i..<3 * i + 3]) { differences += 1 }
        }
      }
    }
    #expect(truncations > 10 && differences > 5)
  }

  @Test(
    "the replay memory gives back the mask of the last next state", arguments: [1, 3, 24, 25, 60])
  func memory(actionCount: Int) throws {
    for steps in [1, 3] {
      var layout = ArenaLayout()
      var batch = try Minibatch(
        count: 20, steps: steps, maskedActions: actionCount, observationSize: 1, in: &layout)
      var arena = try Arena<Float>(layout)
      var memory = try ReplayMemory(
        capacity: 30, observationSize: 1, actionCount: actionCount, batchSize: 20,
        hasActionMasks: true)
      var random = PCG64(seed: UInt64(actionCount))
      var masks: [[Bool]] = []
      for i in 0..<40 {
        var mask = (0..<actionCount).map { _ in random.random() < 0.5 }
        mask[random.integer(below: actionCount)] = true
        masks.append(mask)
        memory.append(
          observations: [Float(i)], action: 0, reward: 0, nextObservations: [Float(i + 1)],
          nextMasks: mask, discount: 1, isLast: i % 4 == 3)
      }
      for _ in 0..<10 {
        memory.draw(&batch, using: &random)
        memory.gather(&batch, in: &arena)
        let next = arena.values(of: batch.nextObservations)
        for row in 0..<20 {
          let found = Array(batch.nextMasks[row * actionCount..<(row + 1) * actionCount])
          #expect(found == masks[Int(next[row]) - 1], "row \(row), \(steps) steps")
        }
      }
    }
  }

  @Test("only a memory with masks takes memory for them")
  func memoryOfMasks() {
    #expect(ReplayMemory.bytesPerTransition(observationSize: 2) == 32)
    #expect(ReplayMemory.bytesPerTransition(observationSize: 2, maskedActions: 6) == 64)
    #expect(ReplayMemory.bytesPerTransition(observationSize: 500, maskedActions: 6) == 64 * 63)
  }

  @Test("a target takes its next action from the legal ones of its row")
  func targets() throws {
    for (rule, expected) in [
      (TargetRule.NextAction.greedy, [2.0, 3.0]), (.expected, [1.5, 3.0]), (.stored, [2, 3]),
      (.resampled, [2, 3]),
    ] {
      var layout = ArenaLayout()
      var batch = try Minibatch(count: 2, maskedActions: 3, observationSize: 1, in: &layout)
      let values = try layout.reserve(rows: 2, columns: 3)
      var arena = try Arena<Float>(layout)
      arena.write([1, 2, 9, 9, 9, 3], to: values)
      batch.nextMasks = [true, true, false, false, false, true]
      batch.discounts = [1, 1]
      var generator = PCG64(seed: 1)
      TargetRule(nextAction: rule, selection: .target).evaluate(
        &batch, selecting: values, valuing: values,
        policy: .epsilonGreedy(epsilon: rule == .expected ? 1 : 0), in: arena, using: &generator)
      #expect(batch.targets.map(Double.init) == expected, "\(rule)")
    }
  }

  @Test("a mask without a legal action ends training with an error that says where, and no trap")
  func nothingLegal() throws {
    let message = "the environment failed: the number of legal actions"
    for (stuck, place) in [(0, " is 0 at step 0"), (3, " is 0 at step 3")] {
      do {
        var trainer = try Trainer(hyperparameters(), environment: Forbidding(stuck: stuck), seed: 1)
        for _ in 0..<10 { try trainer.advance() }
        Issue.record("it was taken")
      } catch {
        #expect("\(error)" == message + place + "; allowed: 1 or more")
      }
    }
    var policy = try GreedyPolicy(
      NetworkDescription(inputs: 4, hidden: [], outputs: 3))
    var evaluation = Evaluation(Forbidding(stuck: 3), seed: 1)
    #expect(evaluation.playEpisode(&policy).isNaN)
    #expect(
      evaluation.nonFiniteNumber.map { "\($0)" }
        == "the number of legal actions is 0 at step 3 of episode 1 of an evaluation; allowed: 1 or more"
    )
    // A terminal state needs none.
    evaluation = Evaluation(Forbidding(stuck: 7), seed: 1)
    #expect(evaluation.play(&policy, episodes: 4).minimum >= 5)
    var trainer = try Trainer(hyperparameters(), environment: Forbidding(stuck: 7), seed: 1)
    for _ in 0..<100 { try trainer.advance() }
    let report = try EnvironmentChecker(Forbidding(stuck: 3)).report()
    #expect(report.broken == [.masks: "no action is legal, at step 3 with reward 1.0"])
    #expect(try EnvironmentChecker(Forbidding()).report().broken.isEmpty)
  }

  @Test("a state with masks that nothing gives is refused, never a trap")
  func damagedState() throws {
    var trainer = try Trainer(hyperparameters(), environment: Forbidding(), seed: 1)
    for _ in 0..<40 { try trainer.advance() }
    var state = MemoryArchive()
    try trainer.archive(in: &state)
    for masks in [[], [true, true], [false, false, false]] as [[Bool]] {
      var (bad, value, wrong) = (MemoryArchive(), masks, state)
      try bad.value("trainer.masks", &value)
      wrong.replace("trainer.masks", by: bad)
      wrong.startReading()
      #expect(throws: ArchiveError.self) { try trainer.archive(in: &wrong) }
    }
    // The records of a memory without masks are shorter than, or have zeros in place of, those with masks.
    var unmasked = try Trainer(hyperparameters(), environment: Unmasked(Forbidding()), seed: 1)
    for _ in 0..<40 { try unmasked.advance() }
    var other = MemoryArchive()
    try unmasked.archive(in: &other)
    state.replace("trainer.agent.memory.records", by: other)
    state.startReading()
    let error = #expect(throws: ArchiveError.self) { try trainer.archive(in: &state) }
    #expect("\(error as Any)".contains("a mask with a legal action"))
  }

  @Test("steps with masks allocate nothing")
  func allocations() throws {
    var hyperparameters = hyperparameters()
    hyperparameters.environmentCount = 2
    hyperparameters.target.rule.nextAction = .expected
    var trainer = try Trainer(hyperparameters, environment: Forbidding(), seed: 1)
    for _ in 0..<200 { try trainer.advance() }
    let count = try TestSupport.allocations { for _ in 0..<500 { try trainer.advance() } }
    #expect(count == 0)
  }

  @Test(
    "a one-hot learner reaches the exact values of the policy on the legal actions",
    arguments: [TargetRule.NextAction.expected, .greedy], TargetRule.Selection.allCases)
  func exactValues(rule: TargetRule.NextAction, selection: TargetRule.Selection) throws {
    let (epsilon, discount) = (rule == .greedy ? 0 : 0.8, 0.8)
    // The maze, where a move into a wall is illegal.
    let maze = Maze().model
    let model = FiniteModel(
      stateCount: maze.stateCount, actionCount: 4,
      isLegal: { $0 == Maze.goal || maze.outcomes(of: $1, in: $0)[0].state != $0 },
      outcomes: { maze.outcomes(of: $1, in: $0) })
    let pairs = (0..<Maze.goal).flatMap { cell in
      (0..<4).filter { model.isLegal($0, in: cell) }.map { (cell, $0) }
    }
    var hyperparameters = Hyperparameters()
    hyperparameters.network.hiddenSizes = []
    hyperparameters.optimizer.method = .sgd()
    hyperparameters.target.rule = TargetRule(nextAction: rule, selection: selection)
    hyperparameters.target.discount = discount
    hyperparameters.replay.capacity = pairs.count
    hyperparameters.replay.batchSize = pairs.count
    hyperparameters.replay.learningStarts = pairs.count
    var specification = Maze().specification
    specification.hasActionMasks = true
    var agent = try ReplaySARSA(hyperparameters, for: specification, seed: 1)
    // Ten times one-hot, so that the bias hardly couples the cells.
    func observation(_ cell: Int) -> [Float] {
      (0..<Maze.cellCount).map { $0 == cell ? 10 : 0 }
    }
    for (cell, action) in pairs {
      let outcome = model.outcomes(of: action, in: cell)[0]
      var step = VectorStep(count: 1, observationSize: Maze.cellCount, maskedActions: 4)
      step.nextObservations = observation(outcome.state)
      step.nextMasks = (0..<4).map { model.isLegal($0, in: outcome.state) }
      step.rewards = [outcome.reward]
      step.isTerminated = [outcome.isTerminated]
      agent.remember(observation(cell), [action], step)
    }
    // The gradient of a value is 2/rows · 10² times its error: this takes 0.7 of it away.
    for _ in 0..<150 {
      try agent.learn(
        for: .epsilonGreedy(epsilon: epsilon), learningRate: 0.7 * Double(pairs.count) / 200)
      agent.synchronize()
    }
    var policy = try GreedyPolicy(agent.description)
    agent.copyParameters(into: &policy)
    let found = Matrix(
      (0..<Maze.cellCount).map { policy.values(for: observation($0)).map(Double.init) })
    let exact = try model.actionValues(
      of: model.epsilonGreedyPolicy(on: found, epsilon: epsilon, tolerance: 1e-3),
      discount: discount)
    // Moves into walls make the values of the plain policy others.
    let plain = try maze.actionValues(
      of: maze.epsilonGreedyPolicy(on: found, epsilon: epsilon, tolerance: 1e-3),
      discount: discount)
    let errors = pairs.map { abs(found[$0.0, $0.1] - exact[$0.0, $0.1]) }
    #expect(try #require(errors.max()) < 5e-3, "\(errors.max() ?? 0)")
    if rule == .expected {
      #expect(pairs.contains { abs(plain[$0.0, $0.1] - exact[$0.0, $0.1]) > 0.05 })
    }
  }
}
