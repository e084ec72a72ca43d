import DeepSARSA
import Foundation
import SARSAExperiments
import TestSupport
import Testing

/// Three steps an episode, and a return of 3 each, which is the threshold.
private struct Steady: Environment {
  struct State: Codable, Sendable {
    var steps = 0
  }

  var state = State()

  var specification: EnvironmentSpecification {
    EnvironmentSpecification(
      id: "Steady", observationSize: 1, actionCount: 2, rewardThreshold: 3)
  }

  mutating func reset(seed: UInt64?) { state.steps = 0 }

  mutating func step(_ action: Int) -> Step {
    state.steps += 1
    return Step(reward: 1, isTerminated: state.steps == 3)
  }

  func observe(into observation: inout MutableSpan<Float>) {
    observation[0] = Float(state.steps)
  }
}

@Suite("learning.csv")
struct LearningLogTests {
  private static let header =
    "step,update,loss,mean_q,largest_q,q_bound,action_gap,target_drift,terminal_share,"
    + "gradient_norm,effective_rank,dead_units,epsilon,temperature,learning_rate"

  private func settings(interval: Int) -> RunSettings {
    var settings = RunSettings(
      environment: "Steady", experimentName: "test", learningInterval: interval)
    settings.hyperparameters.network.hiddenSizes = [4]
    settings.hyperparameters.replay.capacity = 50
    settings.hyperparameters.replay.batchSize = 8
    settings.hyperparameters.replay.learningStarts = 10
    settings.hyperparameters.replay.trainFrequency = 1
    settings.hyperparameters.target.discount = 0.75
    settings.hyperparameters.exploration = .epsilonGreedy(
      epsilon: .linear(from: 1, to: 0, steps: 100))
    settings.hyperparameters.budget = Budget(steps: 100)
    settings.evaluation.every = 40
    settings.evaluation.episodes = 1
    return settings
  }

  private func run(
    _ settings: RunSettings, in folder: TemporaryFolder
  ) throws -> (RunFolder, RunSummary) {
    var run = try TrainingRun(settings, environment: Steady(), root: folder.path)
    while !run.isFinished { try run.advance() }
    let summary = try #require(try run.finish())
    return (run.folder, summary)
  }

  @Test("has a line after every so many updates, with finite numbers of that step")
  func rows() throws {
    let folder = try TemporaryFolder()
    let (run, _) = try run(settings(interval: 20), in: folder)
    let all = try lines(of: run.path(of: .learning))
    #expect(all[0] == Self.header)
    let rows = all.dropFirst().map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    #expect(rows.map { $0[1] } == ["20", "40", "60", "80"])
    #expect(rows.map { $0[0] } == ["29", "49", "69", "89"])
    for row in rows {
      #expect(row.count == 15 && row[13].isEmpty)
      for field in row where !field.isEmpty {
        #expect(Double(field)?.isFinite == true, "\(row)")
      }
      #expect(row[5] == "4.0" && !row[2].isEmpty && !row[9].isEmpty)
      let step = try #require(Double(row[0]))
      let epsilon = try #require(Double(row[12]))
      #expect(abs(epsilon - (1 - (step - 1) / 100)) < 1e-12)
    }
  }

  @Test("does not change training, whether it has every update or does not exist")
  func unchanged() throws {
    let folder = try TemporaryFolder()
    let runs = try [1, 0, 1].map { try run(settings(interval: $0), in: folder).0 }
    #expect(try lines(of: runs[0].path(of: .learning)).count == 1 + 91)
    #expect(!FileManager.default.fileExists(atPath: runs[1].path(of: .learning)))
    for file in [RunFolder.File.model, .best, .episodes, .evaluations] {
      let contents = try runs.map { try bytes(of: $0.path(of: file)) }
      #expect(contents[0] == contents[1], "\(file)")
    }
    #expect(try bytes(of: runs[0].path(of: .learning)) == bytes(of: runs[2].path(of: .learning)))
  }

  @Test("has empty fields for a bound that there is not, and for the other kind of exploration")
  func emptyFields() throws {
    let folder = try TemporaryFolder()
    var settings = settings(interval: 50)
    settings.hyperparameters.target.discount = 1
    settings.hyperparameters.network.hiddenSizes = []
    settings.hyperparameters.exploration = .boltzmann(temperature: .constant(2))
    let (run, _) = try run(settings, in: folder)
    let row = try lines(of: run.path(of: .learning))[1].split(
      separator: ",", omittingEmptySubsequences: false)
    #expect(row[5].isEmpty && row[10].isEmpty && row[11].isEmpty && row[12].isEmpty)
    #expect(row[13] == "2.0")
  }

  @Test("is whole after an interruption")
  func interruption() throws {
    let folder = try TemporaryFolder()
    var run = try TrainingRun(
      settings(interval: 5), environment: Steady(), root: folder.path)
    for _ in 0..<33 { try run.advance() }
    try run.save()
    let all = try lines(of: run.folder.path(of: .learning))
    #expect(all.count == 1 + 24 / 5)
    #expect(all.allSatisfy { $0.filter { $0 == "," }.count == 14 })
  }

  @Test("allocates nothing in a step that it does not measure")
  func allocations() throws {
    let folder = try TemporaryFolder()
    var settings = RunSettings(environment: "MountainCar-v0", learningInterval: 100)
    settings.hyperparameters = .notebook
    settings.hyperparameters.replay.capacity = 1_000
    settings.hyperparameters.budget = Budget(steps: 900)
    settings.evaluation.every = 900
    settings.evaluation.episodes = 1
    var run = try TrainingRun(
      settings, environment: TimeLimit(MountainCar(), maximumSteps: 200), root: folder.path)
    // The update of step 320 is the first, and that of step 419 is measured.
    for _ in 0..<420 { try run.advance() }
    let none = try TestSupport.allocations { for _ in 420..<518 { try run.advance() } }
    let some = try TestSupport.allocations { try run.advance() }
    #expect(none == 0)
    #expect(some > 0 || !countsAllocations)
    #expect(run.trainer.agent.updateCount == 200)
  }

  @Test("a summary has what evaluations did after the first that reached the threshold")
  func threshold() throws {
    let folder = try TemporaryFolder()
    let (_, summary) = try run(settings(interval: 0), in: folder)
    let record = try #require(summary.afterThreshold)
    #expect(record.threshold == 3 && record.firstStep == 0)
    #expect(record.evaluations == 3 && record.share == 1 && record.worst == 3)
    var other = ThresholdRecord(threshold: 475, firstStep: 1_000)
    #expect(other.share == nil && other.worst == nil)
    for mean in [475, 474.5, 120, 500] as [Double] { other.append(mean) }
    #expect(other.share == 0.5 && other.worst == 120 && other.evaluations == 4)
    let text = JSON.text(other)
    #expect(
      text
        == #"{"evaluations":4,"first_step":1000,"reached":2,"share":0.5,"threshold":475,"worst":120}"#
    )
    #expect(try JSONDecoder().decode(ThresholdRecord.self, from: Data(text.utf8)) == other)
  }
}
