/// Named settings of an environment: hyperparameters, evaluation settings, and how they were found.
///
/// ```swift
/// let presets = Hyperparameters.presets(for: "CartPole-v1")  // tuned, fast, general, …
/// ```
///
/// A new preset is one entry in `Preset.all`.
public struct Preset: Hashable, Sendable {
  /// The name, such as `tuned`; the presets of an environment have different names.
  public let name: String
  /// One sentence that describes the preset and how it was found.
  public let summary: String
  /// The algorithm's settings.
  public let hyperparameters: Hyperparameters
  /// The environment steps from one evaluation to the next.
  public let evaluationInterval: Int
  /// The episodes of an evaluation.
  public let evaluationEpisodes: Int
  /// The mean return of an evaluation at which training ends; `nil` uses the whole budget.
  public let targetReturn: Double?
  /// The ids of its environments; `nil` stands for all environments.
  public let environments: [String]?

  init(
    _ name: String, _ hyperparameters: Hyperparameters, for environments: [String]? = nil,
    evaluationInterval: Int = 5_000, evaluationEpisodes: Int = 100,
    stopsAt targetReturn: Double? = nil,
    _ summary: String
  ) {
    self.name = name
    self.summary = summary
    self.hyperparameters = hyperparameters
    self.evaluationInterval = evaluationInterval
    self.evaluationEpisodes = evaluationEpisodes
    self.targetReturn = targetReturn
    self.environments = environments
  }
}

extension Hyperparameters {
  /// The presets for an environment; the first one is the default.
  ///
  /// `tuned` was found for this environment by a search or by trials, `fast` stops at a return and reaches it
  /// quickly, `general` has the defaults, and `notebook` is the recipe of a course.
  ///
  /// - Parameter environment: The id, without a prefix: `LunarLander-v3`.
  /// - Returns: At least `general` and `notebook`.
  public static func presets(for environment: String) -> [Preset] {
    Preset.all.filter { $0.environments?.contains(environment) ?? true }
  }

  /// The default hyperparameters for an environment: those of the first preset of `presets(for:)`.
  public static func standard(for environment: String) -> Hyperparameters {
    presets(for: environment)[0].hyperparameters
  }
}
