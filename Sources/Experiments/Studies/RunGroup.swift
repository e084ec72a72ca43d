/// The runs of a setting on a task, with their folders: what charts and results are made from.
public struct RunGroup: Sendable {
  /// The setting's name.
  public var setting: String
  /// The task's name, which is the environment with its arguments unless an experiment gives it another one.
  public let task: String
  /// The scores between which those of different tasks are compared; `nil` if none are known.
  public let scale: ScoreScale?
  /// The runs, which differ in their seeds.
  public internal(set) var runs: [RunRecord]
}

/// A run with its folder.
public struct RunRecord: Sendable {
  /// The folder; of a run that has not begun there is none at that path.
  public let folder: RunFolder
  /// Its settings.
  public let settings: RunSettings
  /// What it reached.
  public let result: RunResult
}

extension RunRecord {
  /// Reads the settings and the result of a run's folder, finished or not.
  ///
  /// - Throws: `RunError` if a file cannot be read, or has content that no run writes.
  public init(reading folder: RunFolder) throws(RunError) {
    let settings = try SettingsFile(reading: folder.path(of: .config)).settings()
    self.init(folder: folder, settings: settings, result: try RunResult(reading: folder))
  }
}

extension RunGroup {
  /// Reads runs for charts: folders of single runs are taken together, as if they lay in one folder.
  ///
  /// If they cannot be seeds of the same settings, they are read as by `reading(_:)`.
  ///
  /// - Throws: `RunError`, as `reading(_:)`.
  public static func reading(joining paths: [String]) throws(RunError) -> [RunGroup] {
    var folders: [RunFolder] = []
    for path in paths {
      let folder = try RunFolder(required: path)
      if try folder.hasSettings() { folders.append(folder) }
    }
    if paths.count > 1 && folders.count == paths.count {
      do throws(RunError) {
        return try reading(folders)
      } catch {
        guard case .disagreement = error else { throw error }
      }
    }
    return try reading(paths)
  }
}

extension [RunGroup] {
  /// The results of settings, each of which has its tasks in a row.
  public var results: [SettingResults] {
    reduce(into: []) { results, group in
      // The same folder, given twice, has the same settings twice.
      if results.last?.name != group.setting || results.last?.task(group.task) != nil {
        results.append(SettingResults(name: group.setting, tasks: []))
      }
      results[results.count - 1].tasks.append(group.results)
    }
  }

  /// The groups of each task, in the order of the first group of each.
  package var byTask: [[RunGroup]] {
    reduce(into: []) { tasks, group in
      if let place = tasks.firstIndex(where: { $0[0].task == group.task }) {
        tasks[place].append(group)
      } else {
        tasks.append([group])
      }
    }
  }
}

extension RunGroup {
  /// The results without the folders.
  var results: TaskResults {
    var results = TaskResults(name: task, scale: scale, runs: runs.map(\.result))
    // Only finished runs record it.
    results.threshold = results.threshold ?? runs.first?.settings.knownThreshold
    return results
  }

  /// The mean return that counts as solved; `nil` if the environment has none, or is not built in and no run has
  /// finished.
  var threshold: Double? { results.threshold }
}
