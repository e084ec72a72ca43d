/// A learner that a `Trainer` runs: it acts, stores what happened, and learns from it.
///
/// A trainer calls `act`, steps its environments, and calls `remember` and `learn`, at every step. When an
/// agent learns is up to the agent.
///
/// An agent of your own needs only this protocol:
///
/// ```swift
/// var trainer = try Trainer(MyAgent.self, hyperparameters, environment: environment, seed: 1)
/// ```
///
/// A conforming type should be `~Copyable`, so that only one task uses an agent, and allocate in its
/// initialiser only.
public protocol Agent: Archivable, ~Copyable, Sendable {
  /// The name by which settings choose the agent, such as `replay`.
  static var algorithm: String { get }

  /// The settings that have no effect on the agent, by their dotted paths, or by the start of several:
  /// `replay` stands for all settings of the replay memory. None by default.
  static var unusedSettings: [String] { get }

  /// Checks that the settings fit the agent.
  ///
  /// Every value is within its own bounds.
  ///
  /// - Throws: `HyperparameterError` for the first value that is not allowed.
  static func validate(_ hyperparameters: Hyperparameters) throws(HyperparameterError)

  /// The approximate memory that an agent with these settings needs beside its network.
  ///
  /// Every value is within its own bounds.
  static func sizes(
    _ hyperparameters: Hyperparameters, for specification: EnvironmentSpecification
  ) -> AgentSizes

  /// Checks that the settings, which are valid for themselves, fit the agent in an environment.
  ///
  /// - Throws: `HyperparameterError` for the first value that is not allowed.
  static func validate(
    _ hyperparameters: Hyperparameters, for specification: EnvironmentSpecification
  ) throws(HyperparameterError)

  /// Makes an agent with freshly drawn parameters that has seen nothing.
  ///
  /// - Precondition: the hyperparameters are valid for the specification.
  /// - Throws: `ArenaError` if there is not enough memory.
  init(
    _ hyperparameters: Hyperparameters, for specification: EnvironmentSpecification, seed: UInt64
  ) throws(ArenaError)

  /// The description of the network that gives the action values.
  var description: NetworkDescription { get }
  /// The number of updates so far.
  var updateCount: Int { get }

  /// Chooses an action for every environment.
  ///
  /// Shapes: observations [environments, observationSize], actions [environments].
  ///
  /// - Parameters:
  ///   - observations: what the environments show.
  ///   - masks: whether each action is legal [environments, actions]; if it is empty, all are.
  ///   - behavior: the policy of every environment.
  ///   - actions: where the actions go; all must be legal.
  mutating func act(
    on observations: [Float], allowing masks: [Bool], by behavior: Behavior,
    into actions: inout [Int])

  /// Stores the transitions (s, a, r, s′, end) of a step.
  ///
  /// - Parameters:
  ///   - observations: the observations before the step [environments, observationSize].
  ///   - actions: the actions [environments].
  ///   - step: the step's result, with the masks of the next observations.
  mutating func remember(_ observations: [Float], _ actions: [Int], _ step: VectorStep)

  /// Makes the updates that are due after a step.
  ///
  /// - Throws: `Divergence` if a number is no longer finite.
  mutating func learn(at moment: TrainingMoment) throws(Divergence) -> Learned

  /// Measures the last update: its values, its gradient and its features. `nil` by default.
  ///
  /// It is called directly after `learn`, now and then. It may allocate, but draws no random numbers, and
  /// training goes on as without it.
  ///
  /// - Precondition: an update was made.
  mutating func measurements() -> LearningMeasurements?

  /// Writes the stored experience alone, under the names that it has in `archive(in:as:)`. None by default.
  ///
  /// Rows of a ring that an archive gets before they are overwritten need not all be written at once.
  ///
  /// - Throws: `ArchiveError`.
  mutating func archiveExperience<A: Archive & ~Copyable>(
    in archive: inout A, as name: String
  ) throws(ArchiveError)

  /// The network as a file: PyTorch's names and layout.
  func model() -> Safetensors

  /// Replaces the network's parameters by those of a model file.
  ///
  /// - Throws: `ModelError` if the file's network is another one; then nothing has changed.
  mutating func load(_ model: Safetensors) throws(ModelError)

  /// Copies the network's parameters into a policy.
  ///
  /// - Precondition: the policy's network has the same description.
  func copyParameters(into policy: inout GreedyPolicy)
}

