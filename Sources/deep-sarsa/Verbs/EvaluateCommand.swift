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

  @OptionGroup
  var player: PlayerOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "episodes\(Defaults.fixed(EvaluationSettings().finalEpisodes))", valueName: "n"))
  var episodes: Number?

  @Flag(help: "print one JSON object, including all returns")
  var json = false

  func run() throws {
    let episodes =
      try episodes?.count("--episodes", 1...EvaluationSettings.episodeLimit)
      ?? EvaluationSettings().finalEpisodes
    let seed = try player.seed()
    let network = try player.network.named()
    let model = try network.model()
    let environment = try player.environmentOptions.make(
      named: player.environment, for: model, in: network.folder)
    try evaluate(model, in: environment, episodes: episodes, seed: seed)
  }

  private func evaluate<World: Environment>(
    _ model: consuming ModelFile, in environment: World, episodes: Int, seed: UInt64
  ) throws {
    let specification = environment.specification
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
        path: player.network.path, environment: specification.id, episodes: episodes, seed: seed,
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
