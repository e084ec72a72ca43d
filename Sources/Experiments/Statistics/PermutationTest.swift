internal import SARSAPreconditions
internal import SARSARandomSources

/// A permutation test of whether two methods differ.
///
/// If they do not, then which runs of a task are whose is chance, and any other split of them was as likely.
/// The p-value is the share of splits whose probability of improvement is at least as far from 0.5 as the
/// observed one. The test needs no assumption about the scores' distribution, and ties do no harm.
///
/// Where time allows it, all splits are counted. They need not be made one by one: how many choices of runs
/// have a sum of ranks follows from the choices without the last run. Otherwise splits are drawn, and the
/// observed one counts as one of them. Sources: L. C. Dinneen, B. C. Blakesley, "Algorithm AS 62", 1973
/// (without ties), https://doi.org/10.2307/2346934; B. Phipson, G. K. Smyth, "Permutation P-values Should Never
/// Be Zero", 2010, https://doi.org/10.2202/1544-6115.1585.
public struct PermutationTest: Hashable, Sendable {
  /// The share of splits that are at least as extreme as the observed one, on either side.
  public let pValue: Double
  /// Whether all splits were counted; otherwise some were drawn.
  public let isExact: Bool
  /// The lowest p-value that so many runs can have, whatever their scores: 2 over the number of splits.
  ///
  /// With three runs against three on one task it is 0.1, so no difference is ever significant.
  public let lowestPValue: Double
}

extension ScoreComparison {
  /// The permutation test of the probability of improvement.
  ///
  /// - Parameters:
  ///   - permutations: the number of splits that are drawn if there are too many to count all.
  ///   - seed: the seed of these draws.
  /// - Returns: the p-value, and whether all splits were counted.
  /// - Precondition: at least one permutation.
  /// - Complexity: for n runs of a task O(n⁴), and for m such tasks O(m²·n⁴), up to 2³⁰ additions; beyond them
  ///   O(p·m·n) for p permutations.
  public func permutationTest(
    permutations: Int = 50_000, seed: UInt64 = 0
  ) -> PermutationTest {
    let exact = exactPValue()
    return PermutationTest(
      pValue: exact ?? drawnPValue(permutations: permutations, seed: seed),
      isExact: exact != nil, lowestPValue: lowestPValue)
  }

  private var lowestPValue: Double {
    let splits = pooled.reduce(1.0) { product, task in
      (0..<task.count).reduce(product) { splits, index in
        splits * Double(task.ranks.count - index) / Double(index + 1)
      }
    }
    return min(1, 2 / splits.rounded())
  }

  private var pooled: [PooledTask] { zip(scores.tasks, others.tasks).map(PooledTask.init) }

  /// The p-value over all splits, or `nil` if it takes more than 2³⁰ additions.
  package func exactPValue() -> Double? {
    let tasks = pooled
    // Over a common denominator, the sum over tasks of half-wins/pairs is a whole number.
    guard let denominator = commonMultiple(of: tasks.map(\.pairs), limit: 1 << 24) else {
      return nil
    }
    var work = 0.0
    for (index, task) in tasks.enumerated() {
      work += task.work + 4 * Double((index + 1) * denominator) * Double(task.pairs)
    }
    guard work <= 0x1p30 else { return nil }

    // The share of splits by this sum over the tasks so far.
    var shares = [1.0]
    var observed = 0
    for task in tasks {
      let factor = denominator / task.pairs
      let taskShares = task.shareOfSplitsByHalfWins()
      var longer = [Double](repeating: 0, count: shares.count + 2 * denominator)
      for (sum, share) in shares.enumerated() where share > 0 {
        for (halves, taskShare) in taskShares.enumerated() {
          longer[sum + halves * factor] += share * taskShare
        }
      }
      shares = longer
      observed += task.halfWins * factor
    }
    let center = tasks.count * denominator
    let extreme = shares.indices.reduce(0) { extreme, sum in
      abs(sum - center) >= abs(observed - center) ? extreme + shares[sum] : extreme
    }
    // Shares are rounded, so all of them may sum to a little more than 1.
    return min(1, extreme)
  }

