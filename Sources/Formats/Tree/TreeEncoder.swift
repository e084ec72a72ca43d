extension Tree {
  /// Encodes a value; names are in the order in which it encodes them.
  ///
  /// - Parameters:
  ///   - value: the value.
  ///   - lists: where its growing lists go; without, they are sequences of the tree.
  /// - Throws: what the value's `encode(to:)` throws.
  package init(encoding value: some Encodable, listsApart lists: GrowingLists? = nil) throws {
    let place = Place(userInfo: lists?.userInfo ?? [:])
    try place.write(value)
    self = place.tree
  }
}

/// The tree that a value encodes itself into.
///
/// A class, because an encoder returns containers that are filled later.
private final class Place {
  private enum Content {
    case leaf(Tree)
    case sequence([Place])
    case mapping([(key: String, value: Place)])
  }

  let userInfo: [CodingUserInfoKey: Any]
  private var content = Content.leaf(.null)
  /// The position of each name in the mapping.
  private var positions: [String: Int] = [:]

  init(userInfo: [CodingUserInfoKey: Any]) { self.userInfo = userInfo }

  var tree: Tree {
    switch content {
    case .leaf(let tree): tree
    case .sequence(let places): .sequence(places.map(\.tree))
    case .mapping(let pairs): .mapping(pairs.map { Tree.Entry($0.key, $0.value.tree) })
    }
  }

  func write<Value: Encodable>(_ value: Value) throws {
    // The state of a generator has hundreds of words, which are not looked at one by one.
    if Value.self == [UInt32].self, let words = value as? [UInt32] {
      content = .leaf(.sequence(words.map { .unsigned(UInt64($0)) }))
      return
    }
    switch value {
    case let value as String: content = .leaf(.text(value))
    case let value as Bool: content = .leaf(.boolean(value))
    case let value as Double: content = .leaf(.number(value))
    case let value as Float: content = .leaf(.single(value))
    case let value as any SignedInteger & FixedWidthInteger:
      guard let integer = Int(exactly: value) else { throw unrepresentable(value) }
      content = .leaf(.integer(integer))
    case let value as any UnsignedInteger & FixedWidthInteger:
      guard let integer = UInt64(exactly: value) else { throw unrepresentable(value) }
      content = .leaf(.unsigned(integer))
    default: try value.encode(to: PlaceEncoder(place: self))
    }
  }

  private func unrepresentable(_ value: Any) -> EncodingError {
    EncodingError.invalidValue(
      value, EncodingError.Context(codingPath: [], debugDescription: "it needs more than 64 bits"))
  }

  /// Turns the place into a sequence, unless it is one.
  func becomeSequence() {
    if case .sequence = content { return }
    content = .sequence([])
  }

  /// Turns the place into a mapping, unless it is one.
  func becomeMapping() {
    if case .mapping = content { return }
    content = .mapping([])
  }

  var count: Int {
    if case .sequence(let places) = content { places.count } else { 0 }
  }

  /// A new place at the end of the sequence.
  func next() -> Place {
    let place = Place(userInfo: userInfo)
    if case .sequence(var places) = content {
      content = .leaf(.null)
      places.append(place)
      content = .sequence(places)
    }
    return place
  }

  /// The place of a name in the mapping; a repeated name replaces the first value.
  func place(of key: String) -> Place {
    let place = Place(userInfo: userInfo)
    if case .mapping(var pairs) = content {
      content = .leaf(.null)
      if let position = positions[key] {
        pairs[position].value = place
      } else {
        positions[key] = pairs.count
        pairs.append((key, place))
      }
      content = .mapping(pairs)
    }
    return place
  }
}

private struct PlaceEncoder: Encoder, SingleValueEncodingContainer {
  let place: Place
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { place.userInfo }

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

  func superEncoder() -> any Encoder {
    PlaceEncoder(place: place.place(of: TreeKey.super.stringValue))
  }

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
