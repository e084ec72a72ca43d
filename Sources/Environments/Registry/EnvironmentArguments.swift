/// A keyword argument of a built-in environment.
public struct EnvironmentArgument: Hashable, Sendable {
  /// The name, that of Gymnasium's argument if it has one.
  public let name: String
  /// The value that stands for a missing one; null if the environment then decides without a value.
  public let standard: ArgumentValue
  /// The allowed values, in words.
  public let allowed: String
}

/// A reader of an environment's arguments.
///
/// What is read is described: the reader's list of arguments is complete when the environment is made.
struct EnvironmentArguments {
  private let id: String
  private let values: [String: ArgumentValue]
  /// The arguments that were read.
  private(set) var known: [EnvironmentArgument] = []

  init(_ values: [String: ArgumentValue], of id: String) {
    self.id = id
    self.values = values
  }

  /// An argument as it was given; `nil` if it is missing or null.
  mutating func value(
    _ name: String, default standard: ArgumentValue = .null, allowed: String
  ) -> ArgumentValue? {
    known.append(EnvironmentArgument(name: name, standard: standard, allowed: allowed))
    return values[name] == .null ? nil : values[name]
  }

  mutating func boolean(
    _ name: String, default standard: Bool
  ) throws(EnvironmentError) -> Bool {
    let allowed = "true or false"
    switch value(name, default: .boolean(standard), allowed: allowed) {
    case nil: return standard
    case .boolean(let value): return value
    case .some(let value): throw bad(name, value, allowed: allowed)
    }
  }

  mutating func integer(
    _ name: String, default standard: Int, in range: ClosedRange<Int>
  ) throws(EnvironmentError) -> Int {
    try optionalInteger(name, default: .integer(standard), in: range) ?? standard
  }

  /// A whole number; `nil` if none was given.
  mutating func optionalInteger(
    _ name: String, default standard: ArgumentValue = .null, in range: ClosedRange<Int>
  ) throws(EnvironmentError) -> Int? {
    let allowed = "a whole number from \(range.lowerBound) to \(range.upperBound)"
    guard let given = value(name, default: standard, allowed: allowed) else { return nil }
    guard let number = given.wholeNumber, range.contains(number) else {
      throw bad(name, given, allowed: allowed)
    }
    return number
  }

  mutating func number(
    _ name: String, default standard: Double, in range: ClosedRange<Double>
  ) throws(EnvironmentError) -> Double {
    let allowed = "a number from \(range.lowerBound) to \(range.upperBound)"
    guard let given = value(name, default: .number(standard), allowed: allowed) else {
      return standard
    }
    guard let number = given.number, range.contains(number) else {
      throw bad(name, given, allowed: allowed)
    }
    return number
  }

  /// A list of numbers of the default's length.
  mutating func numbers(
    _ name: String, default standard: [Double], in range: ClosedRange<Double>
  ) throws(EnvironmentError) -> [Double] {
    let allowed = "\(standard.count) numbers from \(range.lowerBound) to \(range.upperBound)"
    let list = ArgumentValue.list(standard.map { .number($0) })
    guard let given = value(name, default: list, allowed: allowed) else { return standard }
    guard case .list(let values) = given, values.count == standard.count else {
      throw bad(name, given, allowed: allowed)
    }
    let numbers = values.compactMap(\.number).filter(range.contains)
    guard numbers.count == standard.count else { throw bad(name, given, allowed: allowed) }
    return numbers
  }

  mutating func choice<Choice: RawRepresentable & CaseIterable>(
    _ name: String, default standard: Choice
  ) throws(EnvironmentError) -> Choice where Choice.RawValue == String {
    let allowed = Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
    guard let given = value(name, default: .text(standard.rawValue), allowed: allowed) else {
      return standard
    }
    guard case .text(let text) = given, let choice = Choice(rawValue: text) else {
      throw bad(name, given, allowed: allowed)
    }
    return choice
  }

  /// The range of starting states: the options `low` and `high` of Gymnasium's reset.
  mutating func starts(
    default standard: ClosedRange<Double>, within limits: ClosedRange<Double>
  ) throws(EnvironmentError) -> ClosedRange<Double> {
    let low = try number("low", default: standard.lowerBound, in: limits)
    let high = try number("high", default: standard.upperBound, in: limits)
    guard low <= high else {
      let (name, value) = given(["high", "low"])[0]
      throw bad(name, value, allowed: "low ≤ high; they are \(low) and \(high)")
    }
    return low...high
  }

  /// The limit of an episode's steps, the argument `max_episode_steps`; `nil` is no limit.
  mutating func maximumSteps(default standard: Int?) throws(EnvironmentError) -> Int? {
    let (name, range) = ("max_episode_steps", 1...1_000_000_000)
    let allowed = "-1 for no limit, or a whole number from 1 to \(range.upperBound)"
    guard let given = value(name, default: .integer(standard ?? -1), allowed: allowed) else {
      return standard
    }
    guard let limit = given.wholeNumber, limit == -1 || range.contains(limit) else {
      throw bad(name, given, allowed: allowed)
    }
    return limit == -1 ? nil : limit
  }

  /// The given ones of some arguments.
  func given(_ names: [String]) -> [(name: String, value: ArgumentValue)] {
    names.compactMap { name in
      values[name].flatMap { $0 == .null ? nil : (name, $0) }
    }
  }

  /// The error of an argument whose value is not allowed.
  func bad(_ name: String, _ value: ArgumentValue, allowed: String) -> EnvironmentError {
    .badArgument(id: id, name: name, value: value, allowed: allowed)
  }

  /// Throws for arguments that the environment does not have.
  func requireAllKnown() throws(EnvironmentError) {
    let names = known.map(\.name)
    guard let name = values.keys.filter({ !names.contains($0) }).min() else { return }
    throw .unknownArgument(id: id, name: name, known: names.sorted())
  }
}
