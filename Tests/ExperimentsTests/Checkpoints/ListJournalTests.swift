import SARSAExperiments
import SARSAFiles
import SARSAFormats
import TestSupport
import Testing

@Suite("Growing lists on disk")
struct ListJournalTests {
  private let folder: TemporaryFolder
  private let first = GrowingList((0..<1_000).map { UInt16($0 * 61 % 65_536) })

  init() throws { folder = try TemporaryFolder() }

  private var file: String { folder.path("replay/actions-000.bin") }

  @Test("saves append what is new, and every record reads back its part")
  func grows() throws {
    var journal = ListJournal(in: folder.path("replay"))
    var (long, short) = (first, GrowingList())
    var saved: [([ListJournal.Record], [GrowingList])] = []
    for step in 0..<4 {
      try journal.append([long, short])
      #expect(try bytes(of: file).count == 2 * long.elements.count)
      saved.append((journal.records, [long, short]))
      for value in 0..<UInt16(step * 10) { long.append(value) }
      if step == 2 { short.append(7) }
    }
    for (records, lists) in saved {
      #expect(try ListJournal.read(records, in: folder.path("replay")) == lists)
    }
  }

  @Test("what a program wrote after the record from which it goes on is cut off by the next save")
  func cuts() throws {
    var journal = ListJournal(in: folder.path("replay"))
    try journal.append([first])
    let records = journal.records
    var other = first
    for value in 0..<UInt16(50) { other.append(value) }
    try journal.append([other])
    var resumed = ListJournal(in: folder.path("replay"), upTo: records)
    var list = first
    list.append(9)
    try resumed.append([list])
    #expect(try ListJournal.read(resumed.records, in: folder.path("replay")) == [list])
    #expect(try bytes(of: file).count == 2 * 1_001)
  }

  @Test("nothing of a save waits for the disk when it returns")
  func flushes() throws {
    let system = RecordingFileSystem()
    try Files.$system.withValue(system) {
      var journal = ListJournal(in: folder.path("replay"))
      var list = first
      for value in 0..<UInt16(3) {
        try journal.append([list])
        #expect(system.unflushed == [])
        list.append(value)
      }
    }
  }

  @Test("a file that was removed or shortened since the last save is told")
  func lost() throws {
    for isRemoved in [true, false] {
      var journal = ListJournal(in: folder.path("replay"))
      var list = first
      try journal.append([list])
      if isRemoved {
        try Files.remove(file)
      } else {
        try Files.replace(file, with: Array(bytes(of: file).prefix(10)))
      }
      list.append(1)
      #expect(throws: SystemError(.write, file, code: SystemError.shortenedFile)) {
        try journal.append([list])
      }
    }
  }

  @Test("a trainer's tree without a place for lists has them as sequences, and reads them")
  func plain() throws {
    let tree = try Tree(encoding: ["actions": first])
    #expect(try TreeDecoder().decode([String: GrowingList].self, from: tree) == ["actions": first])
    let lists = GrowingLists()
    let apart = try Tree(encoding: ["actions": first], listsApart: lists)
    #expect(apart["actions"] == .integer(0) && lists.lists == [first])
    #expect(
      try TreeDecoder(listsApart: lists).decode([String: GrowingList].self, from: apart)
        == ["actions": first])
    for place in [-1, 1] {
      #expect(throws: DecodingError.self) {
        try TreeDecoder(listsApart: lists).decode(GrowingList.self, from: .integer(place))
      }
    }
  }
}
