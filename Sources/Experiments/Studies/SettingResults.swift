/// The results of one setting: of each task, the runs with all seeds.
///
/// A setting is a set of values for all settings of a run but its environment and its seed, under a name. A
/// task is an environment under a name, with its arguments.
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
  /// The mean return that counts as solved; `nil` if the environment has none, or it is not known.
  public var threshold: Double?
  /// The scores between which those of different tasks are compared; `nil` if none are known.
  public var scale: ScoreScale?
  /// The runs in the order of their seeds; see `init(name:threshold:scale:runs:)` for failed ones.
  public var runs: [RunResult]

  /// Makes results.
  ///
  /// A failed run that did not evaluate its untrained network gets the lowest score of an untrained network of
  /// the task's other runs.
  ///
  /// - Parameters:
  ///   - name: the task's name.
  ///   - threshold: the mean return that counts as solved; `nil` for that of the runs.
  ///   - scale: the scores between which those of different tasks are compared.
  ///   - runs: the runs, in any order.
  public init(name: String, threshold: Double? = nil, scale: ScoreScale?, runs: [RunResult]) {
    let untrained = runs.compactMap(\.curve.untrained).min()
    self.name = name
    self.threshold = threshold ?? runs.lazy.compactMap(\.threshold).first
    self.scale = scale
    self.runs = runs.sorted { $0.seed < $1.seed }.map { run in
      guard case .failed = run.status, run.score == nil else { return run }
      var run = run
      run.score = untrained
      return run
    }
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

  /// Whether scores can be brought to the scale, which divides by the difference.
  var isUsable: Bool { (best - random).isNormal }
}
