import DeepSARSA
import Foundation
import SARSAExperiments
import Synchronization
import TestSupport
import Testing

@Suite("The progress of runs")
struct RunProgressTests {
  private var settings: RunSettings {
    var settings = RunSettings(environment: "CartPole-v1")
    settings.hyperparameters.network.hiddenSizes = [4]
    settings.hyperparameters.replay.capacity = 1_000
    settings.hyperparameters.replay.learningStarts = 400
    settings.hyperparameters.replay.trainFrequency = 300
    settings.hyperparameters.budget.steps = 1_000
    settings.evaluation.every = 100
    settings.evaluation.episodes = 1
    settings.evaluation.finalEpisodes = 1
    return settings
  }

  private func evaluated(
    _ algorithm: Algorithm
  ) throws -> (reports: [RunProgress], summary: RunSummary) {
    let folder = try TemporaryFolder()
    var settings = settings
    settings.hyperparameters.algorithm = algorithm
    if algorithm == .streaming {
      settings.hyperparameters.optimizer.method = .sgd()
      settings.hyperparameters.optimizer.loss = .meanSquaredError
      settings.hyperparameters.optimizer.gradientNormLimit = nil
      settings.hyperparameters.environmentCount = 1
    }
    let environment = TimeLimit(CartPole(), maximumSteps: 500)
    func train<Learner: Agent & ~Copyable>(
      _ agent: Learner.Type
    ) throws -> ([RunProgress], RunSummary) {
      var run = try TrainingRun(agent, settings, environment: environment, root: folder.path)
      var all: [RunProgress] = []
      let summary = try run.train(didProgress: { all.append($0) })
      return (all.filter(\.wasEvaluated), summary)
    }
    return try train(algorithm.agent)
  }

  @Test("steps per second are those from the first update to the last; without a memory, all")
  func speed() throws {
    let (reports, summary) = try evaluated(.replay)
    #expect(summary.updates == 2 && summary.stepsPerSecond != nil)
    // After the first update, at step 600, the speed waits for the second: the steps between are not those of
    // learning.
    for report in reports { #expect((report.stepsPerSecond != nil) == (report.steps >= 900)) }
    let streaming = try evaluated(.streaming)
    #expect(streaming.reports.allSatisfy { $0.steps == 0 || $0.stepsPerSecond != nil })
  }

  @Test("a report has the evaluation, the share of the budget, and the time that is left")
  func reports() throws {
    let (reports, _) = try evaluated(.replay)
    #expect(reports.count >= 9)
    for report in reports {
      #expect(report.lastMean != nil && report.fraction == Double(report.steps) / 1_000)
      #expect(report.steps <= 1_000)
      #expect((report.secondsLeft ?? 0) >= 0)
    }
    #expect(reports.map(\.steps) == reports.map(\.steps).sorted())
  }

  @Test("concurrent runs report theirs, and write the same bytes as without a listener")
  func concurrent() throws {
    let folder = try TemporaryFolder()
    let environment = TimeLimit(CartPole(), maximumSteps: 500)
    func train(
      _ root: String, _ listen: @Sendable (ConcurrentRuns.Run, RunProgress) -> Void
    ) throws -> [ConcurrentRuns.Run] {
      let runs = try ConcurrentRuns(
        creatingFor: settings, seeds: [3, 4], root: folder.path(root), jobs: 2)
      _ = try runs.train(didProgress: listen) { _ in environment }
      return runs.runs
    }
    let seen = Mutex<[UInt64: Int]>([:])
    let listened = try train("a") { run, progress in
      if progress.wasEvaluated { seen.withLock { $0[run.settings.seed, default: 0] += 1 } }
    }
    let silent = try train("b") { _, _ in }
    for (one, other) in zip(listened, silent) {
      #expect(one.task == "CartPole-v1")
      for file in [RunFolder.File.episodes, .evaluations, .learning, .model, .best] {
        #expect(try bytes(of: one.folder.path(of: file)) == bytes(of: other.folder.path(of: file)))
      }
      let evaluations = try lines(of: one.folder.path(of: .evaluations)).count - 1
      let reported = seen.withLock { $0[one.settings.seed] ?? 0 }
      // The evaluation of the last network may be made at the end.
      #expect(reported == evaluations || reported == evaluations - 1)
    }
  }
}
