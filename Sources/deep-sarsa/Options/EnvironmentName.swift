import ArgumentParser
import DeepSARSA

/// The id of an environment, as an argument or as CleanRL's flag.
struct EnvironmentName: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "an id that 'deep-sarsa environments' lists, or gymnasium:ID", valueName: "env"),
    completion: .list(EnvironmentRegistry.ids))
  var word: String?

  @Option(
    name: [.customLong("env-id"), .customLong("environment")], parsing: .unconditional,
    help: ArgumentHelp("the environment's id as a flag, instead of <env>", valueName: "env"),
    completion: .list(EnvironmentRegistry.ids))
  var flag: String?

  /// The id, or `nil` if it was not given.
  ///
  /// - Throws: `CommandError` if it was given twice.
  func optional() throws -> String? {
    if let word, let flag, word != flag {
      throw CommandError(
        flag: "--env-id", value: flag, allowed: "one environment, and '\(word)' is given already")
    }
    return word ?? flag
  }

  /// The id.
  ///
  /// - Throws: `CommandError` if it was not given, or given twice.
  func required() throws -> String {
    guard let id = try optional() else {
      throw CommandError(
        "an environment is missing: an id that 'deep-sarsa environments' lists, or gymnasium:ID")
    }
    return id
  }
}
