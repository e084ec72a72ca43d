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

      Presets: \(Defaults.presets). The default is 'tuned' if the environment has it, otherwise \
      'general', whose values are given below. --print-config prints the settings of a run, from preset \
      and flags together, without training. Use it to see the values of any preset.

      Counts may be written as 5e4. If a flag is given twice, the last one counts. \
      Flags may be spelt as in CleanRL.
      """)

  @OptionGroup(title: "Environment")
  var environment: EnvironmentName

  @OptionGroup(title: "Environment")
  var environmentOptions: EnvironmentOptions

  @OptionGroup(title: "Run")
  var common: RunOptions

  @OptionGroup(title: "Budget")
  var budget: AlgorithmOptions.Budget

  @OptionGroup(title: "Network")
  var network: AlgorithmOptions.Network

  @OptionGroup(title: "Optimizer")
  var optimizer: AlgorithmOptions.Optimizer

  @OptionGroup(title: "Replay memory")
  var replay: AlgorithmOptions.Replay

  @OptionGroup(title: "Exploration")
  var exploration: AlgorithmOptions.Exploration

  @OptionGroup(title: "Target")
  var target: AlgorithmOptions.Target

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
        "seed of every random stream\(Defaults.fixed(RunSettings(environment: "").seed))",
        valueName: "n"))
    var seed: Number?

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
      name: [.customLong("exp-name"), .customLong("experiment-name")], parsing: .unconditional,
      help: ArgumentHelp("a name for the run, part of the folder's name", valueName: "name"))
    var experimentName: String = RunSettings(environment: "").experimentName

    @Option(
      name: [.customLong("output"), .customLong("log-folder")], parsing: .unconditional,
      help: ArgumentHelp("the folder in which the run folder is created", valueName: "folder"),
      completion: .directory)
    var output: String = "runs"

    @Option(
      name: [.customLong("evaluation-every"), .customLong("eval-freq")], parsing: .unconditional,
      help: ArgumentHelp(
        """
        environment steps between greedy evaluations\
        \(Defaults.note(EvaluationSettings().every))
        """, valueName: "n"))
    var evaluationEvery: Number?

    @Option(
      name: [.customLong("evaluation-episodes"), .customLong("eval-episodes")],
      parsing: .unconditional,
      help: ArgumentHelp(
        "episodes of an evaluation during training\(Defaults.note(EvaluationSettings().episodes))",
        valueName: "n"))
    var evaluationEpisodes: Number?

    @Option(
      name: [.customLong("stop-at-return"), .customLong("target-return")], parsing: .unconditional,
      help: ArgumentHelp(
        """
        stop training when the mean return of an evaluation reaches this; with preset fast, the default \
        is the reward threshold
        """,
        valueName: "x"))
    var stopAtReturn: Number?

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
    let environment = try environmentOptions.make(try environment.required())
    let settings = try settings(for: environment.specification)
    let seeds = try seeds(from: settings.seed)
    if common.printsConfig { return try printConfig(settings, seeds: seeds) }
    let jobs = try jobs(for: seeds.count)
    try requireMemory(settings.hyperparameters, for: environment.specification, runs: jobs)
    if seeds.count == 1 { return try train(settings, in: environment) }
    try train(settings, seeds: seeds, jobs: jobs, in: environment)
  }

  private func train<World: Environment>(_ settings: RunSettings, in environment: World) throws {
    TerminationSignals.install()
    let isCancelled = { TerminationSignals.exitCode != nil }
    var run = try TrainingRun(settings, environment: environment, root: common.output)
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
    try StandardStream.output.write(text + summary.run + "\n")
  }
}
