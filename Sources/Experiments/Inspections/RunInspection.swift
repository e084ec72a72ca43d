internal import DeepSARSA
internal import Foundation
internal import SARSAFiles

/// A run's folder, finished or not.
///
/// | fact | content |
/// | --- | --- |
/// | `environment`, `environment_arguments`, `algorithm`, `preset`, `seed` | what was asked for |
/// | `status` | `finished`, `failed`, `running` in a process of this machine, `stopped`, or `not begun` |
/// | `failure` | why it failed; null if it did not |
/// | `steps`, `episodes` | environment steps by the logs and the newest checkpoint, and finished episodes |
/// | `return_last_100` | the mean return of the last 100 of them |
/// | `last_evaluation`, `best_evaluation` | the rows of `evaluations.csv` with these |
/// | `files` | every file with its bytes |
enum RunInspection: InspectedKind {
  static func inspection(of path: String) throws(RunError) -> Inspection? {
    guard let folder = RunFolder(existing: path) else { return nil }
    let file = try SettingsFile(reading: folder.path(of: .config))
    let settings = try file.settings()
    var inspection = Inspection(of: "run")
    inspection.add("environment", .text(settings.environment))
    inspection.add("environment_arguments", .object(settings.environmentArguments))
    inspection.add("algorithm", .text(settings.hyperparameters.algorithm.rawValue))
    inspection.add("preset", file.preset.map(ArgumentValue.text))
    inspection.add("seed", ArgumentValue(seed: settings.seed))
    let (status, failure) = try status(of: folder)
    inspection.add("status", .text(status))
    inspection.add("failure", failure.map(ArgumentValue.text))

    let episodes = try LogTable(reading: folder.path(of: .episodes))
    let evaluations = try LogTable(reading: folder.path(of: .evaluations))
    let returns = try episodes?.numbers(of: "return") ?? []
    var recent = RecentValues()
    for value in returns { recent.append(value) }
    inspection.add("steps", .integer(try folder.stepsMade()))
    inspection.add("episodes", .integer(returns.count))
    inspection.add("return_last_100", recent.mean.map(ArgumentValue.number))

    let means = try evaluations?.numbers(of: "mean") ?? []
    // The first of equals, as `best.safetensors` has it.
    let best = means.max().flatMap(means.firstIndex)
    inspection.add("last_evaluation", try evaluations?.object(at: means.indices.last))
    inspection.add("best_evaluation", try evaluations?.object(at: best))
    inspection.add("files", columns: ["name", "bytes"], rows: files(in: path))
    return inspection
  }

  /// What the run does in a word or two, and why it failed if it did.
  private static func status(of folder: RunFolder) throws(RunError) -> (String, failure: String?) {
    if HeldLocks().contain(folder.path) { return ("running", nil) }
    return switch try RunResult(reading: folder).status {
    case .finished: ("finished", nil)
    case .failed(let failure): ("failed", failure.reason)
    case .unfinished: ("stopped", nil)
    case .notBegun: ("not begun", nil)
    }
  }

  /// The paths of all files below a folder in alphabetical order, with their sizes.
  private static func files(in path: String) -> [[ArgumentValue]] {
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []
    return names.sorted().compactMap { name in
      let attributes = try? FileManager.default.attributesOfItem(atPath: path + "/" + name)
      guard let size = attributes?[.size] as? Int,
        attributes?[.type] as? FileAttributeType == .typeRegular
      else { return nil }
      return [.text(name), .integer(size)]
    }
  }
}
