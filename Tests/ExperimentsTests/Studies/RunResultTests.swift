import Foundation
import SARSAExperiments
import TestSupport
import Testing

@Suite("Results of runs")
struct RunResultTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func result(of run: WrittenRun, _ name: String = "run") throws -> RunResult {
    let path = try run.write(to: folder.path(name))
    return try RunResult(reading: try #require(RunFolder(existing: path)))
  }

  @Test("a finished run has the scores of its summary, and its evaluations")
  func finished() throws {
    var run = WrittenRun(
      seed: 7, score: 431.5, evaluations: [(0, 9.25), (5_000, 475), (10_000, 430)])
    run.bestScore = 498.75
    run.threshold = 475
    #expect(
      try result(of: run)
        == RunResult(
          seed: 7, status: .finished, score: 431.5, bestScore: 498.75,
          // The summary has 1,000 steps a second.
          curve: LearningCurve([
            .init(step: 0, seconds: 0, mean: 9.25), .init(step: 5_000, seconds: 5, mean: 475),
            .init(step: 10_000, seconds: 10, mean: 430),
          ]), threshold: 475))
  }

  @Test("a summary of an earlier version has its threshold in the record of evaluations, or none")
  func earlierVersions() throws {
    let path = try WrittenRun(seed: 7, score: 1, evaluations: [(0, 9)]).write(
      to: folder.path("run"))
    let run = try #require(RunFolder(existing: path))
    let text = try String(contentsOfFile: path + "/summary.json", encoding: .utf8)
    let record =
      #"{"threshold":475,"first_step":5000,"evaluations":0,"reached":0,"worst":null,"share":null}"#
    let old = text.replacing(#""threshold":null,"#, with: "")
    try Data(old.utf8).write(to: URL(filePath: path + "/summary.json"))
    #expect(try RunResult(reading: run).threshold == nil)
    let reached = old.replacing(#""after_threshold":null"#, with: #""after_threshold":"# + record)
    try Data(reached.utf8).write(to: URL(filePath: path + "/summary.json"))
    #expect(try RunResult(reading: run).threshold == 475)
  }

  @Test("a failed run counts as its untrained network, with the reason")
  func failed() throws {
    var run = WrittenRun(seed: 18_446_744_073_709_551_615, evaluations: [(0, 9.25), (5_000, 475)])
    run.failure = "training diverged at step 5500"
    run.checkpoints = [5_000]
    let result = try result(of: run)
    let failure = RunFailure(reason: "training diverged at step 5500", isFinal: true)
    #expect(result.status == .failed(failure))
    #expect(result.score == 9.25 && result.bestScore == nil && result.isOver)
    #expect(result.seed == .max && result.curve.evaluations.count == 2)
  }

  @Test("a run that finished after it had failed has finished")
  func finishedLater() throws {
    var run = WrittenRun(seed: 7, score: 500, evaluations: [(0, 9.25)])
    run.failure = "the environment failed"
    #expect(try result(of: run).status == .finished)
  }

  @Test("an unfinished run has no score, and the step of its newest checkpoint")
  func unfinished() throws {
    var run = WrittenRun(seed: 7)
    #expect(try result(of: run, "none").status == .notBegun)
    run.evaluations = []
    #expect(try result(of: run, "begun").status == .unfinished(step: 0))
    run.evaluations = [(0, 9.25), (5_000, 475), (10_000, 400)]
    run.checkpoints = [500, 10_000]
    let result = try result(of: run)
    #expect(result.status == .unfinished(step: 10_000) && result.score == nil && !result.isOver)
    #expect(result.curve.evaluations.count == 3)
  }

  @Test(
    "evaluations that no run writes are refused with file, line and what is allowed",
    arguments: [
      ([(0, 9.0), (5_000, .nan)], "line 3 has 'nan'; allowed: a finite number"),
      ([(0, 9), (5_000, 8), (5_000, 9)], "line 4 has '5000'; allowed: steps that ascend"),
      ([(-1, 9)], "line 2 has '-1'; allowed: a whole number, 0 or more"),
      ([(0, 9), (.max, 9)], "line 3 has '\(Int.max)'; allowed: up to \(1 << 53)"),
    ] as [([(step: Int, mean: Double)], String)])
  func badEvaluations(evaluations: [(step: Int, mean: Double)], message: String) throws {
    let error = #expect(throws: RunError.self) {
      _ = try result(of: WrittenRun(seed: 7, score: 1, evaluations: evaluations))
    }
    #expect(
      error?.description == "'\(folder.path("run"))/evaluations.csv': \(message)")
  }

  @Test("a file that is no failure of a run is refused")
  func badFailure() throws {
    let path = try WrittenRun(seed: 7).write(to: folder.path("run"))
    try Data("{}".utf8).write(to: URL(filePath: path + "/failure.json"))
    let run = try #require(RunFolder(existing: path))
    #expect(throws: RunError.self) { _ = try RunResult(reading: run) }
    for isFinal in [true, false] {
      let failure = RunFailure(reason: "a \"reason\"", isFinal: isFinal)
      try run.write(failure)
      #expect(try RunResult(reading: run).status == .failed(failure))
    }
  }

  @Test("a task gives a failed run without evaluation the lowest untrained score of the others")
  func failedWithoutEvaluation() throws {
    func run(_ seed: UInt64, _ status: RunResult.Status, _ means: [Double]) -> RunResult {
      RunResult(
        seed: seed, status: status, score: status == .finished ? means.last : nil, bestScore: nil,
        curve: LearningCurve(
          means.enumerated().map { .init(step: 100 * $0.offset, mean: $0.element) }),
        threshold: status == .finished ? 5 : nil)
    }
    let runs = [
      run(3, .failed(RunFailure(reason: "no", isFinal: true)), []), run(1, .finished, [-2, 9]),
      run(2, .finished, [-3, 7]),
      run(4, .unfinished(step: 0), [4]),
    ]
    let task = TaskResults(name: "task", scale: nil, runs: runs)
    #expect(task.runs.map(\.seed) == [1, 2, 3, 4])
    #expect(task.runs.map(\.score) == [9, 7, -3, nil])
    #expect(task.threshold == 5)
    let alone = TaskResults(name: "task", scale: nil, runs: [runs[0]])
    #expect(alone.runs[0].score == nil && alone.threshold == nil)
  }
}
