internal import DeepSARSA
internal import SARSAFiles
internal import SARSAFormats
internal import SARSAPreconditions

/// The rows of a replay memory on disk, appended as they are stored.
///
/// Row i of all rows that were ever stored is in slot i mod capacity of the memory, and in the segment file of
/// i / `rowsPerSegment`. So a checkpoint only names the segments, and saving costs the new rows, not the memory's
/// size. Segments end at fixed rows: an interrupted run leaves the same files as one that was not.
///
/// A segment is the rows' bytes as they are in memory, without a header.
package struct ReplayJournal: ~Copyable {
  /// What a checkpoint records of a journal.
  package struct Record: Codable, Hashable, Sendable {
    /// The bytes of a row.
    package var rowBytes: Int
    /// The number of rows that were ever appended.
    package var total: Int
    /// The segments with the rows that the memory holds, the oldest first.
    package var segments: [Segment]
  }

  /// A segment, up to a checkpoint.
  package struct Segment: Codable, Hashable, Sendable {
    /// Its first row.
    package var first: Int
    /// Its bytes.
    package var byteCount: Int
    /// The CRC-32 of them.
    package var checksum: UInt32

    /// The file's name.
    var name: String { Self.prefix + first.digits(12) + Self.suffix }

    static let prefix = "rows-"
    static let suffix = ".bin"

    /// The first row of the segment with a file's name; `nil` for another file.
    static func first(of name: String) -> Int? {
      guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { return nil }
      return Int(name.dropFirst(prefix.count).dropLast(suffix.count))
    }
  }

  /// The largest segment, in bytes.
  static let segmentLimit = 1 << 22

  private let folder: String
  /// The number of rows that were ever appended.
  private(set) var total = 0
  /// The segments since the start or since the record, of which the last one may be open.
  private var segments: [Segment] = []
  /// The first row of the oldest segment on disk, which only an older checkpoint may name; `nil` without any.
  private var oldest: Int?
  /// The last segment, while it has room.
  private var file: AppendedFile?
  private var rowBytes = 0

  /// Refers to the journal in a folder, up to a checkpoint's record.
  ///
  /// - Precondition: `verify` has accepted the record, if there is one.
  init(in folder: String, upTo record: Record?) {
    self.folder = folder
    guard let record else { return }
    (total, segments, rowBytes) = (record.total, record.segments, record.rowBytes)
  }

  /// Cuts off what was appended after the record, so that new rows can be appended.
  ///
  /// What only an older checkpoint names stays.
  mutating func cut() throws(SystemError) {
    try removeSegments { $0 > segments.last?.first ?? -1 }
    oldest = try Files.names(in: folder).compactMap(Segment.first).min()
    if let last = segments.last, last.byteCount < Self.rowsPerSegment(rowBytes) * rowBytes {
      file = try AppendedFile(path(of: last), keeping: last.byteCount)
    }
  }

  /// Whether rows were appended, or a record says so.
  var isUsed: Bool { rowBytes > 0 }

  /// The rows of a segment, for rows of a number of bytes.
  static func rowsPerSegment(_ rowBytes: Int) -> Int { max(1, segmentLimit / rowBytes) }

  private func path(of segment: Segment) -> String { folder + "/" + segment.name }

  private func removeSegments(where isRemoved: (Int) -> Bool) throws(SystemError) {
    for name in try Files.names(in: folder) {
      if let first = Segment.first(of: name), isRemoved(first) {
        try Files.remove(folder + "/" + name)
      }
    }
  }
}

// MARK: - Writing

extension ReplayJournal {
  /// Appends the rows of a ring that are new.
  ///
  /// - Precondition: all of them are still in the ring, and the rows have the same size as before.
  /// - Complexity: O(new rows), no allocation within a segment.
  mutating func append(
    _ ring: Region, total: Int, in arena: borrowing Arena<Float>
  ) throws(SystemError) {
    require(
      total - self.total <= ring.rows, "% rows are new; allowed: up to the ring's %",
      total - self.total, ring.rows)
    if rowBytes == 0 { rowBytes = ring.columns * MemoryLayout<Float>.stride }
    let rowsPerSegment = Self.rowsPerSegment(rowBytes)
    while self.total < total {
      if file == nil { try startSegment() }
      let slot = self.total % ring.rows
      let room = rowsPerSegment - self.total % rowsPerSegment
      let count = min(total - self.total, ring.rows - slot, room)
      let last = segments.count - 1
      var checksum = CRC32(continuing: segments[last].checksum)
      try arena.withSpan(of: ring.rows(slot..<slot + count)) { rows throws(SystemError) in
        try file?.write(rows)
        checksum.update(rows)
      }
      segments[last].checksum = checksum.value
      segments[last].byteCount += count * rowBytes
      self.total += count
      if count == room {
        try synchronize()
        file = nil
      }
    }
  }

