import SARSAExperiments
import Testing

@Suite("Verdicts")
struct VerdictTests {
  private let low = setting("low", (0..<20).map { Double($0) })
  private let high = setting("high", (0..<20).map { Double($0) + 12.5 })

  @Test("better and worse need a low p-value and an interval on one side of 0.5")
  func decided() throws {
    let better = try #require(try compare(low, high).verdicts.first)
    #expect(better.outcome == .better && better.pValue < 0.001)
    #expect(better.improvement.probability.lower > 0.5)
    let worse = try #require(try compare(low, high, baseline: "high").verdicts.first)
    #expect(worse.outcome == .worse && worse.setting == "low" && worse.baseline == "high")
    #expect(
      "\(better)".hasPrefix(
        "'high' is better than 'low': a run of it is better with probability 0.93 (95 % interval 0."
      ))
    #expect("\(better)".hasSuffix(", p < 0.0001, 20 and 20 runs)."))
    #expect("\(worse)".hasPrefix("'low' is worse than 'high': a run of it is better with "))
  }

  @Test("an interval above 0.5 alone does not decide")
  func intervalAlone() throws {
    let verdict = try #require(
      try compare(setting("a", [1, 2, 3, 4, 5.5]), setting("b", [5, 6, 7, 9, 3.5])).verdicts.first)
    #expect(verdict.improvement.probability.value == 0.88)
    #expect(verdict.improvement.probability.lower > 0.5 && verdict.pValue > 0.05)
    #expect(verdict.outcome == .undecided && verdict.lowestPValue < 0.05)
    #expect(verdict.seedsToDecide == 10)
    #expect(
      "\(verdict)".hasPrefix("The data do not decide between 'b' and 'a': a run of 'b' is better "))
    #expect(
      "\(verdict)".hasSuffix(
        "; if the probability is 0.88 as seen, some 10 seeds a side would decide."))
  }

  @Test("a low p-value alone does not decide")
  func testAlone() throws {
    // One of five runs is below all others. Five runs drawn from these have two such in one of twenty cases.
    let few = [100, 101, 102, 103, -1].map { Double($0) }
    for (sign, outcome) in [(1.0, "better"), (-1, "worse")] {
      let verdict = try #require(
        try compare(
          setting("a", (0..<40).map { sign * Double($0) }), setting("b", few.map { sign * $0 })
        ).verdicts.first)
      let probability = verdict.improvement.probability
      #expect(verdict.pValue < 0.05 && probability.lower <= 0.5 && probability.upper >= 0.5)
      #expect((probability.value > 0.5) == (outcome == "better"))
      #expect(verdict.outcome == .undecided)
    }
  }

  @Test("no number of seeds decides between equal scores")
  func equal() throws {
    let verdict = try #require(
      try compare(low, setting("same", low.tasks[0].runs.compactMap(\.score))).verdicts.first)
    #expect(verdict.outcome == .undecided && verdict.seedsToDecide == nil)
    #expect("\(verdict)".hasSuffix("; more seeds may decide."))
  }

  @Test("three runs against three can never decide, however far apart they are")
  func undecidable() throws {
    let verdict = try #require(
      try compare(setting("a", [1, 2, 3]), setting("b", [7, 8, 9])).verdicts.first)
    #expect(verdict.outcome == .undecidable && verdict.lowestPValue == 0.1)
    #expect(
      "\(verdict)"
        == "The data cannot decide between 'b' and 'a': 3 runs against 3 can never be significant "
        + "(p ≥ 0.10); a run of 'b' was better with probability 1.00.")
  }

  @Test("with several settings, p-values are corrected by Holm's method")
  func holm() throws {
    let others = [
      setting("b", [11, 12, 13, 14, 2.5]), setting("c", [6, 7, 8, 9, 10]),
      setting("d", [3.5, 4.5, 5.5, 6.5, 7.5]),
    ]
    let comparison = try compare(setting("a", [1, 2, 3, 4, 5]), others[0], others[1], others[2])
    let plain = comparison.verdicts.map(\.improvement.test.pValue)
    #expect(plain[1] == 2.0 / 252 && plain[0] > plain[1] && plain[2] > plain[1])
    let corrected = comparison.verdicts.map(\.pValue)
    #expect(corrected[1] == 3 * plain[1])
    // Of the other two, the lower is doubled, and the higher is at least that.
    #expect(min(corrected[0], corrected[2]) == 2 * min(plain[0], plain[2]))
    #expect(
      max(corrected[0], corrected[2]) == max(2 * min(plain[0], plain[2]), max(plain[0], plain[2])))
    #expect(
      comparison.verdicts.allSatisfy { $0.comparisons == 3 && $0.lowestPValue == 3 * 2 / 252 })
    #expect(comparison.verdicts.map(\.outcome) == [.undecided, .better, .undecided])
    #expect(comparison.text.contains("corrected for 3 comparisons by Holm's method"))
  }

  @Test("several comparisons may make decidable runs undecidable")
  func holmUndecidable() throws {
    let (a, b) = (setting("a", [1, 2, 3, 4]), setting("b", [5, 6, 7, 8]))
    #expect(try compare(a, b).verdicts.map(\.outcome) == [.better])
    let two = try compare(a, b, setting("c", [5, 6, 7, 9])).verdicts
    #expect(two.map(\.outcome) == [.undecidable, .undecidable])
  }

  @Test("tasks are weighed together")
  func tasks() throws {
    let a = setting("a", [1, 2, 3]).and(setting("a", [10, 20, 30], task: "other"))
    let b = setting("b", [4, 5, 6]).and(setting("b", [40, 50, 60], task: "other"))
    let verdict = try #require(try compare(a, b).verdicts.first)
    #expect(verdict.tasks == 2 && verdict.runs == 6 && verdict.outcome == .better)
    #expect("\(verdict)".hasSuffix("†, p = 0.005, 6 and 6 runs on 2 tasks)."))
  }
}
