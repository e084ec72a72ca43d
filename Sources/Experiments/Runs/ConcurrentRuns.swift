public import DeepSARSA
internal import SARSAPreconditions

/// Training runs, several at a time.
///
/// Every run has its own folder, and computes on one thread. The runs share no state, so a run writes the same
/// files however many runs execute at the same time.
///
/// ```swift
/// let runs = try ConcurrentRuns(creatingFor: settings, seeds: [0, 1, 2, 3], root: "runs", jobs: 2)
/// let outcomes = runs.train { _ in environment }
/// ```
public struct ConcurrentRuns: Sendable {
  /// A run: its folder, and its settings.
  public struct Run: Sendable {
    /// The folder.
    public let folder: RunFolder
    /// The settings.
    public let settings: RunSettings
    /// The name of what it is trained on: the environment's id, unless an experiment gives it another one.
    public let task: String
    /// How it was asked for, if its folder is made when it begins.
    let origin: RunOrigin
    /// Whether it is a run of an experiment: its folder is made when it begins, a result that another process made
    /// meanwhile stays, and a failure is recorded.
    let isOfExperiment: Bool

    /// Names a run.
    public init(_ folder: RunFolder, _ settings: RunSettings) {
      self.init(
        folder, settings, task: settings.environment, origin: RunOrigin(),
        isOfExperiment: false)
    }

    /// Names a run of an experiment, or any other.
    init(
      _ folder: RunFolder, _ settings: RunSettings, task: String, origin: RunOrigin,
      isOfExperiment: Bool
    ) {
      self.folder = folder
      self.settings = settings
      self.task = task
      self.origin = origin
      self.isOfExperiment = isOfExperiment
    }
  }

  /// The runs.
  public let runs: [Run]
  /// The number of runs at a time.
  public let jobs: Int

  /// Prepares the start or the continuation of runs.
  ///
  /// - Precondition: at least one job.
  public init(_ runs: [Run], jobs: Int) {
    require(jobs > 0, "jobs is \(jobs); allowed: 1 or more")
    self.runs = runs
    self.jobs = jobs
  }

  /// Creates the folder of a run for each seed, with its settings, so that all can be resumed from then on.
  ///
  /// - Precondition: at least one job.
  /// - Throws: `RunError.system` if a folder cannot be created.
  public init(
    creatingFor settings: RunSettings, seeds: [UInt64], root: String,
    origin: RunOrigin = RunOrigin(), jobs: Int
  ) throws(RunError) {
    let runs = try seeds.map { seed throws(RunError) in
      var settings = settings
      settings.seed = seed
      return Run(try RunFolder(creatingFor: settings, origin: origin, in: root), settings)
    }
    self.init(runs, jobs: jobs)
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
  ///   - isCancelled: called between steps, on any of the threads.
  ///   - saveRequests: how often the user asked to save meanwhile; called like `isCancelled`.
  ///   - didBegin: called when a run was started or resumed, with the step of its checkpoint and with what is
  ///     wrong with newer ones.
  ///   - didProgress: called after each evaluation of a run, and in between about ten times a second, on the
  ///     thread of that run.
  ///   - didEnd: called when a run ends, on the thread of that run.
  ///   - makeEnvironment: makes the environment of a run whose folder is locked, on any of the threads.
  /// - Returns: an outcome for every run, in their order.
  /// - Throws: `RunError.memory` or `.threads` if the system refuses what the jobs need; then no run has begun.
  public func train(
    isCancelled: @Sendable () -> Bool = { false }, saveRequests: @Sendable () -> Int = { 0 },
    didBegin: @Sendable (Run, Int?, [RunError]) -> Void = { _, _, _ in },
    didProgress: @Sendable (Run, RunProgress) -> Void = { _, _ in },
    didEnd: @Sendable (Run, Outcome) -> Void = { _, _ in },
    in makeEnvironment: @Sendable (Run) throws(RunError) -> any Environment
  ) throws(RunError) -> [Outcome] {
    try converting(RunError.memory) { () throws(ArenaError) in
      try BLAS.prepareBuffer()
      try BLAS.requireMemory(forBuffers: max(1, min(jobs, runs.count)) - 1)
    }
    return try runs.concurrentMap(jobs: jobs) { run in
      let outcome = outcome(of: run, isCancelled: isCancelled) { () throws(RunError) in
        try train(
          run.settings.hyperparameters.algorithm.agent, run, in: makeEnvironment(run),
          isCancelled: isCancelled, saveRequests: saveRequests, didBegin: didBegin,
          didProgress: didProgress)
      }
      didEnd(run, outcome)
      return outcome
    }
  }

  /// Trains a run, with its folder locked from before its environment is made until its failure is recorded.
  private func outcome(
    of run: Run, isCancelled: () -> Bool, training train: () throws(RunError) -> RunSummary
  ) -> Outcome {
    if isCancelled() { return .notBegun }
    do throws(RunError) {
      if run.isOfExperiment { try run.folder.create() }
      let lock = try run.folder.lock()
      if run.isOfExperiment {
        if try !run.folder.hasSettings() { try run.folder.begin(run.settings, run.origin) }
        if let summary = try run.folder.summary() { return .finished(summary) }
        // Another process has trained it since its folder was looked at.
        if try run.folder.failure()?.isFinal ?? false { throw .locked(run.folder.path) }
      }
      let outcome = outcome(of: train, isCancelled: isCancelled)
      // Without a record, the run is tried again.
      if run.isOfExperiment, case .failed(let error) = outcome, let failure = RunFailure(error) {
        try? run.folder.write(failure)
      }
      _ = consume lock
      return outcome
    } catch {
      return .failed(error)
    }
  }

  private func outcome(
    of train: () throws(RunError) -> RunSummary, isCancelled: () -> Bool
  ) -> Outcome {
    do throws(RunError) {
      let summary = try train()
      return summary.evaluation == nil ? .interrupted(summary) : .finished(summary)
    } catch {
      if case .environment = error, isCancelled() { return .notBegun }
      return .failed(error)
    }
  }

  private func train<World: Environment, Learner: Agent & ~Copyable>(
    _ agent: Learner.Type, _ run: Run, in environment: World, isCancelled: () -> Bool,
    saveRequests: () -> Int, didBegin: (Run, Int?, [RunError]) -> Void,
    didProgress: (Run, RunProgress) -> Void
  ) throws(RunError) -> RunSummary {
    var training = try TrainingRun(
      agent, inLocked: run.folder, run.settings, environment: environment)
    didBegin(run, training.resumedStep, training.faults)
    return try training.train(
      isCancelled: isCancelled, saveRequests: saveRequests, didProgress: { didProgress(run, $0) })
  }
}
