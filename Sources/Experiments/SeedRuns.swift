public import DeepSARSA
internal import SARSAPreconditions

/// One setting trained with many seeds, several at a time.
///
/// Every seed has a run and a folder of its own, and computes on one thread. Nothing is shared, so
/// that what a run writes does not depend on how many others run beside it.
///
/// ```swift
/// let runs = SeedRuns(settings, seeds: [0, 1, 2, 3], jobs: 2, root: "runs")
/// let outcomes = runs.train(in: environment)
/// ```
public struct SeedRuns: Sendable {
  /// What all runs are told; its seed is replaced.
  public let settings: RunSettings
  /// A run each.
  public let seeds: [UInt64]
  /// The runs at a time.
  public let jobs: Int
  /// Where the folders are made.
  public let root: String

  /// Prepares the runs.
  ///
  /// - Precondition: at least one job.
  public init(_ settings: RunSettings, seeds: [UInt64], jobs: Int, root: String) {
    require(jobs > 0, "jobs is \(jobs); allowed: 1 or more")
    self.settings = settings
    self.seeds = seeds
    self.jobs = jobs
    self.root = root
  }

  /// What became of a run.
  public enum Outcome: Sendable {
    /// It came to its end.
    case finished(RunSummary)
    /// It was interrupted; its files are written.
    case interrupted(RunSummary)
    /// It had not begun when the others were interrupted.
    case notBegun
    /// It failed.
    case failed(RunError)
  }

  /// Trains them all; a failure of one leaves the others alone.
  ///
  /// - Parameters:
  ///   - environment: what every run trains in a copy of.
  ///   - isCancelled: asked between steps, from any of the threads.
  ///   - didEnd: told of every run as it ends, from the thread that ran it.
  /// - Returns: an outcome for every seed, in the order of the seeds.
  public func train<World: Environment>(
    in environment: World, isCancelled: @Sendable () -> Bool = { false },
    didEnd: @Sendable (UInt64, Outcome) -> Void = { _, _ in }
  ) -> [Outcome] {
    seeds.concurrentMap(jobs: jobs) { seed in
      let outcome = outcome(of: seed, in: environment, isCancelled)
      didEnd(seed, outcome)
      return outcome
    }
  }

  private func outcome<World: Environment>(
    of seed: UInt64, in environment: World, _ isCancelled: () -> Bool
  ) -> Outcome {
    if isCancelled() { return .notBegun }
    var settings = settings
    settings.seed = seed
    do throws(RunError) {
      var run = try TrainingRun(settings, environment: environment, root: root)
      do throws(RunError) {
        while !run.isFinished && !isCancelled() { try run.advance(isCancelled: isCancelled) }
        if !isCancelled(), let summary = try run.finish(isCancelled: isCancelled) {
          return .finished(summary)
        }
      } catch {
        // Cancelling also ends the wait for a slow Gymnasium environment, by an error of its own.
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
