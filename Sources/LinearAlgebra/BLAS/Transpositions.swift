/// Which operands of a product are read as their transposes.
public struct Transpositions: OptionSet, Hashable, Sendable {
  /// One bit per operand.
  public let rawValue: UInt8

  /// Makes a set from its bits.
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// The left operand.
  public static let first = Transpositions(rawValue: 1)
  /// The right operand.
  public static let second = Transpositions(rawValue: 2)
  /// Both operands.
  ///
  /// A literal of the two would allocate an array in a debug build.
  public static let both = Transpositions(rawValue: 3)
}
