internal import DeepSARSA

extension TrainingRun where Learner: ~Copyable {
  /// Appends rows of the replay memory to the journal, before they are overwritten.
  mutating func keepRows() throws(RunError) {
    guard trainer.steps - archive.journal.total >= waitingRows else { return }
    try converting({ [path = folder.journalPath] in RunError($0, in: path) }) {
      () throws(ArchiveError) in
      try trainer.archiveExperience(in: &archive)
    }
  }

  /// Writes a checkpoint of the state after the last step, if the run writes any.
  ///
  /// First the journal and the logs are flushed to the disk, then the checkpoint, which names them, takes its
  /// place; only then are older ones removed. So the newest checkpoint is always whole.
  ///
  /// - Throws: `RunError`; then the checkpoint before is still there.
  mutating func saveCheckpoint() throws(RunError) {
    guard settings.checkpoints.every > 0 else { return }
    let started = clock.now
    defer {
      archive.removeParts()
      saveTimes.append(clock.now - started)
      otherTime += clock.now - started
    }
    let checkpoints = folder.checkpoints
    let bytes = try converting({ RunError($0, in: checkpoints.path) }) {
      () throws(ArchiveError) in
      try trainer.archive(in: &archive)
      do throws(SystemError) { try archive.saveLists() } catch { throw .inaccessible(error) }
      state.logs = logs.lengths
      try state.archive(
        in: &archive, steps: trainer.steps, actionCount: trainer.agent.description.outputs)
      return try Checkpoint.encode(
        archive.parts,
        journal: Learner.usesReplay ? archive.journal.record(capacity: archive.capacity) : nil,
        lists: archive.listJournal.records, settings: settings)
    }
    try converting(RunError.system) { () throws(SystemError) in
      try archive.journal.synchronize()
      try logs.synchronize()
      try checkpoints.write(bytes, step: trainer.steps)
      try checkpoints.prune(
        at: trainer.steps, isLast: isFinished,
        isScheduled: { [settings] in settings.writesCheckpoint(after: $0) })
      try archive.journal.prune(before: oldestRow)
    }
    nextSave = settings.nextCheckpoint(after: trainer.steps)
  }

  /// The first row of the replay memory that the older of two checkpoints names.
  private var oldestRow: Int {
    let interval = max(settings.checkpoints.every, settings.hyperparameters.environmentCount)
    return trainer.steps - archive.capacity - 2 * interval
  }
}

extension RunSettings {
  /// The rows of a replay memory that wait in memory until they are written to the journal.
  ///
  /// Few, because a checkpoint waits until all are on disk; and a row must be written before its place in the ring
  /// is needed.
  func waitingRows(of learner: (some Agent & ~Copyable).Type) -> Int {
    guard checkpoints.every > 0, learner.usesReplay else { return .max }
    return min(4_096, hyperparameters.replay.capacity - hyperparameters.environmentCount + 1)
  }
}

extension Agent where Self: ~Copyable {
  /// Whether the agent has a replay memory.
  static var usesReplay: Bool { uses(setting: "replay.capacity") }
}

extension TrainingRun where Learner: ~Copyable {
  /// Trains until the end or until it is cancelled; then everything is saved.
  ///
  /// - Parameters:
  ///   - isCancelled: called between steps.
  ///   - saveRequests: how often the user asked to save meanwhile; called between steps.
  ///   - didProgress: called after each evaluation, about ten times a second in between, and at the end.
  /// - Returns: the summary, with the final evaluations unless it was cancelled.
  /// - Throws: `RunError`.
  public mutating func train(
    isCancelled: () -> Bool = { false }, saveRequests: () -> Int = { 0 },
    didProgress: (RunProgress) -> Void = { _ in }
  ) throws(RunError) -> RunSummary {
    var known = saveRequests()
    var (steps, nextReport) = (0, 0.0)
    do throws(RunError) {
      while !isFinished && !isCancelled() {
        let wasEvaluated = try advance(isCancelled: isCancelled)
        // The clock is not read at every step, because reading it takes long compared with a step.
        steps += 1
        if wasEvaluated || (steps % 64 == 0 && wallSeconds >= nextReport) {
          nextReport = wallSeconds + 0.1
          didProgress(report(wasEvaluated: wasEvaluated))
        }
        let requests = saveRequests()
        if requests != known {
          known = requests
          try save()
        }
      }
      didProgress(report(wasEvaluated: false))
      if !isCancelled(), let summary = try finish(isCancelled: isCancelled) { return summary }
    } catch {
      // A cancelled wait for a Gymnasium environment throws an error.
      guard case .environment = error, isCancelled() else { throw error }
    }
    try save()
    return summary()
  }
}
