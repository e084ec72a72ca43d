internal import DeepSARSA
internal import SARSAFiles
internal import SARSAFormats

/// The folder of an experiment.
///
/// | file | content |
/// | --- | --- |
/// | `experiment.json` | every setting of every group, and the seeds |
/// | `runs/` | the folder of each run, `{setting}__{task}__{seed}`, without a clock in its name |
/// | `results.json`, `results.md`, `scores.npz`, `curves/` | what `write(_:)` says of the results |
///
/// A run's folder is made when the run begins. Where a run diverged, or its environment failed, `failure.json` in
/// its folder has the reason.
public struct ExperimentFolder: Hashable, Sendable {
  /// The path.
  public let path: String
  /// The experiment.
  public let experiment: Experiment

  /// Refers to the folder of an experiment.
  ///
  /// - Returns: `nil` if the path is no such folder.
  /// - Throws: `RunError` if the experiment cannot be read.
  public init?(existing path: String) throws(RunError) {
    guard let experiment = try Experiment(reading: path + "/" + Self.file) else { return nil }
    self.path = path
    self.experiment = experiment
  }

  /// Creates the folder of an experiment, or goes on with one.
  ///
  /// - Throws: `RunError.disagreement` if the folder has an experiment that differs in more than further seeds,
  ///   otherwise `RunError` if it cannot be created, read or written.
  public init(_ experiment: Experiment, at path: String) throws(RunError) {
    let file = path + "/" + Self.file
    let old = try Experiment(reading: file)
    try old?.requireAgreement(with: experiment, in: file)
    if old != experiment {
      try converting(RunError.system) { () throws(SystemError) in
        try Files.createDirectories(path)
        try Files.replace(file, with: Array(experiment.json.utf8))
      }
    }
    self.path = path
    self.experiment = experiment
  }

  /// The name of the file that describes the experiment.
  private static let file = "experiment.json"

  /// The folder of a run, which is made when the run begins.
  func folder(of run: Experiment.Run) -> RunFolder { RunFolder(at: path + "/runs/" + run.name) }

  /// The results so far, setting by setting, and in each task by task.
  ///
  /// Evaluations have no seconds: those differ between equal runs, whose results are equal.
  ///
  /// - Throws: `RunError` if a file of a run cannot be read, or has content that no run writes.
  /// - Complexity: O(n) for n evaluations of all runs.
  public func results() throws(RunError) -> [SettingResults] {
    try groups().results.map(\.withoutSeconds)
  }

  /// The runs of each setting and task with their results so far, also those that have not begun.
  func groups() throws(RunError) -> [RunGroup] {
    var groups: [RunGroup] = []
    for group in experiment.groups {
      var runs: [RunRecord] = []
      for seed in experiment.seeds {
        let run = Experiment.Run(group: group, seed: seed)
        runs.append(
          RunRecord(folder: folder(of: run), settings: run.settings, result: try result(of: run)))
      }
      groups.append(
        RunGroup(
          setting: group.setting, task: group.task,
          scale: group.scale ?? .known(of: group.settings), runs: runs))
    }
    return groups
  }

  private func result(of run: Experiment.Run) throws(RunError) -> RunResult {
    let folder = folder(of: run)
    let names = try converting(RunError.system) { () throws(SystemError) in
      try Files.names(in: folder.path)
    }
    guard names.contains(RunFolder.File.config.rawValue) else {
      return RunResult(
        seed: run.seed, status: .notBegun, score: nil, bestScore: nil, curve: LearningCurve([]))
    }
    return try RunResult(reading: folder)
  }
}

extension SettingResults {
  fileprivate var withoutSeconds: SettingResults {
    var results = self
    for task in tasks.indices {
      for run in tasks[task].runs.indices {
        results.tasks[task].runs[run].curve = LearningCurve(
          tasks[task].runs[run].curve.evaluations.map { .init(step: $0.step, mean: $0.mean) })
      }
    }
    return results
  }
}

// MARK: - experiment.json

