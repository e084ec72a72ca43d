/// What an environment's observations are: numbers between bounds, or names of things.
///
/// A network always takes numbers. What Gymnasium hands out as a whole number, or as several, is
/// written one-hot: one place for each value, 1 at the one that it has.
public enum ObservationSpace: Codable, Hashable, Sendable {
  /// Numbers between bounds, in an array of some shape, row by row.
  case box(low: [Float], high: [Float], shape: [Int])
  /// Whole numbers, one-hot side by side: each has a count of values, and a lowest one, its start.
  case categories([Int], starts: [Int])

  /// Numbers in an array of some shape that share their bounds; without bounds unless some are given.
  ///
  /// - Precondition: a shape of positive sides.
  public static func box(
    shape: [Int], low: Float = -.infinity, high: Float = .infinity
  ) -> ObservationSpace {
    let size = shape.reduce(1, *)
    return .box(
      low: Array(repeating: low, count: size), high: Array(repeating: high, count: size),
      shape: shape)
  }

  /// Whole numbers, each from 0 up to but not including its count.
  public static func categories(_ counts: [Int]) -> ObservationSpace {
    .categories(counts, starts: Array(repeating: 0, count: counts.count))
  }

  /// One whole number, from 0 up to but not including the count.
  public static func category(_ count: Int) -> ObservationSpace { .categories([count]) }

  /// The numbers that a network takes.
  public var size: Int {
    switch self {
    case .box(let low, _, _): low.count
    case .categories(let counts, _): counts.reduce(0, +)
    }
  }

  /// The whole numbers that a one-hot observation stands for.
  ///
  /// - Returns: `nil` if these are plain numbers, or not one-hot.
  /// - Precondition: `size` numbers.
  public func categories(in observation: [Float]) -> [Int]? {
    guard case .categories(let counts, let starts) = self else { return nil }
    precondition(observation.count == size, "\(observation.count) numbers for \(size)")
    var start = 0
    var result: [Int] = []
    for (count, lowest) in zip(counts, starts) {
      let block = observation[start..<start + count]
      guard let place = block.firstIndex(of: 1), block.allSatisfy({ $0 == 0 || $0 == 1 }),
        block.lastIndex(of: 1) == place
      else { return nil }
      result.append(lowest + (place - start))
      start += count
    }
    return result
  }

  /// Whether an observation is one of this space: within the bounds, or one-hot.
  ///
  /// - Precondition: `size` numbers.
  public func contains(_ observation: [Float]) -> Bool {
    precondition(observation.count == size, "\(observation.count) numbers for \(size)")
    switch self {
    case .box(let low, let high, _):
      return observation.indices.allSatisfy {
        low[$0] <= observation[$0] && observation[$0] <= high[$0]
      }
    case .categories: return categories(in: observation) != nil
    }
  }
}
