/// A list to which elements are only added, such as all actions since a seed.
///
/// As a part of a `Codable` value it is encoded as a sequence, unless the encoder keeps such lists apart: then it
/// is encoded as its place among them. So a list of millions of elements need not be written anew whenever the
/// value is saved; its file only gets the new elements.
package struct GrowingList: Hashable, Sendable {
  /// The elements.
  package private(set) var elements: [UInt16]

  /// Makes a list.
  package init(_ elements: [UInt16] = []) { self.elements = elements }

  /// Adds an element.
  ///
  /// - Complexity: O(1) on average.
  package mutating func append(_ element: UInt16) { elements.append(element) }
}

/// Lists that are kept apart from the values in which they occur, in the order of their encoding.
package final class GrowingLists {
  /// The lists.
  package private(set) var lists: [GrowingList]

  /// Starts with some lists: none for an encoder to fill, or those that a decoder finds.
  package init(_ lists: [GrowingList] = []) { self.lists = lists }

  fileprivate func add(_ list: GrowingList) -> Int {
    lists.append(list)
    return lists.count - 1
  }

  /// The key of an encoder's and a decoder's lists.
  fileprivate static let key = CodingUserInfoKey(rawValue: "growing lists")

  /// What an encoder or a decoder is told to keep the lists apart.
  var userInfo: [CodingUserInfoKey: Any] { Self.key.map { [$0: self] } ?? [:] }

  fileprivate static func known(in userInfo: [CodingUserInfoKey: Any]) -> GrowingLists? {
    key.flatMap { userInfo[$0] } as? GrowingLists
  }
}

extension GrowingList: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let known = GrowingLists.known(in: decoder.userInfo) else {
      elements = try container.decode([UInt16].self)
      return
    }
    let place = try container.decode(Int.self)
    guard known.lists.indices.contains(place) else {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription: "it is list \(place); allowed: 0 to \(known.lists.count - 1)")
    }
    elements = known.lists[place].elements
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let known = GrowingLists.known(in: encoder.userInfo) {
      try container.encode(known.add(self))
    } else {
      try container.encode(elements)
    }
  }
}
