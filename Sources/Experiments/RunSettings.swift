public import DeepSARSA

/// Everything that a run was told: the same settings on the same machine give the same files.
public struct RunSettings: Codable, Hashable, Sendable {
  /// The environment's id.
  public var environment: String
  /// A name of the user's, part of the folder's.
  public var experimentName: String
  /// The seed of every random stream.
  public var seed: UInt64
  /// The algorithm's settings.
  public var hyperparameters: Hyperparameters
  /// How the network is judged on the way.
  public var evaluation: EvaluationSettings

  /// Makes settings.
  public init(
    environment: String, experimentName: String = "deep-sarsa", seed: UInt64 = 1,
    hyperparameters: Hyperparameters = Hyperparameters(),
    evaluation: EvaluationSettings = EvaluationSettings()
  ) {
    self.environment = environment
    self.experimentName = experimentName
    self.seed = seed
    self.hyperparameters = hyperparameters
    self.evaluation = evaluation
  }

  /// Checks every value.
  ///
  /// - Throws: `HyperparameterError` for the first that is not allowed.
  public func validate() throws(HyperparameterError) {
    let isPlain = experimentName.unicodeScalars.allSatisfy {
      ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
        || ["-", "_", "."].contains($0)
    }
    guard isPlain, (1...100).contains(experimentName.utf8.count), !experimentName.hasPrefix(".")
    else {
      throw HyperparameterError(
        field: "experimentName", value: experimentName,
        allowed: "1 to 100 letters, digits, '-', '_' and '.', not starting with '.'")
    }
    for (field, value, limit) in [
      ("evaluation.every", evaluation.every, Hyperparameters.Limit.steps),
      ("evaluation.episodes", evaluation.episodes, EvaluationSettings.episodeLimit),
    ] where !(1...limit).contains(value) {
      throw HyperparameterError(
        field: field, value: "\(value)", allowed: "a whole number from 1 to \(limit)")
    }
    try hyperparameters.validate()
  }
}

/// How the network is judged on the way, greedily, in an environment of its own.
public struct EvaluationSettings: Codable, Hashable, Sendable {
  /// The environment steps from one evaluation to the next.
  public var every = 5_000
  /// The episodes of an evaluation.
  public var episodes = 100

  /// The mean that ends training as soon as an evaluation reaches it; none goes on to the budget's end.
  public var targetReturn: Double?

  /// The most episodes that an evaluation may have.
  public static let episodeLimit = 1_000_000

  /// The episodes of the last evaluation, which starts elsewhere than those on the way.
  public static let finalEpisodes = 100

  /// The defaults.
  public init() {}

  /// What belongs to a preset of `Hyperparameters`: `fast` looks often, and stops at the environment's
  /// threshold; the others have the defaults.
  public static func preset(
    _ name: String?, for specification: EnvironmentSpecification
  ) -> EvaluationSettings {
    var result = EvaluationSettings()
    if name == "fast" {
      result.every = 500
      result.targetReturn = specification.rewardThreshold
    }
    return result
  }
}
