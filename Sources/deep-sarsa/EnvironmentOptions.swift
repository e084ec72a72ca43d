import ArgumentParser
import DeepSARSA
import Foundation
import SARSAExperiments

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

  /// Makes the environment that an id and these arguments name.
  ///
  /// - Throws: `Problem` in the words of the verb.
  func make(_ id: String, verb: String) throws -> any Environment {
    let values = try values(verb: verb)
    do {
      return try Self.make(id, arguments: values)
    } catch let error as EnvironmentError {
      throw Problem(error, verb: verb)
    }
  }

  /// Makes an environment: the one place where an id becomes a world.
  ///
  /// - Throws: `EnvironmentError` for an id or an argument that is not allowed.
  static func make(
    _ id: String, arguments: [String: ArgumentValue]
  ) throws -> any Environment {
    try EnvironmentRegistry.make(id, arguments: arguments)
  }

  /// The arguments by name.
  ///
  /// - Throws: `Problem` for one without a name, twice the same name, or a value that is not JSON.
  func values(verb: String) throws -> [String: ArgumentValue] {
    var result: [String: ArgumentValue] = [:]
    for text in arguments {
      guard let separator = text.firstIndex(of: "="), separator != text.startIndex else {
        throw Problem(flag: "--env-arg", value: text, allowed: "key=json", verb: verb)
      }
      let (key, json) = (String(text[..<separator]), text[text.index(after: separator)...])
      guard let value = try? JSONDecoder().decode(ArgumentValue.self, from: Data(json.utf8)) else {
        throw Problem(
          flag: "--env-arg", value: text,
          allowed: "a value that is JSON, where text needs quotes, as in 'map_name=\"8x8\"'",
          verb: verb)
      }
      guard result.updateValue(value, forKey: key) == nil else {
        throw Problem(flag: "--env-arg", value: text, allowed: "each key once", verb: verb)
      }
    }
    return result
  }
}

extension Problem {
  /// An environment that cannot be made.
  init(_ error: EnvironmentError, verb: String) {
    switch error {
    case .unknown(let id, let known):
      self.init(
        flag: "the environment", value: id, allowed: known.joined(separator: ", "), verb: verb)
    case .unknownArgument, .badArgument:
      self.init("--env-arg: \(error). See 'deep-sarsa help \(verb)'.")
    }
  }
}
