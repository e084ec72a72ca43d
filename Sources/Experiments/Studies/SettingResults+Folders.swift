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
  ///   or in nothing; `.system` for a folder that does not exist; `.badFile` for one without runs, or a file
  ///   that no run writes.
  /// - Complexity: O(n) for n runs; their folders are read one after the other.
  public static func reading(_ paths: [String]) throws(RunError) -> [SettingResults] {
    var results: [(path: String, setting: SettingResults)] = []
    for path in paths {
      results += try reading(path).map { (path, $0) }
    }
    let names = results.reduce(into: [:]) { $0[$1.setting.name, default: 0] += 1 }
    return results.map { path, setting in
      guard names[setting.name] != 1 else { return setting }
      var setting = setting
      setting.name = URL(filePath: path).standardizedFileURL.lastPathComponent + "/" + setting.name
      return setting
    }
  }

  private static func reading(_ path: String) throws(RunError) -> [SettingResults] {
    if let experiment = try ExperimentFolder(existing: path) { return try experiment.results() }
    guard let folder = RunFolder(existing: path) else {
      throw .system(SystemError(.read, path, code: Files.missing))
    }
    let folders = folder.hasSettings ? [folder] : try runFolders(in: path)
    if folders.isEmpty { throw .badFile(path, "it has no run folder, and is none") }
    var groups: [String: [String: RunGroup]] = [:]
    for folder in folders {
      let settings = try SettingsFile(reading: folder.path(of: .config)).settings()
      try groups[settings.experimentName, default: [:]][settings.task, default: RunGroup()]
        .append(RunResult(reading: folder), of: settings, in: folder)
    }
    return groups.sorted { $0.key < $1.key }.map { name, tasks in
      SettingResults(
        name: name,
        tasks: tasks.sorted { $0.key < $1.key }.map { task, group in
          TaskResults(name: task, scale: group.scale, runs: group.runs)
        })
    }
  }

  /// The run folders directly in a folder, in the order of their names.
  private static func runFolders(in path: String) throws(RunError) -> [RunFolder] {
    try converting(RunError.system) { () throws(SystemError) in try Files.names(in: path) }
      .compactMap { RunFolder(existing: path + "/" + $0) }.filter(\.hasSettings)
  }
}

extension RunFolder {
  /// Whether it has settings, as every run's folder.
  var hasSettings: Bool { FileManager.default.fileExists(atPath: path(of: .config)) }
}

extension RunSettings {
  /// The environment with its arguments, as on the command line.
  fileprivate var task: String {
    ([environment] + environmentArguments.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })
      .joined(separator: " ")
  }
}

/// The runs of a setting on a task, which differ in their seeds only.
private struct RunGroup {
  private(set) var runs: [RunResult] = []
  private var folders: [UInt64: RunFolder] = [:]
  private var first: (settings: RunSettings, folder: RunFolder)?

  var scale: ScoreScale? { first.flatMap { ScoreScale.known(of: $0.settings) } }

  mutating func append(
    _ run: RunResult, of settings: RunSettings, in folder: RunFolder
  ) throws(RunError) {
    var settings = settings
    let seed = settings.seed
    settings.seed = 0
    if let other = folders.updateValue(folder, forKey: seed) {
      throw .disagreement(
        folder.path,
        "its seed is \(seed), as that of '\(other.path)'; allowed: a seed once a setting")
    }
    if let first, first.settings != settings {
      throw .disagreement(
        folder.path,
        "\(settings.difference(from: first.settings)) in '\(first.folder.path)'; allowed: runs named '\(settings.experimentName)' that differ in their seeds only"
      )
    }
    first = first ?? (settings, folder)
    runs.append(run)
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
