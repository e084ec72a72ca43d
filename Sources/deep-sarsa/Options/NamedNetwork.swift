import ArgumentParser
import DeepSARSA
import SARSAExperiments

/// A network that the user named by the path of a run folder or of a model file.
struct NamedNetwork {
  /// The run folder; `nil` for a model file.
  let folder: RunFolder?
  private let file: String

  /// Finds the last network of a path, or the best one.
  ///
  /// - Throws: `CommandError` for the best network of a path that is no folder.
  init(_ path: String, best: Bool) throws {
    folder = RunFolder(existing: path)
    if best && folder == nil {
      throw CommandError("--best needs a run folder, and '\(path)' is not one")
    }
    file = folder?.path(of: best ? .best : .model) ?? path
  }

  /// Reads the network.
  func model() throws(RunError) -> ModelFile { try ModelFile(reading: file) }
}

/// The network of a verb.
struct NetworkArgument: ParsableArguments {
  @Argument(
    help: ArgumentHelp("a run folder or a model file", valueName: "path"), completion: .file())
  var path: String

  @Flag(help: "use the best network of the run folder instead of the last one")
  var best = false

  /// Finds the network.
  func named() throws -> NamedNetwork { try NamedNetwork(path, best: best) }
}

/// A network that plays: its path, its environment, and the seed of that.
struct PlayerOptions: ParsableArguments {
  @OptionGroup
  var network: NetworkArgument

  @Option(
    name: [.customLong("env-id"), .customLong("environment")], parsing: .unconditional,
    help: ArgumentHelp("the environment, if the path does not name it", valueName: "id"),
    completion: .list(EnvironmentRegistry.ids))
  var environment: String?

  @OptionGroup
  var environmentOptions: EnvironmentOptions

  @Option(
    name: .customLong("seed"), parsing: .unconditional,
    help: ArgumentHelp("seed of the environment (default: 0)", valueName: "n"))
  var seedNumber: Number?

  /// The seed of the environment.
  func seed() throws -> UInt64 { try seedNumber?.seed("--seed") ?? 0 }
}
