package import SARSAFormats

/// A state in memory, as parts with names.
public struct MemoryArchive: Archive, Hashable, Sendable {
  enum Part: Hashable, Sendable {
    case value(Tree)
    case numbers([Float])

    /// The part as a value.
    var tree: Tree {
      switch self {
      case .value(let tree): tree
      case .numbers(let numbers): .sequence(numbers.map(Tree.single))
      }
    }
  }

  var parts: [String: Part] = [:]
  private var unread: Set<String> = []

  /// Whether parts are read; otherwise they are written.
  public private(set) var isReading = false

  /// Makes an empty archive to write to.
  public init() {}

  /// The names of all parts, in alphabetical order.
  public var names: [String] { parts.keys.sorted() }

  /// Removes a part.
  package mutating func remove(_ name: String) { parts[name] = nil }

  /// Replaces a part by that of another archive.
  package mutating func replace(_ name: String, by other: MemoryArchive) {
    parts[name] = other.parts[name]
  }

  /// From now on, parts are read.
  public mutating func startReading() {
    isReading = true
    unread = Set(parts.keys)
  }

  /// From now on, parts are written.
  package mutating func startWriting() {
    isReading = false
    unread = []
  }

  /// Checks that all parts were read.
  ///
  /// - Throws: `ArchiveError.unknown` for the first in alphabetical order that was not.
  public func finishReading() throws(ArchiveError) {
    if let name = unread.min() { throw .unknown(name) }
  }

  /// Writes a value, or replaces it.
  public mutating func value<Value: Codable>(
    _ name: String, _ value: inout Value
  ) throws(ArchiveError) {
    try self.value(name, &value, listsApart: nil)
  }

  /// Writes a value, or replaces it, whose growing lists are kept apart, or are parts of it.
  package mutating func value<Value: Codable>(
    _ name: String, _ value: inout Value, listsApart lists: GrowingLists?
  ) throws(ArchiveError) {
    if isReading {
      let part = try part(name)
      do {
        value = try TreeDecoder(listsApart: lists).decode(Value.self, from: part.tree)
      } catch {
        throw .wrongType(name, reason: "\(error)")
      }
    } else {
      do { parts[name] = .value(try Tree(encoding: value, listsApart: lists)) } catch {
        throw .wrongType(name, reason: "\(error)")
      }
    }
  }

  /// Writes the numbers of a region, or replaces them.
  public mutating func numbers(
    _ name: String, of region: Region, in arena: inout Arena<Float>
  ) throws(ArchiveError) {
    if isReading {
      guard case .numbers(let numbers) = try part(name) else {
        throw .wrongType(name, reason: "it is a value, not a list of numbers")
      }
      guard numbers.count == region.count else {
        throw .wrongCount(name, found: numbers.count, expected: region.count)
      }
      arena.write(numbers, to: region)
    } else {
      parts[name] = .numbers(arena.values(of: region))
    }
  }

  private mutating func part(_ name: String) throws(ArchiveError) -> Part {
    guard let part = parts[name] else { throw .missing(name) }
    unread.remove(name)
    return part
  }
}
