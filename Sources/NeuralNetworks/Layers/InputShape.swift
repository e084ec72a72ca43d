/// The shape of one row of a layer's input: of an observation, or of the output of the layer before.
///
/// As text it is `4`, or `10x10x4` for a board of 10 by 10 cells with 4 channels.
public enum InputShape: Hashable, Sendable {
  /// Numbers without an arrangement.
  case vector(Int)
  /// Cells in rows, each with the same channels; columns are in the order height, width, channel.
  case board(height: Int, width: Int, channels: Int)

  /// The sides, outermost first.
  public var sides: [Int] {
    switch self {
    case .vector(let count): [count]
    case .board(let height, let width, let channels): [height, width, channels]
    }
  }

  /// The number of columns.
  ///
  /// - Precondition: it can be represented as an `Int`.
  public var count: Int {
    switch self {
    case .vector(let count): count
    case .board(let height, let width, let channels): height * width * channels
    }
  }

  /// PyTorch's order of the sides: channels first.
  var axes: [Int] {
    switch self {
    case .vector: [0]
    case .board: [2, 0, 1]
    }
  }

  /// Whether every side, and the number of columns, is allowed in a network.
  var isValid: Bool {
    // A product of two numbers up to the limit does not overflow.
    let limit = NetworkDescription.limits.columns
    return sides.allSatisfy { (1...limit).contains($0) }
      && sides.reduce(1) { min($0 * $1, limit + 1) } <= limit
  }
}

extension InputShape: LosslessStringConvertible {
  /// The sides, separated by `x`.
  public var description: String { sides.map(String.init).joined(separator: "x") }

  /// Reads the text that `description` gives.
  ///
  /// - Returns: `nil` for a text that is not one or three whole numbers.
  public init?(_ description: String) {
    let sides = description.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    switch (sides.count, sides.first, sides.last) {
    case (1, let count??, _): self = .vector(count)
    case (3, let height??, let channels??):
      guard let width = sides[1] else { return nil }
      self = .board(height: height, width: width, channels: channels)
    default: return nil
    }
  }
}
