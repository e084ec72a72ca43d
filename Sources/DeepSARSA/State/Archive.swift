internal import SARSAFormats

/// A place to which a state is written, or from which it is read.
///
/// A type names its parts once, in one list that serves both ways: what is written cannot be forgotten when
/// reading. Every part has a name, such as `agent.memory.head`.
///
/// ```swift
/// var archive = MemoryArchive()
/// try trainer.archive(in: &archive)
/// archive.startReading()
/// try other.archive(in: &archive)  // goes on like the first
/// try archive.finishReading()
/// ```
public protocol Archive: ~Copyable {
  /// Whether parts are read; otherwise they are written.
  var isReading: Bool { get }

  /// Writes a value, or replaces it by the one that was written under this name.
  ///
  /// - Throws: `ArchiveError` if the part is missing or of another type; then the value is unchanged.
  mutating func value<Value: Codable>(
    _ name: String, _ value: inout Value
  ) throws(ArchiveError)

  /// Writes the numbers of a region, or replaces them.
  ///
  /// - Throws: `ArchiveError` if the part is missing, or has another number of numbers; then they are
  ///   unchanged.
  mutating func numbers(
    _ name: String, of region: Region, in arena: inout Arena<Float>
  ) throws(ArchiveError)

  /// Writes the rows of a ring buffer, or replaces them.
  ///
  /// Of all rows that were ever stored, row i is in the region's row i mod capacity, until a later one takes its
  /// place. So an archive that has earlier rows already needs only the new ones. By default all rows are
  /// numbers.
  ///
  /// - Parameters:
  ///   - name: the rows' name.
  ///   - region: the ring [capacity, columns].
  ///   - total: the number of rows that were ever stored.
  ///   - arena: the arena of the region.
  /// - Throws: `ArchiveError`, as for numbers.
  mutating func ring(
    _ name: String, _ region: Region, total: Int, in arena: inout Arena<Float>
  ) throws(ArchiveError)
}

/// A type whose state can be written and read: everything that determines its future.
public protocol Archivable: ~Copyable {
  /// Writes all parts of the state, or replaces them.
  ///
  /// Reading requires a value that was made with the same settings. A state that could not have been written
  /// is refused.
  ///
  /// - Parameters:
  ///   - archive: where the parts go, or come from.
  ///   - name: the first part of all names.
  /// - Throws: `ArchiveError`; after an error when reading, this value must not be used, because a part of its
  ///   state may be replaced.
  mutating func archive<A: Archive & ~Copyable>(
    in archive: inout A, as name: String
  ) throws(ArchiveError)
}

extension Archive where Self: ~Copyable {
  /// Writes the rows of a ring buffer as numbers, or replaces them.
  public mutating func ring(
    _ name: String, _ region: Region, total: Int, in arena: inout Arena<Float>
  ) throws(ArchiveError) {
    try numbers(name, of: region.rows(0..<min(total, region.rows)), in: &arena)
  }

  /// Writes a value, or replaces it, if the one that was written is allowed.
  ///
  /// - Throws: `ArchiveError`; then the value is unchanged.
  public mutating func value<Value: Codable>(
    _ name: String, _ value: inout Value, allowed: @autoclosure () -> String,
    where isAllowed: (Value) -> Bool
  ) throws(ArchiveError) {
    var new = value
    try self.value(name, &new)
    guard !isReading || isAllowed(new) else {
      let text = (try? Tree(encoding: new).json) ?? "\(new)"
      throw .notAllowed(name, value: text, allowed: allowed())
    }
    value = new
  }

  /// Writes the numbers of a region, or replaces them by finite numbers.
  ///
  /// - Parameters:
  ///   - name: the numbers' name.
  ///   - region: the region.
  ///   - arena: the arena of the region.
  ///   - isNonNegative: whether numbers below 0 are refused, too.
  /// - Throws: `ArchiveError`.
  public mutating func finiteNumbers(
    _ name: String, of region: Region, in arena: inout Arena<Float>, isNonNegative: Bool = false
  ) throws(ArchiveError) {
    try numbers(name, of: region, in: &arena)
    if !isReading { return }
    let numbers = arena.values(of: region)
    if let index = numbers.firstIndex(where: { !$0.isFinite || (isNonNegative && $0 < 0) }) {
      throw .notAllowed(
        "\(name)[\(index)]", value: "\(numbers[index])",
        allowed: isNonNegative ? "a finite number, 0 or more" : "a finite number")
    }
  }

  /// Writes a value, or requires that the one that was written is equal.
  ///
  /// - Throws: `ArchiveError`.
  public mutating func constant<Value: Codable & Equatable>(
    _ name: String, _ value: Value
  ) throws(ArchiveError) {
    var found = value
    try self.value(name, &found, allowed: "\(value)") { $0 == value }
  }
}

/// A state that cannot be read.
public enum ArchiveError: Error, Hashable, CustomStringConvertible {
  /// There is no part of this name.
  case missing(String)
  /// A part that belongs to no state of this kind.
  case unknown(String)
  /// The part is of another type.
  case wrongType(String, reason: String)
  /// The part has another number of numbers.
  case wrongCount(String, found: Int, expected: Int)
  /// No state has this value.
  case notAllowed(String, value: String, allowed: String)
  /// The file of a part cannot be read or written.
  case inaccessible(SystemError)

  /// One line that names the part, and what is allowed.
  public var description: String {
    switch self {
    case .missing(let name): "the state lacks '\(name)'"
    case .unknown(let name): "the state has an unknown part '\(name)'"
    case .wrongType(let name, let reason): "'\(name)' of the state cannot be read: \(reason)"
    case .wrongCount(let name, let found, let expected):
      "'\(name)' of the state has \(found) numbers; allowed: \(expected)"
    case .notAllowed(let name, let value, let allowed):
      "'\(name)' of the state is \(value.prefix(200)); allowed: \(allowed)"
    case .inaccessible(let error): error.description
    }
  }
}
