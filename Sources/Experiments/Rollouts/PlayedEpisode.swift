public import DeepSARSA
internal import SARSAPreconditions

/// An episode that a network played, with what is to be seen of it.
///
/// ```swift
/// var model = try ModelFile(reading: "model.safetensors")
/// let environment = try EnvironmentRegistry.make("CartPole-v1")
/// let episode = try PlayedEpisode(
///   playing: environment, by: &model.policy, seed: 7, rewardFactor: model.rewardFactor)
/// print(episode.total, episode.frames[0].values, episode.json.utf8.count)
/// ```
public struct PlayedEpisode: Hashable, Sendable {
  /// What is known before a step, or after the last one.
  public struct Frame: Hashable, Sendable {
    /// The picture; `nil` if the environment cannot be drawn.
    public var scene: Scene?
    /// The network's value of each action, in the units of returns [actions].
    public var values: [Float]
    /// Which actions are legal; empty if all always are.
    public var mask: [Bool]
    /// The action that was taken from here, from 0; `nil` at the end.
    public var action: Int?
    /// The reward of that action; 0 at the end.
    public var reward: Double

    /// Makes a frame.
    public init(
      scene: Scene?, values: [Float], mask: [Bool] = [], action: Int? = nil, reward: Double = 0
    ) {
      self.scene = scene
      self.values = values
      self.mask = mask
      self.action = action
      self.reward = reward
    }
  }

  /// The seed of the environment's first reset.
  public var seed: UInt64
  /// The episodes since that reset: 0 for the one that began with it.
  public var episode: Int
  /// One for each step, and one for the end.
  public var frames: [Frame]
  /// Whether the last state is terminal; otherwise the episode was truncated, or left at a limit of steps.
  public var isTerminated: Bool

  /// Makes a record.
  public init(seed: UInt64, episode: Int = 0, frames: [Frame], isTerminated: Bool) {
    self.seed = seed
    self.episode = episode
    self.frames = frames
    self.isTerminated = isTerminated
  }

  /// The sum of all rewards.
  public var total: Double { frames.reduce(0) { $0 + $1.reward } }

  /// The episode up to a number of steps, as if it had been left there.
  ///
  /// - Precondition: 0 or more steps.
  /// - Complexity: O(steps).
  public func prefix(steps: Int) -> PlayedEpisode {
    require(steps >= 0, "steps is %; allowed: 0 or more", steps)
    guard steps < frames.count - 1 else { return self }
    var part = self
    part.frames = Array(frames[...steps])
    (part.frames[steps].action, part.frames[steps].reward) = (nil, 0)
    part.isTerminated = false
    return part
  }
}

extension PlayedEpisode {
  /// Plays an episode from a seed with the actions of the highest values, and records it.
  ///
  /// - Parameters:
  ///   - environment: the environment, drawable or not.
  ///   - policy: the network.
  ///   - seed: the seed of the reset.
  ///   - rewardFactor: the factor of the rewards that the network was trained with, `ModelFile.rewardFactor`.
  ///   - stepLimit: the steps after which the episode is left; by default those after which an evaluation leaves it.
  /// - Precondition: a policy for this environment's sizes, as `GreedyPolicy.requireSizes(of:)` checks.
  /// - Throws: `RunError.environment` if the environment fails.
  public init<World: Environment>(
    playing environment: World, by policy: inout GreedyPolicy, seed: UInt64,
    rewardFactor: Double = 1, stepLimit: Int? = nil
  ) throws(RunError) {
    var rollout = try Rollout(environment, seed: seed)
    try self.init(
      continuing: &rollout, by: &policy, rewardFactor: rewardFactor, stepLimit: stepLimit)
  }

  /// Plays a rollout's episode from its current state to the end, as `init(playing:by:seed:)`.
  ///
  /// - Precondition: the episode has not ended; a policy for the environment's sizes.
  /// - Throws: `RunError.environment` if the environment fails.
  public init<World: Environment>(
    continuing rollout: inout Rollout<World>, by policy: inout GreedyPolicy,
    rewardFactor: Double = 1, stepLimit: Int? = nil
  ) throws(RunError) {
    let limit =
      stepLimit ?? rollout.specification.maximumEpisodeSteps ?? Evaluation<World>.stepLimit
    seed = rollout.seed
    episode = rollout.record.episode
    frames = []
    repeat {
      var scene = try rollout.scene
      // One array of the backdrop for all frames.
      if let first = frames.first?.scene, first.backdrop == scene?.backdrop {
        scene?.backdrop = first.backdrop
      }
      let values = policy.values(for: rollout.observation)
      var frame = Frame(
        scene: scene, values: values.map { Float(Double($0) / rewardFactor) }, mask: rollout.mask,
        action: nil, reward: 0)
      if !rollout.record.isLast && frames.count < limit {
        let action = policy.action(for: rollout.observation, allowing: rollout.mask)
        try rollout.step(action)
        (frame.action, frame.reward) = (action, rollout.record.reward)
      }
      frames.append(frame)
    } while frames.last?.action != nil
    isTerminated = rollout.record.isTerminated
  }
}
