/// A world that an agent acts in: one state, a finite number of actions, a reward per step.
///
/// The protocol is Gymnasium's, with the state in the open: whatever an environment will do next
/// follows from `state`, which can be written down and restored.
///
/// ```swift
/// var environment = TimeLimit(MountainCar(), maximumSteps: 200)
/// environment.reset(seed: 7)
/// let step = environment.step(2)
/// print(step.reward, environment.observation)
/// ```
public protocol Environment: Sendable {
  /// What can go wrong: nothing, for a world that is computed here.
  associatedtype Failure: Error = Never

  /// Everything that determines the future: physics, step count, random stream.
  associatedtype State: Codable & Sendable

  /// What many of it are that step together: copies, unless it knows a better way.
  ///
  /// Its failures need not be this one's: were they required to be the same, the proof that either is an
  /// error would be the other's, without end.
  associatedtype Vector: VectorEnvironment = ReplicatedEnvironment<Self>

  /// Sizes and limits.
  var specification: EnvironmentSpecification { get }

  /// The state, to be written down or restored.
  var state: State { get set }

  /// Starts an episode. A seed restarts the random stream; without one it goes on, as in Gymnasium.
  mutating func reset(seed: UInt64?) throws(Failure)

  /// Takes an action.
  ///
  /// - Precondition: 0 ≤ action < `specification.actionCount`; the episode has not ended.
  mutating func step(_ action: Int) throws(Failure) -> Step

  /// Writes the current observation, `specification.observationSize` numbers.
  func observe(into observation: inout MutableSpan<Float>)

  /// So many of it, stepping together.
  ///
  /// - Precondition: the count is positive.
  func vector(count: Int) -> Vector
}

/// What a step brought, beside the new observation.
public struct Step: Codable, Hashable, Sendable {
  /// The reward.
  public var reward: Double
  /// Whether the new state is terminal: nothing follows, its value is zero.
  public var isTerminated: Bool
  /// Whether the episode was cut short, as by a time limit: the new state has a value all the same.
  public var isTruncated: Bool

  /// Makes a step's result.
  public init(reward: Double, isTerminated: Bool = false, isTruncated: Bool = false) {
    self.reward = reward
    self.isTerminated = isTerminated
    self.isTruncated = isTruncated
  }

  /// Whether the episode is over, for either reason.
  public var isLast: Bool { isTerminated || isTruncated }
}

/// An environment's sizes and limits.
public struct EnvironmentSpecification: Codable, Hashable, Sendable {
  /// Its id in Gymnasium's registry, such as `MountainCar-v0`.
  public var id: String
  /// What an observation is.
  public var observationSpace: ObservationSpace
  /// The actions, 0..<actionCount.
  public var actionCount: Int
  /// The number by which Gymnasium calls the first action: the `start` of its `Discrete` space.
  ///
  /// Only what is shown to a person and read from one is numbered from here; `step` takes 0..<actionCount.
  public var firstAction: Int
  /// The step after which an episode is cut, if there is one.
  public var maximumEpisodeSteps: Int?
  /// The mean return over 100 episodes from which the task counts as solved, if one is agreed on.
  public var rewardThreshold: Double?

  /// The numbers in an observation, as a network takes it.
  public var observationSize: Int { observationSpace.size }

  /// Makes a specification.
  ///
  /// - Precondition: at least one number in an observation, and one action.
  public init(
    id: String, observationSpace: ObservationSpace, actionCount: Int, firstAction: Int = 0,
    maximumEpisodeSteps: Int? = nil, rewardThreshold: Double? = nil
  ) {
    precondition(
      observationSpace.size > 0 && actionCount > 0, "an environment without observations")
    self.id = id
    self.observationSpace = observationSpace
    self.actionCount = actionCount
    self.firstAction = firstAction
    self.maximumEpisodeSteps = maximumEpisodeSteps
    self.rewardThreshold = rewardThreshold
  }

  /// Makes a specification of an environment whose observations are numbers without bounds.
  ///
  /// - Precondition: at least one number in an observation, and one action.
  public init(
    id: String, observationSize: Int, actionCount: Int, maximumEpisodeSteps: Int? = nil,
    rewardThreshold: Double? = nil
  ) {
    precondition(observationSize > 0, "an environment without observations")
    self.init(
      id: id, observationSpace: .box(shape: [observationSize]), actionCount: actionCount,
      maximumEpisodeSteps: maximumEpisodeSteps, rewardThreshold: rewardThreshold)
  }
}

extension Environment where Vector == ReplicatedEnvironment<Self> {
  /// Copies that step one after the other; they differ by the seeds that they are reset with.
  public func vector(count: Int) -> ReplicatedEnvironment<Self> {
    ReplicatedEnvironment(self, count: count)
  }
}

extension Environment {
  /// The current observation, as a new array.
  public var observation: [Float] {
    var result = [Float](repeating: 0, count: specification.observationSize)
    var span = result.mutableSpan
    observe(into: &span)
    return result
  }
}
