import DeepSARSA
import TestSupport
import Testing

@Suite("Runs of online SARSA(λ)")
struct StreamingRunTests {
  private typealias CartPoleTrainer = Trainer<
    ReplicatedEnvironment<TimeLimit<CartPole>>, StreamingSARSA
  >

  private static let environment = TimeLimit(CartPole(), maximumSteps: 14)

  private static func hyperparameters(
    _ nextAction: TargetRule.NextAction, _ change: (inout Hyperparameters) -> Void = { _ in }
  ) -> Hyperparameters {
    var result = Hyperparameters.streaming
    result.network.hiddenSizes = [12, 7]
    result.target.rule.nextAction = nextAction
    result.exploration = .epsilonGreedy(epsilon: .linear(from: 1, to: 0.1, steps: 300))
    change(&result)
    return result
  }

  @Test(
    "come to the naive algorithm's values, with every rule and cut",
    arguments: TargetRule.NextAction.allCases, TraceHyperparameters.Cut.allCases)
  func againstTheNaiveAlgorithm(
    nextAction: TargetRule.NextAction, cut: TraceHyperparameters.Cut
  ) throws {
    let hyperparameters = Self.hyperparameters(nextAction) { $0.traces.cut = cut }
    try compare(hyperparameters)
  }

  @Test("and without the bound, with a learning rate that falls, and with ends at time limits")
  func otherSettings() throws {
    try compare(
      Self.hyperparameters(.expected) {
        $0.traces.kappa = 0
        $0.optimizer.learningRate = .linear(from: 2e-3, to: 1e-4, steps: 300)
      })
    try compare(Self.hyperparameters(.stored) { $0.target.timeLimit = .terminal })
    try compare(Self.hyperparameters(.resampled) { $0.target.timeLimit = .terminal })
  }

  private func compare(_ hyperparameters: Hyperparameters) throws {
    var trainer = try CartPoleTrainer(
      StreamingSARSA.self, hyperparameters,
      environment: ReplicatedEnvironment(Self.environment), seed: 4)
    let initial = trainer.agent.model()
    var naive = NaiveStreamingSARSA(
      hyperparameters, seed: 4, model: initial, environment: Self.environment)
    for _ in 0..<400 {
      try trainer.advance()
      naive.advance()
    }
    #expect(trainer.episodes == naive.episodes && naive.episodes > 10)
    #expect(naive.truncations > 2 && naive.truncations < naive.episodes)
    #expect(trainer.agent.updateCount == 400)
    #expect((naive.cuts > 20) == (hyperparameters.traces.cut == .exploratory))
    #expect((naive.bounded > 20) == (hyperparameters.traces.kappa > 0))

    var policy = try GreedyPolicy(trainer.agent.description)
    trainer.agent.copyParameters(into: &policy)
    var untrained = try GreedyPolicy(initial)
    var (difference, learned) = (0.0, 0.0)
    for i in 0..<20 {
      let x = Float(i - 10) / 10
      let state = [x, 0.3 * x * x - 0.1, 0.1 * x, -x]
      let expected = naive.values(state)
      for (action, found) in policy.values(for: state).enumerated() {
        difference = max(difference, abs(Double(found) - expected[action]))
        learned = max(learned, abs(expected[action] - Double(untrained.values(for: state)[action])))
      }
    }
    #expect(difference < 1e-3 * learned && learned > 0.2, "\(difference), of \(learned)")
  }

  @Test("ten thousand steps after warm-up allocate nothing", arguments: [true, false])
  func allocations(isPreset: Bool) throws {
    var hyperparameters = Hyperparameters.streaming
    hyperparameters.exploration = .epsilonGreedy(epsilon: .linear(from: 1, to: 0.1, steps: 500))
    if !isPreset {
      hyperparameters.target.rule.nextAction = .expected
      hyperparameters.traces.cut = .exploratory
      hyperparameters.network.description = NetworkDescription(
        "4 > dense 33 silu > plain-layer-normalization silu > dense 18 > "
          + "plain-layer-normalization > dense 3 > dueling")
    }
    var trainer = try CartPoleTrainer(
      StreamingSARSA.self, hyperparameters,
      environment: ReplicatedEnvironment(TimeLimit(CartPole(), maximumSteps: 50)), seed: 1)
    for _ in 0..<500 { try trainer.advance() }
    var finished = 0
    let count = try TestSupport.allocations {
      for _ in 0..<10_000 { finished += try trainer.advance().finishedEpisodes }
    }
    #expect(count == 0)
    #expect(finished > 100 && trainer.agent.updateCount == 10_500)
  }

  @Test("linear learners with dutch and replacing traces allocate nothing")
  func linearAllocations() throws {
    for kind in [TraceHyperparameters.Kind.dutch, .replacing] {
      let hyperparameters = linearStreaming {
        $0.traces.kind = kind
        $0.exploration = .epsilonGreedy(epsilon: .constant(0.5))
      }
      var trainer = try Trainer(
        StreamingSARSA.self, hyperparameters, environment: ReplicatedEnvironment(Catch()), seed: 1)
      for _ in 0..<100 { try trainer.advance() }
      let count = try TestSupport.allocations { for _ in 0..<1_000 { try trainer.advance() } }
      #expect(count == 0)
      #expect(trainer.episodes > 100)
    }
  }

  @Test("the same seed gives the same bytes, another seed others")
  func reproducibility() throws {
    func model(seed: UInt64) throws -> [UInt8] {
      var trainer = try CartPoleTrainer(
        StreamingSARSA.self, Self.hyperparameters(.stored),
        environment: ReplicatedEnvironment(Self.environment), seed: seed)
      for _ in 0..<300 { try trainer.advance() }
      return try trainer.agent.model().encoded()
    }
    let first = try model(seed: 1)
    #expect(try model(seed: 1) == first)
    #expect(try model(seed: 2) != first)
  }
}
