/// Settings of which a tree may lack some, because an earlier version did not have them.
package protocol SettingsWithDefaults: Decodable {
  /// The tree, in which what it lacks has its default.
  static func completed(_ tree: Tree) throws -> Tree
}

/// Decodes values from a tree, and records the names that the values ask for.
///
/// An integer is also read as a number; no other value is converted. It never traps.
package final class TreeDecoder {
  /// The names that were asked for in each mapping, by the mapping's path.
  fileprivate var known: [[String]: Set<String>] = [:]
  /// The names in each mapping, by the mapping's path.
  fileprivate var present: [[String]: [String]] = [:]

  /// A name in a mapping that no value asked for.
  package struct UnknownKey: Hashable, Sendable {
    /// The path of the mapping.
    package let path: [String]
    /// The name.
    package let key: String
    /// The names that the value has, in alphabetical order.
    package let known: [String]
  }

  fileprivate let userInfo: [CodingUserInfoKey: Any]

  /// Makes a decoder for one tree.
  ///
  /// - Parameter lists: the growing lists that were kept apart from it; `nil` if they are in it.
  package init(listsApart lists: GrowingLists? = nil) { userInfo = lists?.userInfo ?? [:] }

  /// Decodes a value.
  ///
  /// - Throws: `DecodingError` with the path of the first value that does not fit, or what the value's
  ///   `init(from:)` throws.
  package func decode<Value: Decodable>(_ type: Value.Type, from tree: Tree) throws -> Value {
    try Branch(tree: tree, codingPath: [], root: self).decode(type)
  }

  /// The names that are in the tree but were not asked for, those of outer mappings first.
  package var unknownKeys: [UnknownKey] {
    present.flatMap { path, keys in
      let known = known[path] ?? []
      return keys.filter { !known.contains($0) }.map {
        UnknownKey(path: path, key: $0, known: known.sorted())
      }
    }
    .sorted {
      ($0.path.count, $0.path.joined(), $0.key) < ($1.path.count, $1.path.joined(), $1.key)
    }
  }
}

/// A part of the tree, and its path.
private struct Branch: Decoder, SingleValueDecodingContainer {
  let tree: Tree
  let codingPath: [any CodingKey]
  let root: TreeDecoder
  var userInfo: [CodingUserInfoKey: Any] { root.userInfo }

  func branch(_ tree: Tree, _ key: any CodingKey) -> Branch {
    Branch(tree: tree, codingPath: codingPath + [key], root: root)
  }

  func container<Key>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard case .mapping(let entries) = tree else { throw mismatch([String: Tree].self) }
    let path = codingPath.map(\.stringValue)
    root.present[path] = entries.map(\.key)
    let values = Dictionary(entries.map { ($0.key, $0.value) }) { first, _ in first }
    return KeyedDecodingContainer(
      MappingReader(branch: self, keys: entries.map(\.key), values: values, path: path))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard case .sequence(let elements) = tree else { throw mismatch([Tree].self) }
    return SequenceReader(branch: self, elements: elements)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer { self }

