public import DeepSARSA

/// How far a run has come, for a display of its progress.
public struct RunProgress: Sendable {
  /// Environment steps taken.
  public var steps: Int
  /// Training episodes finished.
  public var episodes: Int
  /// Those of them that were terminated, not truncated.
  public var terminations: Int
  /// Environment steps per second of training time, from the first update to the last; `nil` before the second.
  public var stepsPerSecond: Double?
  /// The mean return of the last 100 training episodes; `nil` before the first has ended.
  public var recentReturn: Double?
  /// The mean return of the latest evaluation since the run was started or resumed.
  public var lastMean: Double?
  /// The highest mean return of an evaluation.
  public var bestMean: Double?
  /// The mean return that counts as solved; `nil` if the environment has none.
  public var threshold: Double?
  /// Whether an evaluation has reached the threshold.
  public var isSolved: Bool
  /// How the environments act.
  public var policy: Policy
  /// The fraction of the budget that is used, from 0 to 1.
  public var fraction: Double
  /// The estimated time to the end of training; `nil` at the start.
  public var secondsLeft: Double?
  /// Whether evaluations can be compared; `nil` before the second one.
  public var repetition: Repetition?
  /// Whether the network was evaluated after the last step.
  public var wasEvaluated: Bool
}
