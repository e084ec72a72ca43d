public import DeepSARSA
internal import SARSAFiles

// The training of an experiment's runs: those that are not over, by one or more processes.

extension ExperimentFolder {
  /// The runs of a part that are not over: those without a result, and those whose environment failed.
  ///
  /// What the end of a run left to be removed, because its process was killed there, is removed.
  ///
  /// - Throws: `RunError` if the result of a run cannot be read, or something cannot be removed.
  public func unfinishedRuns(
    of part: ExperimentPart = .all
  ) throws(RunError) -> [ConcurrentRuns.Run] {
    var runs: [ConcurrentRuns.Run] = []
    for run in experiment.runs(of: part) {
      let run = ConcurrentRuns.Run(
        folder(of: run), run.settings, task: run.group.task,
        origin: RunOrigin(preset: run.group.preset), isOfExperiment: true)
      if try run.folder.isOver() {
        try run.removeRemains()
      } else {
        runs.append(run)
      }
    }
    return runs
  }

  /// Trains runs of the experiment.
  ///
  /// A run that was cut short goes on from its last checkpoint; without one it begins anew. Several processes may
  /// train in the folder at the same time: a run is trained by one of them, and never again once it has a result.
  ///
  /// - Parameters:
  ///   - runs: the runs, in the order in which they begin.
  ///   - jobs: the number of runs at a time.
  ///   - isCancelled: called between steps, on any of the threads.
  ///   - saveRequests: how often the user asked to save meanwhile; called like `isCancelled`.
  ///   - didBegin: called when a run was started or resumed, as by `ConcurrentRuns`.
  ///   - didProgress: called while a run is trained, as by `ConcurrentRuns`.
  ///   - didEnd: called when a run ends, on the thread of that run.
  ///   - makeEnvironment: makes the environment of a run's settings, on any of the threads, while the run's folder
  ///     is locked.
  /// - Returns: an outcome for each run: `.failed(.locked)` for one that another process trains.
  /// - Throws: `RunError.memory` or `.threads` if the system refuses what the jobs need; then no run has begun.
  /// - Precondition: at least one job.
  @discardableResult
  public func train(
    _ runs: [ConcurrentRuns.Run], jobs: Int, isCancelled: @Sendable () -> Bool = { false },
    saveRequests: @Sendable () -> Int = { 0 },
    didBegin: @Sendable (ConcurrentRuns.Run, Int?, [RunError]) -> Void = { _, _, _ in },
    didProgress: @Sendable (ConcurrentRuns.Run, RunProgress) -> Void = { _, _ in },
    didEnd: @Sendable (ConcurrentRuns.Run, ConcurrentRuns.Outcome) -> Void = { _, _ in },
    in makeEnvironment: @Sendable (RunSettings) throws(RunError) -> any Environment
  ) throws(RunError) -> [ConcurrentRuns.Outcome] {
    try ConcurrentRuns(runs, jobs: jobs).train(
      isCancelled: isCancelled, saveRequests: saveRequests, didBegin: didBegin,
      didProgress: didProgress, didEnd: didEnd,
      in: { run throws(RunError) in try makeEnvironment(run.settings) })
  }
}

extension RunFolder {
  /// Whether the run has a result, or diverged: then training it again would end the same.
  fileprivate func isOver() throws(RunError) -> Bool {
    if try summary() != nil { return true }
    return try failure()?.isFinal ?? false
  }
}

extension ConcurrentRuns.Run {
  /// Removes the replay memory of a run that has finished, if its process was killed before it did so.
  fileprivate func removeRemains() throws(RunError) {
    let hasJournal = try converting(RunError.system) { () throws(SystemError) in
      try Files.isDirectory(folder.journalPath)
    }
    guard hasJournal else { return }
    do throws(RunError) {
      _ = try result()
    } catch {
      // Its process is just about to remove it.
      guard case .locked = error else { throw error }
    }
  }
}
