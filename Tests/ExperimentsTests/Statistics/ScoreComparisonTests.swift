import SARSAExperiments
import Testing

@Suite("The comparison of two methods")
struct ScoreComparisonTests {
  private func comparison(
    _ scores: [[Double]], with others: [[Double]]
  ) throws -> ScoreComparison {
    try ScoreComparison(Scores(scores), with: Scores(others))
  }

  @Test("probabilityOfImprovement: pairs are counted, ties half, and each task weighs the same")
  func improvement() throws {
    #expect(try comparison([[2]], with: [[1]]).probabilityOfImprovement == 1)
    #expect(try comparison([[1, 2]], with: [[1, 3, 0]]).probabilityOfImprovement == 3.5 / 6)
    #expect(
      try comparison([[1, 2], [0]], with: [[2, 2], [5]]).probabilityOfImprovement == 0.125)
    let scores: [[Double]] = [[1, 5, 5, 2], [0, 3]]
    #expect(try comparison(scores, with: scores).probabilityOfImprovement == 0.5)
    let others: [[Double]] = [[4, 5, 1], [0, 0, 7]]
    let both = try [(scores, others), (others, scores)].map {
      try comparison($0, with: $1).probabilityOfImprovement
    }
    #expect(abs(both[0] + both[1] - 1) < 1e-15)
  }

  @Test("improvement(of:): an interval lies around it, and is a point if all runs win")
  func interval() throws {
    let bootstrap = Bootstrap(resamples: 500)
    let all = try bootstrap.improvement(of: comparison([[5, 6, 7]], with: [[1, 2]]))
    #expect(all.value == 1 && all.lower == 1 && all.upper == 1)
    let some = try bootstrap.improvement(
      of: comparison([[5, 6, 1], [3, 4]], with: [[1, 7], [2, 9]]))
    #expect(some.lower < some.value && some.value < some.upper)
    #expect(some.lower >= 0 && some.upper <= 1)
  }

  @Test("seeds(toDecide:): 33 for a probability of improvement of 0.7, and 15 for 0.8")
  func seeds() {
    #expect(ScoreComparison.seeds(toDecide: 0.7) == 33)
    #expect(ScoreComparison.seeds(toDecide: 0.8) == 15)
    #expect(ScoreComparison.seeds(toDecide: 0.9) == 9)
    #expect(ScoreComparison.seeds(toDecide: 0.3) == 33)
    #expect(ScoreComparison.seeds(toDecide: 1) == 6)
    #expect(ScoreComparison.seeds(toDecide: 0.5) == nil)
    #expect(ScoreComparison.seeds(toDecide: 0.5 + 1e-16) == nil)
    #expect(ScoreComparison.seeds(toDecide: .nan) == nil)
  }

  @Test("permutationTest(): three runs against three are never significant")
  func threeAgainstThree() throws {
    let test = try comparison([[10, 11, 12]], with: [[1, 2, 3]]).permutationTest()
    #expect(test.isExact && test.pValue == 0.1 && test.lowestPValue == 0.1)
    let four = try comparison([[10, 11, 12, 13]], with: [[1, 2, 3, 4]]).permutationTest()
    #expect(abs(four.pValue - 2.0 / 70) < 1e-15 && four.lowestPValue == 2.0 / 70)
    // Two tasks with three each have 400 splits.
    let two = try comparison([[4, 5, 6], [4, 5, 6]], with: [[1, 2, 3], [1, 2, 3]])
    #expect(abs(two.permutationTest().pValue - 2.0 / 400) < 1e-15)
    let one = try comparison([[1]], with: [[0]]).permutationTest()
    #expect(one.pValue == 1 && one.lowestPValue == 1)
  }

  @Test("permutationTest(): with ties, and with no difference at all")
  func ties() throws {
    // Four of six splits have both ones on one side, or on the other; the two others are as far from ½.
    let ties = try comparison([[1, 1]], with: [[0, 0]]).permutationTest()
    #expect(abs(ties.pValue - 2.0 / 6) < 1e-15)
    let equal = try comparison([[3, 3, 3]], with: [[3, 3]]).permutationTest()
    #expect(equal.pValue == 1 && equal.isExact)
    let same = try comparison([[1, 2, 3]], with: [[1, 2, 3]]).permutationTest()
    #expect(abs(same.pValue - 1) < 1e-15)
  }

  @Test("permutationTest(): splits that are drawn come close to all of them, and repeat")
  func drawn() throws {
    let comparison = try comparison(
      [[3, 5, 6, 9, 9], [1, 4, 7], [2, 8]], with: [[1, 5, 2, 2], [0, 4, 3, 7], [6, 1, 3]])
    let exact = try #require(comparison.exactPValue())
    let drawn = comparison.drawnPValue(permutations: 4_000, seed: 0)
    #expect(abs(drawn - exact) < 4 * (exact * (1 - exact) / 4_000).squareRoot())
    #expect(drawn == comparison.drawnPValue(permutations: 4_000, seed: 0))
    #expect(drawn != comparison.drawnPValue(permutations: 4_000, seed: 1))
    // No p-value is 0.
    let apart = try self.comparison(
      [(100..<120).map(Double.init)], with: [(0..<20).map(Double.init)])
    #expect(apart.drawnPValue(permutations: 99, seed: 0) == 0.01)
  }

  @Test("permutationTest(): counts all splits of 10 against 10, and draws some of too many")
  func sizes() throws {
    let ten = try comparison(
      [(0..<10).map { Double($0 * 7 % 10) + 4.5 }], with: [(0..<10).map(Double.init)])
    let test = ten.permutationTest()
    // The p-value of scipy's mannwhitneyu(method="exact").
    #expect(test.isExact && abs(test.pValue - 0.006841455757864427) < 1e-12)
    let many = try comparison(
      [(0..<200).map(Double.init)], with: [(0..<200).map { Double($0) + 20.5 }])
    let drawn = many.permutationTest(permutations: 200)
    #expect(!drawn.isExact && drawn.pValue < 0.05)
    // Numbers of runs without a common multiple below the limit.
    let primes = [2, 3, 5, 7, 11, 13, 17, 19, 23].map { (0..<$0).map(Double.init) }
    let odd = try comparison(primes, with: primes).permutationTest(permutations: 50)
    #expect(!odd.isExact && odd.pValue == 1)
  }
}
