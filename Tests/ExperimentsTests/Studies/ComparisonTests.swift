import Foundation
import SARSAExperiments
import TestSupport
import Testing

/// A setting with finished runs, whose best networks are one better.
func setting(
  _ name: String, _ scores: [Double], task: String = "task", threshold: Double? = nil,
  scale: ScoreScale? = nil
) -> SettingResults {
  SettingResults(
    name: name,
    tasks: [
      TaskResults(
        name: task, threshold: threshold, scale: scale,
        runs: scores.enumerated().map { seed, score in
          RunResult(
            seed: UInt64(seed), status: .finished, score: score, bestScore: score + 1,
            curve: LearningCurve([.init(step: 0, mean: -10), .init(step: 100, mean: score)]))
        })
    ])
}

func compare(_ results: SettingResults..., baseline: String? = nil) throws -> Comparison {
  try Comparison(of: results, baseline: baseline, bootstrap: Bootstrap(resamples: 2_000))
}

extension SettingResults {
  /// The same with another task's results.
  func and(_ other: SettingResults) -> SettingResults {
    SettingResults(name: name, tasks: tasks + other.tasks)
  }
}

@Suite("Comparisons")
struct ComparisonTests {
  private let low = setting("low", (0..<20).map { Double($0) })
  private let high = setting("high", (0..<20).map { Double($0) + 12.5 })

