import DeepSARSA
import SARSAExperiments
import TestSupport
import Testing

/// One step, two actions: the second earns 1, the first nothing.
private struct Choice: Environment {
  struct State: Codable, Sendable {}

  var state = State()

  var specification: EnvironmentSpecification {
    EnvironmentSpecification(id: "Choice", observationSize: 1, actionCount: 2)
  }

  mutating func reset(seed: UInt64?) {}

  mutating func step(_ action: Int) -> Step {
    Step(reward: Double(action), isTerminated: true)
  }

  func observe(into observation: inout MutableSpan<Float>) { observation[0] = 1 }
}

@Suite("The best network of a run")
struct BestNetworkTests {
  @Test("is the first with the highest mean of the evaluations, not the lowest or the last")
  func highest() throws {
    let folder = try TemporaryFolder()
    var improved = 0
    for seed in 1...8 as ClosedRange<UInt64> {
      var settings = RunSettings(environment: "Choice", experimentName: "test", seed: seed)
      settings.hyperparameters.network.hiddenSizes = [4]
      settings.hyperparameters.exploration = .epsilonGreedy(epsilon: .constant(1))
      settings.hyperparameters.optimizer.learningRate = .constant(1e-2)
      settings.hyperparameters.replay.batchSize = 32
      settings.hyperparameters.replay.learningStarts = 32
      settings.hyperparameters.replay.trainFrequency = 1
      settings.hyperparameters.budget = Budget(steps: 300)
      settings.evaluation.every = 20
      settings.evaluation.episodes = 1
      var run = try TrainingRun(settings, environment: Choice(), root: folder.path)
      while !run.isFinished { try run.advance() }
      let rows = try lines(of: run.folder.path(of: .evaluations)).dropFirst().map {
        $0.split(separator: ",")
      }
      let means = try rows.map { try #require(Double($0[1])) }
      let highest = try #require(means.max())
      let first = try #require(means.firstIndex(of: highest))
      let best = try Safetensors(decoding: bytes(of: run.folder.path(of: .best)))
      #expect(best.metadata["step"] == String(rows[first][0]))
      #expect(run.bestMean == highest)
      if first > 0 && first < means.count - 1 { improved += 1 }
    }
    #expect(improved > 0, "no run whose best network is neither the first nor the last")
  }
}
