/// Settings on tasks with seeds: the runs whose results say how good settings are, and how surely.
///
/// A setting is a set of values for all settings of a run but its environment and its seed. A task is an
/// environment with its arguments. Each setting is trained on each task with each seed.
///
/// ```swift
/// let file = try ExperimentFile(reading: "steps.yaml")
/// let experiment = try file.experiment { settings in try specification(of: settings) }
/// let folder = try ExperimentFolder(experiment, at: "steps")
/// try folder.train(jobs: 2) { settings in try environment(of: settings) }
/// let results = try folder.results()
/// ```
public struct Experiment: Hashable, Sendable {
  /// A setting on a task: what the runs with all seeds have in common.
  public struct Group: Codable, Hashable, Sendable {
    /// The setting's name.
    public let setting: String
    /// The task's name.
    public let task: String
    /// The settings of its runs, of which each has its own seed.
    public let settings: RunSettings
    /// The scores of a random and of the best policy on the task, if the experiment gives them.
    public let scale: ScoreScale?
    /// The name of the preset from which the settings were made, which is only recorded.
    public let preset: String?

    /// Describes a group; the setting's name becomes the experiment name of its runs.
    public init(
      setting: String, task: String, settings: RunSettings, scale: ScoreScale? = nil,
      preset: String? = nil
    ) {
      self.setting = setting
      self.task = task
      self.settings = settings.replacing(seed: 0, experimentName: setting)
      self.scale = scale
      self.preset = preset
    }
  }

  /// A run: a group, and a seed.
  public struct Run: Hashable, Sendable {
    /// The group.
    public let group: Group
    /// The seed.
    public let seed: UInt64

    /// The settings with the seed.
    public var settings: RunSettings {
      group.settings.replacing(seed: seed, experimentName: group.setting)
    }

    /// The name of its folder, made of setting, task and seed.
    public var name: String { group.name + "__\(seed)" }
  }

  /// The groups, setting by setting, and in each task by task.
  public let groups: [Group]
  /// The seeds of every group.
  public let seeds: [UInt64]

  /// The largest number of bytes of a setting's and a task's name together; a folder's name has up to 255.
  private static let nameLimit = 230

  /// The largest number of groups.
  public static let groupLimit = 10_000

  /// The largest number of runs.
  public static let runLimit = 1_000_000

  /// Makes an experiment.
  ///
  /// - Throws: `RunError.badSettings` with the source's name if there is no group or no seed, if a seed or the
  ///   name of a run's folder occurs twice, or if there are more than 10,000 groups or a million runs.
  public init(groups: [Group], seeds: [UInt64], source: String) throws(RunError) {
    try Self.requireCounts(groups: groups.count, seeds: seeds.count, source: source)
    if let seed = seeds.firstDuplicate {
      throw .badSettings(source, "seeds has \(seed) twice; allowed: each seed once")
    }
    for name in groups.map(\.name) {
      guard name.utf8.count <= Self.nameLimit, name.unicodeScalars.allSatisfy({ $0.value >= 0x20 })
      else {
        throw .badSettings(
          source,
          "runs cannot have folders named '\(name)'; allowed: names of environments and settings "
            + "without control characters, up to \(Self.nameLimit) bytes together")
      }
    }
    if let name = groups.map(\.name).firstDuplicate {
      throw .badSettings(
        source, "two environments or settings have runs in '\(name)'; allowed: different names")
    }
    self.groups = groups
    self.seeds = seeds
  }

  /// Throws unless there is a run, and not too many.
  static func requireCounts(groups: Int, seeds: Int, source: String) throws(RunError) {
    if groups == 0 || seeds == 0 {
      throw .badSettings(
        source, "it has no runs; allowed: 1 setting, 1 environment, 1 seed or more")
    }
    guard groups <= groupLimit, groups <= runLimit / seeds else {
      throw .badSettings(
        source,
        "it has \(groups) settings of environments, with \(seeds) seeds each; allowed: up to \(groupLimit), and up to "
          + "\(runLimit) runs")
    }
  }

  /// The runs of a part, seed by seed, so that after a while every setting has as many.
  ///
  /// Part k of n has the runs of which the number of the group and that of the seed, both from 0, have a sum with
  /// the remainder k − 1. So every part has its share of each group, and further seeds move no run to another part.
  public func runs(of part: ExperimentPart = .all) -> [Run] {
    seeds.enumerated().flatMap { place, seed in
      groups.enumerated().compactMap { number, group in
        part.contains(place + number) ? Run(group: group, seed: seed) : nil
      }
    }
  }
}

extension Experiment.Group {
  /// Setting and task in the name of a folder: some ids have a slash or a colon.
  fileprivate var name: String {
    setting + "__" + task.replacing("/", with: "-").replacing(":", with: "-")
  }
}

extension RunSettings {
  fileprivate func replacing(seed: UInt64, experimentName: String) -> RunSettings {
    var result = self
    result.seed = seed
    result.experimentName = experimentName
    return result
  }
}

extension Array where Element: Hashable {
  /// The first element that occurs a second time.
  package var firstDuplicate: Element? {
    var seen: Set<Element> = []
    return first { !seen.insert($0).inserted }
  }
}
