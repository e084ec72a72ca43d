package import SARSAFiles
package import SARSAFormats

/// The growing lists of a state on disk, a file for each: the actions since the seed of a Gymnasium environment.
///
/// An empty list has none. A save appends what is new, two bytes an element in little-endian order, and a
/// checkpoint names the number of elements. So a save costs the new elements, not the list's length.
package struct ListJournal {
  /// What a checkpoint records of a list.
  package struct Record: Codable, Hashable, Sendable {
    /// The number of elements.
    package var count = 0
    /// The CRC-32 of their bytes.
    package var checksum = CRC32().value
  }

  private let folder: String
  /// What is in the files.
  package private(set) var records: [Record]

  private static let elementBytes = MemoryLayout<UInt16>.stride

  /// Refers to the files in a folder, up to a checkpoint's records; the next save cuts what is behind them.
  package init(in folder: String, upTo records: [Record] = []) {
    self.folder = folder
    self.records = records
  }

  private func path(_ index: Int) -> String {
    folder + "/" + Self.prefix + index.digits(3) + Self.suffix
  }

  private static let prefix = "actions-"
  private static let suffix = ".bin"

  /// Appends the new elements of each list, and flushes them to the disk.
  ///
  /// - Precondition: no list is shorter than before.
  /// - Throws: `SystemError`, also for a file that was removed or shortened.
  package mutating func append(_ lists: [GrowingList]) throws(SystemError) {
    for (index, list) in lists.enumerated() {
      if index == records.count { records.append(Record()) }
      let record = records[index]
      if list.elements.count == record.count { continue }
      if record.count == 0 { _ = try Files.createNewDirectory(folder) }
      var bytes = ByteWriter()
      for element in list.elements[record.count...] { bytes.append(element) }
      let file = try AppendedFile(path(index), keeping: record.count * Self.elementBytes)
      if record.count == 0 { try Files.synchronizeFolder(folder) }
      try file.write(bytes.bytes)
      try file.synchronize(list.elements.count * Self.elementBytes)
      var checksum = CRC32(continuing: record.checksum)
      checksum.update(bytes.bytes)
      records[index] = Record(count: list.elements.count, checksum: checksum.value)
    }
  }

  /// Reads the lists of a checkpoint.
  ///
  /// - Throws: `RunError` for the first file that is missing, too short, or different.
  /// - Complexity: O(n) for n elements, with allocations.
  package static func read(_ records: [Record], in folder: String) throws(RunError) -> [GrowingList]
  {
    var lists: [GrowingList] = []
    let journal = ListJournal(in: folder)
    for (index, record) in records.enumerated() {
      let path = journal.path(index)
      if record == Record() {
        lists.append(GrowingList())
        continue
      }
      guard (1...Int.max / elementBytes).contains(record.count) else {
        throw .badFile(path, "the checkpoint names \(record.count) actions in it")
      }
      let bytes: [UInt8]? = try converting(RunError.system) { () throws(SystemError) in
        let file = try InputFile(path, followsLinks: false)
        let byteCount = record.count * elementBytes
        return file.byteCount >= byteCount ? try file.bytes(ofFirst: byteCount) : nil
      }
      guard let bytes else {
        throw .badFile(path, "it is shorter than the \(record.count) actions of the checkpoint")
      }
      guard CRC32.checksum(of: bytes) == record.checksum else {
        throw .badFile(path, "its checksum is not that of the checkpoint: it is damaged")
      }
      lists.append(
        GrowingList(
          (0..<record.count).map { bytes.span.littleEndian(at: $0 * elementBytes) }))
    }
    return lists
  }

  /// Removes all files.
  static func removeAll(in folder: String) throws(SystemError) {
    let names = try Files.names(in: folder)
    for name in names where name.hasPrefix(prefix) && name.hasSuffix(suffix) {
      try Files.remove(folder + "/" + name)
    }
  }
}
