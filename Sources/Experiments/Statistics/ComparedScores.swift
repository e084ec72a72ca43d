internal import SARSARandomSources

/// Scores of two sides that are counted, with the places of the first among the second.
///
/// Wins are counted in halves, so they are whole numbers: two for a win, one for a tie.
struct ComparedScores {
  private var scores: CountedScores
  private var others: CountedScores
  /// The places of the others in `others`, task by task, in each from the lowest score to the highest.
  private let order: [Int]
  /// For each of the scores, how many of its task's others are lower, and how many are not higher.
  private let ranks: [(lower: Int, notHigher: Int)]
  /// Memory for the counts of a task's others, summed from the lowest on.
  private var counts: [Int]

  /// Counts each score once.
  init(_ comparison: ScoreComparison) {
    let others = CountedScores(comparison.others)
    self.scores = CountedScores(comparison.scores)
    self.others = others
    self.order = zip(comparison.others.tasks, others.tasks).flatMap { runs, places in
      runs.indices.sorted { (runs[$0], $0) < (runs[$1], $1) }.map { places.lowerBound + $0 }
    }
    self.ranks = zip(comparison.scores.tasks, comparison.others.tasks).flatMap { runs, others in
      let others = others.sorted()
      return runs.map { others.rank(of: $0) }
    }
    let mostRuns = comparison.others.tasks.reduce(0) { max($0, $1.count) }
    self.counts = Array(repeating: 0, count: mostRuns + 1)
  }

  /// Draws as many runs of each task and side as there are, with replacement.
  mutating func draw(with generator: inout PCG64) {
    scores.draw(with: &generator)
    others.draw(with: &generator)
  }

  /// The probability of improvement for the scores as they are counted.
  ///
  /// - Complexity: O(n) for n scores on both sides, no allocation.
  mutating func improvement() -> Double {
    var sum = 0.0
    for (runs, others) in zip(scores.tasks, others.tasks) {
      let halves = halfWins(of: runs, over: others)
      sum += Double(halves) / Double(2 * runs.count * others.count)
    }
    return sum / Double(scores.tasks.count)
  }

  private mutating func halfWins(of runs: Range<Int>, over others: Range<Int>) -> Int {
    for (index, place) in order[others].enumerated() {
      counts[index + 1] = counts[index] + self.others.counts[place]
    }
    var halves = 0
    for run in runs {
      halves += scores.counts[run] * (counts[ranks[run].lower] + counts[ranks[run].notHigher])
    }
    return halves
  }
}

extension [Double] {
  /// Of numbers in order, how many are lower than a number, and how many are not higher.
  ///
  /// - Complexity: O(log n) for n numbers.
  func rank(of number: Double) -> (lower: Int, notHigher: Int) {
    (count(while: { $0 < number }), count(while: { $0 <= number }))
  }

  /// How many numbers at the beginning a condition holds for, which holds for none after them.
  private func count(while isCounted: (Double) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if isCounted(self[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
