import ArgumentParser
import DeepSARSA
import SARSAExperiments

/// `deep-sarsa evaluate PATH`.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Play episodes greedily with a trained network.",
    discussion: """
      PATH is a run folder or a model in safetensors format. The model is one of a run, or one of PyTorch \
      with the tensors q_network.0.weight, q_network.0.bias and so on, whose hidden layers are assumed to \
      use ReLU. The environment has the arguments of training; --env-arg overrides single arguments. In \
      an environment without a time limit, episodes are truncated after 10,000 steps.
      """)

  @Argument(
    help: ArgumentHelp("a run folder or a model file", valueName: "path"), completion: .file())
  var path: String

  @Flag(help: "use the best network of the run folder instead of the last one")
  var best = false

  @Option(
    name: [.customLong("environment"), .customLong("env-id")], parsing: .unconditional,
    help: ArgumentHelp("the environment, if the path does not name it", valueName: "id"),
    completion: .list(EnvironmentRegistry.ids))
  var environment: String?

  @OptionGroup
  var environmentOptions: EnvironmentOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "episodes\(Defaults.fixed(EvaluationSettings().finalEpisodes))", valueName: "n"))
  var episodes: Number?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("seed of the environment (default: 0)", valueName: "n"))
  var seed: Number?

  @Flag(help: "print one JSON object, including all returns")
  var json = false

  func run() throws {
    let episodes =
      try episodes?.count("--episodes", 1...EvaluationSettings.episodeLimit)
      ?? EvaluationSettings().finalEpisodes
    let seed = try seed?.seed("--seed") ?? 0
    let folder = RunFolder(existing: path)
    let file = folder?.path(of: best ? .best : .model) ?? path
    let model = try ModelFile(reading: file)
    if best && folder == nil {
      throw CommandError("--best needs a run folder, and '\(path)' is a model file")
    }
    let environment = try environmentOptions.make(
      named: environment, for: model, from: file, in: folder)
    try evaluate(model, from: file, in: environment, episodes: episodes, seed: seed)
  }

  private func evaluate<World: Environment>(
    _ model: consuming ModelFile, from file: String, in environment: World, episodes: Int,
    seed: UInt64
  ) throws {
    let specification = environment.specification
    try model.requireSizes(of: specification)
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
      \(specification.id): mean ± std of \(episodes) greedy returns   \(summary.text)

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