extension Experiment {
  private enum Key {
    static let (groups, seeds) = ("groups", "seeds")
  }

  /// The largest allowed number of bytes of a description.
  private static let sizeLimit = 1 << 28

  /// The experiment as JSON, with a line for each group.
  fileprivate var json: String {
    """
    {\(Key.groups.quotedAsJSON):[
    \(groups.map { Self.tree($0).json }.joined(separator: ",\n"))
    ],
    \(Key.seeds.quotedAsJSON):\(Self.tree(seeds).json)}

    """
  }

  fileprivate static func tree(_ value: some Encodable) -> Tree {
    do { return try Tree(encoding: value) } catch { fatalError("\(error)") }
  }

  /// Reads a description; `nil` if there is no such file.
  fileprivate init?(reading path: String) throws(RunError) {
    let bytes: [UInt8]
    do {
      bytes = try Files.read(path, limit: Self.sizeLimit)
    } catch {
      if error.isMissing { return nil }
      throw .system(error)
    }
    let tree = try converting({ RunError.badFile(path, "\($0)") }) { () throws(JSONError) in
      try Tree(json: bytes)
    }
    let decoder = TreeDecoder()
    do {
      try self.init(
        groups: decoder.decode([Group].self, from: tree[Key.groups] ?? .null).map {
          Group(
            setting: $0.setting, task: $0.task, settings: $0.settings, scale: $0.scale,
            preset: $0.preset)
        },
        seeds: decoder.decode([UInt64].self, from: tree[Key.seeds] ?? .null), source: path)
      if let unknown = decoder.unknownKeys.first {
        let name = (unknown.path + [unknown.key]).joined(separator: ".")
        throw RunError.badFile(path, "'\(name)' is unknown: a later version may have written it")
      }
      for group in groups { try group.settings.validate() }
      // With a NaN, the experiment would differ from itself.
      guard Self.tree(groups) == Self.tree(groups),
        groups.allSatisfy({ $0.scale?.isUsable ?? true })
      else {
        throw RunError.badFile(path, "it has a number that is not allowed")
      }
    } catch let error as RunError {
      throw error
    } catch let error as HyperparameterError {
      throw .badFile(path, "\(error)")
    } catch {
      throw .badFile(path, "it does not describe an experiment")
    }
  }

  /// Throws if a description differs from this one in more than further seeds.
  fileprivate func requireAgreement(with other: Experiment, in path: String) throws(RunError) {
    let names = Set(groups.map(\.place))
    let others = Dictionary(other.groups.map { ($0.place, $0) }) { first, _ in first }
    if let missing = groups.first(where: { others[$0.place] == nil }) {
      throw .disagreement(path, "it has \(missing.place), which is missing now")
    }
    if let new = other.groups.first(where: { !names.contains($0.place) }) {
      throw .disagreement(path, "it has no \(new.place); allowed: more seeds, and no other change")
    }
    for group in groups {
      guard let new = others[group.place],
        let difference = new.compared.firstDifference(from: group.compared)
      else { continue }
      throw .disagreement(
        path,
        "\(group.place): \(difference.path) is \(difference.value), and was \(difference.other); "
          + "allowed: more seeds, and no other change")
    }
    let seeds = Set(other.seeds)
    if let missing = self.seeds.first(where: { !seeds.contains($0) }) {
      throw .disagreement(
        path, "it has the seed \(missing), which is missing now; allowed: more seeds")
    }
  }
}

extension Experiment.Group {
  /// The group in messages.
  fileprivate var place: String { "'\(setting)' in '\(task)'" }

  /// What must not change: all but the preset's name, which earlier versions did not record.
  fileprivate var compared: Tree {
    Experiment.tree(
      Self(setting: setting, task: task, settings: settings, scale: scale)
    ).asRead
  }
}

extension Tree {
  /// The tree as it is read from its JSON, which does not have the sizes of numbers.
  fileprivate var asRead: Tree { (try? Tree(json: Array(json.utf8))) ?? self }
}
