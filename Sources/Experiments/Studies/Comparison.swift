/// How good settings are on the tasks that they share, and how surely one is better than another.
///
/// Only runs that are over count, the failed ones with the score of an untrained network. Comparisons are
/// unpaired: a seed that two settings share is not the same luck, because their random streams are used
/// differently.
///
/// ```swift
/// let results = try SettingResults.reading(["runs"])
/// let comparison = try Comparison(of: results, baseline: "one-step")
/// for verdict in comparison.verdicts { print(verdict) }
/// ```
///
/// The same results give the same numbers, to the bit. docs/statistics.md defines them.
public struct Comparison: Hashable, Sendable {
  /// The name of the setting with which the others are compared.
  public let baseline: String
  /// The tasks that all settings have, in the order of the first setting's.
  public let tasks: [Task]
  /// The scores of all tasks together, on the scale of a random policy and the best one; `nil` if they are not
  /// on one scale.
  public let overall: [OverallSide]?
  /// Why `overall` is `nil`.
  public let missingOverall: String?
  /// What can be said of every setting but the baseline, over all tasks, in the order of the settings.
  public let verdicts: [Verdict]
  /// What was left out, a sentence each.
  public let notes: [String]

  /// The numbers of a setting over all tasks.
  public struct OverallSide: Hashable, Sendable {
    /// The setting's name.
    public let name: String
    /// The scores on the scale of a random policy and the best one.
    public let scores: Scores
    /// Their aggregates.
    public let summary: Summary
  }

  /// Aggregates of scores.
  public struct Summary: Hashable, Sendable {
    /// The interquartile mean, with its interval.
    public let interquartileMean: Estimate
    /// The mean of the tasks' means.
    public let mean: Double
    /// Of one task the median of its runs; of several the median of their means.
    public let median: Double
    /// The lowest score.
    public let worst: Double
    /// How far scores are below the best, on the scale of a random policy and the best one; `nil` without a
    /// scale.
    public let optimalityGap: Double?
  }

  /// A setting's scores beside the baseline's.
  public struct Improvement: Hashable, Sendable {
    /// The probability that a run of the setting is better than one of the baseline, with its interval.
    public let probability: Estimate
    /// The test of whether they differ at all.
    public let test: PermutationTest

    init(_ scores: Scores, over baseline: Scores, _ bootstrap: Bootstrap) throws(ScoresError) {
      let comparison = try ScoreComparison(scores, with: baseline)
      probability = bootstrap.improvement(of: comparison)
      test = comparison.permutationTest()
    }
  }

  /// Compares settings.
  ///
  /// - Parameters:
  ///   - results: the settings; their names differ.
  ///   - baseline: the name of the setting with which the others are compared; `nil` for the first.
  ///   - bootstrap: how intervals are computed, but for those of curves and profiles.
  /// - Throws: `ComparisonError` if there is nothing to compare.
  /// - Complexity: O(r·n) for r = 50,000 resamples of n runs of all settings, and a permutation test for each
  ///   setting and task: some seconds for a thousand runs.
  public init(
    of results: [SettingResults], baseline: String? = nil, bootstrap: Bootstrap = .finalScores
  ) throws(ComparisonError) {
    let names = results.map(\.name)
    guard let first = names.first else { throw .noSetting }
    if let name = names.firstDuplicate { throw .sameName(name) }
    let baseline = baseline ?? first
    guard let reference = names.firstIndex(of: baseline) else {
      throw .unknownName(baseline, known: names)
    }
    var notes: [String] = []
    let counted = results.map { $0.counted(notes: &notes) }
    let shared = counted[0].tasks.map(\.name).filter { name in
      counted.allSatisfy { $0.task(name) != nil }
    }
    if shared.isEmpty { throw .noSharedTask(counted.map { ($0.name, $0.tasks.map(\.name)) }) }
    notes += Self.notes(on: counted, besides: shared)

    do {
      let tasks = try shared.map { name throws(ScoresError) in
        try Task(name, of: counted, baseline: reference, bootstrap)
      }
      let scores = try names.indices.map { side throws(ScoresError) in
        try Scores(tasks.map { $0.sides[side].scores })
      }
      self.tasks = tasks
      (overall, missingOverall) = Self.overall(of: scores, named: names, on: tasks, bootstrap)
      verdicts = try Self.verdicts(
        on: scores, named: names, baseline: reference, tasks, bootstrap)
    } catch {
      throw .scores(error)
    }
    self.baseline = baseline
    self.notes = notes
  }

  /// The tasks that are left out because a setting has no run of them that counts.
  private static func notes(on settings: [SettingResults], besides shared: [String]) -> [String] {
    var notes: [String] = []
    var named = Set(shared)
    for task in settings.flatMap(\.tasks) where named.insert(task.name).inserted {
      let missing = settings.filter { $0.task(task.name) == nil }.map { "'\($0.name)'" }
      notes.append(
        "\(task.name) is left out: there is no run of it that is over for "
          + missing.joined(separator: ", "))
    }
    return notes
  }

