import ArgumentParser
import DeepSARSA
import SARSAExperiments
import SARSAGymnasium

/// The options of a Gymnasium environment's process, which have no effect on results.
struct BridgeOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      the Python that has Gymnasium, a path or a name (default: \
      $\(GymnasiumOptions.pythonVariable) or python3)
      """,
      valueName: "path"), completion: .file())
  var python: String?

  @Flag(
    name: .customLong("trust-env-code"),
    help: "allow ids that import a module, gymnasium:module:Name-v0, and so run its code")
  var trustsCode = false

  @Option(
    name: .customLong("env-timeout"), parsing: .unconditional,
    help: ArgumentHelp(
      "time limit of a single step of a single gymnasium: environment\(Defaults.fixed(GymnasiumOptions().stepTimeout))",
      valueName: "seconds"))
  var stepTimeout: Number?

  @Option(
    name: .customLong("env-reset-timeout"), parsing: .unconditional,
    help: ArgumentHelp(
      """
      time limit of a single reset of a single gymnasium: environment\
      \(Defaults.fixed(GymnasiumOptions().resetTimeout))
      """, valueName: "seconds"))
  var resetTimeout: Number?

  @Option(
    name: .customLong("env-start-timeout"), parsing: .unconditional,
    help: ArgumentHelp(
      """
      time limit for starting Python and making the first gymnasium: environment, and for making each \
      further one\
      \(Defaults.fixed(GymnasiumOptions().startTimeout))
      """,
      valueName: "seconds"))
  var startTimeout: Number?

  @Option(
    name: .customLong("env-restarts"), parsing: .unconditional,
    help: ArgumentHelp(
      """
      how often the process of a gymnasium: environment is restarted after a crash or a timeout; the \
      new process repeats all steps since the last seed\(Defaults.fixed(GymnasiumOptions().restarts))
      """, valueName: "n"))
  var restarts: Number?

  @Flag(
    name: .customLong("check-env-bounds"),
    help: "report observations of a gymnasium: environment outside their bounds as errors")
  var checksBounds = false

  /// The argument of `GymnasiumOptions.seedsEpisodes`.
  ///
  /// It is an argument because results depend on it: so it is recorded with a run and a model.
  static let episodeSeeds = "episode_seeds"

  /// What makes environments by these flags.
  ///
  /// All flags are checked here, so that a wrong one is told before anything is touched, and never taken for a
  /// failure of an environment.
  ///
  /// - Throws: `CommandError` for a value that is not allowed.
  func maker() throws -> EnvironmentMaker { EnvironmentMaker(options: try gymnasiumOptions()) }

  private func gymnasiumOptions() throws -> GymnasiumOptions {
    func seconds(_ number: Number?, _ flag: String) throws -> Duration? {
      try number.map { .seconds(try $0.real(flag, 0.001...1e6)) }
    }
    var options = GymnasiumOptions()
    options.python = python
    options.trustsCode = trustsCode
    options.stepTimeout = try seconds(stepTimeout, "--env-timeout") ?? options.stepTimeout
    options.resetTimeout = try seconds(resetTimeout, "--env-reset-timeout") ?? options.resetTimeout
    options.startTimeout = try seconds(startTimeout, "--env-start-timeout") ?? options.startTimeout
    options.restarts =
      try restarts?.count("--env-restarts", 0...1_000_000) ?? options.restarts
    options.checksBounds = checksBounds
    options.isCancelled = { TerminationSignals.isEnding }
    return options
  }
}