  func decodeNil() -> Bool { tree == .null }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    let leaf: Any?
    switch type {
    case is Bool.Type: if case .boolean(let value) = tree { leaf = value } else { leaf = nil }
    case is String.Type: if case .text(let value) = tree { leaf = value } else { leaf = nil }
    case is Double.Type: leaf = number
    case is Float.Type: leaf = single
    case let type as any (FixedWidthInteger & Sendable).Type: leaf = integer(type)
    case let type as any SettingsWithDefaults.Type:
      let complete = try type.completed(tree)
      return try Value(from: Branch(tree: complete, codingPath: codingPath, root: root))
    case let type as any (CaseIterable & RawRepresentable & Decodable).Type:
      leaf = try one(of: type)
    default: return try Value(from: self)
    }
    guard let value = leaf as? Value else { throw mismatch(type) }
    return value
  }

  /// A value of a type that has a few; the error of another one lists them.
  private func one<Value: CaseIterable & RawRepresentable & Decodable>(
    of type: Value.Type
  ) throws -> Value {
    do {
      return try Value(from: self)
    } catch DecodingError.dataCorrupted(let context) {
      let names = Value.allCases.map { "\($0.rawValue)" }.joined(separator: ", ")
      throw DecodingError.dataCorrupted(
        .init(codingPath: context.codingPath, debugDescription: names))
    }
  }

  private var number: Double? {
    switch tree {
    case .number(let value): value
    case .single(let value): Double(value)
    case .integer(let value): Double(value)
    case .unsigned(let value): Double(value)
    default: nil
    }
  }

  private var single: Float? {
    if case .single(let value) = tree { return value }
    return number.flatMap { Float($0).isFinite == $0.isFinite ? Float($0) : nil }
  }

  private func integer<Value: FixedWidthInteger & Sendable>(_ type: Value.Type) -> Value? {
    switch tree {
    case .integer(let value): Value(exactly: value)
    case .unsigned(let value): Value(exactly: value)
    default: nil
    }
  }

  private func mismatch(_ type: Any.Type) -> DecodingError {
    .typeMismatch(
      type, DecodingError.Context(codingPath: codingPath, debugDescription: "it is of another kind")
    )
  }
}

private struct MappingReader<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let branch: Branch
  let keys: [String]
  let values: [String: Tree]
  let path: [String]
  var codingPath: [any CodingKey] { branch.codingPath }
  var allKeys: [Key] { keys.compactMap { Key(stringValue: $0) } }

  private func find(_ key: String) -> Tree? {
    branch.root.known[path, default: []].insert(key)
    return values[key]
  }

  private func require(_ key: Key) throws -> Branch {
    guard let tree = find(key.stringValue) else {
      throw DecodingError.keyNotFound(
        key, DecodingError.Context(codingPath: codingPath, debugDescription: "it is missing"))
    }
    return branch.branch(tree, key)
  }

  func contains(_ key: Key) -> Bool { find(key.stringValue) != nil }

  func decodeNil(forKey key: Key) throws -> Bool { try require(key).decodeNil() }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    try require(key).decode(type)
  }

  func nestedContainer<Nested>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try require(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try require(key).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder {
    branch.branch(find(TreeKey.super.stringValue) ?? .null, TreeKey.super)
  }

  func superDecoder(forKey key: Key) throws -> any Decoder { try require(key) }
}

private struct SequenceReader: UnkeyedDecodingContainer {
  let branch: Branch
  let elements: [Tree]
  private(set) var currentIndex = 0
  var codingPath: [any CodingKey] { branch.codingPath }
  var count: Int? { elements.count }
  var isAtEnd: Bool { currentIndex >= elements.count }

  init(branch: Branch, elements: [Tree]) {
    self.branch = branch
    self.elements = elements
  }

  private func current() throws -> Branch {
    guard !isAtEnd else {
      throw DecodingError.valueNotFound(
        Tree.self,
        DecodingError.Context(
          codingPath: codingPath + [TreeKey(intValue: currentIndex)],
          debugDescription: "it is missing"))
    }
    return branch.branch(elements[currentIndex], TreeKey(intValue: currentIndex))
  }

  private mutating func next<Value>(_ read: (Branch) throws -> Value) throws -> Value {
    let value = try read(current())
    currentIndex += 1
    return value
  }

  mutating func decodeNil() throws -> Bool {
    let isNull = try current().decodeNil()
    if isNull { currentIndex += 1 }
    return isNull
  }

  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try next { try $0.decode(type) }
  }

  mutating func nestedContainer<Nested>(
    keyedBy type: Nested.Type
  ) throws -> KeyedDecodingContainer<Nested> {
    try next { try $0.container(keyedBy: type) }
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try next { try $0.unkeyedContainer() }
  }

  mutating func superDecoder() throws -> any Decoder { try next { $0 } }
}
