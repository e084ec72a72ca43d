import SARSAExperiments

/// The statistics of several runs, a row each of their table.
enum Statistic: String, CaseIterable {
  case median, lowest, highest

  func row(of summaries: [RunSummary]) -> [String] {
    [
      rawValue, value(of: summaries.map { Double($0.steps) }, digits: 0),
      value(of: summaries.compactMap(\.trainingReturnLast100)),
      value(of: summaries.compactMap { $0.evaluation?.mean }),
      value(of: summaries.compactMap { $0.bestEvaluation?.mean }), "",
    ]
  }

  private func value(of values: [Double], digits: Int = 2) -> String {
    if values.isEmpty { return "–" }
    let sorted = values.sorted()
    let (lower, upper) = (sorted[(sorted.count - 1) / 2], sorted[sorted.count / 2])
    return switch self {
    case .median: ((lower + upper) / 2).rounded(digits)
    case .lowest: sorted[0].rounded(digits)
    case .highest: sorted[sorted.count - 1].rounded(digits)
    }
  }
}
