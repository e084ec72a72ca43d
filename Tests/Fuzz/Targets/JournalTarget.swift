import DeepSARSA
import SARSAExperiments
import SARSAFormats

/// The rows of a replay memory on disk, with the checksum that a checkpoint has of them.
struct JournalTarget: FuzzTarget {
  static let name = "journal"

  private let folder: InputFolder
  private let run: ResumableRun
  private let rows: [UInt8]
  private let checkpoint: Checkpoint

  init() throws {
    let folder = try InputFolder()
    run = try ResumableRun(.replay, in: folder.path)
    rows = run.journal ?? []
    let path = folder.write(run.checkpoint, as: "checkpoint.safetensors")
    checkpoint = try Checkpoint(reading: path, step: run.step, journalFolder: run.journalFolder)
    self.folder = folder
  }

  func seeds() throws -> [String: [UInt8]] { ["rows": rows, "zeros": rows.map { _ in 0 }] }

  /// As many bytes as the checkpoint names.
  func repaired(_ bytes: [UInt8]) -> [UInt8] {
    Array(bytes.prefix(rows.count) + rows.dropFirst(bytes.count))
  }

  func read(_ bytes: [UInt8]) {
    var (state, journal) = (checkpoint.state, checkpoint.journal)
    state.startWriting()
    journal?.segments[0].checksum = CRC32.checksum(of: bytes)
    do {
      let changed = try Checkpoint.encode(state, journal: journal, settings: checkpoint.settings)
      run.resume(from: changed, journal: bytes)
    } catch { fatalError("\(error)") }
  }
}
