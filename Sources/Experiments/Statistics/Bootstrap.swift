internal import SARSAPreconditions
internal import SARSARandomSources

/// Percentile intervals by the stratified bootstrap.
///
/// The runs of each task are redrawn with replacement, as many as there are, independently of other tasks. The
/// interval lies between two percentiles of what an aggregate has in these resamples. It says how the aggregate
/// varies with the seeds on the same tasks; it says nothing about other tasks.
///
/// The generator starts from the seed at each call, so the same scores always give the same interval.
///
/// Source: B. Efron, "Bootstrap Methods: Another Look at the Jackknife", 1979,
/// https://doi.org/10.1214/aos/1176344552; R. Agarwal et al. 2021, https://doi.org/10.48550/arXiv.2108.13264,
/// section 4.1.
public struct Bootstrap: Hashable, Sendable {
  /// The number of resamples.
  public let resamples: Int
  /// The share of resamples between the ends of an interval.
  public let level: Double
  /// The seed of the generator.
  public let seed: UInt64

  /// 50,000 resamples, as rliable has by default: for final scores and comparisons.
  public static let finalScores = Bootstrap(resamples: 50_000)

  /// 2,000 resamples, as rliable has for profiles: for curves and profiles, which need an interval at many
  /// points.
  public static let curves = Bootstrap(resamples: 2_000)

  /// Makes a bootstrap.
  ///
  /// - Precondition: at least one resample, and a level in 0...1.
  public init(resamples: Int, level: Double = 0.95, seed: UInt64 = 0) {
    require(resamples > 0, "resamples is %; allowed: 1 or more", resamples)
    require((0...1).contains(level), "level is \(level); allowed: 0 to 1")
    self.resamples = resamples
    self.level = level
    self.seed = seed
  }

  /// An aggregate of scores, with its interval.
  ///
  /// - Parameters:
  ///   - aggregate: the number that summarises scores.
  ///   - scores: the scores.
  ///   - stream: the number of the random stream. Streams are independent.
  /// - Returns: the aggregate of the scores, and the ends of its interval.
  /// - Complexity: O(r·n + r log r) for r resamples of n scores; the number of allocations does not
  ///   depend on r.
  public func estimate(
    _ aggregate: Aggregate, of scores: Scores, stream: UInt32 = 0
  ) -> Estimate {
    estimates([aggregate], of: scores, stream: stream)[0]
  }

  /// Several aggregates of the same scores, each with its interval, from the same resamples.
  ///
  /// - Complexity: O(a·(r·n + r log r)) for a aggregates; a·r numbers of memory.
  public func estimates(
    _ aggregates: [Aggregate], of scores: Scores, stream: UInt32 = 0
  ) -> [Estimate] {
    var counted = CountedScores(scores)
    let values = aggregates.map { counted.value(of: $0) }
    var samples = aggregates.map { _ in [Double](repeating: 0, count: resamples) }
    var generator = generator(stream: stream)
    for resample in 0..<resamples {
      counted.draw(with: &generator)
      for index in aggregates.indices {
        samples[index][resample] = counted.value(of: aggregates[index])
      }
    }
    return values.indices.map {
      estimate(values[$0], resampled: &samples[$0], runs: scores.fewestRuns)
    }
  }

  /// An aggregate at each point of a learning curve, with its interval there.
  ///
  /// Runs are redrawn at each point independently, as in rliable: each interval is for its point alone.
  ///
  /// - Parameters:
  ///   - aggregate: the number that summarises scores.
  ///   - curve: the scores of all runs at each point.
  /// - Returns: an estimate for each point.
  /// - Complexity: that of `estimate(_:of:stream:)` for each point.
  public func estimates(_ aggregate: Aggregate, along curve: [Scores]) -> [Estimate] {
    curve.enumerated().map { point, scores in
      estimate(aggregate, of: scores, stream: UInt32(truncatingIfNeeded: point))
    }
  }

  /// The run-score profile, with its interval at each threshold: the share of scores above it.
  ///
  /// - Complexity: that of `estimates(_:of:stream:)` with an aggregate for each threshold.
  public func runProfile(of scores: Scores, at thresholds: [Double]) -> [Estimate] {
    estimates(thresholds.map { .shareOfRuns(above: $0) }, of: scores)
  }

  /// The share of tasks whose mean is above each threshold, with its interval there.
  ///
  /// - Complexity: that of `estimates(_:of:stream:)` with an aggregate for each threshold.
  public func taskProfile(of scores: Scores, at thresholds: [Double]) -> [Estimate] {
    estimates(thresholds.map { .shareOfTasks(above: $0) }, of: scores)
  }

  /// The probability of improvement with its interval; the runs of both sides are redrawn.
  ///
  /// - Complexity: O(r·n + r log r) for r resamples of n scores on both sides; the number of allocations
  ///   does not depend on r.
  public func improvement(of comparison: ScoreComparison) -> Estimate {
    var sides = ComparedScores(comparison)
    let value = sides.improvement()
    var samples = [Double](repeating: 0, count: resamples)
    var generator = generator(stream: 0)
    for resample in 0..<resamples {
      sides.draw(with: &generator)
      samples[resample] = sides.improvement()
    }
    return estimate(
      value, resampled: &samples,
      runs: min(comparison.scores.fewestRuns, comparison.others.fewestRuns))
  }

  private func generator(stream: UInt32) -> PCG64 {
    PCG64(SeedSequence(seed).spawned(stream))
  }

  /// Sorts the samples, and takes their percentiles.
  private func estimate(
    _ value: Double, resampled samples: inout [Double], runs: Int
  ) -> Estimate {
    samples.sort()
    let tail = (1 - level) / 2
    return Estimate(
      value: value, lower: samples.percentile(tail), upper: samples.percentile(1 - tail),
      runs: runs)
  }
}

extension [Double] {
  /// A percentile of numbers in order, as a share of 1, interpolated between neighbours (numpy's `linear`).
  ///
  /// Source: R. J. Hyndman, Y. Fan 1996, definition 7, https://doi.org/10.2307/2684934.
  fileprivate func percentile(_ share: Double) -> Double {
    let place = share * Double(count - 1)
    let lower = Int(place)
    let upper = Swift.min(lower + 1, count - 1)
    return self[lower] + (self[upper] - self[lower]) * (place - Double(lower))
  }
}
