/// The steps, or seconds, that runs took to reach a threshold; a run that did not reach it is not left out.
///
/// Such a run is censored: it would take longer than its budget, and how long is unknown. Without it, the
/// method with the most failures would look fast. Shares are estimated by the product-limit method of Kaplan
/// and Meier, which for equal budgets is the plain share. Source: E. L. Kaplan, P. Meier, "Nonparametric
/// Estimation from Incomplete Observations", 1958, https://doi.org/10.1080/01621459.1958.10501452.
public struct TimesToThreshold: Hashable, Sendable {
  /// The time of one run.
  public struct Time: Hashable, Sendable {
    /// The time to the threshold, or that of the last evaluation if the run did not reach it.
    public var value: Double
    /// Whether the run reached it.
    public var isReached: Bool

    /// Makes a time.
    public init(_ value: Double, isReached: Bool) {
      self.value = value
      self.isReached = isReached
    }
  }

  /// The times from the shortest to the longest; of equal ones, those of runs that reached the threshold are
  /// first.
  public let times: [Time]

  /// Collects the times of runs, in any order.
  ///
  /// - Complexity: O(n log n) for n runs.
  public init(_ times: [Time]) {
    self.times = times.sorted {
      ($0.value, $0.isReached ? 0 : 1) < ($1.value, $1.isReached ? 0 : 1)
    }
  }

  /// The number of runs that reached the threshold.
  public var reached: Int { times.count(where: \.isReached) }

  /// The number of runs that did not.
  public var censored: Int { times.count - reached }

  /// The time by which half of the runs reach the threshold; `nil` if it is beyond the budgets.
  ///
  /// Without censored runs it is the median; of an even number of runs, the lower of the two in the middle.
  ///
  /// - Complexity: O(n) for n runs.
  public var median: Double? {
    // The product is rounded at each run, and may miss ½ in its last bits.
    shares.first { $0.share >= 0.5 - 1e-12 }?.time
  }

  /// The share of runs that reach the threshold by a time.
  ///
  /// - Complexity: O(n) for n runs.
  public func share(by time: Double) -> Double {
    shares.last { $0.time <= time }?.share ?? 0
  }

  /// The share after each run that reached the threshold.
  private var shares: [(time: Double, share: Double)] {
    var remaining = 1.0
    var shares: [(time: Double, share: Double)] = []
    for (index, time) in times.enumerated() where time.isReached {
      let atRisk = Double(times.count - index)
      remaining *= (atRisk - 1) / atRisk
      shares.append((time.value, 1 - remaining))
    }
    return shares
  }
}
