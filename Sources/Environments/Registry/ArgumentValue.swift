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

  /// The value as a whole number, which may be written as `1e3` or `1.0`; `nil` if it is none.
  var wholeNumber: Int? {
    switch self {
    case .integer(let value): value
    case .number(let value): Int(exactly: value)
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
