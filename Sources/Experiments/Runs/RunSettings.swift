public import DeepSARSA

/// All settings of a run.
///
/// The same settings on the same machine give the same files.
public struct RunSettings: Codable, Hashable, Sendable {
  /// The environment's id.
  public var environment: String
  /// The environment's keyword arguments, by name.
  public var environmentArguments: [String: ArgumentValue]
  /// A name that the user chose; it is part of the folder's name.
  public var experimentName: String
  /// The seed of every random stream.
  public var seed: UInt64
  /// The algorithm's settings.
  public var hyperparameters: Hyperparameters
  /// The settings of the evaluations during training.
  public var evaluation: EvaluationSettings

  /// Makes settings.
  public init(
    environment: String, environmentArguments: [String: ArgumentValue] = [:],
    experimentName: String = "deep-sarsa", seed: UInt64 = 1,
    hyperparameters: Hyperparameters = Hyperparameters(),
    evaluation: EvaluationSettings = EvaluationSettings()
  ) {
    self.environment = environment
    self.environmentArguments = environmentArguments
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

  /// The settings as YAML, as at the start of `config.yaml`.
  public var yaml: String {
    do {
      return try YAML.text(self)
    } catch {
      fatalError("settings that YAML cannot hold: \(error)")
    }
  }

  private enum CodingKeys: String, CodingKey {
    case environment, environmentArguments, experimentName, seed, hyperparameters, evaluation
  }

  /// Reads settings; `arguments` may be missing.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    environment = try container.decode(String.self, forKey: .environment)
    environmentArguments =
      try container.decodeIfPresent(
        [String: ArgumentValue].self, forKey: .environmentArguments) ?? [:]
    experimentName = try container.decode(String.self, forKey: .experimentName)
    seed = try container.decode(UInt64.self, forKey: .seed)
    hyperparameters = try container.decode(Hyperparameters.self, forKey: .hyperparameters)
    evaluation = try container.decode(EvaluationSettings.self, forKey: .evaluation)
  }

  /// Writes settings; the environment's arguments, if there are any, in alphabetical order.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(environment, forKey: .environment)
    if !environmentArguments.isEmpty {
      try container.encode(
        ArgumentValue.object(environmentArguments), forKey: .environmentArguments)
    }
    try container.encode(experimentName, forKey: .experimentName)
    try container.encode(seed, forKey: .seed)
    try container.encode(hyperparameters, forKey: .hyperparameters)
    try container.encode(evaluation, forKey: .evaluation)
  }
}

/// The settings of the greedy evaluations during training, which use a separate environment.
public struct EvaluationSettings: Codable, Hashable, Sendable {
  /// The environment steps from one evaluation to the next.
  public var every = 5_000
  /// The episodes of an evaluation.
  public var episodes = 100

  /// The mean return at which training stops early; with `nil`, training uses the whole budget.
  public var targetReturn: Double?

  /// The largest allowed number of episodes of an evaluation.
  public static let episodeLimit = 1_000_000

  /// The episodes of the final evaluation, whose seeds differ from those of evaluations during training.
  public static let finalEpisodes = 100

  /// The defaults.
  public init() {}

  /// The evaluation settings of a preset, in an environment with this reward threshold.
  public init(_ preset: Preset, for specification: EnvironmentSpecification) {
    every = preset.evaluationInterval
    episodes = preset.evaluationEpisodes
    targetReturn = preset.stopsAtThreshold ? specification.rewardThreshold : nil
  }
}
