import DeepSARSA
import Foundation
import SARSAExperiments
import SARSAFormats
import TestSupport
import Testing

@Suite("Checkpoint files")
struct CheckpointFileTests {
  /// A run that has written its first checkpoint, with a small network.
  private func saved(in root: TemporaryFolder) throws -> (run: ResumableRun, folder: RunFolder) {
    var run = ResumableRun("small", in: "FrozenLake-v1", ["map_name": .text("4x4")])
    run.settings.hyperparameters.network.hiddenSizes = []
    run.settings.hyperparameters.replay.learningStarts = 9
    run.settings.hyperparameters.replay.capacity = 10
    run.settings.hyperparameters.optimizer.method = .sgd()
    run.settings.evaluation.every = 1_000
    let folder = try run.open(.new(root: root.path)) { run in
      for _ in 0..<40 { try run.advance() }
      return run.folder
    }
    return (run, folder)
  }

  private func read(_ folder: RunFolder) throws(RunError) -> Checkpoint {
    try Checkpoint(
      reading: folder.path + "/checkpoints/step-000000040.safetensors", step: 40,
      journalFolder: folder.path + "/replay")
  }

  @Test(
    "a prefix and a single changed byte of a checkpoint and of its journal are refused",
    arguments: ["checkpoints/step-000000040.safetensors", "replay/rows-000000000000.bin"])
  func everyByte(name: String) throws {
    let root = try TemporaryFolder()
    let (_, folder) = try saved(in: root)
    let path = folder.path + "/" + name
    let whole = try bytes(of: path)
    _ = try read(folder)
    func expectRefusal(_ contents: some Collection<UInt8>, _ what: String) throws {
      try Data(contents).write(to: URL(filePath: path))
      let (error, peak) = refusal { () throws(RunError) in try read(folder) }
      #expect(peak <= whole.count + Self.allowance, "\(what)")
      guard case .badFile(let file, _)? = error else {
        Issue.record("\(what): \(String(describing: error))")
        return
      }
      #expect(file == path)
    }
    // Every place of the header, and a share of the numbers or all of them, with changes that differ.
    let isLong = ProcessInfo.processInfo.environment["DEEP_SARSA_EVERY_CALL"] != nil
    let stride = thinning * (isLong ? 1 : whole.count > 4_000 ? 17 : 3)
    for place in whole.indices where place < 256 || place % stride == 0 {
      try expectRefusal(whole.prefix(place), "the first \(place) bytes")
      var changed = whole
      changed[place] ^= UInt8(1 << (place % 8))
      try expectRefusal(changed, "byte \(place)")
    }
    if name.hasPrefix("checkpoints") { try expectRefusal(whole + [0], "a byte more") }
    try Data(whole).write(to: URL(filePath: path))
    _ = try read(folder)
  }

  /// The memory that reading a file may take beyond the file's size.
  private static let allowance = 1 << 24

  /// Why something is refused, and the bytes that this took at most; 0 in builds that do not count.
  private func refusal(
    of body: () throws(RunError) -> Checkpoint
  ) -> (error: RunError?, peak: Int) {
    var error: RunError?
    let peak = peakBytes {
      do throws(RunError) { _ = try body() } catch let caught { error = caught }
    }
    return (error, peak)
  }

  private static let metadata =
    #""__metadata__":{"format":"deep-sarsa checkpoint","version":"1","crc32":"00000000"}"#

