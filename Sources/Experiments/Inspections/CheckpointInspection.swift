internal import DeepSARSA

/// A checkpoint in a run's folder.
///
/// | fact | content |
/// | --- | --- |
/// | `problem` | why a run cannot go on from it; null if one can |
/// | `environment`, `algorithm`, `seed` | of the run |
/// | `steps`, `episodes` | what the run had done |
/// | `replay_rows` | the rows that were ever stored in the replay memory; null without one, or after it was dropped |
///
/// The environment and all facts below it are null if the file is damaged. The facts of `TensorInspection` follow.
enum CheckpointInspection: InspectedKind {
  static func inspection(of path: String) throws(RunError) -> Inspection? {
    let file = try TensorFile(path)
    guard file.header.metadata["format"] == Checkpoint.format else { return nil }
    var (checkpoint, problem): (Checkpoint?, String?)
    do {
      checkpoint = try Checkpoint(reading: path, step: 0, journalFolder: journalFolder(of: path))
    } catch {
      problem = error.description
    }
    func count(_ name: String) -> ArgumentValue? {
      guard var state = checkpoint?.state else { return nil }
      var count = 0
      return (try? state.value(name, &count)).map { .integer(count) }
    }
    let settings = checkpoint?.settings
    var inspection = Inspection(of: "checkpoint")
    inspection.add("problem", problem.map(ArgumentValue.text))
    inspection.add("environment", settings.map { .text($0.environment) })
    inspection.add("algorithm", settings.map { .text($0.hyperparameters.algorithm.rawValue) })
    inspection.add("seed", settings.map { ArgumentValue(seed: $0.seed) })
    inspection.add("steps", count("trainer.steps"))
    inspection.add("episodes", count("trainer.episodes"))
    inspection.add("replay_rows", checkpoint?.journal.map { .integer($0.total) })
    try file.addTensors(to: &inspection)
    return inspection
  }

  /// The journal beside the folder of checkpoints that a file is in.
  private static func journalFolder(of path: String) -> String {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    return parts.isEmpty ? "../replay" : parts.joined(separator: "/") + "/../replay"
  }
}
