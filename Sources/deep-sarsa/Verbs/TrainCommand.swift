import ArgumentParser
import DeepSARSA
import SARSAExperiments

/// `deep-sarsa train ENV`.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a network in an environment.",
    discussion: """
      Writes a new run folder with the settings, a log line for each episode and each evaluation, the \
      last and the best network, and checkpoints. The path of the folder is the last line of standard \
      output; with --seeds, the table names the folders. A run that was stopped goes on with 'deep-sarsa resume', as \
      if it had not been stopped. SIGINT and SIGTERM save and end it, SIGUSR1 saves only. Greedy \
      evaluations during training choose the best network; they do not change training. At the end both \
      networks are evaluated on --final-episodes episodes with new seeds. With --seeds, there is one run for \
      each seed; 'deep-sarsa experiment' trains several settings in several environments, and compares them.

      A preset is a named set of values for all settings. The default is 'tuned' if the environment has it, \
      otherwise 'general', whose values are given below. 'deep-sarsa presets' lists all, and 'deep-sarsa \
      presets show NAME ENV' prints the values of one; --print-config prints the settings of a run without \
      training. A preset of your own is a file, as in --preset mine.yaml, which docs/presets.md describes.

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
  var options: SessionOptions

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
        "a named set of hyperparameters, or a file with one, which other flags override; see above",
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
      name: [.customLong("output"), .customLong("log-folder")], parsing: .unconditional,
      help: ArgumentHelp("the folder in which the run folder is created", valueName: "folder"),
      completion: .directory)
    var output: String = "runs"

    @Flag(
      help: """
        write a page of what was learned at the end, report.html: into the run folder, with --seeds into the \
        folder of --output; it needs what 'deep-sarsa report' needs
        """)
    var report = false

    @Flag(
      name: .customLong("print-config"),
      help: """
        print the settings of the run, as in config.yaml, without training; with --json as JSON
        """)
    var printsConfig = false
  }

  func run() throws {
    let file = try common.config.map { path throws(RunError) in try SettingsFile(reading: path) }
    let (id, arguments) = try namedEnvironment(file)
    let environment = try makeEnvironment(id, arguments: arguments, file: file)
    let plan = try plan(
      id, arguments: arguments, for: environment.specification, file: file)
    let seeds = try seeds(from: plan.settings.seed)
    if common.printsConfig { return try printConfig(plan.settings, seeds: seeds) }
    let jobs = try options.jobs(for: seeds.count)
    try requireMemory(plan, in: environment.specification, runs: jobs)
    if let note = plan.note { tell(note) }
    let session = options.session
    // What a page needs is looked for before hours of training.
    let page = try common.report ? PageWriter(environments: environmentOptions.bridge.maker()) : nil
    if seeds.count == 1 {
      let folder = try session.train(
        plan.settings.hyperparameters.algorithm.agent, plan.settings, origin: plan.origin,
        root: common.output, in: environment)
      try page?.write([folder.path], to: folder.path + "/report.html")
      return
    }
    let runs = try ConcurrentRuns(
      creatingFor: plan.settings, seeds: seeds, root: common.output, origin: plan.origin, jobs: jobs
    )
    try session.train(runs) { _ in environment }
    try page?.write(runs.runs.map(\.folder.path), to: common.output + "/report.html")
  }
}
