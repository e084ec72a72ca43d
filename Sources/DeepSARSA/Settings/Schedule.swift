internal import CSARSAMath

/// A number as a function of the environment steps taken.
///
/// For any other function, compute the number and pass it to `Trainer.advance(with:learningRate:)`.
public enum Schedule: Hashable, Sendable {
  /// A constant.
  case constant(Double)
  /// A straight line over the first steps, then its last value.
  case linear(from: Double, to: Double, steps: Int)
  /// The same ratio at every step, from·(to/from)^(step/steps); then the last value.
  case exponential(from: Double, to: Double, steps: Int)
  /// Half a period of a cosine over the first steps; then the last value.
  ///
  /// Source: I. Loshchilov, F. Hutter 2017, https://doi.org/10.48550/arXiv.1608.03983.
  case cosine(from: Double, to: Double, steps: Int)

  /// The value after a number of environment steps.
  public func value(at step: Int) -> Double {
    switch self {
    case .constant(let value): value
    case .linear(let start, let end, let steps):
      step >= steps ? end : start + (end - start) * (Double(step) / Double(steps))
    case .exponential(let start, let end, let steps):
      step >= steps ? end : start * sarsa_pow(end / start, Double(step) / Double(steps))
    case .cosine(let start, let end, let steps):
      step >= steps
        ? end
        : end + (start - end) * (1 + sarsa_cos(Double.pi * (Double(step) / Double(steps)))) / 2
    }
  }
}

extension Schedule {
  /// The shape of a schedule between its first and its last value.
  public enum Shape: String, Codable, CaseIterable, Sendable {
    /// Equal differences.
    case linear
    /// Equal ratios.
    case exponential
    /// Half a period of a cosine.
    case cosine
  }

  /// The parameters of a schedule that changes.
  public struct Curve: Codable, Hashable, Sendable {
    /// The shape.
    public var shape: Shape
    /// The first value.
    public var from: Double
    /// The last value.
    public var to: Double
    /// The environment steps from the first to the last value.
    public var steps: Int

    /// Makes a curve.
    public init(_ shape: Shape, from: Double, to: Double, steps: Int) {
      self.shape = shape
      self.from = from
      self.to = to
      self.steps = steps
    }
  }

  /// Makes a schedule that changes.
  public init(_ curve: Curve) {
    let (from, to, steps) = (curve.from, curve.to, curve.steps)
    switch curve.shape {
    case .linear: self = .linear(from: from, to: to, steps: steps)
    case .exponential: self = .exponential(from: from, to: to, steps: steps)
    case .cosine: self = .cosine(from: from, to: to, steps: steps)
    }
  }

  /// The schedule's parameters, or `nil` if it is constant.
  public var curve: Curve? {
    switch self {
    case .constant: nil
    case .linear(let from, let to, let steps): Curve(.linear, from: from, to: to, steps: steps)
    case .exponential(let from, let to, let steps):
      Curve(.exponential, from: from, to: to, steps: steps)
    case .cosine(let from, let to, let steps): Curve(.cosine, from: from, to: to, steps: steps)
    }
  }
}

/// A schedule is encoded as a number if it is constant, otherwise as a mapping with `shape`, `from`, `to`
/// and `steps`.
extension Schedule: Codable {
  /// Reads a number or a mapping.
  public init(from decoder: any Decoder) throws {
    if let value = try? decoder.singleValueContainer().decode(Double.self) {
      self = .constant(value)
    } else {
      self.init(try Curve(from: decoder))
    }
  }

  /// Writes a number or a mapping.
  public func encode(to encoder: any Encoder) throws {
    if let curve { return try curve.encode(to: encoder) }
    var container = encoder.singleValueContainer()
    try container.encode(value(at: 0))
  }
}
