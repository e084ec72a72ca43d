import DeepSARSA
import Foundation
import SARSAExperiments
import TestSupport
import Testing

/// A distribution of scores of which the mean and the interquartile mean are known.
private enum Distribution: String, CaseIterable {
  /// Normal, with mean 0 and variance 1.
  case normal
  /// Log-normal, exp of the normal one: a long tail of high scores.
  case skewed
  /// Four of five runs solve the task and have 1, the others 0; with noise of 0.05.
  case bimodal

  func score(_ generator: inout PCG64) -> Double {
    switch self {
    case .normal: return generator.normal()
    case .skewed: return exp(generator.normal())
    case .bimodal:
      let solved: Double = generator.random() < 0.8 ? 1 : 0
      return solved + 0.05 * generator.normal()
    }
  }

  /// What endless runs would have.
  ///
  /// With Φ and φ of the normal distribution and z = Φ⁻¹(0.75), the log-normal interquartile mean is
  /// 2·√e·(Φ(z − 1) − Φ(−z − 1)); the bimodal one is 1 + 0.05·(φ(a) − φ(b))/0.625 with
  /// a = Φ⁻¹(0.05/0.8) and b = Φ⁻¹(0.55/0.8).
  func value(of aggregate: Aggregate) -> Double {
    switch (self, aggregate) {
    case (.normal, _): 0
    case (.skewed, .interquartileMean): 1.0729227432534363
    case (.skewed, _): 1.6487212707001282
    case (.bimodal, .interquartileMean): 0.9815167716244473
    case (.bimodal, _): 0.8
    }
  }
}

/// How often intervals of drawn scores contain the true value.
private struct Coverage {
  static let aggregates: [(name: String, Aggregate)] = [
    ("mean", .mean), ("interquartile mean", .interquartileMean),
  ]

  var distribution: Distribution
  var runs: Int
  var experiments: Int
  var resamples: Int

  /// The share of experiments whose interval contains the true value, for each aggregate.
  func shares() throws -> [Double] {
    let index = Distribution.allCases.firstIndex(of: distribution) ?? 0
    var generator = PCG64(SeedSequence(2027, spawnKey: [UInt32(index), UInt32(runs)]))
    let aggregates = Self.aggregates.map(\.1)
    let expected = aggregates.map(distribution.value)
    var hits = aggregates.map { _ in 0 }
    for experiment in 0..<experiments {
      let scores = try Scores([(0..<runs).map { _ in distribution.score(&generator) }])
      let bootstrap = Bootstrap(resamples: resamples, seed: UInt64(experiment))
      for (index, estimate) in bootstrap.estimates(aggregates, of: scores).enumerated()
      where estimate.lower <= expected[index] && expected[index] <= estimate.upper {
        hits[index] += 1
      }
    }
    return hits.map { Double($0) / Double(experiments) }
  }
}

@Suite("The coverage of 95 % intervals")
struct CoverageTests {
  private static let isLong = ProcessInfo.processInfo.environment["DEEP_SARSA_COVERAGE"] != nil

  @Test("of 20 normal scores is near 95 %, and of three much lower")
  func normal() throws {
    let twenty = try Coverage(distribution: .normal, runs: 20, experiments: 300, resamples: 300)
      .shares()
    let three = try Coverage(distribution: .normal, runs: 3, experiments: 300, resamples: 300)
      .shares()
    for share in twenty { #expect(abs(share - 0.935) < 0.04, "\(twenty)") }
    for share in three { #expect(share > 0.6 && share < 0.88, "\(three)") }
  }

  @Test("is the table of docs/statistics.md", .enabled(if: isLong))
  func table() async throws {
    let sizes = [3, 5, 10, 20, 50]
    let cells = Distribution.allCases.flatMap { distribution in
      sizes.map {
        Coverage(distribution: distribution, runs: $0, experiments: 10_000, resamples: 2_000)
      }
    }
    // The shares of each cell, for each aggregate.
    let shares = try await withThrowingTaskGroup(of: (Int, [Double]).self) { group in
      for (index, cell) in cells.enumerated() {
        group.addTask { (index, try cell.shares()) }
      }
      return try await group.reduce(into: cells.map { _ in [] as [Double] }) { $0[$1.0] = $1.1 }
    }
    for (cell, shares) in zip(cells, shares) where cell.runs >= 10 {
      #expect((0.92...0.96).contains(shares[1]), "\(cell): \(shares)")
    }
    var lines = [
      "| distribution | aggregate | " + sizes.map { "\($0) runs" }.joined(separator: " | ") + " |",
      "| --- | --- |" + sizes.map { _ in " --- |" }.joined(),
    ]
    for (row, distribution) in Distribution.allCases.enumerated() {
      for (index, aggregate) in Coverage.aggregates.enumerated() {
        let cells = shares[(row * sizes.count)..<((row + 1) * sizes.count)].map {
          String(format: "%.1f", 100 * $0[index])
        }
        lines.append(
          "| \(distribution.rawValue) | \(aggregate.name) | \(cells.joined(separator: " | ")) |")
      }
    }
    let table = lines.joined(separator: "\n")
    print(table)
    let page = fixtures.deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "docs/statistics.md")
    #expect(try String(contentsOf: page, encoding: .utf8).contains(table))
  }

  @Test("costs well under a second for 20 runs of 10 tasks", .enabled(if: isLong))
  func time() throws {
    var generator = PCG64(seed: 1)
    let scores = try Scores((0..<10).map { _ in (0..<20).map { _ in generator.random() } })
    let comparison = try ScoreComparison(scores, with: scores)
    func expectShort(_ name: String, _ body: () -> Void) {
      let time = ContinuousClock().measure(body)
      print("20 runs of 10 tasks: \(name) \(time)")
      #expect(time < .seconds(1))
    }
    let aggregates: [Aggregate] = [
      .interquartileMean, .mean, .median, .optimalityGap(to: 1), .shareOfRuns(above: 0.5),
    ]
    for aggregate in aggregates {
      expectShort("50,000 times \(aggregate)") {
        _ = Bootstrap.finalScores.estimate(aggregate, of: scores)
      }
    }
    expectShort("50,000 times probability of improvement") {
      _ = Bootstrap.finalScores.improvement(of: comparison)
    }
    expectShort("all splits of a permutation test") {
      #expect(comparison.permutationTest().isExact)
    }
  }
}
