import ArgumentParser
import DeepSARSA
import SARSAExperiments

/// `deep-sarsa train ENV`.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a network in an environment.",
    discussion: """
      Writes a new run folder with the settings, a log line for each episode and each evaluation, and the \
      last and the best network. The path of the folder is the last line of standard output; with --seeds \
      it is in the table. Greedy evaluations during training choose the best network; they do not change \
      training. At the end both networks are evaluated on \(EvaluationSettings.finalEpisodes) episodes \
      with new seeds. With --seeds, there is one run for each seed.

      A preset is a named set of values for all settings. The default is 'tuned' if the environment has it, \
      otherwise 'general', whose values are given below. 'deep-sarsa presets' lists all, and 'deep-sarsa \
      presets show NAME ENV' prints the values of one; --print-config prints the settings of a run without \
      training.

      --config reads settings from a file, such as config.yaml of a run, and makes the same run again. A \
      setting that the file does not have keeps its default, or the value of --preset if that is given \
      too; flags override the file. The environment is the file's, with the file's arguments, unless \
      another one is named. The preset that a file records is not used.

      Counts may be written as 5e4. If a flag is given twice, the last one counts. \
      Flags may be spelt as in CleanRL.
      """)

  @OptionGroup(title: "Environment")
  var environment: EnvironmentName

  @OptionGroup(title: "Environment")
  var environmentOptions: EnvironmentOptions

  @OptionGroup(title: "Run")
  var common: RunOptions

  @OptionGroup(title: "Run")
  var general: SettingFlags<SettingParts.Run>

  @OptionGroup(title: "Budget")
  var budget: SettingFlags<SettingParts.Budget>

  @OptionGroup(title: "Inputs and rewards")
  var input: SettingFlags<SettingParts.Input>

  @OptionGroup(title: "Network")
  var network: SettingFlags<SettingParts.Network>

  @OptionGroup(title: "Optimizer")
  var optimizer: SettingFlags<SettingParts.Optimizer>

  @OptionGroup(title: "Replay memory")
  var replay: SettingFlags<SettingParts.Replay>

  @OptionGroup(title: "Segments")
  var segment: SettingFlags<SettingParts.Segment>

  @OptionGroup(title: "Exploration")
  var exploration: SettingFlags<SettingParts.Exploration>

  @OptionGroup(title: "Target")
  var target: SettingFlags<SettingParts.Target>

  @OptionGroup(title: "Eligibility traces")
  var traces: SettingFlags<SettingParts.Traces>

  /// The settings that flags give.
  var given: GivenSettings {
    GivenSettings([
      general.texts, budget.texts, input.texts, network.texts, optimizer.texts, replay.texts,
      segment.texts, exploration.texts, target.texts, traces.texts,
    ])
  }

  struct RunOptions: ParsableArguments {
    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "a named set of hyperparameters, which other flags override; see above",
        valueName: "name"))
    var preset: String?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "a file of settings in YAML or JSON, which other flags override; see above",
        valueName: "file"), completion: .file())
    var config: String?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "number of seeds, counted up from --seed; one run and folder for each (default: 1)",
        valueName: "n"))
    var seeds: Number?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        """
        runs at a time, one thread each; default: the number of processors, at most \
        \(TrainCommand.jobLimit); results do not depend on it
        """,
        valueName: "n"))
    var jobs: Number?

    @Option(
      name: [.customLong("output"), .customLong("log-folder")], parsing: .unconditional,
      help: ArgumentHelp("the folder in which the run folder is created", valueName: "folder"),
      completion: .directory)
    var output: String = "runs"

    @Flag(
      name: .customLong("print-config"),
      help: """
        print the settings of the run, as in config.yaml, without training; with --json as JSON
        """)
    var printsConfig = false

    @Flag(help: "print one line of JSON for each run instead of the summary")
    var json = false

    @Flag(help: "do not print progress")
    var quiet = false
  }

  func run() throws {
    let file = try common.config.map { path throws(RunError) in try SettingsFile(reading: path) }
    let (id, arguments) = try namedEnvironment(file)
    let environment = try makeEnvironment(id, arguments: arguments, file: file)
    let plan = try plan(
      id, arguments: arguments, for: environment.specification, file: file)
    let seeds = try seeds(from: plan.settings.seed)
    if common.printsConfig { return try printConfig(plan.settings, seeds: seeds) }
    let jobs = try jobs(for: seeds.count)
    try requireMemory(plan.settings.hyperparameters, for: environment.specification, runs: jobs)
    if seeds.count == 1 {
      return try train(plan.settings.hyperparameters.algorithm.agent, plan, in: environment)
    }
    try train(plan, seeds: seeds, jobs: jobs, in: environment)
  }

  private func train<World: Environment, Learner: Agent & ~Copyable>(
    _ agent: Learner.Type, _ plan: Plan, in environment: World
  ) throws {
    TerminationSignals.install()
    let isCancelled = { TerminationSignals.exitCode != nil }
    var run = try TrainingRun(
      agent, plan.settings, environment: environment, root: common.output, origin: plan.origin)
    var progress = ProgressReport(isQuiet: common.quiet)
    do {
      while !run.isFinished && !isCancelled() {
        let wasJudged = try run.advance(isCancelled: isCancelled)
        progress.update(run, wasJudged: wasJudged)
      }
      progress.end()
      if !isCancelled(), let summary = try run.finish(isCancelled: isCancelled) {
        progress.warn(summary.repetition)
        return try report(summary)
      }
    } catch RunError.environment(_) where isCancelled() {
      // A signal also ends the wait for a Gymnasium environment, which then throws an error.
      progress.end()
    } catch let error as RunError {
      progress.end()
      guard case .environment = error else { throw error }
      // The network is still valid. The environment's error is reported, not a failure to save.
      let isSaved = (try? run.save()) != nil
      try report(run.summary())
      throw CommandError(
        "\(error) (after \(run.trainer.steps) steps; models and logs are "
          + (isSaved ? "written)" : "not all written)"),
        exitCode: .unavailable)
    }
    try run.save()
    try report(run.summary())
    throw CommandError(
      "interrupted after \(run.trainer.steps) steps; models and logs are written",
      exitCode: ExitCode(TerminationSignals.exitCode ?? 1))
  }

  private func report(_ summary: RunSummary) throws {
    if common.json { return try StandardStream.output.write(JSON.text(summary) + "\n") }
    let speed = summary.stepsPerSecond.map { "\($0.rounded(0)) steps/s of training, " } ?? ""
    var text = """
      \(summary.environment): \(summary.steps) steps, \(summary.episodes) episodes, \
      \(summary.updates) updates, \(speed)\(summary.wallSeconds.rounded(1)) s in total

      """
    if summary.hasLearnedNothing {
      text += """
        no update was made, so nothing was learned; see --learning-starts and --train-frequency

        """
    }
    if let recent = summary.trainingReturnLast100 {
      let which = summary.episodes < 100 ? "all \(summary.episodes)" : "the last 100"
      text += "training return, mean of \(which) episodes   \(recent.rounded(2))\n"
    }
    for (name, evaluation) in [
      ("last network", summary.evaluation), ("best network", summary.bestEvaluation),
    ] {
      guard let evaluation else { continue }
      text += """
        \(name), greedy return over \(evaluation.episodes) episodes   \(evaluation.text)

        """
    }
    if let record = summary.afterThreshold, let share = record.share, let worst = record.worst {
      text += """
        after first reaching \(record.threshold.shortened(2)) at step \(record.firstStep), evaluations at or \
        above it   \(record.reached) of \(record.evaluations) (\((100 * share).rounded(0)) %), worst \
        \(worst.rounded(2))

        """
    }
    try StandardStream.output.write(text + summary.run + "\n")
  }
}
