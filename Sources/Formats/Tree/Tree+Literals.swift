internal import SARSAPreconditions

// Trees as literals, so that a document reads as it does in JSON:
//
//     let axis: Tree = ["field": "step", "axis": ["format": "~s", "grid": false]]
//
// `nil` is not a literal of a tree, because a name of a mapping is removed by setting it to `nil`: null is `.null`.

extension Tree: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByStringInterpolation
{
  /// True or false.
  package init(booleanLiteral value: Bool) { self = .boolean(value) }

  /// An integer of a signed type.
  package init(integerLiteral value: Int) { self = .integer(value) }

  /// A number in double precision.
  package init(floatLiteral value: Double) { self = .number(value) }

  /// Text.
  package init(stringLiteral value: String) { self = .text(value) }
}

extension Tree: ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
  /// Elements in their order.
  package init(arrayLiteral elements: Tree...) { self = .sequence(elements) }

  /// Values by name, in their order.
  ///
  /// - Precondition: names that differ.
  package init(dictionaryLiteral elements: (String, Tree)...) {
    let names = elements.map(\.0)
    require(Set(names).count == names.count, "the names are \(names); allowed: names that differ")
    self = .mapping(elements.map { Entry($0, $1) })
  }
}

extension Tree {
  /// A list of numbers.
  package init(_ numbers: some Sequence<Double>) { self = .sequence(numbers.map(Tree.number)) }

  /// A list of texts.
  package init(_ texts: some Sequence<String>) { self = .sequence(texts.map(Tree.text)) }

  /// The mapping with the entries of another one, which replace those of the same names.
  ///
  /// Where both have a mapping under a name, these are merged in the same way.
  package func merging(_ other: Tree) -> Tree {
    guard entries != nil, let others = other.entries else { return other }
    return others.reduce(into: self) { result, entry in
      result[entry.key] = result[entry.key]?.merging(entry.value) ?? entry.value
    }
  }
}