  @Test("the numbers of a task are those of the statistics, with the best networks beside them")
  func numbers() throws {
    let comparison = try compare(low, high)
    let (first, second) = (comparison.tasks[0].sides[0], comparison.tasks[0].sides[1])
    let bootstrap = Bootstrap(resamples: 2_000)
    let scores = try [low, high].map { try Scores([$0.tasks[0].runs.compactMap(\.score)]) }
    #expect(
      second.summary.interquartileMean == bootstrap.estimate(.interquartileMean, of: scores[1]))
    #expect(first.summary.mean == 9.5 && first.summary.median == 9.5 && first.summary.worst == 0)
    #expect(first.bestInterquartileMean == first.summary.interquartileMean.value + 1)
    #expect(first.improvement == nil && first.failed == 0 && first.stability == nil)
    let pair = try ScoreComparison(scores[1], with: scores[0])
    #expect(second.improvement?.probability == bootstrap.improvement(of: pair))
    #expect(second.improvement?.test == pair.permutationTest())
    #expect(comparison.baseline == "low" && comparison.notes.isEmpty)
    #expect(comparison.overall == nil && comparison.missingOverall == "there is one task")
  }

  @Test("the median of a task is that of its runs, not of its means")
  func median() throws {
    let comparison = try compare(setting("a", [1, 2, 30, 4]))
    #expect(comparison.tasks[0].sides[0].summary.median == 3)
    #expect(comparison.verdicts.isEmpty)
  }

  @Test("tasks with scales are summarised on one scale, and otherwise it is said why not")
  func overall() throws {
    let scale = ScoreScale(random: 10, best: 30)
    let a = setting("a", [10, 20], scale: scale)
    let b = setting("a", [-200, -100], task: "other", scale: ScoreScale(random: -200, best: -100))
    let comparison = try compare(a.and(b))
    let side = try #require(comparison.overall?[0])
    #expect(side.scores.tasks == [[0, 0.5], [0, 1]])
    #expect(side.summary.mean == 0.375 && side.summary.worst == 0 && side.summary.median == 0.375)
    #expect(side.summary.optimalityGap == 0.625)
    #expect(comparison.tasks[0].sides[0].summary.optimalityGap == 0.75)

    let without = try compare(a.and(setting("a", [1], task: "strange")))
    #expect(without.overall == nil)
    #expect(without.missingOverall?.hasSuffix("not known for strange") == true)
    let flat = ScoreScale(random: 1, best: 1)
    #expect(try compare(a.and(setting("a", [1], task: "b", scale: flat))).overall == nil)
  }

  @Test("runs that are not over, and those without a score, are named and left out")
  func leftOut() throws {
    var results = low
    let curve = LearningCurve([])
    results.tasks[0] = TaskResults(
      name: "task", scale: nil,
      runs: [
        RunResult(seed: 1, status: .finished, score: 5, bestScore: 6, curve: curve),
        RunResult(
          seed: 2, status: .unfinished(step: 700), score: 9, bestScore: nil, curve: curve),
        RunResult(seed: 3, status: .notBegun, score: nil, bestScore: nil, curve: curve),
        RunResult(
          seed: 4, status: .failed(RunFailure(reason: "no", isFinal: true)), score: nil,
          bestScore: nil, curve: curve),
      ])
    let comparison = try compare(results)
    #expect(comparison.tasks[0].sides[0].scores == [5])
    #expect(
      comparison.notes == [
        "'low' on task: 2 of 4 runs are not finished, and are left out, which biases its scores; "
          + "seeds 2 (at step 700), 3 (not begun)",
        "'low' on task: 1 of 4 runs failed without a score, and are left out, because no run of it "
          + "evaluated an untrained network; seeds 4",
      ])
  }

  @Test("a failed run counts with its untrained score, and never reaches the threshold")
  func failed() throws {
    let finished = LearningCurve([
      .init(step: 0, mean: -10), .init(step: 100, mean: 5), .init(step: 200, mean: 6),
    ])
    let cut = LearningCurve([.init(step: 0, mean: -12), .init(step: 50, mean: 3)])
    func results(_ failures: Int) -> SettingResults {
      let runs = (0..<3).map { seed in
        seed < 3 - failures
          ? RunResult(
            seed: UInt64(seed), status: .finished, score: 6, bestScore: 8, curve: finished)
          : RunResult(
            seed: UInt64(seed), status: .failed(RunFailure(reason: "no", isFinal: true)),
            score: -12, bestScore: nil, curve: cut)
      }
      return SettingResults(
        name: "\(failures)", tasks: [TaskResults(name: "t", threshold: 5, scale: nil, runs: runs)])
    }
    let comparison = try compare(results(0), results(1), results(2))
    let sides = comparison.tasks[0].sides
    #expect(sides.map(\.failed) == [0, 1, 2])
    #expect(sides.map(\.summary.worst) == [6, -12, -12])
    #expect(sides[2].bestInterquartileMean == -16 / 3.0)
    let times = sides.compactMap { $0.stability?.times }
    #expect(times.map(\.reached) == [3, 2, 1] && times.map(\.censored) == [0, 1, 2])
    // With one of three at the threshold, half of them never are.
    #expect(times.map(\.median) == [100, 100, nil])
    // The evaluations at which every finished run was: the failed one has its score after its end.
    #expect(comparison.tasks[0].steps == [0, 100, 200])
    let curve = comparison.tasks[0].curve(of: sides[2])
    #expect(curve.map(\.value) == [-34.0, -19, -18].map { $0 / 3 })
  }

  @Test("what follows the threshold is the mean share, the worst, and the number of collapses")
  func stability() throws {
    func run(_ seed: UInt64, _ means: [Double]) -> RunResult {
      RunResult(
        seed: seed, status: .finished, score: means.last, bestScore: means.max(),
        curve: LearningCurve(
          means.enumerated().map { .init(step: 100 * $0.offset, mean: $0.element) }))
    }
    let runs = [
      run(1, [0, 10, 4, 12]), run(2, [0, 11, 9, 10]), run(3, [0, 1, 2, 3]), run(4, [0, 1, 2, 10]),
    ]
    let comparison = try compare(
      SettingResults(
        name: "a", tasks: [TaskResults(name: "t", threshold: 10, scale: nil, runs: runs)]))
    let stability = try #require(comparison.tasks[0].sides[0].stability)
    #expect(stability.times.reached == 3 && stability.times.censored == 1)
    #expect(stability.times.median == 100)
    #expect(stability.shareAfter == 0.5 && stability.worstAfter == 4 && stability.collapses == 1)
    // The last of them reached it at the end, and was never seen below it.
    #expect(stability.kept == 1 && stability.seconds == nil)
  }

  @Test("seconds to the threshold are those of all runs, or none")
  func seconds() throws {
    func run(_ seed: UInt64, _ means: [Double], speed: Double?, fails: Bool = false) -> RunResult {
      RunResult(
        seed: seed, status: fails ? .failed(RunFailure(reason: "no", isFinal: true)) : .finished,
        score: means.last, bestScore: nil,
        curve: LearningCurve(
          means.enumerated().map { index, mean in
            .init(step: 100 * index, seconds: speed.map { Double(100 * index) / $0 }, mean: mean)
          }))
    }
    func stability(_ runs: RunResult...) throws -> Comparison.Stability {
      let task = TaskResults(name: "t", threshold: 10, scale: nil, runs: runs)
      let comparison = try compare(SettingResults(name: "a", tasks: [task]))
      return try #require(comparison.tasks[0].sides[0].stability)
    }
    // Two never reach it: one within its budget, one because it failed. Half of the four do in 4 s.
    let runs = [
      run(1, [0, 10, 10], speed: 50), run(2, [0, 1, 10], speed: 50), run(3, [0, 1, 2], speed: 400),
      run(4, [0, 1], speed: nil, fails: true),
    ]
    let all = try stability(runs[0], runs[1], runs[2], runs[3])
    #expect(all.seconds?.reached == 2 && all.seconds?.censored == 2 && all.kept == 2)
    #expect(all.seconds?.times.map(\.value) == [0.5, 2, 4, .infinity])
    #expect(all.times.median == 200)
    // How long a run took that failed later is not known, and leaving it out would flatter the setting.
    let later = run(4, [0, 11, 11], speed: nil, fails: true)
    let unknown = try stability(runs[0], later)
    #expect(unknown.seconds == nil && unknown.times.reached == 2 && unknown.kept == 1)
  }

  @Test("only steps at which all runs were evaluated are in curves")
  func steps() throws {
    var early = high
    early.tasks[0].runs[3].curve = LearningCurve([
      .init(step: 0, mean: 1), .init(step: 50, mean: 2),
    ])
    let task = try compare(low, early).tasks[0]
    #expect(task.steps == [0])
    #expect(task.curve(of: task.sides[0]).map(\.value) == [-10])
  }

  @Test("profiles go from the lowest score of all settings to the highest")
  func profiles() throws {
    let task = try compare(low, high).tasks[0]
    #expect(task.profileThresholds.count == 101)
    #expect(task.profileThresholds.first == 0 && task.profileThresholds.last == 31.5)
    let profile = task.profile(of: task.sides[1])
    #expect(profile.map(\.value).first == 1 && profile.map(\.value).last == 0)
    #expect(zip(profile, profile.dropFirst()).allSatisfy { $0.value >= $1.value })
  }

  @Test("the profile of equal scores has its step in the middle", arguments: [-200.0, 0, 0.5, 500])
  func flatProfile(score: Double) throws {
    let task = try compare(setting("a", [score, score, score])).tasks[0]
    #expect(zip(task.profileThresholds, task.profileThresholds.dropFirst()).allSatisfy(<))
    let profile = task.profile(of: task.sides[0]).map(\.value)
    #expect(profile.prefix(50).allSatisfy { $0 == 1 } && profile.suffix(50).allSatisfy { $0 == 0 })
  }

  @Test("only tasks of all settings are compared, and the others are named")
  func sharedTasks() throws {
    let other = setting("low", [1, 2], task: "other")
    let comparison = try compare(low.and(other), high)
    #expect(comparison.tasks.map(\.name) == ["task"])
    #expect(
      comparison.notes == ["other is left out: there is no run of it that is over for 'high'"])
    let error = #expect(throws: ComparisonError.self) { try compare(other, high) }
    #expect(
      error?.description
        == "there is no task of which every setting has a run that is over: 'low' has other; "
        + "'high' has task")
  }

  @Test("a baseline that there is not, a name twice, no setting, and NaN are refused")
  func refused() throws {
    let expected = [
      "there is no setting 'x'; allowed: low, high",
      "two settings are named 'low'; allowed: names that differ",
      "there is no setting to compare; allowed: 1 or more",
      "the score of task 0, run 0 is nan; allowed: finite numbers",
    ]
    let nan = setting("nan", [.nan])
    for (arguments, message) in zip(
      [([low, high], "x"), ([low, low], nil), ([], nil), ([nan], nil)]
        as [([SettingResults], String?)], expected)
    {
      let error = #expect(throws: ComparisonError.self) {
        try Comparison(of: arguments.0, baseline: arguments.1)
      }
      #expect(error?.description == message)
    }
  }

  @Test("the same results give the same bytes of JSON, arrays and events")
  func bytes() throws {
    let folder = try TemporaryFolder()
    var files: [[[UInt8]]] = []
    for name in ["a", "b"] {
      let comparison = try compare(low, high)
      try comparison.writeArrays(to: folder.path(name + ".npz"))
      try comparison.writeEvents(to: folder.path(name))
      let events = folder.path(name + "/high/events.out.tfevents.deep-sarsa")
      files.append([
        Array(JSON.text(comparison).utf8), try TestSupport.bytes(of: folder.path(name + ".npz")),
        try TestSupport.bytes(of: events),
      ])
      let points = try EventFile(files[files.count - 1][2]).points
      let curve = points.filter { $0.tag == "task/iqm" }
      #expect(curve.map(\.step) == [0, 100] && curve.map(\.value) == [-10, 22])
      #expect(Set(points.map(\.tag)) == ["task/iqm", "task/lower", "task/upper"])
    }
    #expect(files[0] == files[1])
  }
}
