import ArgumentParser
import DeepSARSA
import SARSAExperiments
import SARSAGymnasium

/// What an environment is made with beside its id: the keyword arguments of Gymnasium's `make`.
struct EnvironmentOptions: ParsableArguments {
  @Option(
    name: .customLong("env-arg"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      """
      a keyword argument of the environment, its value as JSON, such as is_slippery=false or \
      'map_name="8x8"'; may be repeated
      """, valueName: "key=json"))
  var arguments: [String] = []

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
      "the time limit of one step of one gymnasium: environment\(Defaults.fixed(GymnasiumOptions().stepTimeout))",
      valueName: "seconds"))
  var stepTimeout: Number?

  @Option(
    name: .customLong("env-reset-timeout"), parsing: .unconditional,
    help: ArgumentHelp(
      """
      the same for one reset, at the end of an episode too\
      \(Defaults.fixed(GymnasiumOptions().resetTimeout))
      """, valueName: "seconds"))
  var resetTimeout: Number?

  @Option(
    name: .customLong("env-start-timeout"), parsing: .unconditional,
    help: ArgumentHelp(
      """
      the same for the start of its Python, and for making each environment\
      \(Defaults.fixed(GymnasiumOptions().startTimeout))
      """,
      valueName: "seconds"))
  var startTimeout: Number?

  @Option(
    name: .customLong("env-restarts"), parsing: .unconditional,
    help: ArgumentHelp(
      """
      how often a gymnasium: environment that died or hung is started anew and taken through all of \
      its steps again\(Defaults.fixed(GymnasiumOptions().restarts))
      """, valueName: "n"))
  var restarts: Number?

  @Flag(
    name: .customLong("check-env-bounds"),
    help: "make observations of a gymnasium: environment that are out of its own bounds an error")
  var checksBounds = false

  /// Makes the environment that an id and these arguments name.
  ///
  /// - Throws: `Problem` in the words of the verb.
  func make(_ id: String) throws -> any Environment {
    let values = try values()
    do {
      return try make(id, arguments: values)
    } catch let error as EnvironmentError {
      throw Problem(error)
    }
  }

  /// Makes an environment for a network: with the arguments that it was trained with if it is the same,
  /// but for those that are given.
  ///
  /// - Throws: `RunError.badFile` if the file's arguments cannot be, else as `make(_:arguments:verb:)`.
  func make(
    _ id: String, for model: borrowing ModelFile, from file: String
  ) throws -> any Environment {
    let given = try values()
    let known = id == model.environment ? model.environmentArguments : [:]
    let kept = known.filter { given[$0.key] == nil }
    do {
      return try make(id, arguments: kept.merging(given) { $1 })
    } catch let error as EnvironmentError where !kept.isEmpty {
      if case .unknown = error { throw error }
      // Whoever wrote what is not allowed is told so: the file, or the user.
      do {
        _ = try EnvironmentRegistry.make(id, arguments: kept)
      } catch {
        throw RunError.badFile(file, "its environment_arguments: \(error)")
      }
      throw Problem(error, trainedWith: kept)
    }
  }

  /// Makes the environment of an id: one that is built in, or Gymnasium's.
  ///
  /// - Throws: `EnvironmentError` for an id or an argument that is not allowed, `GymnasiumError` for
  ///   what its process says, `Problem` for a flag.
  private func make(
    _ id: String, arguments: [String: ArgumentValue]
  ) throws -> any Environment {
    // What a flag says is looked at even if nobody needs it.
    let options = try gymnasiumOptions()
    guard id.hasPrefix(GymnasiumEnvironment.prefix) else {
      return try EnvironmentRegistry.make(id, arguments: arguments)
    }
    let name = String(id.dropFirst(GymnasiumEnvironment.prefix.count))
    if name.contains(":") && !trustsCode {
      throw Problem(
        "'\(id)' imports a module, which runs its code: --trust-env-code allows that")
    }
    return try GymnasiumEnvironment(name, arguments: arguments, options: options)
  }

  /// How a Gymnasium environment's process is run.
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

  /// The arguments by name.
  ///
  /// - Throws: `Problem` for one without a name, twice the same name, or a value that is not JSON.
  func values() throws -> [String: ArgumentValue] {
    var result: [String: ArgumentValue] = [:]
    for text in arguments {
      guard let separator = text.firstIndex(of: "="), separator != text.startIndex else {
        throw Problem(flag: "--env-arg", value: text, allowed: "key=json")
      }
      let (key, json) = (String(text[..<separator]), text[text.index(after: separator)...])
      guard let value = ArgumentValue(json: String(json)) else {
        throw Problem(
          flag: "--env-arg", value: text,
          allowed: "a value that is JSON, where text needs quotes, as in 'map_name=\"8x8\"'")
      }
      guard result.updateValue(value, forKey: key) == nil else {
        throw Problem(flag: "--env-arg", value: text, allowed: "each key once")
      }
    }
    return result
  }
}

extension Problem {
  /// An environment that cannot be made, beside arguments of training if there are any.
  init(
    _ error: EnvironmentError, trainedWith known: [String: ArgumentValue] = [:]
  ) {
    switch error {
    case .unknown(let id, let known):
      let elsewhere = Self.idOfGymnasium(id).map { " (not built in; '\($0)' if Gymnasium has it)" }
      self.init(
        flag: "the environment", value: id,
        allowed: known.joined(separator: ", ") + ", or gymnasium:ID for any other of Gymnasium's",
        hint: Self.hint(error.suggestion) ?? elsewhere)
    case .unknownArgument, .badArgument:
      let others =
        known.isEmpty
        ? "" : "; others are those of training, \(ArgumentValue.object(known)): null drops one"
      self.init("--env-arg: \(error)\(others)")
    }
  }

  /// How an id that is not built in is written for Gymnasium's, if it can be one of those.
  ///
  /// They end in a version. Whether there is this one, only Gymnasium's process can tell.
  private static func idOfGymnasium(_ id: String) -> String? {
    guard let match = id.wholeMatch(of: /(?:[Gg]ym(?:nasium)?[:\/.])?([^:]+-v[0-9]+)/) else {
      return nil
    }
    return GymnasiumEnvironment.prefix + match.1
  }
}
