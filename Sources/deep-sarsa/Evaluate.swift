import ArgumentParser
import DeepSARSA
import SARSAExperiments

/// `deep-sarsa evaluate PATH`.
struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Play episodes greedily with a trained network.",
    discussion: """
      PATH is a run's folder, or a model in safetensors format: of a run, or of PyTorch with the \
      tensors q_network.0.weight, q_network.0.bias, and so on, whose hidden layers are taken to end \
      in ReLU. The environment is made as it was for training; --env-arg changes single arguments. \
      In an environment without a time limit, episodes are cut after 10,000 steps.
      """)

  @Argument(
    help: ArgumentHelp("a run's folder or a model file", valueName: "path"), completion: .file())
  var path: String

  @Flag(help: "take the folder's best network instead of its last")
  var best = false

  @Option(
    name: [.customLong("environment"), .customLong("env-id")], parsing: .unconditional,
    help: ArgumentHelp("the environment, where the path does not say it", valueName: "id"),
    completion: .list(EnvironmentRegistry.ids))
  var environment: String?

  @OptionGroup
  var environmentOptions: EnvironmentOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "episodes\(Defaults.fixed(EvaluationSettings.finalEpisodes))", valueName: "n"))
  var episodes: Number?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("what the environment is reset with (default: 0)", valueName: "n"))
  var seed: Number?

  @Flag(help: "print one JSON object, returns included")
  var json = false

  func run() throws {
    let episodes =
      try episodes?.count("--episodes", 1...EvaluationSettings.episodeLimit)
      ?? EvaluationSettings.finalEpisodes
    let seed = try seed?.seed("--seed") ?? 0
    let folder = RunFolder(existing: path)
    if best && folder == nil {
      throw Problem(flag: "--best", value: path, allowed: "a run's folder")
    }
    let file = folder?.path(of: best ? .best : .model) ?? path
    let model = try ModelFile(reading: file)
    let environment = try makeEnvironment(for: model, from: file, in: folder)
    try evaluate(model, from: file, in: environment, episodes: episodes, seed: seed)
  }

  /// The environment that is named, or else the one of training.
  private func makeEnvironment(
    for model: borrowing ModelFile, from file: String, in folder: RunFolder?
  ) throws -> any Environment {
    guard let id = try environment ?? folder?.environment() ?? model.environment else {
      throw Problem(
        flag: "--environment", value: "", allowed: EnvironmentRegistry.ids.joined(separator: ", "))
    }
    do {
      return try environmentOptions.make(id, for: model, from: file)
    } catch let error as EnvironmentError {
      if case .unknown = error, environment == nil {
        throw RunError.badFile(folder?.path(of: .config) ?? file, "\(error)")
      }
      throw Problem(error)
    }
  }

  private func evaluate<World: Environment>(
    _ model: consuming ModelFile, from file: String, in environment: World, episodes: Int,
    seed: UInt64
  ) throws {
    let specification = environment.specification
    try model.requireSizes(of: specification, path: file)
    var evaluation = Evaluation(environment, seed: seed)
    let returns: Returns
    do {
      returns = try evaluation.play(&model.policy, episodes: episodes)
    } catch {
      throw RunError.environment("\(error)")
    }
    if let number = evaluation.nonFiniteNumber { throw RunError.environment("\(number)") }
    let summary = EvaluationSummary(returns, seed: seed)
    if json {
      let result = Result(
        path: path, environment: specification.id, episodes: episodes, seed: seed,
        mean: summary.mean, std: summary.std, min: summary.min, max: summary.max,
        returns: returns.values)
      return try StandardStream.output.write(JSON.text(result) + "\n")
    }
    try StandardStream.output.write(
      """
      \(specification.id): greedy return over \(episodes) episodes   \(summary.text)

      """)
  }

  private struct Result: Encodable {
    var path: String
    var environment: String
    var episodes: Int
    var seed: UInt64
    var mean: Double
    var std: Double
    var min: Double
    var max: Double
    var returns: [Double]
  }
}
