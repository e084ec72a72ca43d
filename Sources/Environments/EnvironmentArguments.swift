internal import SARSAFormats

/// The value of an environment's argument: a JSON value.
public enum ArgumentValue: Hashable, Sendable {
  /// Null.
  case null
  /// True or false.
  case boolean(Bool)
  /// A number without a fraction.
  case integer(Int)
  /// Any other number.
  case number(Double)
  /// Text.
  case text(String)
  /// An array.
  case list([ArgumentValue])
  /// An object.
  case object([String: ArgumentValue])

  /// The value as a number; `nil` if it is not a number.
  var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }
}

extension ArgumentValue: Codable {
  /// Reads a value of any kind.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .boolean(value)
    } else if let value = try? container.decode(Int.self) {
      self = .integer(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let value = try? container.decode([ArgumentValue].self) {
      self = .list(value)
    } else {
      self = .object(try container.decode([String: ArgumentValue].self))
    }
  }

  /// Writes the value, the names of an object in alphabetical order.
  public func encode(to encoder: any Encoder) throws {
    if case .object(let values) = self {
      var container = encoder.container(keyedBy: Name.self)
      for (name, value) in values.sorted(by: { $0.key < $1.key }) {
        try container.encode(value, forKey: Name(stringValue: name))
      }
      return
    }
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .boolean(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .text(let value): try container.encode(value)
    case .list(let value): try container.encode(value)
    case .object: break
    }
  }

  /// A name in an object.
  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}

extension ArgumentValue: CustomStringConvertible {
  /// The value in JSON, names in alphabetical order.
  public var description: String {
    switch self {
    case .null: "null"
    case .boolean(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .text(let value): value.quotedAsJSON
    case .list(let values): "[\(values.map(\.description).joined(separator: ","))]"
    case .object(let values):
      "{"
        + values.sorted { $0.key < $1.key }.map { "\($0.quotedAsJSON):\($1)" }
        .joined(separator: ",") + "}"
    }
  }
}

/// An error in an environment's id or arguments.
public enum EnvironmentError: Error, Hashable, CustomStringConvertible {
  /// No environment has this id; the known ids.
  case unknown(id: String, known: [String])
  /// The environment has no argument of this name; the names of its arguments.
  case unknownArgument(id: String, name: String, known: [String])
  /// An argument has a value that is not allowed.
  case badArgument(id: String, name: String, value: ArgumentValue, allowed: String)

  /// The known id or name that was probably meant; `nil` if none is similar to the given one.
  public var suggestion: String? {
    switch self {
    case .unknown(let id, let known): nearest(id, among: known)
    case .unknownArgument(_, let name, let known): nearest(name, among: known)
    case .badArgument: nil
    }
  }

  private var hint: String { suggestion.map { " (did you mean '\($0)'?)" } ?? "" }

  /// One line that says what, where and what is allowed.
  public var description: String {
    switch self {
    case .unknown(let id, let known):
      "the environment is '\(id)'\(hint); allowed: \(known.joined(separator: ", "))"
    case .unknownArgument(let id, let name, let known):
      "'\(name)' is not an argument of \(id)\(hint); allowed: \(known.joined(separator: ", "))"
    case .badArgument(let id, let name, let value, let allowed):
      "\(name) of \(id) is \(value); allowed: \(allowed)"
    }
  }
}

/// A reader of an environment's arguments, which records the names that are read.
struct EnvironmentArguments {
  private let id: String
  private let values: [String: ArgumentValue]
  /// The names that were read.
  private(set) var known: [String] = []

  init(_ values: [String: ArgumentValue], of id: String) {
    self.id = id
    self.values = values
  }

  /// An argument as it was given; `nil` if it is missing or null.
  mutating func value(_ name: String) -> ArgumentValue? {
    known.append(name)
    return values[name] == .null ? nil : values[name]
  }

  mutating func boolean(
    _ name: String, default standard: Bool
  ) throws(EnvironmentError) -> Bool {
    switch value(name) {
    case nil: return standard
    case .boolean(let value): return value
    case .some(let value): throw bad(name, value, allowed: "true or false")
    }
  }

  mutating func integer(
    _ name: String, in range: ClosedRange<Int>
  ) throws(EnvironmentError) -> Int? {
    switch value(name) {
    case nil: return nil
    case .integer(let value) where range.contains(value): return value
    case .some(let value):
      throw bad(
        name, value,
        allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
  }

  mutating func number(
    _ name: String, default standard: Double, in range: ClosedRange<Double>
  ) throws(EnvironmentError) -> Double {
    guard let given = value(name) else { return standard }
    guard let number = given.number, range.contains(number) else {
      throw bad(
        name, given, allowed: "a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  mutating func choice<Choice: RawRepresentable & CaseIterable>(
    _ name: String, default standard: Choice
  ) throws(EnvironmentError) -> Choice where Choice.RawValue == String {
    guard let given = value(name) else { return standard }
    guard case .text(let text) = given, let choice = Choice(rawValue: text) else {
      let all = Choice.allCases.map { "\"\($0.rawValue)\"" }
      throw bad(name, given, allowed: all.joined(separator: ", "))
    }
    return choice
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
    guard let name = values.keys.filter({ !known.contains($0) }).min() else { return }
    throw .unknownArgument(id: id, name: name, known: known.sorted())
  }
}
