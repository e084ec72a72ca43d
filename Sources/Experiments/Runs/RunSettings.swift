public import DeepSARSA
package import SARSAFormats

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
  /// A run folder or a model file whose parameters the agent starts with; `nil` for freshly drawn ones.
  public var initialModel: String?
  /// The algorithm's settings.
  public var hyperparameters: Hyperparameters
  /// The settings of the evaluations during training.
  public var evaluation: EvaluationSettings
  /// The updates from one line of `learning.csv` to the next; with 0 there is no such file.
  public var learningInterval: Int
  /// When checkpoints are written.
  public var checkpoints: CheckpointSettings
  /// Whose names the curves for TensorBoard have.
  public var tensorBoardTags: TensorBoardTags

  /// Makes settings.
  public init(
    environment: String, environmentArguments: [String: ArgumentValue] = [:],
    experimentName: String = "deep-sarsa", seed: UInt64 = 1, initialModel: String? = nil,
    hyperparameters: Hyperparameters = Hyperparameters(),
    evaluation: EvaluationSettings = EvaluationSettings(), learningInterval: Int = 1_000,
    checkpoints: CheckpointSettings = CheckpointSettings(),
    tensorBoardTags: TensorBoardTags = .cleanrl
  ) {
    self.environment = environment
    self.environmentArguments = environmentArguments
    self.experimentName = experimentName
    self.seed = seed
    self.initialModel = initialModel
    self.hyperparameters = hyperparameters
    self.evaluation = evaluation
    self.learningInterval = learningInterval
    self.checkpoints = checkpoints
    self.tensorBoardTags = tensorBoardTags
  }

  /// The settings of a preset in an environment.
  public init(environment: String, preset: Preset) {
    self.init(
      environment: environment, hyperparameters: preset.hyperparameters,
      evaluation: preset.evaluation, checkpoints: CheckpointSettings(preset))
  }

  /// Checks every value.
  ///
  /// - Throws: `HyperparameterError` for the first that is not allowed.
  public func validate() throws(HyperparameterError) {
    for setting in Self.own { try setting.validate(self) }
    try hyperparameters.validate()
  }

  /// The settings as YAML, as at the start of `config.yaml`.
  public var yaml: String { YAML.text(self) }

  /// The settings as a line of JSON, which is YAML too.
  public var json: String { YAML.json(self) }

  private enum CodingKeys: String, CodingKey {
    case environment, environmentArguments, experimentName, seed, initialModel, hyperparameters
    case evaluation, learningInterval, checkpoints, tensorBoardTags
  }

  /// Reads settings; `environmentArguments`, `initialModel`, and those of what is written may be missing.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    environment = try container.decode(String.self, forKey: .environment)
    environmentArguments =
      try container.decodeIfPresent(
        [String: ArgumentValue].self, forKey: .environmentArguments) ?? [:]
    experimentName = try container.decode(String.self, forKey: .experimentName)
    seed = try container.decode(UInt64.self, forKey: .seed)
    initialModel = try container.decodeIfPresent(String.self, forKey: .initialModel)
    hyperparameters = try container.decode(Hyperparameters.self, forKey: .hyperparameters)
    evaluation = try container.decode(EvaluationSettings.self, forKey: .evaluation)
    learningInterval =
      try container.decodeIfPresent(Int.self, forKey: .learningInterval)
      ?? RunSettings(environment: "").learningInterval
    checkpoints =
      try container.decodeIfPresent(CheckpointSettings.self, forKey: .checkpoints)
      ?? CheckpointSettings()
    tensorBoardTags =
      try container.decodeIfPresent(TensorBoardTags.self, forKey: .tensorBoardTags) ?? .cleanrl
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
    try container.encodeIfPresent(initialModel, forKey: .initialModel)
    try container.encode(hyperparameters, forKey: .hyperparameters)
    try container.encode(evaluation, forKey: .evaluation)
    try container.encode(learningInterval, forKey: .learningInterval)
    try container.encode(checkpoints, forKey: .checkpoints)
    try container.encode(tensorBoardTags, forKey: .tensorBoardTags)
  }
}

extension RunSettings {
  /// Every setting of a run, in the order of the help screen.
  package static let settings =
    Hyperparameters.settings.map {
      $0.within(\RunSettings.hyperparameters, named: "hyperparameters")
    } + own

  /// The settings that are not the algorithm's.
  private static let own =
    beginning + EvaluationSettings.settings.map { $0.within(\RunSettings.evaluation) } + files