  private static func overall(
    of scores: [Scores], named names: [String], on tasks: [Task], _ bootstrap: Bootstrap
  ) -> (sides: [OverallSide]?, reason: String?) {
    if tasks.count == 1 { return (nil, "there is one task") }
    var scales: [ScoreScale] = []
    for task in tasks {
      guard let scale = task.scale else {
        return (
          nil, "the scores of a random policy and of the best one are not known for \(task.name)"
        )
      }
      scales.append(scale)
    }
    do {
      let sides = try zip(names, scores).map { name, scores in
        let normalized = try scores.normalized(from: scales.map(\.random), to: scales.map(\.best))
        return OverallSide(
          name: name, scores: normalized,
          summary: Summary(of: normalized, normalized: normalized, bootstrap))
      }
      return (sides, nil)
    } catch {
      return (nil, "\(error)")
    }
  }

  private static func verdicts(
    on scores: [Scores], named names: [String], baseline: Int, _ tasks: [Task],
    _ bootstrap: Bootstrap
  ) throws(ScoresError) -> [Verdict] {
    let others = names.indices.filter { $0 != baseline }
    let improvements = try others.map { side throws(ScoresError) in
      // That of a single task is known.
      if tasks.count == 1, let improvement = tasks[0].sides[side].improvement { return improvement }
      return try Improvement(scores[side], over: scores[baseline], bootstrap)
    }
    let pValues = holmAdjusted(improvements.map(\.test.pValue))
    let lowest = holmAdjusted(improvements.map(\.test.lowestPValue))
    return others.indices.map { index in
      Verdict(
        setting: names[others[index]], baseline: names[baseline],
        runs: scores[others[index]].count, baselineRuns: scores[baseline].count,
        tasks: tasks.count, improvement: improvements[index], pValue: pValues[index],
        lowestPValue: lowest[index], comparisons: others.count)
    }
  }
}

extension Comparison.Summary {
  /// Aggregates scores, and those on a common scale, if there is one.
  init(of scores: Scores, normalized: Scores?, _ bootstrap: Bootstrap) {
    interquartileMean = bootstrap.estimate(.interquartileMean, of: scores)
    mean = scores.value(of: .mean)
    median = scores.tasks.count == 1 ? scores.tasks[0].median : scores.value(of: .median)
    worst = scores.value(of: .worst)
    optimalityGap = normalized?.value(of: .optimalityGap(to: 1))
  }
}

extension [Double] {
  /// The median; of an even number of values, the middle between the two in the middle.
  fileprivate var median: Double {
    let sorted = sorted()
    let (lower, upper) = (sorted[(count - 1) / 2], sorted[count / 2])
    return lower + (upper - lower) / 2
  }
}

extension Scores {
  /// The number of runs of all tasks.
  var count: Int { tasks.reduce(0) { $0 + $1.count } }
}

extension SettingResults {
  /// The results of a task; `nil` if the setting has none.
  func task(_ name: String) -> TaskResults? { tasks.first { $0.name == name } }

  /// The results without runs that have no score, and without tasks that have no others.
  ///
  /// A run that is not finished may be the one that takes longest, so each is named.
  fileprivate func counted(notes: inout [String]) -> SettingResults {
    var counted: [TaskResults] = []
    for var task in tasks {
      let place = "'\(name)' on \(task.name)"
      let waiting = task.runs.filter { !$0.isOver }
      if !waiting.isEmpty {
        let seeds = waiting.map { run in
          if case .unfinished(let step) = run.status {
            "\(run.seed) (at step \(step))"
          } else {
            "\(run.seed) (not begun)"
          }
        }
        notes.append(
          "\(place): \(waiting.count) of \(task.runs.count) runs are not finished, and are left out, "
            + "which biases its scores; seeds \(seeds.joined(separator: ", "))")
      }
      let unknown = task.runs.filter { $0.isOver && $0.score == nil }
      if !unknown.isEmpty {
        notes.append(
          "\(place): \(unknown.count) of \(task.runs.count) runs failed without a score, and are left out, because "
            + "no run of it evaluated an untrained network; seeds "
            + unknown.map { "\($0.seed)" }.joined(separator: ", "))
      }
      task.runs.removeAll { !$0.isOver || $0.score == nil }
      if !task.runs.isEmpty { counted.append(task) }
    }
    return SettingResults(name: name, tasks: counted)
  }
}

/// Why settings cannot be compared.
public enum ComparisonError: Error, CustomStringConvertible {
  /// There is no setting.
  case noSetting
  /// Two settings have the same name.
  case sameName(String)
  /// The baseline is not one of the settings.
  case unknownName(String, known: [String])
  /// No task has a run of every setting that is over; with the tasks of each that have one.
  case noSharedTask([(setting: String, tasks: [String])])
  /// A score is not finite.
  case scores(ScoresError)

  /// One line that says what, and what is allowed.
  public var description: String {
    switch self {
    case .noSetting: "there is no setting to compare; allowed: 1 or more"
    case .sameName(let name): "two settings are named '\(name)'; allowed: names that differ"
    case .unknownName(let name, let known):
      "there is no setting '\(name)'; allowed: \(known.joined(separator: ", "))"
    case .noSharedTask(let settings):
      "there is no task of which every setting has a run that is over: "
        + settings.map { setting, tasks in
          "'\(setting)' has " + (tasks.isEmpty ? "none" : tasks.joined(separator: ", "))
        }.joined(separator: "; ")
    case .scores(let error): "\(error)"
    }
  }
}
