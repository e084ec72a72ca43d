import DeepSARSA
import Foundation
import SARSAExperiments
import SARSAFiles
import Synchronization
import TestSupport
import Testing

/// Episodes of five steps, which count all steps of training and evaluation, and which may fail.
private struct Fragile: Environment {
  struct State: Codable, Sendable {
    var steps = 0
  }

  struct Broken: Error, CustomStringConvertible {
    var description: String { "it broke" }
  }

  final class Shared: Sendable {
    let steps = Atomic<Int>(0)
    /// The step that fails.
    let failing = Atomic<Int>(.max)
  }

  var state = State()
  let shared: Shared

  var specification: EnvironmentSpecification {
    EnvironmentSpecification(id: "Fragile", observationSize: 1, actionCount: 2)
  }

  mutating func reset(seed: UInt64?) throws(Broken) { state.steps = 0 }

  mutating func step(_ action: Int) throws(Broken) -> Step {
    let count = shared.steps.add(1, ordering: .relaxed).newValue
    if count == shared.failing.load(ordering: .relaxed) { throw Broken() }
    state.steps += 1
    return Step(reward: Double(action), isTerminated: state.steps == 5)
  }

  func observe(into observation: inout MutableSpan<Float>) { observation[0] = Float(state.steps) }
}

@Suite("The folder of an experiment")
struct ExperimentFolderTests {
  private let shared = Fragile.Shared()

  private func settings(_ change: (inout RunSettings) -> Void = { _ in }) -> RunSettings {
    var settings = RunSettings(environment: "Fragile")
    settings.hyperparameters.network.hiddenSizes = [3]
    settings.hyperparameters.replay.capacity = 30
    settings.hyperparameters.replay.batchSize = 4
    settings.hyperparameters.replay.learningStarts = 8
    settings.hyperparameters.budget = Budget(steps: 60)
    settings.evaluation.every = 25
    settings.evaluation.episodes = 2
    settings.evaluation.finalEpisodes = 3
    settings.checkpoints.every = 20
    change(&settings)
    return settings
  }

  private func experiment(
    seeds: [UInt64] = [1, 2], _ change: (inout RunSettings) -> Void = { _ in }
  ) throws -> Experiment {
    try Experiment(
      groups: [
        .init(setting: "slow", task: "Fragile", settings: settings(change)),
        .init(
          setting: "fast", task: "Fragile",
          settings: settings {
            change(&$0)
            $0.hyperparameters.optimizer.learningRate = .constant(0.01)
          }),
      ], seeds: seeds, source: "test")
  }

  /// Trains what is left of a part, until so many steps were taken in all.
  private func train(
    _ folder: ExperimentFolder, _ part: ExperimentPart = .all, jobs: Int = 1,
    until limit: Int = .max
  ) throws -> [ConcurrentRuns.Outcome] {
    try folder.train(
      folder.unfinishedRuns(of: part), jobs: jobs,
      isCancelled: { shared.steps.load(ordering: .relaxed) >= limit }
    ) { _ in Fragile(shared: shared) }
  }