  static let claims = [
    // A tensor, and the bytes that are there.
    (#""state":{"dtype":"U8","shape":[20971520],"data_offsets":[0,20971520]}"#, 20_971_520),
    (
      #""state":{"dtype":"U8","shape":[4611686018427387904],"data_offsets":[0,4611686018427387904]}"#,
      8
    ),
    (#""state":{"dtype":"U8","shape":[20971520],"data_offsets":[0,20971520]}"#, 8),
    // A shape, and many tensors, that take the whole header.
    (
      #""state":{"dtype":"U8","shape":[0\#(String(repeating: ",0", count: 500_000))],"data_offsets":[0,0]}"#,
      0
    ),
    (
      (0..<18_000).map { #""\#($0)":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}"# }
        .joined(separator: ","), 0
    ),
  ]

  @Test(
    "a file that is not whole is refused in little more memory than its size, whatever it claims",
    arguments: claims.indices)
  func memory(claim: Int) throws {
    let root = try TemporaryFolder()
    let path = root.path("step-000000001.safetensors")
    let (tensors, count) = Self.claims[claim]
    let header = Array("{\(Self.metadata),\(tensors)}".utf8)
    let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
    let bytes = length + header + [UInt8](repeating: 0, count: count)
    try Data(bytes).write(to: URL(filePath: path))
    let (error, peak) = refusal { () throws(RunError) in
      try Checkpoint(reading: path, step: 1, journalFolder: root.path)
    }
    #expect(error != nil)
    #expect(peak <= bytes.count + Self.allowance, "\(String(describing: error))")
    // The file was in memory, so the bytes are counted.
    if countsAllocations { #expect(peak >= bytes.count) }
  }

  @Test("equal runs have equal checkpoints, whatever their folders are")
  func equalRuns() throws {
    let (first, second) = (try TemporaryFolder(), try TemporaryFolder())
    let path = "/checkpoints/step-000000040.safetensors"
    let one = try bytes(of: saved(in: first).folder.path + path)
    #expect(try one == bytes(of: saved(in: second).folder.path + path))
    let text = String(decoding: one, as: UTF8.self)
    #expect(!text.contains(first.path) && !text.contains("deep-sarsa resume"))
  }

  @Test(
    "a state that no run wrote is refused by the name of its part, although the checksum is right")
  func impossible() throws {
    let root = try TemporaryFolder()
    let (run, folder) = try saved(in: root)
    let checkpoint = try read(folder)
    let path = folder.path + "/checkpoints/step-000000040.safetensors"
    func expect<Value: Codable>(_ part: String, _ value: Value, line: Int = #line) throws {
      var state = checkpoint.state
      state.startWriting()
      var value = value
      try state.value(part, &value)
      let bytes = try Checkpoint.encode(
        state, journal: checkpoint.journal, settings: checkpoint.settings)
      try Data(bytes).write(to: URL(filePath: path))
      let error = #expect(throws: RunError.self, "line \(line)") {
        try run.open(.existing(folder)) { _ in }
      }
      guard case .badFile(let file, let text)? = error else {
        Issue.record("\(part): \(String(describing: error))")
        return
      }
      #expect(file == path && text.contains("'\(part.prefix(20))"), "\(part): \(text)")
    }
    try expect("trainer.steps", -1)
    try expect("trainer.agent.memory.total", -1)
    try expect("trainer.agent.memory.total", 39)
    try expect("trainer.agent.exploration", PCG64Words(state: [1, 2], increment: [3, 4]))
    try expect("trainer.observations", [Float.nan])
    try expect("run.evaluatedStep", 41)
    try expect("run.recentReturns", Recent(values: [1], next: 7))
    try expect("run.recentLengths", Recent(values: [.infinity], next: 0))
    try expect("run.bestMean", Double.infinity)
    try expect("run.bestMean", Double.nan)
    try expect("run.thresholdRecord", ThresholdRecord(threshold: 1, firstStep: 41))
    struct Record: Codable {
      var (threshold, first_step, evaluations, reached, worst) = (1.0, 40, Int.max, 0, 0.5)
    }
    try expect("run.thresholdRecord", Record())
    try expect("run.logs", ["episodes": -5, "evaluations": 3])
    try expect("run.unknown", 1)
    // A copy that nothing was changed in is read.
    var state = checkpoint.state
    state.startWriting()
    let bytes = try Checkpoint.encode(
      state, journal: checkpoint.journal, settings: checkpoint.settings)
    try Data(bytes).write(to: URL(filePath: path))
    try run.open(.existing(folder)) { run in #expect(run.resumedStep == 40) }
  }

  @Test(
    "a checkpoint without a setting that earlier versions did not have goes on with its default")
  func earlierSettings() throws {
    let root = try TemporaryFolder()
    let (run, folder) = try saved(in: root)
    let path = folder.path + "/checkpoints/step-000000040.safetensors"
    var file = try bytes(of: path)
    let setting = Array("\"filters\":[],".utf8)
    let settings = file.ranges(of: setting)
    // Those of the run, and those of its trainer.
    #expect(settings.count == 2)
    for place in settings {
      file.replaceSubrange(place, with: [UInt8](repeating: UInt8(ascii: " "), count: setting.count))
    }
    let label = Array("\"crc32\":\"".utf8)
    let start = try #require(file.firstRange(of: label)).upperBound
    let digits = start..<start + 8
    file.replaceSubrange(digits, with: Array("00000000".utf8))
    let checksum = String(CRC32.checksum(of: file), radix: 16)
    let zeros = String(repeating: "0", count: 8 - checksum.count)
    file.replaceSubrange(digits, with: Array((zeros + checksum).utf8))
    try Data(file).write(to: URL(filePath: path))
    #expect(try read(folder).settings.hyperparameters.network.filters == [])
    try run.open(.existing(folder)) { run in #expect(run.resumedStep == 40) }
  }

  private struct PCG64Words: Codable {
    var state: [UInt64]
    var increment: [UInt64]
  }

  private struct Recent: Codable {
    var values: [Double]
    var next: Int
  }

  @Test("a journal's record that names what cannot be is refused")
  func impossibleJournal() throws {
    let root = try TemporaryFolder()
    let (run, folder) = try saved(in: root)
    let checkpoint = try read(folder)
    let record = try #require(checkpoint.journal)
    #expect(record.total == 40 && record.segments.count == 1)
    let path = folder.path + "/checkpoints/step-000000040.safetensors"
    let changes: [(inout ReplayJournal.Record) -> Void] = [
      { $0.rowBytes = 0 }, { $0.rowBytes = .max }, { $0.total = -1 }, { $0.total = .max },
      { $0.segments[0].first = -1 }, { $0.segments[0].first = 1 },
      { $0.segments[0].byteCount = -8 }, { $0.segments[0].byteCount += 32 }, { $0.segments = [] },
      { $0.segments.append($0.segments[0]) }, { $0.segments[0].first = .max },
      { $0.segments[0].first = .min },
    ]
    for (index, change) in changes.enumerated() {
      var changed = record
      change(&changed)
      var state = checkpoint.state
      state.startWriting()
      try Data(Checkpoint.encode(state, journal: changed, settings: checkpoint.settings))
        .write(to: URL(filePath: path))
      #expect(throws: RunError.self, "change \(index)") { try run.open(.existing(folder)) { _ in } }
      // No memory is asked for that only the record speaks of.
      let (_, peak) = refusal { () throws(RunError) in try read(folder) }
      #expect(peak <= Self.allowance, "change \(index)")
    }
  }
}
