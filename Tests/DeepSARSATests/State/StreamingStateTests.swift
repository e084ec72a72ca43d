import DeepSARSA
import TestSupport
import Testing

@Suite("State of a trainer of online SARSA(λ)")
struct StreamingStateTests {
  struct Setting: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let environment: String
    let arguments: [String: ArgumentValue]
    let hyperparameters: Hyperparameters

    init(
      _ name: String, in environment: String, _ arguments: [String: ArgumentValue],
      _ change: (inout Hyperparameters) -> Void = { _ in }
    ) {
      testDescription = name
      self.environment = environment
      self.arguments = arguments
      var hyperparameters = Hyperparameters.streaming
      hyperparameters.network.hiddenSizes = [6]
      hyperparameters.exploration = .epsilonGreedy(epsilon: .linear(from: 1, to: 0.1, steps: 100))
      change(&hyperparameters)
      self.hyperparameters = hyperparameters
    }

    static let limit: [String: ArgumentValue] = ["max_episode_steps": .integer(13)]
  }

  static let settings = [
    Setting("the preset", in: "CartPole-v1", Setting.limit),
    Setting("expected, cut", in: "Acrobot-v1", ["max_episode_steps": .integer(17)]) {
      $0.target.rule.nextAction = .expected
      $0.traces.cut = .exploratory
      $0.optimizer.learningRate = .linear(from: 1, to: 0.1, steps: 150)
    },
    Setting("resampled, Boltzmann", in: "FrozenLake-v1", Setting.limit) {
      $0.target.rule.nextAction = .resampled
      $0.exploration = .boltzmann(temperature: .linear(from: 2, to: 0.1, steps: 120))
    },
    Setting("parity", in: "CartPole-v1", Setting.limit) {
      $0.parity = .streamingDRL
      $0.target.timeLimit = .terminal
    },
    Setting("dutch", in: "MountainCar-v0", Setting.limit) {
      $0.network.hiddenSizes = []
      ($0.traces.kind, $0.traces.kappa) = (.dutch, 0)
      $0.optimizer.learningRate = .constant(0.05)
    },
    Setting("replacing", in: "CliffWalking-v1", Setting.limit) {
      $0.network.hiddenSizes = []
      $0.input.scaling = .none
      $0.traces.kind = .replacing
      $0.target.rule.nextAction = .greedy
    },
  ]

  @Test(
    "a trainer of another seed that reads a state goes on to the same bytes, wherever it is cut",
    arguments: settings)
  func goesOn(setting: Setting) throws {
    try goesOn(
      setting, in: EnvironmentRegistry.make(setting.environment, arguments: setting.arguments))
  }

  private func goesOn<World: Environment>(_ setting: Setting, in environment: World) throws {
    let (cuts, distance) = (60, 15)
    var reference = try trainer(setting, in: environment, seed: 1)
    var states: [MemoryArchive] = []
    for _ in 0..<cuts + distance {
      states.append(try written(&reference))
      try reference.advance()
    }
    #expect(reference.episodes > 2)
    for cut in stride(from: 0, to: cuts, by: thinning) {
      var other = try trainer(setting, in: environment, seed: 2)
      // Nor does it matter what the other one has done before.
      for _ in 0..<cut % 3 { try other.advance() }
      try read(states[cut], into: &other)
      for _ in 0..<distance { try other.advance() }
      let isSame = try written(&other) == states[cut + distance]
      #expect(isSame, "cut \(cut)")
    }
  }

  /// The parts of the agent's state, for the preset.
  private static let parts = [
    "exploration", "inputs.count", "inputs.means", "inputs.squares", "isFirst", "network",
    "nextAction", "parameters", "resampling", "rewards.count", "rewards.largest", "rewards.means",
    "rewards.squares", "rewards.sums", "trace", "updateCount",
  ]

  @Test("a state has these parts, reading misses each one, and dutch traces have one more")
  func missing() throws {
    let setting = Self.settings[0]
    let environment = TimeLimit(CartPole(), maximumSteps: 13)
    var reference = try trainer(setting, in: environment, seed: 1)
    for _ in 0..<20 { try reference.advance() }
    let state = try written(&reference)
    let prefix = "trainer.agent."
    #expect(
      state.names.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
        == Self.parts)
    for name in state.names {
      var lacking = state
      lacking.remove(name)
      var other = try trainer(setting, in: environment, seed: 2)
      #expect(throws: ArchiveError.missing(name)) { try read(lacking, into: &other) }
    }
    var dutch = try trainer(
      Self.settings[4], in: TimeLimit(MountainCar(), maximumSteps: 13), seed: 1)
    #expect(try written(&dutch).names.contains(prefix + "oldValue"))
  }

  @Test(
    "a trainer that keeps one part of its own goes on differently",
    arguments: parts.filter { !["network", "isFirst", "resampling"].contains($0) } + ["oldValue"])
  func everyPartMatters(part: String) throws {
    // The cut is in the middle of an episode, where no part has its initial value.
    let setting = Self.settings[part == "oldValue" ? 4 : 0]
    try everyPartMatters(
      part, setting, in: EnvironmentRegistry.make(setting.environment, arguments: setting.arguments)
    )
  }

  private func everyPartMatters<World: Environment>(
    _ part: String, _ setting: Setting, in environment: World
  ) throws {
    var reference = try trainer(setting, in: environment, seed: 1)
    for _ in 0..<200 { try reference.advance() }
    while reference.steps % 2 == 0 { try reference.advance() }
    let state = try written(&reference)
    let expected = try future(of: &reference)
    var other = try trainer(setting, in: environment, seed: 2)
    for _ in 0..<210 { try other.advance() }
    let own = try written(&other)
    try read(state, into: &other)
    let isSame = try future(of: &other) == expected
    #expect(isSame)

    var mixed = state
    mixed.replace("trainer.agent." + part, by: own)
    try read(mixed, into: &other)
    let isOther = try future(of: &other) != expected
    // A next action may happen to be the same: then nothing was replaced.
    #expect(isOther || mixed == state, "\(part)")
  }

  @Test("the action that is to be taken and the start of an episode are parts that matter")
  func nextAction() throws {
    let environment = TimeLimit(CartPole(), maximumSteps: 13)
    var reference = try trainer(Self.settings[0], in: environment, seed: 1)
    for _ in 0..<6 { try reference.advance() }
    let state = try written(&reference)
    let expected = try future(of: &reference)
    var differing = 0
    for action in 0..<2 {
      var mixed = state
      mixed.remove("trainer.agent.nextAction")
      var value: Int? = action
      try mixed.value("trainer.agent.nextAction", &value)
      var other = try trainer(Self.settings[0], in: environment, seed: 2)
      try read(mixed, into: &other)
      if try future(of: &other) != expected { differing += 1 }
    }
    #expect(differing == 1)
    var mixed = state
    mixed.remove("trainer.agent.isFirst")
    var isFirst = true
    try mixed.value("trainer.agent.isFirst", &isFirst)
    var other = try trainer(Self.settings[0], in: environment, seed: 2)
    try read(mixed, into: &other)
    let isOther = try future(of: &other) != expected
    #expect(isOther)
  }

  @Test("a state that no trainer wrote is an error that names the part, never a trap")
  func impossibleParts() throws {
    let environment = TimeLimit(CartPole(), maximumSteps: 13)
    var reference = try trainer(Self.settings[0], in: environment, seed: 1)
    for _ in 0..<20 { try reference.advance() }
    let state = try written(&reference)
    func expect<Value: Codable>(_ part: String, _ value: Value, _ message: String) throws {
      var broken = state
      let name = "trainer.agent." + part
      broken.remove(name)
      var value = value
      try broken.value(name, &value)
      var other = try trainer(Self.settings[0], in: environment, seed: 2)
      do {
        try read(broken, into: &other)
        Issue.record("\(part) \(value) was read")
      } catch let error as ArchiveError {
        #expect("\(error)".contains(message), "\(error)")
      }
    }
    try expect("nextAction", 2, "allowed: none, or from 0 to 1")
    try expect("nextAction", -1, "allowed: none, or from 0 to 1")
    try expect("updateCount", -1, "allowed: from 0")
    try expect("isFirst", 3, "cannot be read")
    try expect("trace", "text", "it is a value, not a list of numbers")
    try expect("exploration", [1], "cannot be read")
    try expect("inputs.means", [Double.nan, 0, 0, 0], "4 finite numbers")
  }

  @Test("a state between a transition and its update is a mistake that is named")
  func unfinished() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var agent = try StreamingSARSA(.streaming, for: CartPole().specification, seed: 1)
      agent.remember([0, 0, 0, 0], [0], VectorStep(count: 1, observationSize: 4))
      var archive = MemoryArchive()
      try agent.archive(in: &archive, as: "agent")
    }
    let printed = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(
      printed.contains("a transition is not yet learned from; allowed: a state after `learn`"),
      "\(printed)")
  }

  // MARK: - Helpers

  private func trainer<World: Environment>(
    _ setting: Setting, in environment: World, seed: UInt64
  ) throws -> Trainer<ReplicatedEnvironment<World>, StreamingSARSA> {
    try Trainer(
      StreamingSARSA.self, setting.hyperparameters,
      environment: ReplicatedEnvironment(environment), seed: seed)
  }

  /// What 60 more steps lead to.
  private func future<World>(
    of trainer: inout Trainer<World, StreamingSARSA>
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

  private func written<World>(
    _ trainer: inout Trainer<World, StreamingSARSA>
  ) throws -> MemoryArchive {
    var state = MemoryArchive()
    try trainer.archive(in: &state)
    return state
  }

  private func read<World>(
    _ state: MemoryArchive, into trainer: inout Trainer<World, StreamingSARSA>
  ) throws {
    var state = state
    state.startReading()
    try trainer.archive(in: &state)
    try state.finishReading()
  }
}
