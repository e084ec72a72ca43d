import ArgumentParser
import DeepSARSA

/// An environment's id: a word behind the verb, or a flag as CleanRL has it.
struct EnvironmentName: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "an id that 'deep-sarsa environments' lists, or gymnasium:ID", valueName: "env"),
    completion: .list(EnvironmentRegistry.ids))
  var word: String?

  @Option(
    name: [.customLong("env-id"), .customLong("environment")], parsing: .unconditional,
    help: ArgumentHelp("the same as a flag, in place of <env>", valueName: "env"),
    completion: .list(EnvironmentRegistry.ids))
  var flag: String?

  /// The id, or `nil` if none was given.
  ///
  /// - Throws: `Problem` if two were.
  func optional() throws -> String? {
    if let word, let flag, word != flag {
      throw Problem(
        flag: "--env-id", value: flag, allowed: "one environment, and '\(word)' is given already")
    }
    return word ?? flag
  }

  /// The id.
  ///
  /// - Throws: `Problem` if none was given, or two were.
  func required() throws -> String {
    guard let id = try optional() else {
      throw Problem(
        "an environment is missing: an id that 'deep-sarsa environments' lists, or gymnasium:ID")
    }
    return id
  }
}
