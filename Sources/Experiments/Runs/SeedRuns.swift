public import DeepSARSA
internal import SARSAPreconditions

/// Training runs with the same settings and different seeds, several at a time.
///
/// Every seed has a separate run and folder, and computes on one thread. The runs share no state, so a
/// run writes the same files however many runs execute at the same time.
///
/// ```swift
/// let runs = SeedRuns(settings, seeds: [0, 1, 2, 3], jobs: 2, root: "runs")
/// let outcomes = runs.train(in: environment)
/// ```
public struct SeedRuns: Sendable {
  /// The settings of all runs, except the seed.
  public let settings: RunSettings
  /// The seeds, one run each.
  public let seeds: [UInt64]
  /// The number of runs at a time.
  public let jobs: Int
  /// The folder in which the runs' folders are created.
  public let root: String
  /// How the runs were asked for, which every run records.
  public let origin: RunOrigin

  /// Prepares the runs.
  ///
  /// - Precondition: at least one job.
  public init(
    _ settings: RunSettings, seeds: [UInt64], jobs: Int, root: String,
    origin: RunOrigin = RunOrigin()
  ) {
    require(jobs > 0, "jobs is \(jobs); allowed: 1 or more")
    self.settings = settings
    self.seeds = seeds
    self.jobs = jobs
    self.root = root
    self.origin = origin
  }

  /// The outcome of a run.
  public enum Outcome: Sendable {
    /// It finished.
    case finished(RunSummary)
    /// It was interrupted, and its files are written.
    case interrupted(RunSummary)
    /// It had not begun when the runs were interrupted.
    case notBegun
    /// It failed.
    case failed(RunError)
  }

  /// Trains all runs; if one fails, the others continue.
  ///
  /// - Parameters:
  ///   - environment: the environment, of which every run trains in a copy.
  ///   - isCancelled: called between steps, on any of the threads.
  ///   - didEnd: called when a run ends, on the thread of that run.
  /// - Returns: an outcome for every seed, in the order of the seeds.
  public func train<World: Environment>(
    in environment: World, isCancelled: @Sendable () -> Bool = { false },
    didEnd: @Sendable (UInt64, Outcome) -> Void = { _, _ in }
  ) -> [Outcome] {
    let agent = settings.hyperparameters.algorithm.agent
    return seeds.concurrentMap(jobs: jobs) { seed in
      let outcome = outcome(agent, of: seed, in: environment, isCancelled)
      didEnd(seed, outcome)
      return outcome
    }
  }

  private func outcome<World: Environment, Learner: Agent & ~Copyable>(
    _ agent: Learner.Type, of seed: UInt64, in environment: World, _ isCancelled: () -> Bool
  ) -> Outcome {
    if isCancelled() { return .notBegun }
    var settings = settings
    settings.seed = seed
    do throws(RunError) {
      var run = try TrainingRun(
        agent, settings, environment: environment, root: root, origin: origin)
      do throws(RunError) {
        while !run.isFinished && !isCancelled() { try run.advance(isCancelled: isCancelled) }
        if !isCancelled(), let summary = try run.finish(isCancelled: isCancelled) {
          return .finished(summary)
        }
      } catch {
        // A cancelled wait for a Gymnasium environment throws an error.
        guard case .environment = error, isCancelled() else { throw error }
      }
      try run.save()
      return .interrupted(run.summary())
    } catch {
      if case .environment = error, isCancelled() { return .notBegun }
      return .failed(error)
    }
  }
}
