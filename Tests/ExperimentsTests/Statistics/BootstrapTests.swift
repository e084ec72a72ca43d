import SARSAExperiments
import TestSupport
import Testing

@Suite("Bootstrap")
struct BootstrapTests {
  private static let aggregates: [Aggregate] = [
    .interquartileMean, .mean, .median, .worst, .optimalityGap(to: 4), .shareOfRuns(above: 2),
    .shareOfTasks(above: 3),
  ]
  private let scores: Scores

  init() throws {
    scores = try Scores([[1, 2, 4, 8, 16], [3, 1, 4, 1, 5, 9, 2, 6], [0.5]])
  }

  @Test("has 50,000 resamples for final scores, and 2,000 for curves")
  func sizes() {
    #expect(Bootstrap.finalScores.resamples == 50_000 && Bootstrap.finalScores.level == 0.95)
    #expect(Bootstrap.curves.resamples == 2_000)
  }

  @Test("estimate(_:of:): the same scores give the same bits, and another seed others")
  func sameBits() {
    let bootstrap = Bootstrap(resamples: 500)
    let estimate = bootstrap.estimate(.mean, of: scores)
    #expect(bootstrap.estimate(.mean, of: scores) == estimate)
    #expect(Bootstrap(resamples: 500, seed: 1).estimate(.mean, of: scores) != estimate)
    #expect(bootstrap.estimate(.mean, of: scores, stream: 1) != estimate)
    // Known bits: debug and release must agree on them.
    let mean = Bootstrap(resamples: 1_000).estimate(.mean, of: scores)
    let iqm = Bootstrap(resamples: 1_000).estimate(.interquartileMean, of: scores)
    #expect(
      [mean.lower, mean.upper].map(\.bitPattern) == [
        4_611_854_434_288_453_114, 4_617_869_789_103_240_423,
      ])
    #expect(
      [iqm.lower, iqm.upper].map(\.bitPattern) == [
        4_611_686_018_427_387_904, 4_618_300_680_380_088_320,
      ])
  }

  @Test("estimates(_:of:): all aggregates see the same resamples")
  func several() {
    let bootstrap = Bootstrap(resamples: 300)
    let together = bootstrap.estimates(Self.aggregates, of: scores)
    #expect(together == Self.aggregates.map { bootstrap.estimate($0, of: scores) })
    for (estimate, aggregate) in zip(together, Self.aggregates) {
      #expect(estimate.value == scores.value(of: aggregate))
      #expect(estimate.lower <= estimate.value && estimate.value <= estimate.upper)
    }
    #expect(bootstrap.estimates([], of: scores).isEmpty)
  }

  @Test("estimates(_:along:): runs are redrawn at each point, whatever the other points are")
  func curve() {
    let bootstrap = Bootstrap(resamples: 300)
    let points = bootstrap.estimates(.mean, along: [scores, scores, scores])
    #expect(points[0] == bootstrap.estimate(.mean, of: scores))
    #expect(points[0] != points[1] && points[1] != points[2])
    #expect(bootstrap.estimates(.mean, along: [scores, scores]) == Array(points[..<2]))
  }

  @Test("runs are redrawn within their task")
  func strata() throws {
    let apart = try Scores([[1, 1, 1], [100, 100]])
    for (aggregate, value) in [(Aggregate.mean, 50.5), (.shareOfRuns(above: 50), 0.4)] {
      let estimate = Bootstrap(resamples: 200).estimate(aggregate, of: apart)
      #expect(estimate.lower == value && estimate.upper == value)
    }
  }

  @Test("a run has each number of draws as often as chance says")
  func uniform() throws {
    // Of four runs, none of the draws is the second with the probability (3/4)⁴.
    let one = try Scores([[0, 1, 0, 0]])
    let resamples = 20_000
    for (level, expected) in [(0.95, [0, 0.75]), (0.2, [0.25, 0.25]), (0.99, [0, 0.75])] {
      let estimate = Bootstrap(resamples: resamples, level: level).estimate(.mean, of: one)
      #expect([estimate.lower, estimate.upper] == expected)
    }
    // P(mean = 0) = 0.316, so the percentile at 0.316 lies at its edge.
    let below = Bootstrap(resamples: resamples, level: 1 - 2 * 0.30).estimate(.mean, of: one)
    let above = Bootstrap(resamples: resamples, level: 1 - 2 * 0.33).estimate(.mean, of: one)
    #expect(below.lower == 0 && above.lower == 0.25)
  }

  @Test(
    "percentiles are interpolated: a level of 1 has the lowest and the highest, of 0 the median")
  func percentiles() throws {
    let coin = try Scores([[0, 8]])
    // Means are 0, 4 or 8.
    let all = Bootstrap(resamples: 50, level: 1).estimate(.mean, of: coin)
    #expect(all.lower == 0 && all.upper == 8)
    let middle = Bootstrap(resamples: 50, level: 0).estimate(.mean, of: coin)
    #expect(middle.lower == 4 && middle.upper == 4)
    let single = Bootstrap(resamples: 1).estimate(.mean, of: coin)
    #expect(single.lower == single.upper)
    let two = (0..<9).map { seed in
      Bootstrap(resamples: 2, level: 0.5, seed: seed).estimate(.mean, of: coin)
    }
    #expect(two.contains { $0.lower == 1 && $0.upper == 3 })
  }

  @Test("the profiles do not rise, and have an interval at each threshold")
  func profiles() {
    let thresholds = [-1, 0.5, 2, 4, 8, 20] as [Double]
    let runs = Bootstrap.curves.runProfile(of: scores, at: thresholds)
    #expect(runs.map(\.value) == [14, 13, 8, 5, 2, 0].map { $0 / 14 })
    let tasks = Bootstrap.curves.taskProfile(of: scores, at: thresholds)
    #expect(tasks.map(\.value) == [3, 2, 2, 1, 0, 0].map { $0 / 3 })
    for profile in [runs, tasks] {
      for (left, right) in zip(profile, profile.dropFirst()) {
        #expect(
          left.value >= right.value && left.lower >= right.lower && left.upper >= right.upper)
      }
    }
  }

  @Test("an interval of fewer than ten runs of any task is marked")
  func marked() throws {
    let nine = Array(repeating: 1.0, count: 9)
    let ten = nine + [2]
    let bootstrap = Bootstrap(resamples: 10)
    #expect(try bootstrap.estimate(.mean, of: Scores([ten, nine])).isMarked)
    #expect(try !bootstrap.estimate(.mean, of: Scores([ten, ten])).isMarked)
    #expect(
      try bootstrap.improvement(of: ScoreComparison(Scores([ten]), with: Scores([nine]))).isMarked)
    #expect(
      try !bootstrap.improvement(of: ScoreComparison(Scores([ten]), with: Scores([ten]))).isMarked)
  }

  // A debug build makes objects of closures and iterators that an optimised one does not.
  #if !DEBUG
    @Test("a resample allocates nothing")
    func allocations() throws {
      let scores = try Scores((0..<10).map { task in (0..<20).map { Double(task * $0 % 7) } })
      let comparison = try ScoreComparison(scores, with: scores)
      // From 64 results on, sorting them takes memory.
      func expectNone(_ estimate: (Bootstrap) -> Estimate) {
        // The first call also makes what is made once in a process.
        _ = estimate(Bootstrap(resamples: 10))
        let counts = [10, 60].map { resamples in
          TestSupport.allocations { _ = estimate(Bootstrap(resamples: resamples)) }
        }
        #expect(counts[0] == counts[1])
      }
      for aggregate in Self.aggregates { expectNone { $0.estimate(aggregate, of: scores) } }
      expectNone { $0.improvement(of: comparison) }
    }
  #endif
}
