internal import DeepSARSA

/// What a run knows besides the state of its trainer, and on which its files depend.
struct RunState {
  /// The highest mean return of the evaluations during training.
  var bestMean: Double?
  /// The step of the latest evaluation; `nil` before the first.
  var evaluatedStep: Int?
  /// The first steps of the first evaluation, until they were repeated.
  var opening: Opening?
  /// Whether the environment repeats them; `nil` before that was tested.
  var repetition: Repetition?
  /// The returns of the last 100 training episodes.
  var recentReturns = RecentValues()
  /// Their lengths.
  var recentLengths = RecentValues()
  /// The evaluations since one reached the environment's threshold.
  var thresholdRecord: ThresholdRecord?
  /// The bytes of the logs.
  var logs = RunLogs.Lengths()
}

extension RunState {
  /// Writes or replaces all parts, of a run that has taken some steps.
  ///
  /// - Throws: `ArchiveError`.
  mutating func archive<A: Archive & ~Copyable>(
    in archive: inout A, steps: Int, actionCount: Int
  ) throws(ArchiveError) {
    try archive.value("run.bestMean", &bestMean, allowed: "none, or a finite number") {
      $0?.isFinite ?? true
    }
    try archive.value("run.evaluatedStep", &evaluatedStep, allowed: "none, or from 0 to \(steps)") {
      $0.map((0...steps).contains) ?? true
    }
    try archive.value("run.opening", &opening, allowed: "none, or what an episode can begin with") {
      $0?.isPossible(actionCount: actionCount) ?? true
    }
    try archive.value("run.repetition", &repetition)
    try archive.value("run.recentReturns", &recentReturns, allowed: "up to 100 returns") {
      $0.isPossible
    }
    try archive.value("run.recentLengths", &recentLengths, allowed: "up to 100 lengths") {
      $0.isPossible
    }
    try archive.value(
      "run.thresholdRecord", &thresholdRecord, allowed: "none, or counts of evaluations"
    ) { $0?.isPossible(steps: steps) ?? true }
    try archive.value("run.logs", &logs, allowed: "numbers of bytes") { $0.isPossible }
  }
}
