/// The scores of a method beside those of another on the same tasks.
public struct ScoreComparison: Hashable, Sendable {
  /// The scores of the method that is judged.
  public let scores: Scores
  /// The scores of the other.
  public let others: Scores

  /// Compares scores with others.
  ///
  /// - Throws: `ScoresError.taskCounts` if they are of different numbers of tasks.
  public init(_ scores: Scores, with others: Scores) throws(ScoresError) {
    if scores.tasks.count != others.tasks.count {
      throw .taskCounts(scores.tasks.count, others.tasks.count)
    }
    self.scores = scores
    self.others = others
  }

  /// The probability that a run of the method is better than one of the other, mean over tasks; ties count
  /// half.
  ///
  /// For the runs x and y of a task it is (#{x > y} + ½·#{x = y})/(n_x·n_y), the Mann–Whitney statistic. 0.5
  /// means that neither is better. Source: R. Agarwal et al. 2021, https://doi.org/10.48550/arXiv.2108.13264;
  /// H. B. Mann, D. R. Whitney 1947, https://doi.org/10.1214/aoms/1177730491.
  ///
  /// - Complexity: O(n log n) for n scores on both sides.
  public var probabilityOfImprovement: Double {
    var sides = ComparedScores(self)
    return sides.improvement()
  }

  /// The number of seeds on each side that would decide between two methods.
  ///
  /// With so many, a two-sided test of Mann and Whitney at 5 % finds a difference in 80 % of all experiments:
  /// (1.96 + 0.84)²/(6·(P − ½)²), rounded up, for the probability of improvement P. It is 33 for P = 0.7, and
  /// 15 for 0.8. Source: G. E. Noether, "Sample Size Determination for Some Common Nonparametric Tests", 1987,
  /// https://doi.org/10.1080/01621459.1987.10478478.
  ///
  /// - Parameter improvement: the probability of improvement.
  /// - Returns: the number, or `nil` for a probability of 0.5: methods that are equal cannot be told apart with any
  ///   number of seeds.
  public static func seeds(toDecide improvement: Double) -> Int? {
    let power = 1.96 + 0.84
    let distance = improvement - 0.5
    return Int(exactly: (power * power / (6 * distance * distance)).rounded(.up))
  }
}