  /// The p-value over splits that are drawn, the observed one among them.
  package func drawnPValue(permutations: Int, seed: UInt64) -> Double {
    require(permutations > 0, "permutations is %; allowed: 1 or more", permutations)
    var tasks = pooled
    var generator = PCG64(seed: seed)
    let observed = abs(tasks.reduce(0) { $0 + $1.distance })
    var extreme = 1
    for _ in 0..<permutations {
      var distance = 0.0
      for index in tasks.indices {
        tasks[index].split(with: &generator)
        distance += tasks[index].distance
      }
      // Sums that are equal as fractions may differ in their last bits.
      if abs(distance) >= observed - 1e-12 { extreme += 1 }
    }
    return Double(extreme) / Double(1 + permutations)
  }
}

/// The least common multiple, or `nil` if it is above the limit.
private func commonMultiple(of numbers: [Int], limit: Int) -> Int? {
  var multiple = 1
  for number in numbers {
    var (divisor, rest) = (multiple, number)
    while rest > 0 { (divisor, rest) = (rest, divisor % rest) }
    let (product, overflow) = multiple.multipliedReportingOverflow(by: number / divisor)
    guard !overflow && product <= limit else { return nil }
    multiple = product
  }
  return multiple
}

/// The runs of both sides on one task, with their ranks among all.
private struct PooledTask {
  /// Twice the rank of each run, counted from 0; runs with equal scores share the mean of their ranks.
  ///
  /// The first `count` are those of the method that is judged.
  private(set) var ranks: [Int]
  let count: Int

  init(_ runs: [Double], _ others: [Double]) {
    let all = runs + others
    let sorted = all.sorted()
    self.ranks = all.map { score in
      let (lower, notHigher) = sorted.rank(of: score)
      return lower + notHigher - 1
    }
    self.count = runs.count
  }

  /// The number of pairs of a run and one of the others.
  var pairs: Int { count * (ranks.count - count) }

  /// The sum of ranks of the first side if it loses to all others, of 0, 2, 4 and so on.
  private var lowestSum: Int { count * (count - 1) }

  /// Two for each pair that the first side wins, and one for each tie.
  var halfWins: Int { ranks[..<count].reduce(0, +) - lowestSum }

  /// The probability of improvement minus ½.
  var distance: Double { Double(halfWins - pairs) / Double(2 * pairs) }

  /// At most so many additions `shareOfSplitsByHalfWins` takes.
  var work: Double {
    Double(ranks.count) * Double(count) * Double(2 * pairs + lowestSum)
  }

  /// Draws which runs are on the first side.
  mutating func split(with generator: inout PCG64) {
    for index in 0..<count {
      ranks.swapAt(index, index + generator.integer(below: ranks.count - index))
    }
  }

  /// The share of splits that have each number of half-wins, from 0 to twice the pairs.
  func shareOfSplitsByHalfWins() -> [Double] {
    // How many choices of a number of runs have a sum of ranks: [number, sum], row by row.
    let sums = 2 * pairs + lowestSum + 1
    var choices = [Double](repeating: 0, count: (count + 1) * sums)
    choices[0] = 1
    for (index, rank) in ranks.enumerated() where rank < sums {
      // From the largest number down, so that no run is chosen twice; a number that is too small for the runs
      // after this one to complete it is left as it is.
      let lowest = max(1, count - (ranks.count - 1 - index))
      for number in stride(from: min(count, index + 1), through: lowest, by: -1) {
        let row = number * sums
        for sum in rank..<sums { choices[row + sum] += choices[row - sums + sum - rank] }
      }
    }
    let splits = choices[(count * sums + lowestSum)...]
    let all = splits.reduce(0, +)
    return splits.map { $0 / all }
  }
}
