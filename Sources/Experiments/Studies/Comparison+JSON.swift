// Comparisons as JSON: every key is written, with `null` for `nil`.

extension Estimate: Encodable {
  private enum CodingKeys: String, CodingKey {
    case value, lower, upper, runs
    case isMarked = "is_marked"
  }

  /// Writes the number, its interval, and whether the interval is marked.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(value, forKey: .value)
    try container.encode(lower, forKey: .lower)
    try container.encode(upper, forKey: .upper)
    try container.encode(runs, forKey: .runs)
    try container.encode(isMarked, forKey: .isMarked)
  }
}

extension PermutationTest: Encodable {
  private enum CodingKeys: String, CodingKey {
    case pValue = "p_value"
    case isExact = "is_exact"
    case lowestPValue = "lowest_p_value"
  }

  /// Writes the p-value, whether it is exact, and the lowest that there could be.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(pValue, forKey: .pValue)
    try container.encode(isExact, forKey: .isExact)
    try container.encode(lowestPValue, forKey: .lowestPValue)
  }
}

extension Comparison: Encodable {
  private enum CodingKeys: String, CodingKey {
    case baseline, tasks, overall, verdicts, notes
    case missingOverall = "missing_overall"
  }

  /// Writes everything, with profiles and curves, which are computed then.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(baseline, forKey: .baseline)
    try container.encode(tasks, forKey: .tasks)
    try container.encode(overall, forKey: .overall)
    try container.encode(missingOverall, forKey: .missingOverall)
    try container.encode(verdicts, forKey: .verdicts)
    try container.encode(notes, forKey: .notes)
  }
}

extension Comparison.Task: Encodable {
  private enum CodingKeys: String, CodingKey {
    case name, threshold, scale, steps, settings, curves, profiles
    case profileThresholds = "profile_thresholds"
  }

  /// Writes everything; a curve has an estimate for each of `steps`, a profile one for each threshold.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(threshold, forKey: .threshold)
    try container.encode(scale, forKey: .scale)
    try container.encode(steps, forKey: .steps)
    try container.encode(sides, forKey: .settings)
    try container.encode(sides.map(curve), forKey: .curves)
    try container.encode(profileThresholds, forKey: .profileThresholds)
    try container.encode(sides.map(profile), forKey: .profiles)
  }
}

extension Comparison.Side: Encodable {
  private enum CodingKeys: String, CodingKey {
    case name, runs, failed, stability, improvement
    case bestInterquartileMean = "best_interquartile_mean"
  }

  /// Writes the runs, their number that failed, and their numbers.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(runs.map(Run.init), forKey: .runs)
    try container.encode(failed, forKey: .failed)
    try container.encode(bestInterquartileMean, forKey: .bestInterquartileMean)
    try container.encode(stability, forKey: .stability)
    try container.encode(improvement, forKey: .improvement)
    try summary.encode(to: encoder)
  }

  /// A run without its curve.
  private struct Run: Encodable {
    let seed: UInt64
    let score: Double?
    let bestScore: Double?
    let failure: String?

    init(_ run: RunResult) {
      seed = run.seed
      score = run.score
      bestScore = run.bestScore
      failure = if case .failed(let failure) = run.status { failure.reason } else { nil }
    }

    private enum CodingKeys: String, CodingKey {
      case seed, score, failure
      case bestScore = "best_score"
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(seed, forKey: .seed)
      try container.encode(score, forKey: .score)
      try container.encode(bestScore, forKey: .bestScore)
      try container.encode(failure, forKey: .failure)
    }
  }
}

extension Comparison.OverallSide: Encodable {
  private enum CodingKeys: String, CodingKey {
    case name
  }

  /// Writes the name and the aggregates.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try summary.encode(to: encoder)
  }
}

extension Comparison.Summary: Encodable {
  private enum CodingKeys: String, CodingKey {
    case mean, median, worst
    case interquartileMean = "interquartile_mean"
    case optimalityGap = "optimality_gap"
  }

  /// Writes every aggregate.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(interquartileMean, forKey: .interquartileMean)
    try container.encode(mean, forKey: .mean)
    try container.encode(median, forKey: .median)
    try container.encode(worst, forKey: .worst)
    try container.encode(optimalityGap, forKey: .optimalityGap)
  }
}

extension Comparison.Stability: Encodable {
  private enum CodingKeys: String, CodingKey {
    case reached, censored, kept, collapses
    case medianSteps = "median_steps"
    case medianSeconds = "median_seconds"
    case shareAfter = "share_after"
    case worstAfter = "worst_after"
  }

  /// Writes the numbers of runs that reached the threshold, that did not, and that kept it, and the medians of
  /// their steps and seconds.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(times.reached, forKey: .reached)
    try container.encode(times.censored, forKey: .censored)
    try container.encode(times.median, forKey: .medianSteps)
    try container.encode(seconds?.median, forKey: .medianSeconds)
    try container.encode(kept, forKey: .kept)
    try container.encode(shareAfter, forKey: .shareAfter)
    try container.encode(worstAfter, forKey: .worstAfter)
    try container.encode(collapses, forKey: .collapses)
  }
}

extension Comparison.Improvement: Encodable {
  private enum CodingKeys: String, CodingKey {
    case probability
  }

  /// Writes the probability with its interval, and the test.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(probability, forKey: .probability)
    try test.encode(to: encoder)
  }
}

extension Comparison.Verdict: Encodable {
  private enum CodingKeys: String, CodingKey {
    case setting, baseline, outcome, improvement, comparisons, runs, tasks, text
    case baselineRuns = "baseline_runs"
    case pValue = "adjusted_p_value"
    case lowestPValue = "lowest_adjusted_p_value"
    case seedsToDecide = "seeds_to_decide"
  }

  /// Writes the facts, the verdict in a word, and in a sentence.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(setting, forKey: .setting)
    try container.encode(baseline, forKey: .baseline)
    try container.encode(runs, forKey: .runs)
    try container.encode(baselineRuns, forKey: .baselineRuns)
    try container.encode(tasks, forKey: .tasks)
    try container.encode(improvement, forKey: .improvement)
    try container.encode(comparisons, forKey: .comparisons)
    try container.encode(pValue, forKey: .pValue)
    try container.encode(lowestPValue, forKey: .lowestPValue)
    try container.encode(outcome, forKey: .outcome)
    try container.encode(seedsToDecide, forKey: .seedsToDecide)
    try container.encode(description, forKey: .text)
  }
}
