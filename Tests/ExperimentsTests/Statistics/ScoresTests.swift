import SARSAExperiments
import Testing

@Suite("Scores and their aggregates")
struct ScoresTests {
  private func value(_ aggregate: Aggregate, _ tasks: [Double]...) throws -> Double {
    try Scores(tasks).value(of: aggregate)
  }

  @Test("are refused with the task and the run that are wrong")
  func mistakes() throws {
    #expect(throws: ScoresError.noTask) { try Scores([]) }
    #expect(throws: ScoresError.noRun(task: 1)) { try Scores([[1], []]) }
    #expect(throws: ScoresError.notFinite(task: 1, run: 1, .infinity)) {
      try Scores([[1], [0, .infinity]])
    }
    #expect(
      ScoresError.notFinite(task: 1, run: 2, -.infinity).description
        == "the score of task 1, run 2 is -inf; allowed: finite numbers")
    let scores = try Scores([[1, 2], [3]])
    #expect(scores.fewestRuns == 1)
    #expect(throws: ScoresError.taskCounts(2, 1)) { try scores.normalized(from: [0, 0], to: [1]) }
    #expect(throws: ScoresError.taskCounts(2, 3)) {
      try scores.normalized(from: [0, 0, 0], to: [1, 1])
    }
    // The best score is the random policy's.
    #expect(throws: ScoresError.notFinite(task: 0, run: 0, -.infinity)) {
      try scores.normalized(from: [5, 0], to: [5, 1])
    }
    #expect(throws: ScoresError.taskCounts(2, 1)) {
      try ScoreComparison(scores, with: Scores([[1]]))
    }
  }

  @Test("normalized: a random policy has 0, and the best score is 1")
  func normalized() throws {
    let scores = try Scores([[-200, -100, 0], [9, 29, 14]])
    let normalized = try scores.normalized(from: [-200, 9], to: [-100, 19])
    #expect(normalized.tasks == [[0, 1, 2], [0, 2, 0.5]])
  }

  @Test(
    "interquartileMean: a quarter of all scores, rounded down, is left out at either end",
    arguments: [
      ([5], 5), ([1, 100], 50.5), ([1, 2, 6], 3), ([100, 2, -50, 4], 3),
      ([100, 2, -50, 4, 6], 4), ([0, 1, 2, 4, 5, 6, 9], 3.6), ([0, 1, 2, 4, 5, 7, 9, 90], 4.5),
    ] as [([Double], Double)])
  func interquartileMean(runs: [Double], expected: Double) throws {
    #expect(try value(.interquartileMean, runs) == expected)
    // Of all tasks together.
    if runs.count > 1 {
      let split = try value(.interquartileMean, Array(runs[..<1]), Array(runs[1...]))
      #expect(abs(split - expected) < 1e-12)
    }
  }

  @Test("mean and median are of the tasks' means, and worst is the lowest score")
  func tasks() throws {
    let tasks: [[Double]] = [[1, 3], [10], [0, 0, 6], [-5, 25]]
    let scores = try Scores(tasks)
    #expect(scores.value(of: .mean) == 6)
    #expect(scores.value(of: .median) == 6)
    #expect(try Scores(Array(tasks[..<3])).value(of: .median) == 2)
    #expect(scores.value(of: .worst) == -5)
  }

  @Test("optimalityGap: is how far scores are below a target, and those above it count as on it")
  func optimalityGap() throws {
    #expect(try value(.optimalityGap(to: 1), [0.5, 2], [1, 0]) == 0.375)
    #expect(try value(.optimalityGap(to: 0), [0.5, 2], [1, 0]) == 0)
  }

  @Test("shareOfRuns and shareOfTasks: a score on the threshold is not above it")
  func shares() throws {
    let scores = try Scores([[1, 3], [2, 2], [0, 8]])
    #expect(scores.value(of: .shareOfRuns(above: 2)) == 2.0 / 6)
    #expect(scores.value(of: .shareOfTasks(above: 2)) == 1.0 / 3)
    #expect(scores.value(of: .shareOfRuns(above: -1)) == 1)
    #expect(scores.value(of: .shareOfTasks(above: .infinity)) == 0)
  }

  @Test("equal scores have exactly their own mean")
  func equalScores() throws {
    for score in [0.1, -97.65, 1e300] {
      let scores = try Scores(Array(repeating: Array(repeating: score, count: 7), count: 3))
      for aggregate in [Aggregate.interquartileMean, .mean, .median, .worst] {
        #expect(scores.value(of: aggregate) == score)
        let estimate = Bootstrap(resamples: 50).estimate(aggregate, of: scores)
        #expect(estimate.lower == score && estimate.upper == score)
      }
    }
  }

  @Test("a run that diverged does not blur the interquartile mean")
  func diverged() throws {
    #expect(try value(.interquartileMean, [1.25, 1.5, 1.75, 2, -1e20]) == 1.5)
  }
}
