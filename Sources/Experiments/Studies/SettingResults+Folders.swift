internal import DeepSARSA
internal import Foundation
internal import SARSAFiles
internal import SARSAFormats

extension SettingResults {
  /// Reads the results of settings from folders.
  ///
  /// The folder of an experiment has the experiment's settings and tasks. A folder of other runs has a setting
  /// for each experiment name of its runs; the folder of one run has that one; a task is then an environment
  /// with its arguments. If folders have settings of the same name, the folder's name is put before it.
  ///
  /// - Parameter paths: the folders.
  /// - Returns: the settings of each folder, those of an experiment in its order, others in alphabetical order.
  /// - Throws: `RunError`: `.disagreement` for runs of a setting and task that differ in more than their seeds,
  ///   or in nothing; `.system` for a folder that does not exist, or a run that cannot be read; `.badFile` for a
  ///   folder without runs, or a file that no run writes.
  /// - Complexity: O(n) for n runs; their folders are read one after the other.
  public static func reading(_ paths: [String]) throws(RunError) -> [SettingResults] {
    try RunGroup.reading(paths).results
  }
}

extension RunGroup {
  /// Reads the runs of folders, grouped as by `SettingResults.reading(_:)`, and throws the same.
  public static func reading(_ paths: [String]) throws(RunError) -> [RunGroup] {
    var folders: [[RunGroup]] = []
    for path in paths { folders.append(try reading(path)) }
    let names = folders.flatMap { Set($0.map(\.setting)) }
      .reduce(into: [:]) { $0[$1, default: 0] += 1 }
    return zip(paths, folders).flatMap { path, groups in
      groups.map { group in
        guard names[group.setting] != 1 else { return group }
        var group = group
        group.setting =
          URL(filePath: path).standardizedFileURL.lastPathComponent + "/" + group.setting
        return group
      }
    }
  }

  private static func reading(_ path: String) throws(RunError) -> [RunGroup] {
    if let experiment = try ExperimentFolder(existing: path) { return try experiment.groups() }
    let folder = try RunFolder(required: path)
    let folders = try folder.hasSettings() ? [folder] : runFolders(in: path)
    if folders.isEmpty { throw .badFile(path, "it has no run folder, and is none") }
    return try reading(folders)
  }

  /// Reads runs that are no experiment's, and groups them by experiment name and environment.
  static func reading(_ folders: [RunFolder]) throws(RunError) -> [RunGroup] {
    var groups: [String: [String: RunGroup]] = [:]
    for folder in folders {
      let settings = try SettingsFile(reading: folder.path(of: .config)).settings()
      let (name, task) = (settings.experimentName, settings.task)
      let empty = RunGroup(setting: name, task: task, scale: .known(of: settings), runs: [])
      try groups[name, default: [:]][task, default: empty].append(
        RunRecord(folder: folder, settings: settings, result: RunResult(reading: folder)))
    }
    return groups.sorted { $0.key < $1.key }.flatMap { name, tasks in
      tasks.sorted { $0.key < $1.key }.map(\.value)
    }
  }

  /// The run folders directly in a folder, in the order of their names.
  ///
  /// One that cannot be read is an error: without it, the results would be those of other runs.
  private static func runFolders(in path: String) throws(RunError) -> [RunFolder] {
    let names = try converting(RunError.system) { () throws(SystemError) in
      try Files.names(in: path)
    }
    var folders: [RunFolder] = []
    for folder in names.map({ RunFolder(at: path + "/" + $0) }) where try folder.hasSettings() {
      folders.append(folder)
    }
    return folders
  }

  /// Appends a run, which may differ from the others in its seed only.
  private mutating func append(_ run: RunRecord) throws(RunError) {
    if let first = runs.first {
      var (settings, others) = (run.settings, first.settings)
      (settings.seed, others.seed) = (0, 0)
      if settings != others {
        throw .disagreement(
          run.folder.path,
          """
          \(settings.difference(from: others)) in '\(first.folder.path)'; allowed: runs named \
          '\(settings.experimentName)' that differ in their seeds only ('train --exp-name' names runs)
          """)
      }
    }
    if let other = runs.first(where: { $0.settings.seed == run.settings.seed }) {
      throw .disagreement(
        run.folder.path,
        """
        it is the run of '\(other.folder.path)' again, '\(run.settings.experimentName)' with seed \
        \(run.settings.seed); allowed: each seed once
        """)
    }
    runs.append(run)
  }
}

extension RunSettings {
  /// The mean return that counts as solved; `nil` if the environment has none, or is not built in.
  var knownThreshold: Double? {
    let world = try? EnvironmentRegistry.make(environment, arguments: environmentArguments)
    return world?.specification.rewardThreshold
  }

  /// The environment with its arguments, as on the command line.
  fileprivate var task: String {
    ([environment] + environmentArguments.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })
      .joined(separator: " ")
  }
}

extension RunSettings {
  /// The first setting that differs, with both values.
  fileprivate func difference(from other: RunSettings) -> String {
    guard let tree = try? Tree(encoding: self), let others = try? Tree(encoding: other),
      let difference = tree.firstDifference(from: others)
    else { return "its settings differ from those" }
    return "\(difference.path) is \(difference.value), and \(difference.other)"
  }
}