  /// What all runs wrote, but what has a clock or a path.
  private func files(of folder: ExperimentFolder) throws -> [String: [UInt8]] {
    var result: [String: [UInt8]] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path + "/runs") {
      let run = try #require(RunFolder(existing: folder.path + "/runs/" + name))
      for (file, bytes) in try ResumableRun.files(of: run) { result[name + "/" + file] = bytes }
    }
    return result
  }

  @Test(
    "an experiment in parts, by several jobs, or cut short again and again has the bytes of a whole one"
  )
  func sameBytes() throws {
    let folder = try TemporaryFolder()
    let experiment = try experiment(seeds: [1, 2, 3])
    let whole = try ExperimentFolder(experiment, at: folder.path("whole"))
    #expect(try train(whole).count == 6)
    let expected = try files(of: whole)
    let results = try whole.results()
    #expect(expected.count == 6 * 6)
    #expect(results.map(\.name) == ["slow", "fast"])
    for run in results.flatMap(\.tasks).flatMap(\.runs) {
      #expect(run.status == .finished && run.score != nil && run.curve.evaluations.count == 4)
    }

    let together = try ExperimentFolder(experiment, at: folder.path("together"))
    _ = try train(together, jobs: 3)
    #expect(try files(of: together) == expected && together.results() == results)

    let parts = try ExperimentFolder(experiment, at: folder.path("parts"))
    for number in [3, 1, 4, 2] { _ = try train(parts, try #require(ExperimentPart(number, of: 4))) }
    #expect(try files(of: parts) == expected && parts.results() == results)

    let cut = try ExperimentFolder(experiment, at: folder.path("cut"))
    var interruptions = 0
    while try !cut.unfinishedRuns().isEmpty {
      let steps = shared.steps.load(ordering: .relaxed)
      _ = try train(cut, until: steps + 37 + 11 * interruptions)
      interruptions += 1
    }
    #expect(interruptions > 8)
    #expect(try files(of: cut) == expected && cut.results() == results)
    #expect(try ExperimentFolder(existing: cut.path)?.experiment == experiment)
  }

  @Test(
    "a run that has a result is not trained again, also where another process made it meanwhile")
  func finishedRuns() throws {
    let folder = try TemporaryFolder()
    let study = try ExperimentFolder(experiment(), at: folder.path)
    let known = try study.unfinishedRuns()
    _ = try train(study)
    let steps = shared.steps.load(ordering: .relaxed)
    #expect(try train(study).isEmpty)
    let again = try study.train(known, jobs: 1) { _ in Fragile(shared: shared) }
    #expect(again.count == 4 && shared.steps.load(ordering: .relaxed) == steps)
    for outcome in again {
      guard case .finished(let summary) = outcome else {
        Issue.record("\(outcome)")
        continue
      }
      #expect(summary.steps == 60)
    }
  }

  @Test(
    "a run whose environment failed stays in the results as untrained, is tried again, and then has its bytes"
  )
  func failedEnvironment() throws {
    let folder = try TemporaryFolder()
    let whole = try ExperimentFolder(experiment(), at: folder.path("whole"))
    _ = try train(whole)
    let failed = try ExperimentFolder(experiment(), at: folder.path("failed"))
    let start = shared.steps.load(ordering: .relaxed)
    // In the second run, after its first evaluation.
    let perRun = start / 4
    shared.failing.store(start + perRun + 40, ordering: .relaxed)
    let outcomes = try train(failed)
    #expect(outcomes.count { if case .finished = $0 { true } else { false } } == 3)
    let results = try failed.results()
    let run = try #require(results[1].tasks[0].runs.first)
    let failure = RunFailure(reason: "the environment failed: it broke", isFinal: false)
    #expect(run.status == .failed(failure))
    #expect(run.score == run.curve.untrained && run.score != nil && run.isOver)
    shared.failing.store(.max, ordering: .relaxed)
    #expect(try failed.unfinishedRuns().count == 1)
    _ = try train(failed)
    #expect(try failed.unfinishedRuns().isEmpty && failed.results() == whole.results())
    #expect(try files(of: failed) == files(of: whole))
  }

  @Test("a run that another process trains gets neither an environment nor the record of a failure")
  func lockedRun() throws {
    let folder = try TemporaryFolder()
    let study = try ExperimentFolder(experiment(seeds: [1]), at: folder.path)
    let runs = try study.unfinishedRuns()
    let (locked, free) = (runs[0].folder, runs[1].folder)
    try FileManager.default.createDirectory(
      atPath: locked.path, withIntermediateDirectories: true)
    guard let lock = try FolderLock(locked.path) else {
      Issue.record("the folder cannot be locked")
      return
    }
    let made = Atomic<Int>(0)
    let outcomes = try study.train(runs, jobs: 1) {
      (_: RunSettings) throws(RunError) -> any Environment in
      made.add(1, ordering: .relaxed)
      throw .environment("it cannot be made")
    }
    _ = consume lock
    guard case .failed(.locked) = outcomes[0] else {
      Issue.record("\(outcomes[0])")
      return
    }
    #expect(made.load(ordering: .relaxed) == 1)
    #expect(try locked.failure() == nil)
    let failure = RunFailure(
      reason: "the environment failed: it cannot be made", isFinal: false)
    #expect(try free.failure() == failure)
  }

  @Test("a run that diverged stays in the results as untrained, and is not tried again")
  func divergence() throws {
    let folder = try TemporaryFolder()
    let study = try ExperimentFolder(
      experiment {
        $0.hyperparameters.optimizer.method = .sgd()
        $0.hyperparameters.optimizer.learningRate = .constant(1e6)
        $0.hyperparameters.network.isNormalized = false
        $0.hyperparameters.optimizer.gradientNormLimit = nil
      }, at: folder.path)
    _ = try train(study)
    let runs = try study.results()[0].tasks[0].runs
    for run in runs {
      guard case .failed(let failure) = run.status else {
        Issue.record("\(run.status)")
        continue
      }
      #expect(failure.isFinal && failure.reason.hasPrefix("training diverged at step "))
      #expect(run.score == run.curve.untrained && run.score != nil && run.bestScore == nil)
    }
    #expect(try study.unfinishedRuns().allSatisfy { $0.settings.experimentName == "fast" })
  }

  @Test("seeds may be added; any other change is told, and nothing has changed")
  func changes() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("e")
    let old = try experiment()
    _ = try ExperimentFolder(old, at: path)
    let bytes = try bytes(of: path + "/experiment.json")

    func problem(_ experiment: Experiment) throws -> String {
      do {
        _ = try ExperimentFolder(experiment, at: path)
        return "none"
      } catch RunError.disagreement(_, let what) {
        #expect(try TestSupport.bytes(of: path + "/experiment.json") == bytes)
        return what
      }
    }
    let slow = try Experiment(groups: [old.groups[0]], seeds: [1, 2], source: "test")
    let other = Experiment.Group(setting: "other", task: "Fragile", settings: settings())
    #expect(
      try problem(experiment { $0.hyperparameters.target.discount = 0.5 })
        == "'slow' in 'Fragile': settings.hyperparameters.target.discount is 0.5, and was 0.99; "
        + "allowed: more seeds, and no other change")
    #expect(try problem(slow) == "it has 'fast' in 'Fragile', which is missing now")
    #expect(
      try problem(Experiment(groups: old.groups + [other], seeds: [1, 2], source: "test"))
        == "it has no 'other' in 'Fragile'; allowed: more seeds, and no other change")
    #expect(
      try problem(experiment(seeds: [2, 3]))
        == "it has the seed 1, which is missing now; allowed: more seeds")

    _ = try ExperimentFolder(experiment(seeds: [9, 1, 2]), at: path)
    #expect(try ExperimentFolder(existing: path)?.experiment.seeds == [9, 1, 2])

    // The preset's name is only recorded, and was not by earlier versions.
    let named = try Experiment(
      groups: old.groups.map {
        .init(setting: $0.setting, task: $0.task, settings: $0.settings, preset: "general")
      }, seeds: [9, 1, 2], source: "test")
    _ = try ExperimentFolder(named, at: path)
    #expect(try ExperimentFolder(existing: path)?.experiment == named)
  }

  @Test("a description without a setting that earlier versions did not have is that of its default")
  func earlierDescription() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("experiment.json")
    let study = try ExperimentFolder(experiment(), at: folder.path)
    let whole = try String(contentsOfFile: path, encoding: .utf8)
    let earlier = whole.replacing("\"filters\":[],", with: "")
    #expect(whole.count - earlier.count == 2 * "\"filters\":[],".count)
    try earlier.write(toFile: path, atomically: false, encoding: .utf8)
    #expect(try ExperimentFolder(existing: folder.path)?.experiment == study.experiment)
    #expect(try ExperimentFolder(experiment(), at: folder.path) == study)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == earlier)
  }

  @Test("a description that no experiment writes is told")
  func damagedDescription() throws {
    let folder = try TemporaryFolder()
    #expect(try ExperimentFolder(existing: folder.path) == nil)
    let path = folder.path("experiment.json")
    _ = try ExperimentFolder(experiment(), at: folder.path)
    let whole = try String(contentsOfFile: path, encoding: .utf8)
    for text in [
      "", "[]", "{}", String(whole.dropLast(3)),
      whole.replacing("\"seeds\":[1,2]", with: "\"seeds\":[1,1]"),
      whole.replacing("\"seeds\":[1,2]", with: "\"seeds\":[-1]"),
      whole.replacing("\"batchSize\":4", with: "\"batchSize\":-4"),
      whole.replacing("\"filters\":", with: "\"later\":1,\"filters\":"),
      whole.replacing("\"setting\":\"fast\"", with: "\"setting\":\"slow\""),
      whole.replacing("\"setting\":\"fast\"", with: "\"setting\":\"../fast\""),
      whole.replacing(
        "\"task\":\"Fragile\"",
        with: "\"task\":\"Fragile\",\"scale\":{\"random\":1,\"best\":1}"),
      whole.replacing(
        "\"environment\":\"Fragile\"",
        with: "\"environment\":\"Fragile\",\"environmentArguments\":{\"a\":\"#nan\"}"),
    ] {
      try Data(text.utf8).write(to: URL(filePath: path))
      #expect(throws: RunError.self, "\(text.prefix(80))") {
        try ExperimentFolder(existing: folder.path)
      }
    }
  }
}
