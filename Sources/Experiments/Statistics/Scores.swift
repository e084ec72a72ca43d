/// The scores of a method: one for each run on each task.
///
/// A run is a seed, and a task is an environment. A score is any number of which more is better, such as the
/// mean return of the last network. Tasks may have different numbers of runs.
///
/// ```swift
/// let returns = try Scores([[-98, -101, -97.5], [500, 500, 487, 500]])
/// let scores = try returns.normalized(from: [-200, 9], to: [-97.65, 500])
/// let interval = Bootstrap.finalScores.estimate(.interquartileMean, of: scores)
/// ```
///
/// Scores of several tasks can be summarised only if they are on one scale: see `normalized(from:to:)`.
public struct Scores: Hashable, Sendable {
  /// The scores of each task's runs; there is at least one task, each has at least one run, and all numbers are
  /// finite.
  public let tasks: [[Double]]

  /// Makes scores from those of each task.
  ///
  /// - Throws: `ScoresError` if there is no task, a task has no run, or a score is not finite.
  /// - Complexity: O(n) for n scores.
  public init(_ tasks: [[Double]]) throws(ScoresError) {
    if tasks.isEmpty { throw .noTask }
    for (task, runs) in tasks.enumerated() {
      if runs.isEmpty { throw .noRun(task: task) }
      if let run = runs.firstIndex(where: { !$0.isFinite }) {
        throw .notFinite(task: task, run: run, runs[run])
      }
    }
    self.tasks = tasks
  }

  /// The number of runs of the task that has the fewest.
  public var fewestRuns: Int { tasks.reduce(.max) { min($0, $1.count) } }

  /// The scores on a scale of which 0 is a random policy and 1 the best score: (x − random)/(best − random).
  ///
  /// A score may be below 0 or above 1. Source: V. Mnih et al., "Human-Level Control through Deep
  /// Reinforcement Learning", 2015, figure 3, https://doi.org/10.1038/nature14236.
  ///
  /// - Parameters:
  ///   - random: the score of a random policy on each task.
  ///   - best: the score on each task that is declared to be the best.
  /// - Returns: the same runs of the same tasks, on that scale.
  /// - Throws: `ScoresError` if their numbers are not those of the tasks, or a result is not finite, as for
  ///   a best score that is the random policy's.
  /// - Complexity: O(n) for n scores, one allocation for each task.
  public func normalized(
    from random: [Double], to best: [Double]
  ) throws(ScoresError) -> Scores {
    for bounds in [random, best] where bounds.count != tasks.count {
      throw .taskCounts(tasks.count, bounds.count)
    }
    return try Scores(
      tasks.indices.map { task in
        let range = best[task] - random[task]
        return tasks[task].map { ($0 - random[task]) / range }
      })
  }

  /// An aggregate of the scores.
  ///
  /// - Complexity: O(n log n) for n scores, a few allocations.
  public func value(of aggregate: Aggregate) -> Double {
    var counted = CountedScores(self)
    return counted.value(of: aggregate)
  }
}

/// Why numbers are no scores, or scores cannot be compared.
public enum ScoresError: Error, Hashable, CustomStringConvertible {
  /// There is no task.
  case noTask
  /// A task has no run.
  case noRun(task: Int)
  /// A score is infinite or NaN.
  case notFinite(task: Int, run: Int, Double)
  /// Two lists that belong together have different numbers of tasks.
  case taskCounts(Int, Int)

  /// One line that says what and where.
  public var description: String {
    switch self {
    case .noTask: "there are no scores; allowed: 1 task or more"
    case .noRun(let task): "task \(task) has no scores; allowed: 1 run or more"
    case .notFinite(let task, let run, let value):
      "the score of task \(task), run \(run) is \(value); allowed: finite numbers"
    case .taskCounts(let first, let second):
      "there are \(first) tasks, and \(second) in the other list; allowed: the same number"
    }
  }
}
