internal import SARSAPreconditions

/// What an environment's observations are: numbers between bounds, or names of things.
///
/// A network always takes numbers. Gymnasium's integers (`Discrete` and products of them) are written
/// one-hot: one number per possible value, which is 1 for the actual value and 0 for the others.
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
    require(
      shape.allSatisfy { $0 > 0 }, "shape is \(shape); allowed: sides of 1 or more")
    let size = shape.reduce(1) { size, side in
      let (product, isTooLarge) = size.multipliedReportingOverflow(by: side)
      require(!isTooLarge, "shape is \(shape); allowed: sides whose product is an Int")
      return product
    }
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
    require(
      observation.count == size,
      "the observation has % numbers; allowed: %", observation.count, size)
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
    require(
      observation.count == size,
      "the observation has % numbers; allowed: %", observation.count, size)
    switch self {
    case .box(let low, let high, _):
      require(
        high.count == low.count,
        "the space has % lower and % upper bounds; allowed: as many of each", low.count, high.count)
      return observation.indices.allSatisfy {
        low[$0] <= observation[$0] && observation[$0] <= high[$0]
      }
    case .categories: return categories(in: observation) != nil
    }
  }
}
