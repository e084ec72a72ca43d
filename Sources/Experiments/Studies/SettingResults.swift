/// The results of one setting: of each task, the runs with all seeds.
///
/// A setting is a set of values for all settings of a run but its environment and its seed, under a name. A task
/// is an environment under a name, with its arguments.
public struct SettingResults: Hashable, Sendable {
  /// The setting's name.
  public var name: String
  /// The results of each task.
  public var tasks: [TaskResults]

  /// Makes results.
  public init(name: String, tasks: [TaskResults]) {
    self.name = name
    self.tasks = tasks
  }
}

/// The runs of a setting on one task.
public struct TaskResults: Hashable, Sendable {
  /// The task's name, which is the environment's id unless the experiment gives it another one.
  public var name: String
  /// The mean return that counts as solved; `nil` if the environment has none, or no run has finished.
  public var threshold: Double?
  /// The scores between which those of different tasks are compared; `nil` if none are known.
  public var scale: ScoreScale?
  /// The runs in the order of their seeds.
  public var runs: [RunResult]

  /// Makes results.
  public init(name: String, threshold: Double?, scale: ScoreScale?, runs: [RunResult]) {
    self.name = name
    self.threshold = threshold
    self.scale = scale
    self.runs = runs
  }
}

/// The scores of a random policy and of a policy that is declared to be the best.
///
/// They bring scores of different tasks to one scale: see `Scores.normalized(from:to:)`.
public struct ScoreScale: Codable, Hashable, Sendable {
  /// The mean return of a policy that takes every action with the same probability.
  public var random: Double
  /// The mean return that is declared to be the best: the optimum where it is known.
  public var best: Double

  /// Makes a scale.
  public init(random: Double, best: Double) {
    self.random = random
    self.best = best
  }
}
