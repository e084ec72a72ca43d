internal import SARSAPreconditions

/// The space of an environment's observations: a box of numbers, zeros and ones, or categories.
///
/// A network always takes numbers. Gymnasium's integers (`Discrete` and products of them) are written
/// one-hot: one number per possible value, which is 1 for the actual value and 0 for the others.
public enum ObservationSpace: Codable, Hashable, Sendable {
  /// Numbers between bounds, in an array of some shape, row by row.
  case box(low: [Float], high: [Float], shape: [Int])
  /// Numbers of which each is 0 or 1, in an array of some shape, row by row.
  ///
  /// A replay memory stores such an observation as bits.
  case binary(shape: [Int])
  /// Integers, each one-hot, side by side. Each has a number of values and a lowest value, its start.
  case categories([Int], starts: [Int])

  /// A box whose numbers have the same bounds; by default it has no bounds.
  ///
  /// - Precondition: a shape of positive sides.
  public static func box(
    shape: [Int], low: Float = -.infinity, high: Float = .infinity
  ) -> ObservationSpace {
    let size = size(of: shape)
    return .box(
      low: Array(repeating: low, count: size), high: Array(repeating: high, count: size),
      shape: shape)
  }

  /// Integers, each from 0 to its count − 1.
  public static func categories(_ counts: [Int]) -> ObservationSpace {
    .categories(counts, starts: Array(repeating: 0, count: counts.count))
  }

  /// One integer from 0 to the count − 1.
  public static func category(_ count: Int) -> ObservationSpace { .categories([count]) }

  /// The number of network inputs.
  public var size: Int {
    switch self {
    case .box(let low, _, _): low.count
    case .binary(let shape): Self.size(of: shape)
    case .categories(let counts, _): counts.reduce(0, +)
    }
  }

  /// The shape of the array of network inputs; one-hot numbers are one row.
  public var shape: [Int] {
    switch self {
    case .box(_, _, let shape), .binary(let shape): shape
    case .categories: [size]
    }
  }

  /// The sides of a board, as a shape of two or three sides is read; `nil` for every other shape.
  ///
  /// Numbers are in rows of cells, those of a cell's channels side by side. With two sides there is one channel.
  public var board: (height: Int, width: Int, channels: Int)? {
    switch shape.count {
    case 2: (shape[0], shape[1], 1)
    case 3: (shape[0], shape[1], shape[2])
    default: nil
    }
  }

  /// The bounds of every network input; those of one-hot numbers are 0 and 1.
  public var bounds: (low: [Float], high: [Float]) {
    if case .box(let low, let high, _) = self { return (low, high) }
    return (Array(repeating: 0, count: size), Array(repeating: 1, count: size))
  }

  /// Whether every number of an observation is 0 or 1.
  public var isZerosAndOnes: Bool {
    if case .box = self { false } else { true }
  }

  /// Whether the numbers are stored as bits: each is 0 or 1, and they are no categories.
  public var isBinary: Bool {
    if case .binary = self { true } else { false }
  }

  /// The number of elements of an array.
  private static func size(of shape: [Int]) -> Int {
    require(
      shape.allSatisfy { $0 > 0 }, "shape is \(shape); allowed: sides of 1 or more")
    return shape.reduce(1) { size, side in
      let (product, isTooLarge) = size.multipliedReportingOverflow(by: side)
      require(!isTooLarge, "shape is \(shape); allowed: sides whose product is an Int")
      return product
    }
  }

  /// Writes the observation of a space of one integer: 1 at its place and 0 elsewhere.
  static func write(category: Int, into observation: inout MutableSpan<Float>) {
    for i in observation.indices { observation[i] = 0 }
    observation[category] = 1
  }

  /// The integers that a one-hot observation stands for.
  ///
  /// - Returns: `nil` if the space has no categories, or the observation is not one-hot.
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

  /// Whether an observation is one of this space: within the bounds, zeros and ones, or one-hot.
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
        "the space has % lower and % upper bounds; allowed: the same number of both", low.count,
        high.count)
      return observation.indices.allSatisfy {
        low[$0] <= observation[$0] && observation[$0] <= high[$0]
      }
    case .binary: return observation.allSatisfy { $0 == 0 || $0 == 1 }
    case .categories: return categories(in: observation) != nil
    }
  }
}
