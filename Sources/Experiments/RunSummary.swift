public import DeepSARSA
internal import Foundation

/// What a run comes to, in the words of `train --json`.
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
  /// Updates of the network; without one, nothing was learned.
  public var updates: Int
  /// Seconds from start to end, evaluations and files included.
  public var wallSeconds: Double
  /// Environment steps a second after the first update, of training alone; none if there were none.
  public var stepsPerSecond: Double?
  /// The mean return of the last 100 training episodes; none if no episode ended.
  public var trainingReturnLast100: Double?
  /// The last network, on fresh starts; none if the run was interrupted.
  public var evaluation: EvaluationSummary?
  /// The best network, on the same starts.
  public var bestEvaluation: EvaluationSummary?
  /// Whether evaluations can be compared; none if there was only one.
  public var repetition: Repetition?

  private enum CodingKeys: String, CodingKey {
    case run, environment, seed, steps, episodes, updates, evaluation, repetition
    case wallSeconds = "wall_seconds"
    case stepsPerSecond = "steps_per_second"
    case trainingReturnLast100 = "training_return_last_100"
    case bestEvaluation = "best_evaluation"
  }

  /// Writes every key, with `null` for what there is not.
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
    try container.encode(repetition, forKey: .repetition)
  }
}

/// What an environment does when the start of an evaluation and its actions are played again.
public enum Repetition: String, Codable, Sendable {
  /// The same: evaluations can be compared.
  case exact
  /// Something else, but a new copy does the same: it remembers what was played in it before.
  case remembers
  /// Something else, even in a new copy: some of its randomness does not come from the seed.
  case random
}

/// The greedy returns of a network.
public struct EvaluationSummary: Codable, Hashable, Sendable {
  /// How many episodes.
  public var episodes: Int
  /// What the environment was reset with.
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

/// Text that any program can read.
public enum JSON {
  /// One value on one line, keys in alphabetical order, numbers in their shortest exact form.
  ///
  /// What is infinite or no number is written as text: `"inf"`, `"-inf"`, `"nan"`.
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
