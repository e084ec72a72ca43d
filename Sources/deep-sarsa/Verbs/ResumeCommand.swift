import ArgumentParser
import DeepSARSA
import SARSAExperiments
import SARSAGymnasium

/// `deep-sarsa resume RUN…`.
struct ResumeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: "Go on with runs that were stopped.",
    discussion: """
      A run goes on from its newest checkpoint that is whole, and starts anew if it has none. On the same \
      machine, it ends with the bytes of a run that was never stopped: what was written after the checkpoint \
      is written again. A run that has finished stays as it is.

      --total-timesteps gives a run more steps, also one that has finished if it was trained with \
      --keep-replay or has no replay memory. Schedules keep their lengths.

      A run that goes on with another program, processor or version of OpenBLAS than it was started with may \
      end with other bytes; that is a warning, and an error with --exact.
      """)

  @Argument(
    help: ArgumentHelp("the folders of runs", valueName: "run"), completion: .directory)
  var runs: [String]

  @Option(
    name: [.customLong("total-timesteps"), .customLong("steps")], parsing: .unconditional,
    help: ArgumentHelp("environment steps in all, instead of the run's", valueName: "n"))
  var steps: Number?

  @Flag(help: "refuse to go on where the result may have other bytes")
  var exact = false

  @OptionGroup
  var options: SessionOptions

  @OptionGroup(title: "Environment")
  var bridge: BridgeOptions

  func run() throws {
    let environments = try bridge.maker()
    let steps = try steps?.count("--total-timesteps", 1...Hyperparameters.Limit.steps)
    _ = try options.jobs(for: runs.count)
    var (unfinished, finished) = ([ConcurrentRuns.Run](), [(path: String, summary: RunSummary)]())
    var failures: [RunError] = []
    for path in runs {
      do throws(RunError) {
        let run = try ConcurrentRuns.Run(resuming: path, steps: steps)
        if let summary = try run.result(steps: steps) {
          finished.append((path, summary))
        } else {
          try requireSameMachine(run.folder)
          try requireEnvironment(of: run)
          unfinished.append(run)
        }
      } catch {
        // Of several runs, the others go on.
        if runs.count == 1 { throw error }
        tell("\(error)")
        failures.append(error)
      }
    }
    for run in unfinished { try environments.requireTrust(in: run.settings.environment) }
    for (path, summary) in finished { try tellFinished(summary, path) }
    try resume(unfinished, in: environments)
    if let first = failures.first {
      throw CommandError(
        "\(failures.count) of \(runs.count) runs cannot go on; the first: \(first)",
        exitCode: DeepSARSACommand.exitCode(of: first))
    }
  }

  private func resume(
    _ unfinished: [ConcurrentRuns.Run], in environments: EnvironmentMaker
  ) throws {
    guard let first = unfinished.first else { return }
    if runs.count == 1 {
      return try options.session.train(
        first.settings.hyperparameters.algorithm.agent, first,
        in: environments.environment(of: first.settings))
    }
    try options.session.train(
      ConcurrentRuns(unfinished, jobs: options.jobs(for: unfinished.count))
    ) { run throws(RunError) in try environments.environment(of: run.settings) }
  }

  private func tellFinished(_ summary: RunSummary, _ path: String) throws {
    if !options.json && !options.quiet {
      tell("'\(path)' has already finished, after \(summary.steps) steps")
    }
    if options.json || runs.count == 1 { try options.session.report(summary) }
  }

  /// Throws an error that names the run's settings if they have no environment that is built in, nor one of
  /// Gymnasium.
  private func requireEnvironment(of run: ConcurrentRuns.Run) throws(RunError) {
    let settings = run.settings
    if settings.environment.hasPrefix(GymnasiumEnvironment.prefix) { return }
    do {
      _ = try EnvironmentRegistry.make(
        settings.environment, arguments: settings.environmentArguments)
    } catch {
      throw .badSettings(run.folder.path(of: .config), "\(error)")
    }
  }

  /// Warns, or throws with `--exact`, if the run was started by another program or on another machine.
  private func requireSameMachine(_ folder: RunFolder) throws(RunError) {
    guard let difference = try folder.machine()?.firstDifference(from: .current) else { return }
    if exact { throw RunError.disagreement(folder.path(of: .config), difference) }
    if let warning = try folder.machineWarning() { tell(warning) }
  }
}
