internal import Yams

/// Encodes settings as text that YAML 1.1 and YAML 1.2 parsers read identically.
///
/// Yams' own encoder is not sufficient. It writes numbers with 15 digits, and some of them in a form
/// that PyYAML reads as text. It writes keys without quotes, so that `1`, `no` or `2024-01-01` become
/// keys of other types.
enum YAML {
  /// A value as YAML, with keys in the order in which the value encodes them.
  static func text(_ value: some Encodable) throws -> String {
    let place = Place()
    try place.write(value)
    return try Yams.serialize(node: place.node, width: -1, allowUnicode: true)
  }

  /// Text as a scalar, in quotes if a parser could read it as another type.
  fileprivate static func scalar(_ text: String) -> Node {
    .scalar(Node.Scalar(text, Tag(.str), isPlain(text) ? .plain : .doubleQuoted))
  }

  /// Whether text needs no quotes: a letter, then letters, digits and a few punctuation marks, and not a
  /// reserved word.
  ///
  /// In both versions, numbers and times do not begin with a letter.
  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.utf8.first, isLetter(first), text.utf8.last != UInt8(ascii: ":") else {
      return false
    }
    let isSafe = text.utf8.allSatisfy {
      isLetter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        || "_./:-".utf8.contains($0)
    }
    return isSafe && !meaningful.contains(text.lowercased())
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  /// The words that are booleans or null in one of the versions.
  private static let meaningful: Set<String> = [
    "y", "yes", "true", "on", "n", "no", "false", "off", "null",
  ]

  /// The shortest form that reads back as the same number.
  ///
  /// It has a decimal point, because YAML 1.1
  /// requires one before an exponent.
  fileprivate static func number(_ number: some BinaryFloatingPoint & LosslessStringConvertible)
    -> Node
  {
    if number.isNaN { return Node(".nan", Tag(.float)) }
    if number.isInfinite { return Node(number < 0 ? "-.inf" : ".inf", Tag(.float)) }
    let text = String(number)
    guard let exponent = text.firstIndex(of: "e"), !text.contains(".") else {
      return Node(text, Tag(.float))
    }
    return Node(text[..<exponent] + ".0" + text[exponent...], Tag(.float))
  }
}

/// The node that a value encodes itself into.
///
/// A class, because an encoder returns containers that are filled later.
private final class Place {
  private enum Content {
    case scalar(Node)
    case sequence([Place])
    case mapping([(key: String, value: Place)])
  }

  private var content: Content?

  var node: Node {
    switch content {
    case nil: Node("null", Tag(.null))
    case .scalar(let node): node
    case .sequence(let places): Node(places.map(\.node), Tag(.seq))
    case .mapping(let pairs):
      Node(pairs.map { (YAML.scalar($0.key), $0.value.node) }, Tag(.map))
    }
  }

  func write(_ value: some Encodable) throws {
    switch value {
    case let value as String: content = .scalar(YAML.scalar(value))
    case let value as Bool: content = .scalar(Node("\(value)", Tag(.bool)))
    case let value as Double: content = .scalar(YAML.number(value))
    case let value as Float: content = .scalar(YAML.number(value))
    case let value as any BinaryInteger: content = .scalar(Node("\(value)", Tag(.int)))
    default: try value.encode(to: PlaceEncoder(place: self))
    }
  }

  /// Turns the node into a sequence, unless it is one.
  func becomeSequence() {
    if case .sequence = content { return }
    content = .sequence([])
  }

  /// Turns the node into a mapping, unless it is one.
  func becomeMapping() {
    if case .mapping = content { return }
    content = .mapping([])
  }

  var count: Int {
    if case .sequence(let places) = content { places.count } else { 0 }
  }

  /// A new node at the end of the sequence.
  func next() -> Place {
    let place = Place()
    if case .sequence(let places) = content { content = .sequence(places + [place]) }
    return place
  }

  /// The node of a key in the mapping.
  func place(of key: String) -> Place {
    let place = Place()
    if case .mapping(let pairs) = content { content = .mapping(pairs + [(key, place)]) }
    return place
  }
}

private struct PlaceEncoder: Encoder, SingleValueEncodingContainer {
  let place: Place
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    place.becomeMapping()
    return KeyedEncodingContainer(PlaceMapping(place: place))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    place.becomeSequence()
    return PlaceSequence(place: place)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { self }

  func encodeNil() {}
  func encode(_ value: some Encodable) throws { try place.write(value) }
}

private struct PlaceMapping<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let place: Place
  var codingPath: [any CodingKey] { [] }

  func encodeNil(forKey key: Key) { _ = place.place(of: key.stringValue) }

  func encode(_ value: some Encodable, forKey key: Key) throws {
    try place.place(of: key.stringValue).write(value)
  }

  func nestedContainer<Nested>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    PlaceEncoder(place: place.place(of: key.stringValue)).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    PlaceEncoder(place: place.place(of: key.stringValue)).unkeyedContainer()
  }

  func superEncoder() -> any Encoder { PlaceEncoder(place: place.place(of: "super")) }

  func superEncoder(forKey key: Key) -> any Encoder {
    PlaceEncoder(place: place.place(of: key.stringValue))
  }
}

private struct PlaceSequence: UnkeyedEncodingContainer {
  let place: Place
  var codingPath: [any CodingKey] { [] }
  var count: Int { place.count }

  func encodeNil() { _ = place.next() }
  func encode(_ value: some Encodable) throws { try place.next().write(value) }

  func nestedContainer<Nested>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
    PlaceEncoder(place: place.next()).container(keyedBy: type)
  }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    PlaceEncoder(place: place.next()).unkeyedContainer()
  }

  func superEncoder() -> any Encoder { PlaceEncoder(place: place.next()) }
}
