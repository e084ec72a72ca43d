import DeepSARSA
import TestSupport
import Testing

@Suite("State of a trainer")
struct StateTests {
  /// Settings that are archived, and where.
  struct Setting: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var environment: String
    var arguments: [String: ArgumentValue] = [:]
    var hyperparameters: Hyperparameters

    init(
      _ name: String, in environment: String, _ arguments: [String: ArgumentValue] = [:],
      _ change: (inout Hyperparameters) -> Void = { _ in }
    ) {
      testDescription = name
      self.environment = environment
      self.arguments = arguments
      hyperparameters = smallHyperparameters()
      hyperparameters.network.hiddenSizes = [6]
      hyperparameters.replay.batchSize = 8
      hyperparameters.replay.learningStarts = 20
      hyperparameters.replay.capacity = 60
      hyperparameters.replay.trainFrequency = 2
      hyperparameters.exploration = .epsilonGreedy(epsilon: .linear(from: 1, to: 0.1, steps: 100))
      hyperparameters.optimizer.learningRate = .linear(from: 1e-2, to: 1e-3, steps: 150)
      hyperparameters.target.synchronization = TargetSynchronization(every: 7, .steps)
      change(&hyperparameters)
    }
  }

  static let settings = [
    Setting("the lecture's rule", in: "MountainCar-v0", ["max_episode_steps": .integer(13)]),
    Setting("three steps, four environments, a spread", in: "CartPole-v1") {
      $0.target.steps = 3
      $0.environmentCount = 4
      $0.epsilonSpread = 2
    },
    Setting("stored, an odd ring that wraps", in: "Acrobot-v1", ["max_episode_steps": .integer(17)])
    {
      $0.target.rule.nextAction = .stored
      $0.replay.capacity = 41
      $0.environmentCount = 3
    },
    Setting("Boltzmann, synchronised by episodes", in: "FrozenLake-v1") {
      $0.exploration = .boltzmann(temperature: .linear(from: 2, to: 0.1, steps: 120))
      $0.target.synchronization = TargetSynchronization(every: 2, .episodes)
    },
    Setting(
      "an odd batch, RMSProp with all moments", in: "Taxi-v4", ["max_episode_steps": .integer(31)]
    ) {
      $0.replay.batchSize = 9
      $0.optimizer.method = .rmsProp(momentum: 0.5, isCentered: true)
    },
    Setting(
      "Adam, clipped, a soft update", in: "CliffWalking-v1", ["max_episode_steps": .integer(19)]
    ) {
      $0.optimizer.method = .adam()
      $0.optimizer.gradientNormLimit = 0.5
      $0.target.synchronization = TargetSynchronization(every: 1, .steps, rate: 0.1)
    },
    Setting("momentum, a dueling head, layer normalisation", in: "Blackjack-v1") {
      $0.optimizer.method = .sgd(momentum: 0.9)
      $0.network.isDueling = true
      $0.network.isNormalized = true
    },
    Setting("expected, five steps", in: "Maze-v0", ["start": .text("anywhere")]) {
      $0.target.rule = TargetRule(nextAction: .expected, selection: .target)
      $0.target.steps = 5
    },
    Setting(
      "actions that are repeated, three environments", in: "Taxi-v4",
      ["max_episode_steps": .integer(29)]
    ) {
      $0.repeatsExploration = true
      $0.environmentCount = 3
    },
    Setting("λ-returns of stored actions", in: "CartPole-v1") {
      $0.target.returns = .lambda
      $0.target.steps = 4
      $0.target.rule.nextAction = .stored
    },
    Setting("Retrace within masks", in: "Taxi-v4", ["max_episode_steps": .integer(31)]) {
      $0.target.returns = .retrace
      $0.target.steps = 3
    },
    Setting("Retrace, three environments, a spread", in: "CartPole-v1") {
      $0.target.returns = .retrace
      $0.target.steps = 3
      $0.environmentCount = 3
      $0.epsilonSpread = 2
      $0.replay.capacity = 41
    },
    Setting("priorities", in: "CartPole-v1") {
      $0.replay.priority.exponent = 0.6
      $0.budget = Budget(steps: 140)
    },
    Setting(
      "priorities, three environments, n steps, a ring that wraps", in: "Acrobot-v1",
      ["max_episode_steps": .integer(17)]
    ) {
      $0.replay.priority.exponent = 1
      $0.replay.capacity = 41
      $0.environmentCount = 3
      $0.target.steps = 3
    },
    Setting("Q(σ) with Boltzmann exploration", in: "FrozenLake-v1") {
      $0.target.returns = .qSigma
      $0.target.steps = 2
      $0.exploration = .boltzmann(temperature: .linear(from: 2, to: 0.1, steps: 120))
    },
    Setting("a game with numpy's old generator", in: "MinAtar/Seaquest-v1") {
      $0.replay.batchSize = 4
    },
    Setting("another game, two environments", in: "MinAtar/Breakout-v1") {
      $0.environmentCount = 2
      $0.target.rule.nextAction = .greedy
    },
    Setting(
      "frames of bits, three environments, n steps, priorities, a ring that wraps",
      in: "MinAtar/Breakout-v1", ["max_episode_steps": .integer(7)]
    ) {
      $0.replay.capacity = 41
      $0.replay.priority.exponent = 0.6
      $0.environmentCount = 3
      $0.target.steps = 3
    },
    Setting(
      "Retrace on frames of bits", in: "MinAtar/Asterix-v1", ["max_episode_steps": .integer(5)]
    ) {
      $0.replay.capacity = 23
      $0.target.returns = .retrace
      $0.target.steps = 3
    },
    Setting("a behaviour suite", in: "bsuite/DeepSea-v0", ["size": .integer(5)]) {
      $0.target.rule.nextAction = .stored
      $0.target.steps = 2
    },
    Setting("running scalings of inputs and rewards", in: "CartPole-v1") {
      $0.input.scaling = .running
      $0.reward.scaling = .running
      $0.environmentCount = 2
    },
    Setting(
      "inputs scaled by bounds", in: "MountainCar-v0", ["max_episode_steps": .integer(13)]
    ) {
      $0.input.scaling = .bounds
      $0.reward.factor = 0.1
    },
    Setting("another behaviour suite", in: "bsuite/Catch-v0") {
      $0.environmentCount = 5
      $0.replay.trainFrequency = 3
    },
    Setting("segments, stored", in: "Acrobot-v1", ["max_episode_steps": .integer(17)]) {
      $0.algorithm = .parallel
      $0.segment.steps = 7
      $0.segment.minibatches = 3
      $0.environmentCount = 3
      $0.optimizer.method = .rAdam()
      $0.target.rule.nextAction = .stored
      $0.target.timeLimit = .bootstrap
    },
    Setting("segments of one step, resampled", in: "CartPole-v1") {
      $0.algorithm = .parallel
      $0.segment.steps = 1
      $0.segment.minibatches = 1
      $0.network.isNormalized = true
    },
    Setting("segments, expected, a spread", in: "FrozenLake-v1") {
      $0.algorithm = .parallel
      $0.segment.steps = 4
      $0.segment.epochs = 3
      $0.segment.minibatches = 2
      $0.environmentCount = 2
      $0.epsilonSpread = 2
      $0.target.rule.nextAction = .expected
    },
  ]

  @Test(
    "a trainer of another seed that reads a state goes on to the same bytes, wherever it is cut",
    arguments: settings)
  func goesOn(setting: Setting) throws {
    let environment = try EnvironmentRegistry.make(
      setting.environment, arguments: setting.arguments)
    try goesOn(setting, by: setting.hyperparameters.algorithm.agent, in: environment)
  }

  private func goesOn<World: Environment, Learner: Agent & ~Copyable>(
    _ setting: Setting, by learner: Learner.Type, in environment: World
  ) throws {
    // Cuts are 3 calls apart, which divides neither episodes nor periods of synchronisation.
    let (cuts, distance) = (40, 4)
    var reference = try trainer(learner, setting, in: environment, seed: 1)
    var states: [MemoryArchive] = []
    for _ in 0..<cuts + distance {
      states.append(try written(&reference))
      for _ in 0..<3 { try reference.advance() }
    }
    #expect(reference.agent.updateCount > 10 && reference.episodes > 0)
    #expect(reference.steps > setting.hyperparameters.replay.capacity)

    for cut in stride(from: 0, to: cuts, by: thinning) {
      var other = try trainer(learner, setting, in: environment, seed: 2)
      // Nor does it matter what the other one has done before.
      for _ in 0..<cut % 3 { try other.advance() }
      try read(throughFile(states[cut]), into: &other)
      for _ in 0..<3 * distance { try other.advance() }
      #expect(try written(&other) == states[cut + distance], "cut \(cut)")
    }
  }

  /// The state as a file has it.
  private func throughFile(_ state: MemoryArchive) throws -> MemoryArchive {
    try MemoryArchive(SafetensorsReader(state.encoded()))
  }

  /// The parts of a trainer's state.
  private static let parts = [
    "trainer.agent.exploration", "trainer.agent.memory.records", "trainer.agent.memory.total",
    "trainer.agent.memory.turn", "trainer.agent.network",
    "trainer.agent.online", "trainer.agent.optimizer.first moment",
    "trainer.agent.optimizer.second moment", "trainer.agent.optimizer.stepCount",
    "trainer.agent.replay", "trainer.agent.resampling", "trainer.agent.rewards.largest",
    "trainer.agent.target", "trainer.agent.untilSynchronization", "trainer.environment",
    "trainer.environmentSeeds", "trainer.environments", "trainer.episodes",
    "trainer.hyperparameters", "trainer.lengths", "trainer.observations", "trainer.returns",
    "trainer.steps", "trainer.terminations",
  ]

  @Test("a state has these parts, and reading misses each one")
  func missing() throws {
    let environment = mountainCar()
    var trainer = try trainer(Self.settings[0], in: environment, seed: 1)
    for _ in 0..<70 { try trainer.advance() }
    let state = try written(&trainer)
    #expect(state.names == Self.parts)
    for name in Self.parts {
      var lacking = state
      lacking.remove(name)
      var other = try self.trainer(Self.settings[0], in: environment, seed: 2)
      #expect(throws: ArchiveError.missing(name)) { try read(lacking, into: &other) }
    }
    var excessive = state
    var tail = 3
    try excessive.value("trainer.agent.memory.tail", &tail)
    #expect(throws: ArchiveError.unknown("trainer.agent.memory.tail")) {
      var other = try self.trainer(Self.settings[0], in: environment, seed: 2)
      try read(excessive, into: &other)
    }
  }

  @Test(
    "a trainer that keeps one part of its own goes on differently",
    arguments: Set(parts).subtracting([
      "trainer.agent.network", "trainer.environment", "trainer.hyperparameters",
      // With one environment it is always 0; `turn` is part of the test of many.
      "trainer.agent.memory.turn",
      // In CartPole it is always 1.
      "trainer.agent.rewards.largest",
    ]).sorted())
  func everyPartMatters(part: String) throws {
    let setting = Setting("", in: "CartPole-v1")
    let environment = TimeLimit(CartPole(), maximumSteps: 500)
    var reference = try trainer(setting, in: environment, seed: 1)
    for _ in 0..<45 { try reference.advance() }
    let state = try written(&reference)
    let expected = try future(of: &reference)

    var other = try trainer(setting, in: environment, seed: 2)
    for _ in 0..<50 { try other.advance() }
    let own = try written(&other)
    try read(state, into: &other)
    #expect(try future(of: &other) == expected)

    // The same, but for one part.
    var mixed = state
    mixed.replace(part, by: own)
    do {
      try read(mixed, into: &other)
      #expect(try future(of: &other) != expected)
    } catch let error as ArchiveError {
      #expect("\(error)".contains("trainer."))
    }
  }

  /// What 60 more steps lead to.
  private func future<World>(
    of trainer: inout Trainer<World, ReplaySARSA>
  ) throws -> Future {
    var episodes: [Episode] = []
    for _ in 0..<60 {
      try trainer.advance()
      episodes += trainer.finishedEpisodes
    }
    return Future(episodes: episodes, state: try written(&trainer))
  }

  private struct Future: Hashable {
    let episodes: [Episode]
    let state: MemoryArchive
  }

  @Test("after reading a state there is nothing to measure until the next update")
  func measurements() throws {
    let setting = Setting("", in: "FrozenLake-v1")
    let environment = TimeLimit(FrozenLake(), maximumSteps: 100)
    var reference = try trainer(setting, in: environment, seed: 1)
    for _ in 0..<45 { try reference.advance() }
    let found = reference.measurements()
    #expect(found != nil)
    var other = try trainer(setting, in: environment, seed: 2)
    for _ in 0..<45 { try other.advance() }
    try read(written(&reference), into: &other)
    let none = other.measurements()
    #expect(other.agent.updateCount > 0 && none == nil)
    for _ in 0..<4 { try other.advance() }
    let again = other.measurements()
    #expect(again != nil)
  }

  @Test("a state that no trainer wrote is an error that names the part, never a trap")
  func impossibleParts() throws {
    let setting = Setting("", in: "FrozenLake-v1")
    let environment = TimeLimit(FrozenLake(), maximumSteps: 100)
    var reference = try trainer(setting, in: environment, seed: 1)
    for _ in 0..<45 { try reference.advance() }
    let state = try written(&reference)
    func expect<Value: Codable>(
      _ part: String, _ value: Value, _ message: String, line: Int = #line
    ) throws {
      var broken = state
      broken.remove(part)
      var value = value
      try broken.value(part, &value)
      var other = try trainer(setting, in: environment, seed: 2)
      do {
        try read(broken, into: &other)
        Issue.record("\(part) \(value) was read")
      } catch let error as ArchiveError {
        #expect("\(error)".contains(message), "\(error)")
      }
    }
    let memory = "trainer.agent.memory"
    try expect(memory + ".total", -1, "'\(memory).total' of the state is -1; allowed: from 0 to")
    try expect(memory + ".total", Int.max, "allowed: from 0 to")
    try expect(
      memory + ".total", 44, "'\(memory).records' of the state has 2160 numbers; allowed: 2112")
    try expect(memory + ".turn", 1, "allowed: from 0 to 0")
    try expect(memory + ".records", "text", "it is a value, not a list of numbers")
    try expect("trainer.agent.untilSynchronization", 0, "allowed: from 1 to 7")
    try expect("trainer.agent.optimizer.stepCount", -1, "allowed: from 0")
    try expect("trainer.agent.exploration", [1], "cannot be read")
    try expect("trainer.steps", Int.max, "allowed: from 0 to")
    try expect("trainer.episodes", 46, "allowed: from 0 to 45")
    try expect("trainer.terminations", -1, "allowed: from 0")
    try expect("trainer.returns", [1.0, 2], "allowed: 1 numbers")
    try expect("trainer.lengths", [46], "allowed: 1 numbers from 0 to 45")
    try expect("trainer.observations", [Float.nan], "finite numbers")
    try expect("trainer.environmentSeeds", [UInt64](), "allowed: 1 seeds")
    try expect("trainer.environments", 7, "cannot be read")

    // Another network, other settings, another environment.
    for change in [
      { $0.hyperparameters.network.hiddenSizes = [7] },
      { $0.hyperparameters.target.discount = 0.5 },
    ] as [(inout Setting) -> Void] {
      var other = setting
      change(&other)
      var trainer = try trainer(other, in: environment, seed: 1)
      #expect(throws: ArchiveError.self) { try read(state, into: &trainer) }
    }
    var other = try trainer(setting, in: TimeLimit(FrozenLake(), maximumSteps: 99), seed: 1)
    #expect(throws: ArchiveError.self) { try read(state, into: &other) }
  }

  @Test(
    "a mean of squares below zero is an error that names its place; a first moment may be negative")
  func negativeMoments() throws {
    let setting = Setting("", in: "FrozenLake-v1")
    let environment = TimeLimit(FrozenLake(), maximumSteps: 100)
    for (moment, isAllowed) in [("second moment", false), ("first moment", true)] {
      var trainer = try trainer(setting, in: environment, seed: 1)
      for _ in 0..<45 { try trainer.advance() }
      let part = "trainer.agent.optimizer." + moment
      var archive = RecordChanger(part: part, index: 3, value: -1e-9)
      try trainer.archive(in: &archive)
      archive.isReading = true
      do {
        try trainer.archive(in: &archive)
        #expect(isAllowed)
      } catch {
        #expect(!isAllowed)
        #expect(
          "\(error)"
            == "'\(part)[3]' of the state is -1e-09; allowed: a finite number, 0 or more")
      }
    }
  }

  @Test("a record with an impossible number is an error that names its place")
  func impossibleRecords() throws {
    let names: [(index: Int, value: Float, allowed: String)] = [
      (0, .nan, "a finite number"), (2, .infinity, "a finite number"),
      (4, -1, "from 0 to 3"), (4, 4, "from 0 to 3"), (4, 0.5, "from 0 to 3"),
      (6, 1.5, "from 0 to 1"),
      (7, 2, "0 or 1"),
      (8, 0, "above 0, up to 1"), (8, -0.5, "above 0, up to 1"), (8, 1.5, "above 0, up to 1"),
      (8, .nan, "a finite number"),
    ]
    for (index, value, allowed) in names {
      // The ninth number of a record is the probability of its action, if there is one.
      let hasProbabilities = index == 8
      var memory = try ReplayMemory(
        capacity: 5, observationSize: 2, actionCount: 4, batchSize: 1,
        hasProbabilities: hasProbabilities)
      for _ in 0..<3 {
        memory.append(
          observations: [1, 2], action: 3, reward: 1, nextObservations: [3, 4], discount: 0.5,
          isLast: false, probability: 0.5)
      }
      var archive = RecordChanger(
        part: "memory.records", index: (hasProbabilities ? 16 : 8) + index, value: value)
      try memory.archive(in: &archive, as: "memory")
      archive.isReading = true
      do {
        try memory.archive(in: &archive, as: "memory")
        Issue.record("\(value) was read")
      } catch {
        #expect("\(error)".contains("'memory.records[1][\(index)]' of the state is"), "\(error)")
        #expect("\(error)".contains(allowed), "\(error)")
      }
    }
  }

  @Test(
    "priorities are part of the state if there are any, and impossible ones are refused by name")
  func impossiblePriorities() throws {
    var setting = Setting("", in: "FrozenLake-v1")
    setting.hyperparameters.replay.priority.exponent = 0.5
    let environment = TimeLimit(FrozenLake(), maximumSteps: 100)
    var reference = try trainer(setting, in: environment, seed: 1)
    for _ in 0..<45 { try reference.advance() }
    let state = try written(&reference)
    let added = ["largestPriority", "priorities"].map { "trainer.agent.memory." + $0 }
    #expect(state.names == (Self.parts + added).sorted())
    for name in added {
      var lacking = state
      lacking.remove(name)
      var other = try trainer(setting, in: environment, seed: 2)
      #expect(throws: ArchiveError.missing(name)) { try read(lacking, into: &other) }
    }
    for value in [Float.nan, .infinity, 0.5, -1] {
      var broken = state
      var value = value
      broken.remove(added[0])
      try broken.value(added[0], &value)
      var other = try trainer(setting, in: environment, seed: 2)
      #expect(throws: ArchiveError.self) { try read(broken, into: &other) }
    }

    for value in [Float.nan, .infinity, -.infinity, 0, -1, 1.5] {
      var memory = try ReplayMemory(
        capacity: 5, observationSize: 2, actionCount: 4, batchSize: 1, priorityExponent: 1)
      for _ in 0..<3 {
        memory.append(
          observations: [1, 2], action: 3, reward: 1, nextObservations: [3, 4], discount: 0.5,
          isLast: false)
      }
      var archive = RecordChanger(part: "memory.priorities", index: 1, value: value)
      try memory.archive(in: &archive, as: "memory")
      archive.isReading = true
      do {
        try memory.archive(in: &archive, as: "memory")
        Issue.record("\(value) was read")
      } catch {
        #expect(
          "\(error)"
            == "'memory.priorities[1]' of the state is \(value); allowed: a number above 0, up to the "
            + "largest priority, 1.0")
      }
    }
  }

  // MARK: - Helpers

  private func trainer<World: Environment>(
    _ setting: Setting, in environment: World, seed: UInt64
  ) throws -> Trainer<ReplicatedEnvironment<World>, ReplaySARSA> {
    try trainer(ReplaySARSA.self, setting, in: environment, seed: seed)
  }

  private func trainer<World: Environment, Learner: Agent & ~Copyable>(
    _ learner: Learner.Type, _ setting: Setting, in environment: World, seed: UInt64
  ) throws -> Trainer<ReplicatedEnvironment<World>, Learner> {
    let count = setting.hyperparameters.environmentCount
    return try Trainer(
      learner, setting.hyperparameters,
      environment: ReplicatedEnvironment(environment, count: count), seed: seed)
  }

  private func written<World, Learner: Agent & ~Copyable>(
    _ trainer: inout Trainer<World, Learner>
  ) throws -> MemoryArchive {
    var state = MemoryArchive()
    try trainer.archive(in: &state)
    return state
  }

  private func read<World, Learner: Agent & ~Copyable>(
    _ state: MemoryArchive, into trainer: inout Trainer<World, Learner>
  ) throws {
    var state = state
    state.startReading()
    try trainer.archive(in: &state)
    try state.finishReading()
  }
}

/// An archive that leaves all as it is, but for one number of a part.
private struct RecordChanger: Archive {
  let part: String
  let index: Int
  let value: Float
  var isReading = false

  mutating func value<Value: Codable>(_ name: String, _ value: inout Value) {}

  mutating func numbers(_ name: String, of region: Region, in arena: inout Arena<Float>) {
    if isReading && name == part { arena.withMutableSpan(of: region) { $0[index] = value } }
  }
}
