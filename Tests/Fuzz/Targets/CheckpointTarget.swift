import DeepSARSA
import SARSAExperiments
import SARSAFormats

/// Checkpoints, with the checksum that they should have.
struct CheckpointTarget: FuzzTarget {
  static let name = "checkpoint"

  private let file: InputFolder
  private let runs: [ResumableRun]

  init() throws {
    let file = try InputFolder()
    self.file = file
    runs = try Algorithm.allCases.map { try ResumableRun($0, in: file.path) }
  }

  func seeds() throws -> [String: [UInt8]] {
    Dictionary(
      uniqueKeysWithValues: runs.map {
        ($0.settings.hyperparameters.algorithm.rawValue, $0.checkpoint)
      })
  }

  func repaired(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = SafetensorsRepair.repaired(bytes)
    guard let place = bytes.firstRange(of: Array("\"crc32\":\"".utf8))?.upperBound,
      place + 8 <= bytes.count
    else { return bytes }
    bytes.replaceSubrange(place..<place + 8, with: "00000000".utf8)
    let digits = String(CRC32.checksum(of: bytes), radix: 16)
    let text = String(repeating: "0", count: 8 - digits.count) + digits
    bytes.replaceSubrange(place..<place + 8, with: text.utf8)
    return bytes
  }

  func read(_ bytes: [UInt8]) {
    let path = file.write(bytes, as: "checkpoint.safetensors")
    // It belongs to the run whose algorithm its settings name. Only the first has a journal.
    guard
      let algorithm = try? Checkpoint(
        reading: path, step: runs[0].step, journalFolder: runs[0].journalFolder
      ).settings.hyperparameters.algorithm
    else { return }
    runs.first { $0.settings.hyperparameters.algorithm == algorithm }?
      .resume(from: bytes, journal: nil)
  }
}
