import DeepSARSA
import SARSAExperiments
import SARSAGymnasium

/// Makes environments, built in or of Gymnasium, by flags that are checked.
struct EnvironmentMaker {
  /// The options of a Gymnasium environment's process.
  let options: GymnasiumOptions

  /// Makes the environment of an id.
  ///
  /// - Parameters:
  ///   - id: the id.
  ///   - arguments: its arguments.
  ///   - isDrawn: whether its pictures are needed: a Gymnasium environment without them is then an error.
  /// - Returns: the environment, within the wrappers that arguments name.
  /// - Throws: `EnvironmentError` for an id or an argument that is not allowed, `GymnasiumError` if its
  ///   process fails, `CommandError` as `requireTrust(in:)`.
  func make(
    _ id: String, arguments: [String: ArgumentValue], isDrawn: Bool = false
  ) throws -> any Environment {
    guard id.hasPrefix(GymnasiumEnvironment.prefix) else {
      return try EnvironmentRegistry.make(id, arguments: arguments)
    }
    try requireTrust(in: id)
    var options = options
    let name = String(id.dropFirst(GymnasiumEnvironment.prefix.count))
    options.usesActionMasks = arguments["action_masks"] != .boolean(false)
    options.drawsPictures = isDrawn
    options.seedsEpisodes = try seedsEpisodes(arguments[BridgeOptions.episodeSeeds], of: id)
    let wrappers = arguments.filter { EnvironmentRegistry.wrapperArguments.contains($0.key) }
    let own = arguments.filter { wrappers[$0.key] == nil && $0.key != BridgeOptions.episodeSeeds }
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
    guard RunSettings.importsModule(id), !options.trustsCode else { return }
    throw CommandError(
      "'\(id)' imports a module and runs its code; add --trust-env-code to allow that")
  }

  private func seedsEpisodes(_ value: ArgumentValue?, of id: String) throws -> Bool {
    switch value {
    case nil: return false
    case .boolean(let flag)?: return flag
    case let value?:
      throw EnvironmentError.badArgument(
        id: id, name: BridgeOptions.episodeSeeds, value: value, allowed: "true or false")
    }
  }
}
