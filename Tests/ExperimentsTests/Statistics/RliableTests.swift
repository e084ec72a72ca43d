import Foundation
import SARSAExperiments
import TestSupport
import Testing

/// Scores, with what rliable says of them.
private struct Reference: Decodable {
  struct Case: Decodable {
    var runs: Int
    var otherRuns: Int
    var tasks: Int
    var scores: [String]
    var others: [String]
    var low: [String]
    var high: [String]
    var aggregates: [String]
    var normalized: [String]
    var profiles: [String]
    var improvement: [String]
    var p: [String]?
    var intervals: Intervals?

    enum CodingKeys: String, CodingKey {
      case runs, tasks, intervals
      case otherRuns = "other_runs"
      case scores = "scores_f64"
      case others = "others_f64"
      case low = "low_f64"
      case high = "high_f64"
      case aggregates = "aggregates_f64"
      case normalized = "normalized_f64"
      case profiles = "profiles_f64"
      case improvement = "improvement_f64"
      case p = "p_f64"
    }

    /// Scores from a matrix [runs, tasks].
    private func scores(_ matrix: [String], runs: Int) throws -> Scores {
      try Scores(
        (0..<tasks).map { task in (0..<runs).map { matrix[$0 * tasks + task].double } })
    }

    func comparison() throws -> ScoreComparison {
      try ScoreComparison(
        scores(scores, runs: runs), with: scores(others, runs: otherRuns))
    }
  }

  struct Intervals: Decodable {
    var aggregates: Ends
    var profiles: Ends
    var improvement: Ends
  }

  /// The ends for each seed of rliable's, and each number.
  struct Ends: Decodable {
    var lower: [[String]]
    var upper: [[String]]

    enum CodingKeys: String, CodingKey {
      case lower = "lower_f64"
      case upper = "upper_f64"
    }
  }

  var thresholds: [String]
  var target: [String]
  var cases: [Case]

  enum CodingKeys: String, CodingKey {
    case cases
    case thresholds = "thresholds_f64"
    case target = "target_f64"
  }

  /// The committed cases, or those of a file that `make rliable` made.
  init() throws {
    let path = ProcessInfo.processInfo.environment["DEEP_SARSA_RLIABLE"]
    let file = path.map { URL(filePath: $0) } ?? fixtures.appending(path: "rliable.json")
    self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: file))
  }

  var aggregates: [Aggregate] {
    [.interquartileMean, .mean, .median, .optimalityGap(to: target[0].double)]
  }

  var profiles: [Aggregate] {
    let thresholds = thresholds.map(\.double)
    return thresholds.map { .shareOfRuns(above: $0) } + thresholds.map { .shareOfTasks(above: $0) }
  }
}

@Suite("Statistics beside rliable's")
struct RliableTests {
  private let reference: Reference

  #if DEBUG
    private static let resamples = 5_000
  #else
    private static let resamples = 50_000
  #endif

  init() throws { reference = try Reference() }

  private func expect(
    _ found: [Double], equal expected: [String], in number: Int,
    at location: SourceLocation = #_sourceLocation
  ) {
    #expect(found.count == expected.count, sourceLocation: location)
    for (found, expected) in zip(found, expected.map(\.double)) {
      #expect(
        abs(found - expected) <= 1e-12 * max(1, abs(expected)),
        "case \(number): \(found) instead of \(expected)", sourceLocation: location)
    }
  }

  /// Each end lies within three times the range over rliable's seeds, around their mean.
  ///
  /// Scores in steps have resamples in steps, and rliable's seeds may all be on the same one. Then the mean
  /// lies among the ends of intervals whose tails differ by three standard errors.
  private func expect(
    near ends: Reference.Ends, in number: Int, resamples: Int,
    at location: SourceLocation = #_sourceLocation,
    estimates: (Bootstrap) throws -> [Estimate]
  ) throws {
    let tolerance = 3 * (0.025 * 0.975 / Double(resamples)).squareRoot()
    let found = try estimates(Bootstrap(resamples: resamples))
    let wide = try estimates(Bootstrap(resamples: resamples, level: 0.95 + 2 * tolerance))
    let narrow = try estimates(Bootstrap(resamples: resamples, level: 0.95 - 2 * tolerance))
    for index in found.indices {
      for (end, low, high, seeds) in [
        (found[index].lower, wide[index].lower, narrow[index].lower, ends.lower),
        (found[index].upper, narrow[index].upper, wide[index].upper, ends.upper),
      ] {
        let seeds = seeds.map { $0[index].double }
        let mean = seeds.reduce(0, +) / Double(seeds.count)
        let range = (seeds.max() ?? .nan) - (seeds.min() ?? .nan)
        #expect(
          abs(end - mean) <= 3 * range + 1e-12 || (low - 1e-12...high + 1e-12).contains(mean),
          "case \(number), number \(index): \(end) instead of \(seeds)",
          sourceLocation: location)
      }
    }
  }

  @Test("aggregates, profiles and probabilities of improvement are equal")
  func points() throws {
    for (number, each) in reference.cases.enumerated() {
      let comparison = try each.comparison()
      let scores = comparison.scores
      expect(reference.aggregates.map(scores.value), equal: each.aggregates, in: number)
      expect(reference.profiles.map(scores.value), equal: each.profiles, in: number)
      expect([comparison.probabilityOfImprovement], equal: each.improvement, in: number)
      let normalized = try scores.normalized(
        from: each.low.map(\.double), to: each.high.map(\.double))
      expect(reference.aggregates.map(normalized.value), equal: each.normalized, in: number)
    }
  }

  @Test("intervals are as near to its intervals as those of its seeds are to each other")
  func intervals() throws {
    var count = 0
    for (number, each) in reference.cases.enumerated() {
      guard let intervals = each.intervals else { continue }
      let comparison = try each.comparison()
      try expect(near: intervals.aggregates, in: number, resamples: Self.resamples) {
        $0.estimates(reference.aggregates, of: comparison.scores)
      }
      try expect(near: intervals.profiles, in: number, resamples: 2_000) {
        $0.estimates(reference.profiles, of: comparison.scores)
      }
      try expect(near: intervals.improvement, in: number, resamples: 2_000) {
        [$0.improvement(of: comparison)]
      }
      count += 1
    }
    #expect(count > 0)
  }

  @Test("p-values are those of all splits, tried one by one")
  func pValues() throws {
    var count = 0
    for (number, each) in reference.cases.enumerated() {
      guard let p = each.p else { continue }
      let test = try each.comparison().permutationTest()
      #expect(test.isExact)
      expect([test.pValue], equal: p, in: number)
      count += 1
    }
    #expect(count > 0)
  }
}
