package import DeepSARSA
internal import SARSAFiles
internal import SARSAFormats

/// A file with all that determines how a run goes on, but the rows of its replay memory.
///
/// It is in the safetensors format. The metadata have the format's version, and the CRC-32 of the whole file,
/// computed with zeros in the place of its own digits. There is no clock, process, host or path in it: equal
/// runs write equal bytes.
package struct Checkpoint {
  /// The state, from which parts can be read.
  package var state: MemoryArchive
  /// The segments of the journal; `nil` for an agent without a replay memory, and after a finished run dropped
  /// them.
  package let journal: ReplayJournal.Record?
  /// The lists of the state that have files of their own.
  let lists: [GrowingList]
  /// What is recorded of these files.
  let listRecords: [ListJournal.Record]
  /// The file.
  let path: String
  /// The number of environment steps.
  package let step: Int

  /// The version of the format.
  private static let version = 1
  static let format = "deep-sarsa checkpoint"
  private static let blank = "00000000"
  /// The names of the journals' records and of the settings among the state's parts.
  private static let (journalName, listsName) = ("run.journal", "run.lists")
  private static let settingsName = "run.settings"
  /// The settings of the run that have an effect on the state.
  package let settings: RunSettings

  /// The bytes of a file.
  package static func encode(
    _ state: MemoryArchive, journal: ReplayJournal.Record?, lists: [ListJournal.Record] = [],
    settings: RunSettings
  ) throws(ArchiveError) -> [UInt8] {
    var (state, journal, lists) = (state, journal, lists)
    var settings = settings.determiningState
    try state.value(journalName, &journal)
    try state.value(listsName, &lists)
    try state.value(settingsName, &settings)
    var bytes: [UInt8]
    do {
      bytes = try state.encoded(metadata: [
        "format": format, "version": "\(version)", "crc32": blank,
      ])
    } catch {
      throw .wrongType("state", reason: "\(error)")
    }
    let digits = Self.digits(CRC32.checksum(of: bytes))
    if let place = Self.place(of: blank, in: bytes) { bytes.replaceSubrange(place, with: digits) }
    return bytes
  }

  /// The bytes of the same checkpoint without its journals.
  func encodedWithoutJournal() throws(ArchiveError) -> [UInt8] {
    var state = state
    state.startWriting()
    return try Self.encode(state, journal: nil, settings: settings)
  }

  /// Reads and verifies a file, and what it names of the journals.
  ///
  /// Before the checksum is found right, no memory is asked for on the word of the file: a damaged one takes its
  /// own size, and up to 16 MiB for the header.
  ///
  /// - Throws: `RunError` if it cannot be read, is damaged, or is of a newer format.
  package init(reading path: String, step: Int, journalFolder: String) throws(RunError) {
    let bytes = try converting(RunError.system) { () throws(SystemError) in
      try Files.read(path, limit: Machine.availableMemory, followsLinks: false)
    }
    var state = try Self.decode(bytes, path: path)
    var journal: ReplayJournal.Record?
    var listRecords: [ListJournal.Record] = []
    var settings = RunSettings(environment: "")
    try converting({ RunError($0, in: path) }) { () throws(ArchiveError) in
      try state.value(Self.journalName, &journal)
      try state.value(Self.listsName, &listRecords)
      try state.value(Self.settingsName, &settings)
    }
    if let journal { try ReplayJournal.verify(journal, in: journalFolder) }
    lists = try ListJournal.read(listRecords, in: journalFolder)
    self.listRecords = listRecords
    self.state = state
    self.journal = journal
    self.path = path
    self.step = step
    self.settings = settings
  }

  /// Checks that a run has the settings with which the state came about.
  ///
  /// - Throws: `RunError.disagreement` with the first setting that differs.
  func requireAgreement(with settings: RunSettings) throws(RunError) {
    guard settings.determiningState != self.settings else { return }
    let trees = try? (Tree(encoding: settings.determiningState), Tree(encoding: self.settings))
    let difference = trees.flatMap { $0.firstDifference(from: $1) }
    let (name, ours, theirs) = difference ?? ("settings", "others", "others")
    throw .disagreement(path, "\(name) is \(theirs) in it, and \(ours) in the run's settings")
  }

  private static func decode(_ bytes: [UInt8], path: String) throws(RunError) -> MemoryArchive {
    func failure(_ error: SafetensorsFailure<Never>) -> RunError {
      switch error {
      case .content(let error): .badFile(path, "\(error)")
      }
    }
    let reader = try converting(failure) { () throws(SafetensorsFailure<Never>) in
      try SafetensorsReader(bytes)
    }
    let metadata = reader.header.metadata
    guard metadata["format"] == format else {
      throw .badFile(path, "it is not a checkpoint of deep-sarsa")
    }
    guard let text = metadata["crc32"], let place = place(of: text, in: bytes) else {
      throw .badFile(path, "it has no checksum")
    }
    let checksum = CRC32.checksum(of: bytes, replacing: place, with: Array(blank.utf8))
    guard Array(text.utf8) == digits(checksum) else {
      throw .badFile(path, "its checksum is wrong: it is damaged")
    }
    guard metadata["version"] == "\(version)" else {
      throw .badFile(
        path, "version is \(metadata["version"] ?? "missing"); allowed: \(version)")
    }
    return try converting(failure) { () throws(SafetensorsFailure<Never>) in
      try MemoryArchive(reader)
    }
  }

  /// Eight hexadecimal digits.
  private static func digits(_ checksum: UInt32) -> [UInt8] {
    Array(checksum.digits(8, radix: 16).utf8)
  }

  /// Where the checksum's digits are, in the header.
  private static func place(of digits: String, in bytes: [UInt8]) -> Range<Int>? {
    guard digits.utf8.count == blank.utf8.count else { return nil }
    let field = Array("\"crc32\":\"".utf8)
    let header = bytes.prefix(8 + 4_096)
    guard let start = header.firstRange(of: field)?.upperBound else { return nil }
    let place = start..<start + blank.utf8.count
    return place.upperBound <= bytes.count && bytes[place].elementsEqual(digits.utf8) ? place : nil
  }
}

extension RunSettings {
  /// The settings on which the state of a run depends: not how long it goes on, what it is called, and what is
  /// written.
  fileprivate var determiningState: RunSettings {
    var settings = self
    settings.hyperparameters.budget = Budget()
    settings.evaluation.finalEpisodes = EvaluationSettings().finalEpisodes
    settings.experimentName = ""
    settings.initialModel = nil
    settings.checkpoints = CheckpointSettings()
    return settings
  }
}
