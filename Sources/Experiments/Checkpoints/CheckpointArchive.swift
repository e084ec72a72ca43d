internal import DeepSARSA
internal import SARSAFormats

/// A state whose rows of the replay memory and growing lists are in files, and all else in memory.
struct CheckpointArchive: Archive, ~Copyable {
  /// All parts but the rows.
  var parts = MemoryArchive()
  /// The rows.
  var journal: ReplayJournal
  /// The growing lists, of which `listJournal` has what was saved.
  private var lists: GrowingLists
  /// The files of the lists.
  private(set) var listJournal: ListJournal
  /// The largest number of rows that the memory holds; 0 without one.
  private(set) var capacity = 0

  /// Makes an archive in a folder, to read a checkpoint's parts from, or to write to.
  init(in folder: String, reading checkpoint: Checkpoint?) {
    journal = ReplayJournal(in: folder, upTo: checkpoint?.journal)
    listJournal = ListJournal(in: folder, upTo: checkpoint?.listRecords ?? [])
    lists = GrowingLists(checkpoint?.lists ?? [])
    if let checkpoint { parts = checkpoint.state }
  }

  /// Forgets the parts, so that others can be written.
  mutating func removeParts() {
    parts = MemoryArchive()
    // Else the next new element of a list would copy it.
    lists = GrowingLists()
  }

  /// Appends what is new in the lists to their files, and flushes them to the disk.
  mutating func saveLists() throws(SystemError) { try listJournal.append(lists.lists) }

  var isReading: Bool { parts.isReading }

  mutating func value<Value: Codable>(_ name: String, _ value: inout Value) throws(ArchiveError) {
    try parts.value(name, &value, listsApart: lists)
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