  private static let beginning: [Setting<RunSettings>] = [
    Setting("seed", .run, flags: "seed", at: \.seed, .seed, "seed of every random stream"),
    Setting(
      "experimentName", .run, flags: "exp-name", "experiment-name", at: \.experimentName,
      .name(upTo: 100), "a name for the run, part of the folder's name"),
    Setting(
      "initialModel", .run, flags: "initial-model", at: \.initialModel, .path,
      """
      a run folder or a model file to start from; without flags of the network, its network is used
      """),
  ]

  private static let files: [Setting<RunSettings>] = [
    Setting(
      "learningInterval", .run, flags: "learning-interval", at: \.learningInterval,
      .count(0...Hyperparameters.Limit.steps),
      "updates from one line of learning.csv to the next; 0 writes no such file"),
    Setting(
      "checkpoints.every", .run, flags: "checkpoint-every", at: \.checkpoints.every,
      .count(0...Hyperparameters.Limit.steps),
      """
      environment steps between checkpoints, from which 'resume' goes on; 0 writes none, also at a signal
      """),
    Setting(
      "checkpoints.keepsReplay", .run, flags: "keep-replay", at: \.checkpoints.keepsReplay, .either,
      "keep the replay memory on disk after the end, so that the run can be extended"),
    Setting(
      "tensorBoardTags", .run, flags: "tensorboard-tags", at: \.tensorBoardTags, .choice,
      "whose names the curves for TensorBoard have; none writes no event file"),
  ]
}

extension RunSettings {
  /// Whether a checkpoint is due after a number of steps: the first after every multiple of the interval.
  func writesCheckpoint(after steps: Int) -> Bool {
    let interval = checkpoints.every
    guard interval > 0, steps > 0 else { return false }
    return steps / interval != (steps - hyperparameters.environmentCount) / interval
  }

  /// The number of steps from which the next checkpoint is due.
  func nextCheckpoint(after steps: Int) -> Int {
    let interval = checkpoints.every
    return interval > 0 ? (steps / interval + 1) * interval : .max
  }
}

extension RunSettings {
  /// The largest replay memory, in bytes, that is kept on disk without being asked for.
  private static let journalLimit = 256.0 * 1_048_576

  /// Writes no checkpoints if the replay memory is large.
  ///
  /// - Parameter specification: describes the environment.
  /// - Returns: what the user should know; `nil` if nothing has changed.
  public mutating func boundCheckpoints(for specification: EnvironmentSpecification) -> String? {
    let bytes = hyperparameters.memory(for: specification).experience
    guard checkpoints.every > 0, bytes > Self.journalLimit else { return nil }
    let interval = checkpoints.every
    checkpoints.every = 0
    return """
      no checkpoints are written, because the replay memory takes \(Int((bytes / 1_048_576).rounded())) MiB \
      on disk; --checkpoint-every \(interval) writes them
      """
  }
}

/// When a run writes checkpoints, from which it can go on.
public struct CheckpointSettings: Codable, Hashable, Sendable {
  /// The environment steps from one checkpoint to the next; with 0 there are none.
  public var every = 10_000
  /// Whether the replay memory stays on disk when the run has finished, so that it can be extended.
  public var keepsReplay = false

  /// The defaults.
  public init() {}

  /// The settings of a preset: those named `fast` write no checkpoints, because their runs are short, and timed.
  ///
  /// Those of long runs are a hundredth of the run apart, since these take their steps quickly.
  public init(_ preset: Preset) {
    every = preset.name == "fast" ? 0 : max(every, (preset.hyperparameters.budget.steps ?? 0) / 100)
  }
}

extension CheckpointSettings: SettingsWithDefaults {
  private static let defaults = Tree(settings: CheckpointSettings())

  package static func completed(_ tree: Tree) throws -> Tree { try tree.completed(from: defaults) }
}

extension RunSettings {
  /// Whether making an environment imports a module and runs its code, as `gymnasium:module:Name-v0` does.
  package static func importsModule(_ id: String) -> Bool {
    let name = Preset.bare(id)
    return name != id && name.contains(":")
  }
}

extension Sequence<RunSettings> {
  /// What a command needs to make the environments: the flag that allows the code of a module, or nothing.
  package var trustFlag: String {
    contains { RunSettings.importsModule($0.environment) } ? " --trust-env-code" : ""
  }
}
