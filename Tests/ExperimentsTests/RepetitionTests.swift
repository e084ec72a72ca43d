import DeepSARSA
import SARSAExperiments
import Synchronization
import TestSupport
import Testing

/// Observations and rewards follow from the seed and the actions, and from something else.
private struct Odd: Environment {
  struct State: Codable, Sendable {
    var steps = 0
    var resets = 0
    var random = PCG64(seed: 0)
  }

  enum Kind: Sendable {
    case exact
    /// The reward falls with every reset; it is not seen in observations.
    case stateful
    /// The reward is drawn from a stream that no seed restarts.
    case random
  }

  private static let stream = Mutex(PCG64(seed: 1))

  var state = State()
  let kind: Kind

  var specification: EnvironmentSpecification {
    EnvironmentSpecification(id: "Odd", observationSize: 2, actionCount: 2)
  }

  mutating func reset(seed: UInt64?) {
    if let seed { state.random = PCG64(seed: seed) }
    state.resets += 1
    state.steps = 0
  }

  mutating func step(_ action: Int) -> Step {
    state.steps += 1
    let reward =
      switch kind {
      case .exact: Double(state.random.integer(below: 1_000))
      case .stateful: state.steps == 6 ? 1 / Double(state.resets) : 1
      case .random: Self.stream.withLock { Double($0.integer(below: 1_000_000)) }
      }
    return Step(reward: reward, isTerminated: state.steps == 7)
  }

  func observe(into observation: inout MutableSpan<Float>) {
    (observation[0], observation[1]) = (Float(state.steps), 1)
  }
}

@Suite("Whether an environment repeats itself")
struct RepetitionTests {
  private func summary<World: Environment>(
    of world: World, id: String = "Odd", evaluations: Int = 3
  ) throws -> RunSummary {
    let folder = try TemporaryFolder()
    var settings = RunSettings(environment: id, experimentName: "test")
    settings.hyperparameters.network.hiddenSizes = [2]
    settings.hyperparameters.replay.capacity = 100
    settings.hyperparameters.replay.batchSize = 2
    settings.hyperparameters.replay.learningStarts = 10
    settings.hyperparameters.budget = Budget(steps: 10 * (evaluations - 1))
    settings.evaluation.every = 10
    settings.evaluation.episodes = 1
    var run = try TrainingRun(settings, environment: world, root: folder.path)
    #expect(run.repetition == nil)
    try run.advance()
    #expect(run.repetition == nil, "after one evaluation there is nothing to compare")
    while !run.isFinished { try run.advance() }
    return run.summary()
  }

  @Test("is found out at the second evaluation, and why not")
  func kinds() throws {
    #expect(try summary(of: Odd(kind: .exact)).repetition == .exact)
    #expect(try summary(of: Odd(kind: .stateful)).repetition == .stateful)
    #expect(try summary(of: Odd(kind: .random)).repetition == .unseeded)
    #expect(try summary(of: Odd(kind: .random), evaluations: 2).repetition == .unseeded)
  }

  @Test("every environment that is built in does", arguments: EnvironmentRegistry.ids)
  func registry(id: String) throws {
    func repetition<World: Environment>(of world: World) throws -> Repetition? {
      try summary(of: TimeLimit(world, maximumSteps: 300), id: id).repetition
    }
    #expect(try repetition(of: EnvironmentRegistry.make(id)) == .exact)
  }

  @Test("the check leaves results as they are, and takes a reset and an episode at most")
  func results() throws {
    func returns(isChecked: Bool) throws -> [Returns] {
      var policy = try GreedyPolicy(NetworkDescription(inputs: 4, hidden: [], outputs: 2))
      var evaluation = Evaluation(TimeLimit(CartPole(), maximumSteps: 500), seed: 3)
      var result: [Returns] = []
      for _ in 0..<3 {
        result.append(evaluation.play(&policy, episodes: 5))
        if isChecked, let opening = evaluation.opening {
          #expect(opening.actions.count == Int(result[0].values[0]))
          #expect(evaluation.repeats(opening) == true)
        }
      }
      return result
    }
    #expect(try returns(isChecked: true) == returns(isChecked: false))
  }

  @Test("of a long episode only the start is played again")
  func longEpisodes() throws {
    struct Endless: Environment {
      struct State: Codable, Sendable { var steps = 0 }
      var state = State()
      var specification: EnvironmentSpecification {
        EnvironmentSpecification(id: "Endless", observationSize: 1, actionCount: 1)
      }
      mutating func reset(seed: UInt64?) { state.steps = 0 }
      mutating func step(_ action: Int) -> Step {
        state.steps += 1
        return Step(reward: 1)
      }
      func observe(into observation: inout MutableSpan<Float>) { observation[0] = 1 }
    }
    var policy = try GreedyPolicy(NetworkDescription(inputs: 1, hidden: [], outputs: 1))
    var evaluation = Evaluation(Endless(), seed: 0)
    #expect(evaluation.play(&policy, episodes: 1).values == [10_000])
    #expect(evaluation.opening?.actions.count == Opening.stepLimit)
    #expect(try evaluation.repeats(#require(evaluation.opening)) == true)
  }
}
