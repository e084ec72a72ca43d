/// A part of an experiment's runs, for one of several processes or machines.
///
/// The parts need not know of each other: which runs a part has follows from its number and the number of parts.
public struct ExperimentPart: Hashable, Sendable {
  /// The number of the part, from 1.
  public let number: Int
  /// The number of parts.
  public let count: Int

  /// All runs.
  public static let all = ExperimentPart(checked: 1, of: 1)

  private init(checked number: Int, of count: Int) {
    self.number = number
    self.count = count
  }

  /// Makes a part; `nil` unless its number is from 1 to the number of parts.
  public init?(_ number: Int, of count: Int) {
    guard number >= 1, number <= count else { return nil }
    self.init(checked: number, of: count)
  }

  /// Reads a part that is written as in `2/8`; `nil` for other text.
  public init?(_ text: String) {
    let numbers = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 2, let number = numbers[0], let count = numbers[1] else { return nil }
    self.init(number, of: count)
  }

  /// Whether a run belongs to the part, by the sum of its group's and its seed's number.
  func contains(_ sum: Int) -> Bool { sum % count == number - 1 }
}
