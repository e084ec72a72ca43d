extension Comparison {
  /// What can be said of a setting beside the baseline, over all tasks.
  ///
  /// It is better if the p-value is below 0.05 and the interval of the probability of improvement lies above
  /// 0.5, and worse if the interval lies below. Two methods must agree, because each has an error of its own:
  /// the interval of few runs is too narrow, and the test says nothing about the size of a difference.
  public struct Verdict: Hashable, Sendable, CustomStringConvertible {
    /// The verdict in a word.
    public enum Outcome: String, Codable, Sendable {
      /// A run of the setting is better more often than not.
      case better
      /// A run of the setting is better less often than not.
      case worse
      /// The data do not decide.
      case undecided
      /// So few runs could not decide, whatever their scores.
      case undecidable
    }

    /// The setting's name.
    public let setting: String
    /// The baseline's name.
    public let baseline: String
    /// The number of the setting's runs on all tasks.
    public let runs: Int
    /// The number of the baseline's runs on all tasks.
    public let baselineRuns: Int
    /// The number of tasks.
    public let tasks: Int
    /// The probability of improvement, mean over tasks, and its test.
    public let improvement: Improvement
    /// The p-value, corrected by Holm's method if there are several comparisons.
    public let pValue: Double
    /// The lowest corrected p-value that so many runs can have, whatever their scores.
    public let lowestPValue: Double
    /// The number of settings that are compared with the baseline.
    public let comparisons: Int

    /// The level of significance.
    public static let level = 0.05

    /// The verdict in a word.
    public var outcome: Outcome {
      if lowestPValue >= Self.level { return .undecidable }
      if pValue >= Self.level { return .undecided }
      if improvement.probability.lower > 0.5 { return .better }
      return improvement.probability.upper < 0.5 ? .worse : .undecided
    }

    /// The number of seeds on each side that would decide if the probability is as seen; `nil` for 0.5, and if
    /// it is not more than there are now.
    public var seedsToDecide: Int? {
      ScoreComparison.seeds(toDecide: improvement.probability.value).flatMap {
        $0 > improvement.probability.runs ? $0 : nil
      }
    }

    /// The verdict in a sentence.
    public var description: String {
      let probability = improvement.probability
      let value = probability.value.rounded(2)
      let mark = probability.isMarked ? "†" : ""
      let facts = """
        (95 % interval \(probability.lower.rounded(2)) to \(probability.upper.rounded(2))\(mark), \
        p \(pValue.asPValue), \(runs) and \(baselineRuns) runs\(tasks > 1 ? " on \(tasks) tasks" : ""))
        """
      switch outcome {
      case .better, .worse:
        return """
          '\(setting)' is \(outcome.rawValue) than '\(baseline)': a run of it is better with probability \
          \(value) \(facts).
          """
      case .undecided:
        let remedy =
          seedsToDecide.map {
            "if the probability is \(value) as seen, some \($0) seeds a side would decide"
          } ?? "more seeds may decide"
        return """
          The data do not decide between '\(setting)' and '\(baseline)': a run of '\(setting)' is better with \
          probability \(value) \(facts); \(remedy).
          """
      case .undecidable:
        return """
          The data cannot decide between '\(setting)' and '\(baseline)': \(runs.counting("run")) against \
          \(baselineRuns) can never be significant (p ≥ \(lowestPValue.shortened(2))); a run of '\(setting)' was \
          better with probability \(value).
          """
      }
    }
  }
}

extension Double {
  /// A p-value after the sign that belongs to it: `= 0.032`, `< 0.0001`.
  var asPValue: String { self < 0.0001 ? "< 0.0001" : "= \(rounded(self < 0.001 ? 4 : 3))" }
}

/// P-values corrected for their number, in their order.
///
/// The i-th lowest of k is multiplied by k − i + 1, and none is below a lower one's. Then the probability that
/// any of k settings that are no different is called better or worse is at most the level. Source: S. Holm, "A
/// Simple Sequentially Rejective Multiple Test Procedure", 1979, https://www.jstor.org/stable/4615733.
///
/// - Complexity: O(k log k).
func holmAdjusted(_ pValues: [Double]) -> [Double] {
  let order = pValues.indices.sorted { (pValues[$0], $0) < (pValues[$1], $1) }
  var adjusted = pValues
  var highest = 0.0
  for (rank, index) in order.enumerated() {
    highest = max(highest, min(1, Double(pValues.count - rank) * pValues[index]))
    adjusted[index] = highest
  }
  return adjusted
}
