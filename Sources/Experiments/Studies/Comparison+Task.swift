extension Comparison {
  /// The runs of all settings on a task.
  public struct Task: Hashable, Sendable {
    /// The task's name.
    public let name: String
    /// The mean return that counts as solved; `nil` if there is none.
    public let threshold: Double?
    /// The scores of a random policy and of the best one; `nil` if they are not known.
    public let scale: ScoreScale?
    /// The steps at which every run was evaluated.
    public let steps: [Int]
    /// The settings, in their order.
    public let sides: [Side]

    /// The runs of settings of which each has some.
    init(
      _ name: String, of settings: [SettingResults], baseline: Int, _ bootstrap: Bootstrap
    ) throws(ScoresError) {
      let results = settings.compactMap { $0.task(name) }
      let scale = results.lazy.compactMap(\.scale).first
      let threshold = results.lazy.compactMap(\.threshold).first
      let reference = try Scores([results[baseline].runs.compactMap(\.score)])
      self.name = name
      self.scale = scale
      self.threshold = threshold
      steps = results.flatMap(\.runs).sharedSteps
      sides = try settings.indices.map { index throws(ScoresError) in
        try Side(
          settings[index].name, runs: results[index].runs, threshold: threshold, scale: scale,
          baseline: index == baseline ? nil : reference, bootstrap)
      }
    }
  }

  /// The runs of a setting on a task, and their numbers.
  public struct Side: Hashable, Sendable {
    /// The setting's name.
    public let name: String
    /// The runs that count, in the order of their seeds.
    public let runs: [RunResult]
    /// The aggregates of their scores.
    public let summary: Summary
    /// The interquartile mean of the best networks, of failed runs that of their scores.
    public let bestInterquartileMean: Double
    /// When the runs reach the threshold, and whether they stay there; `nil` without a threshold.
    public let stability: Stability?
    /// The scores beside the baseline's; `nil` for the baseline.
    public let improvement: Improvement?

    init(
      _ name: String, runs: [RunResult], threshold: Double?, scale: ScoreScale?, baseline: Scores?,
      _ bootstrap: Bootstrap
    ) throws(ScoresError) {
      let scores = try Scores([runs.compactMap(\.score)])
      let normalized = scale.flatMap { try? scores.normalized(from: [$0.random], to: [$0.best]) }
      self.name = name
      self.runs = runs
      summary = Summary(of: scores, normalized: normalized, bootstrap)
      bestInterquartileMean = try Scores([runs.compactMap { $0.bestScore ?? $0.score }])
        .value(of: .interquartileMean)
      stability = threshold.map { Stability(of: runs, threshold: $0) }
      improvement = try baseline.map { other throws(ScoresError) in
        try Improvement(scores, over: other, bootstrap)
      }
    }

    /// The scores of the runs.
    public var scores: [Double] { runs.compactMap(\.score) }

    /// The number of runs that failed.
    public var failed: Int {
      runs.count { if case .failed = $0.status { true } else { false } }
    }
  }

  /// When runs reach a threshold, and whether they stay there.
  public struct Stability: Hashable, Sendable {
    /// Steps until the first evaluation at the threshold.
    public let times: TimesToThreshold
    /// The same in seconds; `nil` if they are not known of a run that reached it, or of none.
    public let seconds: TimesToThreshold?
    /// The number of finished runs that reached it, and had no evaluation below it afterwards.
    public let kept: Int
    /// Of the evaluations after that one, the share at the threshold, mean over runs; `nil` if there are none.
    public let shareAfter: Double?
    /// The lowest mean of those; `nil` if there are none.
    public let worstAfter: Double?
    /// The number of runs that lost half or more of what they had learned.
    public let collapses: Int

    /// Follows the runs.
    ///
    /// One that failed before it reached the threshold never reaches it, however many steps it would get.
    init(of runs: [RunResult], threshold: Double) {
      let all = runs.map { $0.curve.stability(threshold: threshold) }
      let never = TimesToThreshold.Time(.infinity, isReached: false)
      let isTimed = zip(runs, all).map { $0.status == .finished || $1.steps.isReached }
      times = TimesToThreshold(zip(all, isTimed).map { $1 ? $0.steps : never })
      let seconds = zip(all, isTimed).compactMap { $1 ? $0.seconds : never }
      self.seconds = seconds.count == runs.count ? TimesToThreshold(seconds) : nil
      kept = zip(runs, all).count { run, stability in
        run.status == .finished && stability.record.map { $0.reached == $0.evaluations } == true
      }
      let shares = all.compactMap { $0.record?.share }
      shareAfter = shares.isEmpty ? nil : shares.reduce(0, +) / Double(shares.count)
      worstAfter = all.compactMap { $0.record?.worst }.min()
      collapses = all.count(where: \.hasCollapsed)
    }
  }
}

// MARK: - Curves and profiles

extension Comparison.Task {
  /// The interquartile mean of a setting's evaluations at each of `steps`, with its interval there.
  ///
  /// - Complexity: O(r·n) for each step, with r = 2,000 resamples of n runs.
  public func curve(of side: Comparison.Side) -> [Estimate] {
    let means = side.means(at: steps)
    let points = steps.indices.compactMap { step in try? Scores([means.map { $0[step] }]) }
    return Bootstrap.curves.estimates(.interquartileMean, along: points)
  }

  /// 101 numbers from the lowest score of all settings to the highest, at which `profile(of:)` is.
  ///
  /// If all scores are equal, the numbers go from a tenth below to a tenth above, so that the step is among them.
  public var profileThresholds: [Double] {
    let scores = sides.flatMap(\.scores)
    guard let lowest = scores.min(), let highest = scores.max() else { return [] }
    let margin = lowest < highest ? 0 : lowest == 0 ? 1 : abs(lowest) / 10
    let (start, width) = (lowest - margin, highest - lowest + 2 * margin)
    return (0...100).map { start + width * Double($0) / 100 }
  }

  /// The share of a setting's runs above each of `profileThresholds`, with its interval there.
  ///
  /// - Complexity: O(t·r·n) for t = 101 thresholds and r = 2,000 resamples of n runs.
  public func profile(of side: Comparison.Side) -> [Estimate] {
    guard let scores = try? Scores([side.scores]) else { return [] }
    return Bootstrap.curves.runProfile(of: scores, at: profileThresholds)
  }
}

extension Comparison.Side {
  /// The mean of each run's evaluation at each of some steps: [runs][steps].
  func means(at steps: [Int]) -> [[Double]] { runs.map { $0.means(at: steps) } }
}

extension [RunResult] {
  /// The steps at which every run was evaluated that did not fail.
  ///
  /// After its end, a failed run has the mean of its untrained network.
  var sharedSteps: [Int] {
    let finished = filter { $0.status == .finished }
    let curves = (finished.isEmpty ? self : finished).map { run in
      run.curve.evaluations.map(\.step)
    }
    guard let first = curves.first else { return [] }
    let shared = curves.dropFirst().reduce(Set(first)) { $0.intersection($1) }
    return shared.sorted()
  }
}

extension RunResult {
  /// The mean of the evaluation at each of some steps that ascend.
  ///
  /// At a step that a failed run did not reach, it has its score.
  func means(at steps: [Int]) -> [Double] {
    var next = 0
    let evaluations = curve.evaluations
    return steps.map { step in
      while next < evaluations.count && evaluations[next].step < step { next += 1 }
      return next < evaluations.count && evaluations[next].step == step
        ? evaluations[next].mean : score ?? .nan
    }
  }
}
