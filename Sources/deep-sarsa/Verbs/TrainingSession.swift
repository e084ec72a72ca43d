import ArgumentParser
import DeepSARSA
import SARSAExperiments

/// Training from the command line, of new runs and of those that go on: progress, signals, and the results.
struct TrainingSession {
  let isQuiet: Bool
  let isJSON: Bool

  /// Starts a run in a new folder.
  ///
  /// - Returns: the folder.
  func train<World: Environment, Learner: Agent & ~Copyable>(
    _ agent: Learner.Type, _ settings: RunSettings, origin: RunOrigin, root: String,
    in environment: World
  ) throws -> RunFolder {
    TerminationSignals.installForCleanEnd()
    let run = try TrainingRun(
      agent, settings, environment: environment, root: root, origin: origin)
    let folder = run.folder
    try train(run)
    return folder
  }

  /// Starts or resumes the run of a folder.
  func train<World: Environment, Learner: Agent & ~Copyable>(
    _ agent: Learner.Type, _ run: ConcurrentRuns.Run, in environment: World
  ) throws {
    TerminationSignals.installForCleanEnd()
    let run = try TrainingRun(agent, in: run.folder, run.settings, environment: environment)
    for warning in RunFolder.warnings(run.faults) { tell(warning) }
    if let step = run.resumedStep, !isQuiet {
      tell("'\(run.folder.path)' goes on at step \(step)")
    }
    try train(run)
  }

  private func train<World: Environment, Learner: Agent & ~Copyable>(
    _ run: consuming TrainingRun<World, Learner>
  ) throws {
    let old = run.resumedStep == nil ? nil : try? RunResult(reading: run.folder).curve
    var progress = ProgressReport(
      run.settings, means: old?.evaluations.map(\.mean) ?? [], isQuiet: isQuiet)
    let summary: RunSummary
    do {
      summary = try run.train(
        isCancelled: { TerminationSignals.isEnding },
        saveRequests: { TerminationSignals.saveRequests },
        didProgress: { progress.update($0) })
      progress.end()
    } catch {
      progress.end()
      if case .environment = error { try reportEnvironment(error, &run) }
      throw Self.error(error, in: run.folder, run.settings)
    }
    progress.warn(summary.repetition)
    try report(summary)
    guard summary.evaluation == nil else { return }
    throw CommandError(
      "interrupted after \(summary.steps) steps; models and logs are written"
        + Self.hint(at: run.folder, run.settings),
      exitCode: ExitCode(TerminationSignals.exitCode ?? 1))
  }

  /// Reports what an environment's failure leaves, and throws the environment's error.
  private func reportEnvironment<World, Learner: ~Copyable>(
    _ error: RunError, _ run: inout TrainingRun<World, Learner>
  ) throws {
    // The network is still valid. The environment's error is reported, not a failure to save.
    let isSaved = (try? run.save()) != nil
    try report(run.summary())
    throw CommandError(
      "\(error) (after \(run.trainer.steps) steps; models and logs are "
        + (isSaved ? "written)" : "not all written)") + Self.hint(at: run.folder, run.settings),
      exitCode: .unavailable)
  }

  /// Starts or resumes several runs.
  func train(
    _ runs: ConcurrentRuns,
    in makeEnvironment: @Sendable (ConcurrentRuns.Run) throws(RunError) -> any Environment
  ) throws {
    TerminationSignals.installForCleanEnd()
    let clock = ContinuousClock()
    let start = clock.now
    let haveOwnSeeds = Set(runs.runs.map(\.settings.seed)).count == runs.runs.count
    let prefix = runs.runs.map(\.folder.path).sharedFolderPrefix
    let progress = RunsProgress(
      all: runs.runs.count, left: runs.runs.count, isQuiet: isQuiet,
      label: { run in
        haveOwnSeeds
          ? "seed \(run.settings.seed)" : String(run.folder.path.dropFirst(prefix.count))
      },
      endLine: { run, outcome, _ in line(run, outcome) })
    let outcomes = try runs.train(
      isCancelled: { TerminationSignals.isEnding },
      saveRequests: { TerminationSignals.saveRequests },
      didBegin: { progress.begin($0, resumedAt: $1, $2, as: "'\($0.folder.path)'") },
      didProgress: { progress.update($0, $1) }, didEnd: { progress.end($0, $1) },
      in: makeEnvironment)
    try report(outcomes, seconds: (clock.now - start) / .seconds(1), jobs: runs.jobs)
    try requireAllFinished(outcomes, runs)
  }

  /// Throws the error of an interruption or of the first failure, after all results are reported.
  private func requireAllFinished(
    _ outcomes: [ConcurrentRuns.Outcome], _ runs: ConcurrentRuns
  ) throws {
    let isUnfinished = outcomes.map { if case .finished = $0 { false } else { true } }
    let unfinished = zip(runs.runs, isUnfinished).filter { $0.1 }.map { $0.0 }
    if let code = TerminationSignals.exitCode {
      throw CommandError(
        "interrupted; \(outcomes.count - unfinished.count) of \(outcomes.count) runs are finished; models "
          + "and logs of the others are written" + Self.hint(unfinished),
        exitCode: ExitCode(code))
    }
    let failures = zip(runs.runs, outcomes).compactMap { run, outcome in
      if case .failed(let error) = outcome { (run, error) } else { nil }
    }
    guard let (run, error) = failures.first else { return }
    throw CommandError(
      "\(failures.count) of \(outcomes.count) runs failed; seed \(run.settings.seed): \(error)",
      exitCode: DeepSARSACommand.exitCode(of: error))
  }

  // MARK: - How to go on

  /// The error of a run, with the command that goes on from its last checkpoint if there may be one.
  private static func error(
    _ error: RunError, in folder: RunFolder, _ settings: RunSettings
  ) -> any Error {
    guard case .system = error, goesOn(folder, settings) else { return error }
    return CommandError(
      "\(error)\(hint(at: folder, settings))", exitCode: DeepSARSACommand.exitCode(of: error))
  }

  /// Whether `resume` can find a run: its folder was not moved or removed meanwhile.
  private static func goesOn(_ folder: RunFolder, _ settings: RunSettings) -> Bool {
    settings.checkpoints.every > 0 && (try? folder.hasSettings()) != false
  }

  private static func hint(at folder: RunFolder, _ settings: RunSettings) -> String {
    goesOn(folder, settings)
      ? "; 'deep-sarsa resume \(folder.path.quotedForShell)\([settings].trustFlag)' goes on" : ""
  }

  private static func hint(_ runs: [ConcurrentRuns.Run]) -> String {
    let paths = runs.filter { goesOn($0.folder, $0.settings) }.map(\.folder.path)
    guard let first = paths.first else { return "" }
    let others = paths.count > 1 ? " …" : ""
    let flag = runs.map(\.settings).trustFlag
    return "; 'deep-sarsa resume \(first.quotedForShell)\(others)\(flag)' goes on"
  }
}
