import DeepSARSA
import Foundation
import SARSAExperiments

extension EvaluationSummary {
  /// Mean ± standard deviation of the episodes' returns, and their range.
  ///
  /// Numbers have two decimals, or two significant decimals if all returns are small. Bounds that are
  /// integers have no decimals.
  var text: String {
    let largest = Swift.max(abs(min), abs(max))
    let isSmall = largest > 0 && largest < 1
    let digits = isSmall ? Swift.min(1 - Int(log10(largest).rounded(.down)), 12) : 2
    return "\(mean.rounded(digits)) ± \(std.rounded(digits)), "
      + "from \(min.shortened(digits)) to \(max.shortened(digits))"
  }
}
