/// A number that may change as training goes on, as a function of the environment steps taken.
public enum Schedule: Hashable, Sendable {
  /// The same number throughout.
  case constant(Double)
  /// A straight line over the first steps, its end value ever after.
  case linear(from: Double, to: Double, steps: Int)

  /// The value after so many environment steps.
  public func value(at step: Int) -> Double {
    switch self {
    case .constant(let value): value
    case .linear(let start, let end, let steps):
      step >= steps ? end : start + (end - start) * (Double(step) / Double(steps))
    }
  }

  /// The values at both ends.
  var bounds: [Double] {
    switch self {
    case .constant(let value): [value]
    case .linear(let start, let end, _): [start, end]
    }
  }
}

/// Written as a number if constant, else as a mapping with `from`, `to` and `steps`.
extension Schedule: Codable {
  private enum Key: String, CodingKey {
    case from, to, steps
  }

  /// Reads a number or a mapping.
  public init(from decoder: any Decoder) throws {
    if let value = try? decoder.singleValueContainer().decode(Double.self) {
      self = .constant(value)
    } else {
      let container = try decoder.container(keyedBy: Key.self)
      self = .linear(
        from: try container.decode(Double.self, forKey: .from),
        to: try container.decode(Double.self, forKey: .to),
        steps: try container.decode(Int.self, forKey: .steps))
    }
  }

  /// Writes a number or a mapping.
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .constant(let value):
      var container = encoder.singleValueContainer()
      try container.encode(value)
    case .linear(let start, let end, let steps):
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(start, forKey: .from)
      try container.encode(end, forKey: .to)
      try container.encode(steps, forKey: .steps)
    }
  }
}
