internal import SARSAFiles

extension RunResult {
  /// Reads what a run left in its folder, finished or not.
  ///
  /// Evaluations have no clock, because equal runs write equal files. The seconds of a finished run's are those
  /// of so many steps at its mean speed, which `summary.json` has: training alone, from the first update on.
  ///
  /// `summary.json` says that it finished, `failure.json` that it failed. Of a run without either, the newest
  /// checkpoint counts, because the run goes on from there.
  ///
  /// - Throws: `RunError` if a file cannot be read, or has content that no run writes.
  /// - Complexity: O(n) for n evaluations; a run that has finished needs no file of settings.
  public init(reading folder: RunFolder) throws(RunError) {
    let evaluations = try LogTable(reading: folder.path(of: .evaluations))
    let curve = try evaluations.map { log throws(RunError) in try LearningCurve(log) }
    if let summary = try folder.summary() {
      guard let evaluation = summary.evaluation else {
        throw .badFile(
          folder.path(of: .summary), "evaluation is null; allowed: that of a finished run")
      }
      self.init(
        seed: summary.seed, status: .finished, score: evaluation.mean,
        bestScore: summary.bestEvaluation?.mean,
        curve: (curve ?? LearningCurve([])).timed(stepsPerSecond: summary.stepsPerSecond),
        threshold: summary.threshold ?? summary.afterThreshold?.threshold)
      return
    }
    let seed = try SettingsFile(reading: folder.path(of: .config)).settings().seed
    let status: Status
    if let failure = try folder.failure() {
      status = .failed(failure)
    } else {
      let steps = try converting(RunError.system) { () throws(SystemError) in
        try folder.checkpoints.steps()
      }
      status = curve == nil && steps.isEmpty ? .notBegun : .unfinished(step: steps.last ?? 0)
    }
    let isFailed = if case .failed = status { true } else { false }
    self.init(
      seed: seed, status: status, score: isFailed ? curve?.untrained : nil, bestScore: nil,
      curve: curve ?? LearningCurve([]))
  }
}

extension LearningCurve {
  /// The curve with the seconds that so many steps take at a speed; as it is without a speed.
  fileprivate func timed(stepsPerSecond: Double?) -> LearningCurve {
    guard let stepsPerSecond, stepsPerSecond > 0 else { return self }
    return LearningCurve(
      evaluations.map {
        Evaluation(step: $0.step, seconds: Double($0.step) / stepsPerSecond, mean: $0.mean)
      })
  }

  /// Reads the steps and means of `evaluations.csv`.
  ///
  /// - Throws: `RunError.badFile` unless the steps ascend, and all means are finite.
  init(_ log: LogTable) throws(RunError) {
    let steps = try log.counts(of: "step")
    let means = try log.numbers(of: "mean")
    for (row, mean) in means.enumerated() {
      if !mean.isFinite { throw log.wrong("\(mean)", row: row, allowed: "a finite number") }
      if row > 0 && steps[row] <= steps[row - 1] {
        throw log.wrong("\(steps[row])", row: row, allowed: "steps that ascend")
      }
    }
    self.init(zip(steps, means).map { Evaluation(step: $0, mean: $1) })
  }
}