extension Agent where Self: ~Copyable {
  /// Requires, for an agent that takes the actions which its targets draw, that exploration draws no others.
  static func requirePlainExploration(
    _ hyperparameters: Hyperparameters
  ) throws(HyperparameterError) {
    try require(
      !hyperparameters.repeatsExploration || hyperparameters.target.rule.nextAction != .stored,
      "repeatsExploration", true,
      "false, because algorithm \(algorithm) takes the action a′ that a stored target draws")
  }

  /// None.
  public static var unusedSettings: [String] { [] }

  /// Whether a setting, by its dotted path, has an effect on the agent.
  package static func uses(setting path: String) -> Bool {
    !unusedSettings.contains { path == $0 || path.hasPrefix($0 + ".") }
  }

  /// Allows all settings.
  public static func validate(_ hyperparameters: Hyperparameters) throws(HyperparameterError) {}

  /// None.
  public mutating func archiveExperience<A: Archive & ~Copyable>(
    in archive: inout A, as name: String
  ) throws(ArchiveError) {}

  /// None.
  public mutating func measurements() -> LearningMeasurements? { nil }

  /// Stores no experience, and learns from minibatches of `replay.batchSize`.
  public static func sizes(
    _ hyperparameters: Hyperparameters, for specification: EnvironmentSpecification
  ) -> AgentSizes {
    AgentSizes(batchRows: hyperparameters.replay.batchSize)
  }

  /// Allows all settings in all environments.
  public static func validate(
    _ hyperparameters: Hyperparameters, for specification: EnvironmentSpecification
  ) throws(HyperparameterError) {}

  /// Copies the network's parameters into a policy, by way of a model in memory.
  public func copyParameters(into policy: inout GreedyPolicy) {
    do { try policy.load(model()) } catch {
      fatalError("the policy is for another network: \(error)")
    }
  }

  /// Chooses an action for every environment; all actions are legal.
  public mutating func act(
    on observations: [Float], by behavior: Behavior, into actions: inout [Int]
  ) {
    act(on: observations, allowing: [], by: behavior, into: &actions)
  }

  /// Chooses an action for every environment by one policy; all actions are legal.
  public mutating func act(
    on observations: [Float], by policy: Policy, into actions: inout [Int]
  ) {
    act(on: observations, allowing: [], by: Behavior(policy), into: &actions)
  }
}

/// How much an agent needs beside its network, and the settings by which it does.
public struct AgentSizes: Hashable, Sendable {
  /// The bytes of stored experience.
  public var experienceBytes: Double
  /// The dotted path of the setting with the most effect on them.
  public var experienceSetting: String
  /// The rows of a minibatch.
  public var batchRows: Int
  /// The rows of each pass forward whose outputs are kept at the same time, without those of acting.
  public var passRows: [Int]
  /// The dotted path of the setting with the most effect on them.
  public var batchSetting: String

  /// Makes sizes; by default there is one pass, with the rows of a minibatch.
  public init(
    experienceBytes: Double = 0, experienceSetting: String = "replay.capacity", batchRows: Int,
    batchSetting: String = "replay.batchSize", passRows: [Int]? = nil
  ) {
    self.experienceBytes = experienceBytes
    self.experienceSetting = experienceSetting
    self.batchRows = batchRows
    self.batchSetting = batchSetting
    self.passRows = passRows ?? [batchRows]
  }
}

/// The state of a training run after a step, on which an agent's learning depends.
public struct TrainingMoment: Hashable, Sendable {
  /// The number of environment steps, summed over all environments.
  public var steps: Int
  /// That number before the step.
  public var stepsBefore: Int
  /// The number of episodes that the step finished.
  public var finishedEpisodes: Int
  /// The number of episodes that are finished, those of the step included.
  public var episodes: Int
  /// The target policy: the behaviour's base.
  public var policy: Policy
  /// The learning rate.
  public var learningRate: Double

  /// Makes a moment.
  public init(
    steps: Int, stepsBefore: Int, finishedEpisodes: Int, episodes: Int = 0,
    policy: Policy, learningRate: Double
  ) {
    self.steps = steps
    self.stepsBefore = stepsBefore
    self.finishedEpisodes = finishedEpisodes
    self.episodes = episodes
    self.policy = policy
    self.learningRate = learningRate
  }
}

/// What an agent did in one call of `learn`.
public struct Learned: Hashable, Sendable {
  /// The last update, if one was due.
  public var update: Update?
  /// Whether a target network was synchronised.
  public var didSynchronize: Bool

  /// Makes a record.
  public init(update: Update? = nil, didSynchronize: Bool = false) {
    self.update = update
    self.didSynchronize = didSynchronize
  }
}
