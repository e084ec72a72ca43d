/// A value without a type: the common form of settings in memory, as YAML, and as bytes.
///
/// A `Codable` value becomes a tree by `Tree(encoding:)`, and a tree becomes a value by
/// `TreeDecoder.decode(_:from:)`. Numbers keep every bit, except the payload of a NaN.
package indirect enum Tree: Hashable, Sendable {
  /// No value.
  case null
  /// True or false.
  case boolean(Bool)
  /// An integer of a signed type.
  case integer(Int)
  /// An integer of an unsigned type, or one above `Int.max`.
  case unsigned(UInt64)
  /// A number in double precision.
  case number(Double)
  /// A number in single precision.
  case single(Float)
  /// Text.
  case text(String)
  /// Elements in their order.
  case sequence([Tree])
  /// Values by name, in their order; names are unique.
  case mapping([Entry])

  /// A name and its value.
  package struct Entry: Hashable, Sendable {
    /// The name.
    package let key: String
    /// The value.
    package var value: Tree

    /// Makes an entry.
    package init(_ key: String, _ value: Tree) {
      self.key = key
      self.value = value
    }
  }

  /// The entries of a mapping; `nil` for a value of another kind.
  package var entries: [Entry]? {
    if case .mapping(let entries) = self { entries } else { nil }
  }

  /// The elements of a sequence; `nil` for a value of another kind.
  package var elements: [Tree]? {
    if case .sequence(let elements) = self { elements } else { nil }
  }

  /// The value of a name in a mapping.
  ///
  /// A name that is set to `nil` is removed, and a new name is added at the end. A value that is not a
  /// mapping has no names, and setting one has no effect.
  ///
  /// - Complexity: O(entries).
  package subscript(key: String) -> Tree? {
    get { entries?.first { $0.key == key }?.value }
    set {
      guard var entries else { return }
      let place = entries.firstIndex { $0.key == key }
      switch (place, newValue) {
      case (let place?, let value?): entries[place].value = value
      case (let place?, nil): entries.remove(at: place)
      case (nil, let value?): entries.append(Entry(key, value))
      case (nil, nil): break
      }
      self = .mapping(entries)
    }
  }

  /// The value at a path of names and of positions in sequences; `nil` if there is none.
  package func value(at path: [any CodingKey]) -> Tree? {
    path.reduce(self) { tree, key in
      if let position = key.intValue, case .sequence(let elements)? = tree {
        return elements.indices.contains(position) ? elements[position] : nil
      }
      return tree?[key.stringValue]
    }
  }
}

extension Tree {
  /// The first place at which two trees differ: its dotted path, and both values as JSON; `nil` for equal trees.
  package func firstDifference(
    from other: Tree, at path: String = ""
  ) -> (path: String, value: String, other: String)? {
    if self == other { return nil }
    guard let entries, let others = other.entries else { return (path, json, other.json) }
    for entry in entries {
      let path = path.isEmpty ? entry.key : "\(path).\(entry.key)"
      guard let value = other[entry.key] else { return (path, entry.value.json, "missing") }
      if let difference = entry.value.firstDifference(from: value, at: path) { return difference }
    }
    let added = others.first { self[$0.key] == nil }
    return added.map { (path.isEmpty ? $0.key : "\(path).\($0.key)", "missing", $0.value.json) }
  }
}

/// A name in a mapping, or a position in a sequence.
struct TreeKey: CodingKey {
  let stringValue: String
  let intValue: Int?

  init(stringValue: String) {
    self.stringValue = stringValue
    intValue = nil
  }

  init(intValue: Int) {
    stringValue = "\(intValue)"
    self.intValue = intValue
  }

  /// The name of the value that a superclass encodes.
  static let `super` = TreeKey(stringValue: "super")
}
