/// The settings of the greedy evaluations during training, which use a separate environment.
public struct EvaluationSettings: Codable, Hashable, Sendable {
  /// The environment steps from one evaluation to the next.
  public var every = 5_000
  /// The episodes of an evaluation.
  public var episodes = 100
  /// The mean return at which training stops early; with `nil`, training uses the whole budget.
  public var targetReturn: Double?
  /// The episodes of the final evaluations, whose seeds differ from those of evaluations during training.
  public var finalEpisodes = 100

  /// The largest allowed number of episodes of an evaluation.
  public static let episodeLimit = 1_000_000

  /// The defaults.
  public init() {}

  /// The settings, under `evaluation` in a file.
  package static let settings: [Setting<EvaluationSettings>] = [
    Setting(
      "evaluation.every", .run, flags: "evaluation-every", "eval-freq", at: \.every,
      .count(upTo: Hyperparameters.Limit.steps), "environment steps between greedy evaluations"),
    Setting(
      "evaluation.episodes", .run, flags: "evaluation-episodes", "eval-episodes", at: \.episodes,
      .count(upTo: episodeLimit), "episodes of an evaluation during training"),
    Setting(
      "evaluation.finalEpisodes", .run, flags: "final-episodes", at: \.finalEpisodes,
      .count(upTo: episodeLimit),
      "episodes of the evaluations of the last and the best network at the end"),
    Setting(
      "evaluation.targetReturn", .run, flags: "stop-at-return", "target-return",
      at: \.targetReturn, .finite,
      """
      stop training when the mean return of an evaluation reaches this; presets named fast have one
      """),
  ]
}
