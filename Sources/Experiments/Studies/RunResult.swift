/// What one run contributes to the results of many: its score, and its evaluations during training.
///
/// A run that failed stays in every table. It counts as an untrained network, because whoever uses the settings
/// would have nothing better.
public struct RunResult: Hashable, Sendable {
  /// How far a run has come.
  public enum Status: Hashable, Sendable {
    /// It has finished.
    case finished
    /// It diverged, or its environment failed.
    case failed(RunFailure)
    /// It has begun, and made so many steps by its last checkpoint.
    case unfinished(step: Int)
    /// It has not begun.
    case notBegun
  }

  /// The seed.
  public var seed: UInt64
  /// How far it has come.
  public var status: Status
  /// The mean return of the last network in the final evaluation; that of the untrained network if the run
  /// failed; `nil` if neither is known.
  public var score: Double?
  /// The mean return of the best network in the final evaluation; `nil` unless the run finished.
  public var bestScore: Double?
  /// The evaluations during training.
  public var curve: LearningCurve
  /// The mean return that counts as solved; `nil` if the environment has none, or it is not known before the
  /// end.
  public var threshold: Double?

  /// Makes a result.
  public init(
    seed: UInt64, status: Status, score: Double?, bestScore: Double?, curve: LearningCurve,
    threshold: Double? = nil
  ) {
    self.seed = seed
    self.status = status
    self.score = score
    self.bestScore = bestScore
    self.curve = curve
    self.threshold = threshold
  }

  /// Whether nothing is left to do: it has finished or failed.
  public var isOver: Bool {
    switch status {
    case .finished, .failed: true
    case .unfinished, .notBegun: false
    }
  }
}
