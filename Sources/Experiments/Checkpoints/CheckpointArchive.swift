internal import DeepSARSA

/// A state whose rows of the replay memory are in a journal, and all else in memory.
struct CheckpointArchive: Archive, ~Copyable {
  /// All parts but the rows.
  var parts = MemoryArchive()
  /// The rows.
  var journal: ReplayJournal
  /// The largest number of rows that the memory holds; 0 without one.
  private(set) var capacity = 0

  /// Makes an archive to read a checkpoint's parts from, or to write to.
  init(_ journal: consuming ReplayJournal, reading parts: MemoryArchive = MemoryArchive()) {
    self.journal = journal
    self.parts = parts
  }

  var isReading: Bool { parts.isReading }

  mutating func value<Value: Codable>(_ name: String, _ value: inout Value) throws(ArchiveError) {
    try parts.value(name, &value)
  }

  mutating func numbers(
    _ name: String, of region: Region, in arena: inout Arena<Float>
  ) throws(ArchiveError) {
    try parts.numbers(name, of: region, in: &arena)
  }

  mutating func ring(
    _ name: String, _ region: Region, total: Int, in arena: inout Arena<Float>
  ) throws(ArchiveError) {
    capacity = region.rows
    if isReading { return try journal.read(name, into: region, total: total, in: &arena) }
    do { try journal.append(region, total: total, in: arena) } catch { throw .inaccessible(error) }
  }
}
