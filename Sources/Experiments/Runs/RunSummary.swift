public import DeepSARSA
internal import Foundation

/// The result of a run, which `train --json` prints.
public struct RunSummary: Codable, Hashable, Sendable {
  /// The folder.
  public var run: String
  /// The environment's id.
  public var environment: String
  /// The seed.
  public var seed: UInt64
  /// Environment steps taken.
  public var steps: Int
  /// Episodes finished.
  public var episodes: Int
  /// Updates of the network.
  public var updates: Int
  /// Seconds from start to end, evaluations and files included.
  public var wallSeconds: Double
  /// Environment steps per second of training time, from the first update to the last; `nil` if there were
  /// none.
  public var stepsPerSecond: Double?
  /// The mean return of the last 100 training episodes; `nil` if no episode ended.
  public var trainingReturnLast100: Double?
  /// The final evaluation of the last network; `nil` if the run was interrupted.
  public var evaluation: EvaluationSummary?
  /// The final evaluation of the best network, with the same seeds.
  public var bestEvaluation: EvaluationSummary?
  /// The mean return that counts as solved; `nil` if the environment has none, and in files of earlier
  /// versions.
  public var threshold: Double?
  /// The evaluations during training after one reached the threshold; `nil` if none did, or without a
  /// threshold.
  public var afterThreshold: ThresholdRecord?
  /// Whether evaluations can be compared; `nil` after a single evaluation, which cannot show it.
  public var repetition: Repetition?
  /// How long training waited for checkpoints; `nil` if none was written since the run was started or resumed.
  public var saves: SaveTimes?

  private enum CodingKeys: String, CodingKey {
    case run, environment, seed, steps, episodes, updates, evaluation, threshold, repetition, saves
    case wallSeconds = "wall_seconds"
    case stepsPerSecond = "steps_per_second"
    case trainingReturnLast100 = "training_return_last_100"
    case bestEvaluation = "best_evaluation"
    case afterThreshold = "after_threshold"
  }

  /// Writes every key, with `null` for `nil`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(run, forKey: .run)
    try container.encode(environment, forKey: .environment)
    try container.encode(seed, forKey: .seed)
    try container.encode(steps, forKey: .steps)
    try container.encode(episodes, forKey: .episodes)
    try container.encode(updates, forKey: .updates)
    try container.encode(wallSeconds, forKey: .wallSeconds)
    try container.encode(stepsPerSecond, forKey: .stepsPerSecond)
    try container.encode(trainingReturnLast100, forKey: .trainingReturnLast100)
    try container.encode(evaluation, forKey: .evaluation)
    try container.encode(bestEvaluation, forKey: .bestEvaluation)
    try container.encode(threshold, forKey: .threshold)
    try container.encode(afterThreshold, forKey: .afterThreshold)
    try container.encode(repetition, forKey: .repetition)
    try container.encode(saves, forKey: .saves)
  }
}

/// Whether an environment repeats the start of an evaluation with the same seed and actions.
public enum Repetition: String, Codable, Sendable {
  /// It does: evaluations can be compared.
  case exact
  /// It does not, but a new copy does: the environment keeps state from earlier episodes.
  case stateful
  /// It does not, and neither does a new copy: some of its random numbers do not come from the seed.
  case unseeded
}

/// How long training waited for checkpoints.
public struct SaveTimes: Codable, Hashable, Sendable {
  /// The number of checkpoints.
  public var count: Int
  /// The median of the waits, in seconds.
  public var medianSeconds: Double
  /// The longest wait, in seconds.
  public var longestSeconds: Double

  private enum CodingKeys: String, CodingKey {
    case count
    case medianSeconds = "median_seconds"
    case longestSeconds = "longest_seconds"
  }

  /// Summarises waits; `nil` for none.
  init?(_ waits: [Duration]) {
    let sorted = waits.map { $0 / .seconds(1) }.sorted()
    guard let longest = sorted.last else { return nil }
    count = sorted.count
    medianSeconds = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
    longestSeconds = longest
  }
}

/// The greedy returns of a network.
public struct EvaluationSummary: Codable, Hashable, Sendable {
  /// The number of episodes.
  public var episodes: Int
  /// The seed of the environment.
  public var seed: UInt64
  /// Their mean.
  public var mean: Double
  /// Their standard deviation, divided by n.
  public var std: Double
  /// The lowest.
  public var min: Double
  /// The highest.
  public var max: Double

  /// Summarises returns.
  public init(_ returns: Returns, seed: UInt64) {
    episodes = returns.values.count
    self.seed = seed
    mean = returns.mean
    std = returns.standardDeviation
    min = returns.minimum
    max = returns.maximum
  }
}

/// Values as JSON text.
public enum JSON {
  /// One value on one line, keys in alphabetical order, numbers in their shortest exact form.
  ///
  /// Infinity and NaN are written as text: `"inf"`, `"-inf"`, `"nan"`.
  public static func text(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let data = try? encoder.encode(value) else {
      fatalError("a value that JSON cannot hold: \(value)")
    }
    return String(decoding: data, as: UTF8.self)
  }
}
