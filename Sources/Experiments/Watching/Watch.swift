internal import DeepSARSA
internal import Foundation
internal import SARSAFiles

/// Runs that are watched while they are trained: one, those of a folder, or those of an experiment.
///
/// ```swift
/// var watch = try Watch(["runs"])
/// watch.look()
/// for run in watch.sections[0].runs { print(run.folder.path, run.status) }
/// ```
public struct Watch: Sendable {
  /// The runs of a path.
  public struct Section: Sendable {
    /// The path.
    public let path: String
    /// The experiment in it, if it is the folder of one.
    public let experiment: ExperimentFolder?
    /// The runs: those of an experiment in its order, group by group, others in the order of their names.
    public internal(set) var runs: [WatchedRun]
    /// Whether the path is the folder of one run.
    let isRun: Bool
  }

  /// A section for each path.
  public private(set) var sections: [Section] = []

  /// Watches paths: folders of runs, of several runs, or of experiments.
  ///
  /// - Throws: `RunError` for a path that is no folder or cannot be read, and for an experiment that cannot.
  public init(_ paths: [String]) throws(RunError) {
    for path in paths {
      let folder = try RunFolder(required: path)
      let isRun = try folder.hasSettings()
      // Later looks do not say that the folder cannot be listed.
      _ = try converting(RunError.system) { () throws(SystemError) in try Files.names(in: path) }
      let experiment = isRun ? nil : try ExperimentFolder(existing: path)
      let runs =
        experiment?.runsByGroup.map { WatchedRun($0) }
        // Curves of every episode are drawn of a single run only.
        ?? (isRun ? [WatchedRun(folder, keepsAllLogs: paths.count == 1)] : [])
      sections.append(Section(path: path, experiment: experiment, runs: runs, isRun: isRun))
    }
  }

  /// Looks at all runs, and for new ones.
  public mutating func look() {
    look(at: Self.start.duration(to: .now) / .seconds(1))
  }

  private static let start = ContinuousClock.now

  /// Looks at a time, on any clock.
  package mutating func look(at seconds: Double) {
    let locks = HeldLocks()
    for index in sections.indices {
      sections[index].findRuns()
      for run in sections[index].runs.indices {
        sections[index].runs[run].look(at: seconds, locks)
      }
    }
  }
}

extension Watch.Section {
  /// Adds the runs that have begun in a folder of runs.
  fileprivate mutating func findRuns() {
    guard experiment == nil, !isRun else { return }
    let known = Set(runs.map(\.folder))
    let names = (try? Files.names(in: path)) ?? []
    let prefix = path.hasSuffix("/") ? path : path + "/"
    let new = names.map { RunFolder(at: prefix + $0) }
      // One that cannot be read is shown, with the reason.
      .filter { !known.contains($0) && (try? $0.hasSettings()) != false }
    if new.isEmpty { return }
    runs = (runs + new.map { WatchedRun($0) }).sorted { $0.folder.path < $1.folder.path }
  }
}

extension ExperimentFolder {
  /// The folders of all runs, group by group.
  fileprivate var runsByGroup: [RunFolder] {
    experiment.groups.flatMap { group in
      experiment.seeds.map { folder(of: Experiment.Run(group: group, seed: $0)) }
    }
  }
}

extension Array where Element == String {
  /// What all paths begin with, up to the last `/` or `__` that they share: where runs of the same kind are.
  package var sharedFolderPrefix: String {
    guard var prefix = first else { return "" }
    for path in self { prefix = prefix.commonPrefix(with: path) }
    // Of a single path all is shared; its name is kept whole.
    let ends = (count == 1 ? ["/"] : ["/", "__"]).compactMap {
      prefix.range(of: $0, options: .backwards)?.upperBound
    }
    return ends.max().map { String(prefix[..<$0]) } ?? ""
  }
}
