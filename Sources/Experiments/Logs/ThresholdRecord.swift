/// How evaluations during training compare with a threshold after one has reached it.
///
/// A network that learns to solve its task may lose that again; the best network hides it.
public struct ThresholdRecord: Codable, Hashable, Sendable {
  /// The environment's reward threshold.
  public var threshold: Double
  /// The environment step of the first evaluation whose mean reached it.
  public var firstStep: Int
  /// The number of evaluations after that one.
  public private(set) var evaluations = 0
  /// The number of those whose mean is at or above the threshold.
  public private(set) var reached = 0
  /// The lowest mean of those; `nil` if there are none.
  public private(set) var worst: Double?

  /// The share of evaluations at or above the threshold; `nil` if there are none.
  public var share: Double? {
    evaluations == 0 ? nil : Double(reached) / Double(evaluations)
  }

  /// Makes the record of the first evaluation that reached the threshold.
  public init(threshold: Double, firstStep: Int) {
    self.threshold = threshold
    self.firstStep = firstStep
  }

  /// Counts an evaluation after the first.
  public mutating func append(_ mean: Double) {
    evaluations += 1
    if mean >= threshold { reached += 1 }
    worst = min(worst ?? mean, mean)
  }

  /// Whether a run of a number of steps can have this record.
  func isPossible(steps: Int) -> Bool {
    threshold.isFinite && (0...steps).contains(firstStep) && reached >= 0 && evaluations >= reached
      && evaluations <= steps && worst?.isFinite ?? true && (worst == nil) == (evaluations == 0)
  }

  private enum CodingKeys: String, CodingKey {
    case threshold, evaluations, reached, worst, share
    case firstStep = "first_step"
  }

  /// Reads a record; `share` follows from the others.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    threshold = try container.decode(Double.self, forKey: .threshold)
    firstStep = try container.decode(Int.self, forKey: .firstStep)
    evaluations = try container.decode(Int.self, forKey: .evaluations)
    reached = try container.decode(Int.self, forKey: .reached)
    worst = try container.decode(Double?.self, forKey: .worst)
  }

  /// Writes every key, with `null` for `nil`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(threshold, forKey: .threshold)
    try container.encode(firstStep, forKey: .firstStep)
    try container.encode(evaluations, forKey: .evaluations)
    try container.encode(reached, forKey: .reached)
    try container.encode(worst, forKey: .worst)
    try container.encode(share, forKey: .share)
  }
}
