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

  /// Makes the environment of an id, built in or of Gymnasium.
  ///
  /// - Parameters:
  ///   - id: the id.
  ///   - arguments: its arguments.
  ///   - isDrawn: whether its pictures are needed: a Gymnasium environment without them is then an error.
  /// - Returns: the environment, within the wrappers that arguments name.
  /// - Throws: `EnvironmentError` for an id or an argument that is not allowed, `GymnasiumError` if its
  ///   process fails, `CommandError` for a flag.
  func make(
    _ id: String, arguments: [String: ArgumentValue], isDrawn: Bool = false
  ) throws -> any Environment {
    // Flags are checked even if the environment does not use them.
    var options = try gymnasiumOptions()
    guard id.hasPrefix(GymnasiumEnvironment.prefix) else {
      return try EnvironmentRegistry.make(id, arguments: arguments)
    }
    try requireTrust(in: id)
    let name = String(id.dropFirst(GymnasiumEnvironment.prefix.count))
    options.usesActionMasks = arguments["action_masks"] != .boolean(false)
    options.drawsPictures = isDrawn
    options.seedsEpisodes = try seedsEpisodes(arguments[Self.episodeSeeds], of: id)
    let wrappers = arguments.filter { EnvironmentRegistry.wrapperArguments.contains($0.key) }
    let own = arguments.filter { wrappers[$0.key] == nil && $0.key != Self.episodeSeeds }
    return try EnvironmentRegistry.wrapped(
      GymnasiumEnvironment(name, arguments: own, options: options), by: wrappers)
  }

  /// Makes the environment that a run's settings name.
  ///
  /// - Throws: `RunError.environment`.
  func environment(
    of settings: RunSettings, isDrawn: Bool = false
  ) throws(RunError) -> any Environment {
    do {
      return try make(
        settings.environment, arguments: settings.environmentArguments, isDrawn: isDrawn)
    } catch let error as CommandError {
      throw .environment(error.message)
    } catch {
      throw .environment("\(error)")
    }
  }

  /// Throws a `CommandError` for an id that runs the code of a module, unless the user trusts it.
  func requireTrust(in id: String) throws {
    guard RunSettings.importsModule(id), !trustsCode else { return }
    throw CommandError(
      "'\(id)' imports a module and runs its code; add --trust-env-code to allow that")
  }

  /// The argument of `GymnasiumOptions.seedsEpisodes`.
  ///
  /// It is an argument because results depend on it: so it is recorded with a run and a model.
  static let episodeSeeds = "episode_seeds"

  private func seedsEpisodes(_ value: ArgumentValue?, of id: String) throws -> Bool {
    switch value {
    case nil: return false
    case .boolean(let flag)?: return flag
    case let value?:
      throw EnvironmentError.badArgument(
        id: id, name: Self.episodeSeeds, value: value, allowed: "true or false")
    }
  }

  /// The options of a Gymnasium environment's process.
  func gymnasiumOptions() throws -> GymnasiumOptions {
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
    options.isCancelled = { TerminationSignals.exitCode != nil }
    return options
  }
}
