import ArgumentParser
import DeepSARSA
import SARSAExperiments
import SARSAGymnasium

/// The options of an environment: its keyword arguments, and its process.
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
      take each action n times and sum the rewards; the time limit counts the inner steps; short for \
      --env-arg action_repeat=n
      """, valueName: "n"))
  var actionRepeat: Number?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      observe the last n observations, the oldest first; short for --env-arg frame_stack=n
      """, valueName: "n"))
  var frameStack: Number?

  @Flag(
    inversion: .prefixedNo,
    help: """
      observe the elapsed share of the time limit too, from 0 to 1; short for --env-arg time_aware=true; \
      'time_aware="centered"' is from -0.5 to 0.5
      """)
  var timeAware: Bool?

  @Flag(
    inversion: .prefixedNo,
    help: """
      act by the legal actions that the environment's action_mask gives, if it has one (default: yes); \
      short for --env-arg action_masks=true
      """)
  var actionMasks: Bool?

  @Flag(
    inversion: .prefixedNo,
    help: """
      reset a gymnasium: environment with a drawn seed for each episode (default: no), so that a resumed run \
      repeats the steps of the episodes under way only; short for --env-arg episode_seeds=true
      """)
  var episodeSeeds: Bool?

  @OptionGroup
  var bridge: BridgeOptions

  /// Makes the environment that an id and these arguments name.
  ///
  /// - Throws: `CommandError` if an argument is not allowed.
  func make(_ id: String) throws -> any Environment {
    let values = try values()
    do {
      return try bridge.maker().make(id, arguments: values)
    } catch let error as EnvironmentError {
      throw CommandError(error)
    }
  }

  /// Makes the named environment, or the one that a network was trained in, for the network.
  ///
  /// If it is the training environment, it has the arguments of training; given arguments override them.
  ///
  /// - Throws: `CommandError` if none is named anywhere; `RunError.badFile` if the file's arguments are not allowed, or
  ///   the network's sizes are not the environment's; otherwise as `make(_:)`.
  func make(
    named name: String?, for model: borrowing ModelFile, in folder: RunFolder?,
    isDrawn: Bool = false
  ) throws -> any Environment {
    guard let id = try name ?? folder?.environment() ?? model.environment else {
      throw CommandError(
        missing: "--env-id", allowed: EnvironmentRegistry.ids.joined(separator: ", "))
    }
    do {
      let world = try make(
        id, trainedWith: id == model.environment ? model.environmentArguments : [:],
        as: "environment_arguments", from: model.path, isDrawn: isDrawn)
      try model.requireSizes(of: world.specification)
      return world
    } catch let error as EnvironmentError {
      if case .unknown = error, name == nil {
        if let folder { throw RunError.badSettings(folder.path(of: .config), "\(error)") }
        throw RunError.badFile(model.path, "\(error)")
      }
      throw CommandError(error)
    }
  }

  /// Makes an environment with the arguments that a file has under a name; given arguments override them.
  ///
  /// - Throws: `CommandError` for a given argument that is not allowed, `failure` of the file for one of its own, and
  ///   `EnvironmentError` for an unknown id.
  func make(
    _ id: String, trainedWith known: [String: ArgumentValue], as name: String, from file: String,
    isDrawn: Bool = false, failure: (String, String) -> RunError = RunError.badFile
  ) throws -> any Environment {
    let (maker, given) = (try bridge.maker(), try values())
    let kept = known.filter { given[$0.key] == nil }
    do {
      return try maker.make(id, arguments: kept.merging(given) { $1 }, isDrawn: isDrawn)
    } catch let error as EnvironmentError where !kept.isEmpty {
      if case .unknown = error { throw error }
      // The error names the source of the argument: the file or the flag.
      do {
        _ = try maker.make(id, arguments: kept)
      } catch let error as EnvironmentError {
        throw failure(file, "its \(name): \(error)")
      }
      throw CommandError(error, trainedWith: kept)
    }
  }

  /// The arguments by name, with those that other flags are short for.
  ///
  /// - Throws: `CommandError` for an argument without a name, a repeated name, or a value that is not JSON.
  func values() throws -> [String: ArgumentValue] {
    var result: [String: ArgumentValue] = [:]
    for text in arguments {
      guard let separator = text.firstIndex(of: "="), separator != text.startIndex else {
        throw CommandError(flag: "--env-arg", value: text, allowed: "key=json")
      }
      let (key, json) = (String(text[..<separator]), text[text.index(after: separator)...])
      guard let value = try? ArgumentValue(json: String(json)) else {
        throw CommandError(
          flag: "--env-arg", value: text,
          allowed:
            "a value that is JSON, where text needs quotes, as in 'map_name=\"8x8\"', and numbers are finite"
        )
      }
      guard result.updateValue(value, forKey: key) == nil else {
        throw CommandError(flag: "--env-arg", value: text, allowed: "each key once")
      }
    }
    for (flag, key, value) in [
      ("--action-repeat", "action_repeat", try repetitions("--action-repeat", actionRepeat)),
      ("--frame-stack", "frame_stack", try repetitions("--frame-stack", frameStack)),
      ("--time-aware", "time_aware", timeAware.map(ArgumentValue.boolean)),
      ("--action-masks", "action_masks", actionMasks.map(ArgumentValue.boolean)),
      ("--episode-seeds", BridgeOptions.episodeSeeds, episodeSeeds.map(ArgumentValue.boolean)),
    ] {
      guard let value, let old = result.updateValue(value, forKey: key) else { continue }
      throw CommandError(
        flag: flag, value: "\(value)", allowed: "this or --env-arg \(key)=\(old), not both")
    }
    return result
  }

  private func repetitions(_ flag: String, _ number: Number?) throws -> ArgumentValue? {
    try (number?.count(flag, 1...1_000)).map(ArgumentValue.integer)
  }
}

extension CommandError {
  /// Makes the error of an environment that cannot be made, also with arguments of training.
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
        ? "" : "; others are those of training, \(ArgumentValue.object(known)); null removes one"
      self.init("--env-arg: \(error)\(others)")
    }
  }

  /// The id with Gymnasium's prefix, if it has a version like Gymnasium's ids.
  ///
  /// Only Gymnasium's process can check whether the id exists.
  private static func idOfGymnasium(_ id: String) -> String? {
    guard let match = id.wholeMatch(of: /(?:[Gg]ym(?:nasium)?[:\/.])?([^:]+-v[0-9]+)/) else {
      return nil
    }
    return GymnasiumEnvironment.prefix + match.1
  }
}