  private mutating func startSegment() throws(SystemError) {
    _ = try Files.createNewDirectory(folder)
    let segment = Segment(first: total, byteCount: 0, checksum: CRC32().value)
    file = try AppendedFile(path(of: segment), keeping: 0)
    segments.append(segment)
    if oldest == nil { oldest = segment.first }
    try Files.synchronizeFolder(folder)
  }

  /// Flushes what was appended to the disk.
  func synchronize() throws(SystemError) { try file?.synchronize(segments.last?.byteCount ?? 0) }

  /// What a checkpoint records, of a memory with a number of rows.
  func record(capacity: Int) -> Record {
    if !isUsed { return Record(rowBytes: 0, total: 0, segments: []) }
    let oldest = max(0, total - capacity)
    return Record(
      rowBytes: rowBytes, total: total,
      segments: segments.filter { $0.first + Self.rowsPerSegment(rowBytes) > oldest })
  }

  /// Removes the segments whose rows are all older than a row.
  mutating func prune(before row: Int) throws(SystemError) {
    let rowsPerSegment = Self.rowsPerSegment(max(rowBytes, 1))
    guard let oldest, oldest + rowsPerSegment <= row else { return }
    let first = row / rowsPerSegment * rowsPerSegment
    try removeSegments { $0 < first }
    try Files.synchronizeFolder(folder)
    segments.removeAll { $0.first < first }
    self.oldest = first
  }

  /// Removes all segments, and the folder if nothing else is in it.
  static func removeAll(in folder: String) throws(SystemError) {
    var journal = ReplayJournal(in: folder, upTo: nil)
    try journal.cut()
    guard try Files.isDirectory(folder), try Files.names(in: folder).isEmpty else { return }
    try Files.remove(folder)
  }
}

// MARK: - Reading

extension ReplayJournal {
  /// Checks that the segments of a record are on disk, with these bytes.
  ///
  /// - Throws: `RunError` for the first that is missing, too short, or different.
  /// - Complexity: O(n) for n bytes, of which 1 MiB at a time is in memory.
  static func verify(_ record: Record, in folder: String) throws(RunError) {
    try requirePossible(record, in: folder)
    for segment in record.segments {
      let path = folder + "/" + segment.name
      let checksum = try converting(RunError.system) { () throws(SystemError) in
        let file = try InputFile(path, followsLinks: false)
        guard file.byteCount >= segment.byteCount else { return UInt32?.none }
        return try file.checksum(ofFirst: segment.byteCount)
      }
      guard let checksum else {
        throw .badFile(path, "it is shorter than the \(segment.byteCount) bytes of the checkpoint")
      }
      guard checksum == segment.checksum else {
        throw .badFile(path, "its checksum is not that of the checkpoint: it is damaged")
      }
    }
  }

  /// Checks that segments lie one behind the other, and end with the last row.
  private static func requirePossible(_ record: Record, in folder: String) throws(RunError) {
    if record == Record(rowBytes: 0, total: 0, segments: []) { return }
    let size = record.rowBytes
    guard size > 0, size <= 1 << 30, (0...Hyperparameters.Limit.steps).contains(record.total) else {
      throw .badFile(folder, "the checkpoint names \(record.total) rows of \(size) bytes")
    }
    let rows = rowsPerSegment(size)
    var next = record.segments.first?.first ?? record.total
    for segment in record.segments {
      guard segment.first == next, (0..<record.total).contains(next), next.isMultiple(of: rows),
        segment.byteCount == min(rows, record.total - next) * size
      else { throw .badFile(folder, "the checkpoint names an impossible segment, \(segment)") }
      next += min(rows, record.total - next)
    }
    guard next == record.total else {
      throw .badFile(folder, "the checkpoint names segments up to row \(next) of \(record.total)")
    }
  }

  /// Reads the rows of a ring, of which `total` were ever stored, from verified segments.
  ///
  /// - Throws: `SystemError`, or `ArchiveError` if the segments do not have all of them.
  func read(
    _ name: String, into ring: Region, total: Int, in arena: inout Arena<Float>
  ) throws(ArchiveError) {
    let size = ring.columns * MemoryLayout<Float>.stride
    let oldest = max(0, total - ring.rows)
    guard total == self.total, total == 0 || size == rowBytes,
      (segments.first?.first ?? total) <= oldest
    else {
      throw .wrongCount(name, found: self.total, expected: total)
    }
    for segment in segments {
      let end = segment.first + segment.byteCount / size
      var row = max(segment.first, oldest)
      do {
        let file = try InputFile(path(of: segment), followsLinks: false)
        while row < end {
          let slot = row % ring.rows
          let count = min(end - row, ring.rows - slot)
          let start = (row - segment.first) * size
          try arena.withMutableSpan(of: ring.rows(slot..<slot + count)) {
            rows throws(SystemError) in
            try file.read(from: start, into: &rows)
          }
          row += count
        }
      } catch {
        throw .inaccessible(error)
      }
    }
  }
}
