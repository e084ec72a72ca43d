public import DeepSARSA

// The training of an experiment's runs: those that are not over, by one or more processes.

extension ExperimentFolder {
  /// Trains the runs of a part that are not over: those that have no result, and those whose environment failed.
  ///
  /// A run that was cut short goes on from its last checkpoint; without one it begins anew. Several processes may
  /// train in the folder at the same time: a run is trained by one of them, and never again once it has a result.
  ///
  /// - Parameters:
  ///   - part: the part.
  ///   - jobs: the number of runs at a time.
  ///   - isCancelled: called between steps, on any of the threads.
  ///   - saveRequests: how often the user asked to save meanwhile; called like `isCancelled`.
  ///   - didBegin: called when a run was started or resumed, as by `ConcurrentRuns`.
  ///   - didEnd: called when a run ends, on the thread of that run.
  ///   - makeEnvironment: makes the environment of a run's settings, on any of the threads.
  /// - Returns: an outcome for each of these runs: `.failed(.locked)` for one that another process trains.
  /// - Throws: `RunError.memory` or `.threads` if the system refuses what the jobs need, and what reading the
  ///   folder throws; then no run has begun.
  /// - Precondition: at least one job.
  @discardableResult
  public func train(
    _ part: ExperimentPart = .all, jobs: Int, isCancelled: @Sendable () -> Bool = { false },
    saveRequests: @Sendable () -> Int = { 0 },
    didBegin: @Sendable (ConcurrentRuns.Run, Int?, [RunError]) -> Void = { _, _, _ in },
    didEnd: @Sendable (ConcurrentRuns.Run, ConcurrentRuns.Outcome) -> Void = { _, _ in },
    in makeEnvironment: @Sendable (RunSettings) throws(RunError) -> any Environment
  ) throws(RunError) -> [ConcurrentRuns.Outcome] {
    let runs = try experiment.runs(of: part).filter { run throws(RunError) in
      try !isOver(RunFolder(at: path(of: run)))
    }
    let training = ConcurrentRuns(
      runs.map { .init(RunFolder(at: path(of: $0)), $0.settings, keepsResult: true) }, jobs: jobs)
    return try training.train(
      isCancelled: isCancelled, saveRequests: saveRequests, didBegin: didBegin,
      didEnd: { run, outcome in
        // Without a record, the run is tried again.
        if case .failed(let error) = outcome { try? run.folder.record(failure: error) }
        didEnd(run, outcome)
      },
      in: { run throws(RunError) in
        try run.folder.createIfMissing(for: run.settings)
        return try makeEnvironment(run.settings)
      })
  }

  /// Whether a run has a result, or diverged: then training it again would end the same.
  private func isOver(_ folder: RunFolder) throws(RunError) -> Bool {
    try folder.summary() != nil || folder.failure()?.isFinal ?? false
  }
}
