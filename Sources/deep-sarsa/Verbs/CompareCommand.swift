import ArgumentParser
import SARSAExperiments

/// `deep-sarsa compare PATH…`.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Say how good settings are, and how surely one is better than another.",
    discussion: """
      PATH is the folder of an experiment, a folder of runs, or the folder of a run. The runs of an experiment \
      belong to their settings. Other runs belong together if they have the same --exp-name; they must then have \
      the same settings on the same environment, but for the seed. Each setting is compared with the baseline \
      on the environments that all have.

      A run's score is the mean return of its last network in the final evaluation; a run that failed has that \
      of its untrained network. Runs that are not finished are named, and left out. Printed are the \
      interquartile mean with a 95 % interval, the mean, the median and the worst of the scores, the \
      interquartile mean of the best networks, and how far scores are below the best (optimality gap, on the \
      scale of a random policy and the best one); then the steps to the environment's threshold, the seconds that \
      they take at a run's mean speed of training, and what follows; and the probability that a run of a setting \
      is better than one of the baseline, with the p-value of a permutation test. A setting is called better if p \
      is below 0.05 and the interval of the probability above 0.5. With several settings, p is corrected by Holm's \
      method. Under ten runs, an interval is marked.
      """)

  @Argument(
    help: ArgumentHelp("folders of experiments or runs", valueName: "path"),
    completion: .directory)
  var paths: [String] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("compare these settings only; may be repeated", valueName: "name"))
  var settings: [String] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "the setting with which the others are compared (default: the first)", valueName: "name"))
  var baseline: String?

  @Flag(help: "print one JSON object, with curves and run-score profiles")
  var json = false

  @Flag(help: "print tables of Markdown")
  var markdown = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "write scores and curves of all runs for numpy.load, as rliable takes them", valueName: "file"
    ),
    completion: .file())
  var npz: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "write curves for TensorBoard: the interquartile mean with its interval", valueName: "folder"),
    completion: .directory)
  var tensorboard: String?

  func run() throws {
    if paths.isEmpty {
      throw CommandError(missing: "a path", allowed: "folders of experiments or runs")
    }
    if json && markdown { throw CommandError("--json and --markdown exclude each other") }
    for (flag, value) in [("--npz", npz), ("--tensorboard", tensorboard)] where value == "" {
      throw CommandError(flag: flag, value: "", allowed: "a path")
    }
    let comparison = try comparison(of: chosen(from: SettingResults.reading(paths)))
    for note in comparison.notes { tell(note) }
    if let npz { try comparison.writeArrays(to: npz) }
    if let tensorboard { try comparison.writeEvents(to: tensorboard) }
    try StandardStream.output.write(
      json ? JSON.text(comparison) + "\n" : markdown ? comparison.markdown : comparison.text)
  }

  /// The settings that are asked for, in the order of the words.
  private func chosen(from results: [SettingResults]) throws -> [SettingResults] {
    if settings.isEmpty { return results }
    return try settings.map { name in
      guard let setting = results.first(where: { $0.name == name }) else {
        throw CommandError(flag: "--settings", value: name, choices: results.map(\.name))
      }
      return setting
    }
  }

  private func comparison(of results: [SettingResults]) throws -> Comparison {
    do throws(ComparisonError) {
      return try Comparison(of: results, baseline: baseline)
    } catch {
      switch error {
      case .unknownName(let name, let known):
        throw CommandError(flag: "--baseline", value: name, choices: known)
      case .sameName(let name):
        throw CommandError(
          "two settings are named '\(name)'; allowed: each folder and setting once")
      default: throw CommandError("\(error)\(error.hintAtSettings ?? "")", exitCode: .badData)
      }
    }
  }
}

extension ComparisonError {
  /// How to compare the others if some settings have no run that is over; `nil` if that is not what is wrong.
  var hintAtSettings: String? {
    guard case .noSharedTask(let settings) = self else { return nil }
    let tasks = settings.map(\.tasks).filter { !$0.isEmpty }
    // Without the settings that have none, one task at least must be left.
    guard let first = tasks.first, tasks.count < settings.count,
      first.contains(where: { task in tasks.allSatisfy { $0.contains(task) } })
    else { return nil }
    return "; 'deep-sarsa compare' with --settings compares those that have some"
  }
}
