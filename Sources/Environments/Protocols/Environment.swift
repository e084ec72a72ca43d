internal import SARSAPreconditions

/// A reinforcement-learning environment: a state, a finite number of actions, a reward per step.
///
/// The protocol is Gymnasium's, with an accessible state: `state` determines everything that the
/// environment will do, and can be saved and restored.
///
/// ```swift
/// var environment = TimeLimit(MountainCar(), maximumSteps: 200)
/// environment.reset(seed: 7)
/// let step = environment.step(2)
/// print(step.reward, environment.observation)
/// ```
public protocol Environment: Sendable {
  /// The error of a failed reset or step: `Never` for an environment that cannot fail.
  associatedtype Failure: Error = Never

  /// Everything that determines the future: physics, step count, random stream.
  associatedtype State: Codable & Sendable

  /// The type of several of these environments that step together: copies by default.
  ///
  /// Its `Failure` is not required to equal this one's: `Vector.Failure == Failure` would make the
  /// compiler's check of the two conformances circular.
  associatedtype Vector: VectorEnvironment = ReplicatedEnvironment<Self>

  /// Sizes and limits.
  var specification: EnvironmentSpecification { get }

  /// The state, which can be saved and restored.
  ///
  /// - Precondition: a state that is set has been this environment's, or `accepts(_:)` is true for it.
  var state: State { get set }

  /// Whether an episode can continue from a state, such as one that a file holds.
  ///
  /// It is true for every state of this environment in which an episode has not ended. A state for which it
  /// is true can be set, observed and continued with valid actions without stopping the program. By default
  /// it is true for every state; an environment that uses numbers of its state as indices or counts checks
  /// them here.
  ///
  /// - Complexity: O(size of the state).
  func accepts(_ state: State) -> Bool

  /// Starts an episode. A seed restarts the random stream; without a seed it continues, as in Gymnasium.
  mutating func reset(seed: UInt64?) throws(Failure)

  /// Takes an action.
  ///
  /// - Precondition: 0 ≤ action < `specification.actionCount`; the episode has not ended.
  mutating func step(_ action: Int) throws(Failure) -> Step

  /// Writes the current observation, `specification.observationSize` numbers.
  func observe(into observation: inout MutableSpan<Float>)

  /// Writes which actions are legal in the current state, `specification.actionCount` values.
  ///
  /// It is called only if `specification.hasActionMasks` is true, and at least one action must be legal
  /// unless the state is terminal. An environment without masks needs none: by default it must not be called.
  func writeActionMask(into mask: inout MutableSpan<Bool>)

  /// A vector of `count` of these environments, which step together.
  ///
  /// - Precondition: the count is positive.
  func vector(count: Int) -> Vector
}

/// The result of a step, without the new observation.
public struct Step: Codable, Hashable, Sendable {
  /// The reward.
  public var reward: Double
  /// Whether the new state is terminal: there is no next state, and its value is zero.
  public var isTerminated: Bool
  /// Whether the episode was truncated, as by a time limit: the new state still has a value.
  public var isTruncated: Bool

  /// Makes a step's result.
  public init(reward: Double, isTerminated: Bool = false, isTruncated: Bool = false) {
    self.reward = reward
    self.isTerminated = isTerminated
    self.isTruncated = isTruncated
  }

  /// Whether the episode ended, by termination or truncation.
  public var isLast: Bool { isTerminated || isTruncated }
}

/// An environment's sizes and limits.
public struct EnvironmentSpecification: Codable, Hashable, Sendable {
  /// Its id in Gymnasium's registry, such as `MountainCar-v0`.
  public var id: String
  /// The space of observations.
  public var observationSpace: ObservationSpace
  /// The actions, 0..<actionCount.
  public var actionCount: Int
  /// Gymnasium's number of the first action: the `start` of its `Discrete` space.
  ///
  /// It is used only in text that users read or write; `step` takes 0..<actionCount.
  public var firstAction: Int
  /// Whether `writeActionMask(into:)` says which actions are legal; otherwise all of them always are.
  ///
  /// An environment of Gymnasium shows only in its first reset whether it has masks: then this changes.
  public var hasActionMasks: Bool
  /// The number of steps after which an episode is truncated, if there is a limit.
  public var maximumEpisodeSteps: Int?
  /// The mean return over 100 episodes from which the task counts as solved, if there is an agreed value.
  public var rewardThreshold: Double?

  /// The numbers in an observation, as a network takes it.
  public var observationSize: Int { observationSpace.size }

  /// Makes a specification.
  ///
  /// - Precondition: at least one number in an observation, one action, and one step in an episode.
  public init(
    id: String, observationSpace: ObservationSpace, actionCount: Int, firstAction: Int = 0,
    hasActionMasks: Bool = false, maximumEpisodeSteps: Int? = nil, rewardThreshold: Double? = nil
  ) {
    if case .categories(let counts, let starts) = observationSpace {
      require(
        starts.count == counts.count && counts.allSatisfy { $0 > 0 },
        "the observations of '\(id)' have the counts \(counts) and the starts \(starts); allowed: "
          + "counts of 1 or more, and as many starts")
    }
    require(
      observationSpace.size > 0,
      "the observations of '\(id)' have \(observationSpace.size) numbers; allowed: 1 or more")
    if let maximumEpisodeSteps {
      require(
        maximumEpisodeSteps > 0,
        "maximumEpisodeSteps of '\(id)' is \(maximumEpisodeSteps); allowed: 1 or more, or nil")
    }
    require(actionCount > 0, "actionCount of '\(id)' is \(actionCount); allowed: 1 or more")
    self.id = id
    self.observationSpace = observationSpace
    self.actionCount = actionCount
    self.firstAction = firstAction
    self.hasActionMasks = hasActionMasks
    self.maximumEpisodeSteps = maximumEpisodeSteps
    self.rewardThreshold = rewardThreshold
  }

  /// Makes a specification of an environment whose observations are numbers without bounds.
  ///
  /// - Precondition: at least one number in an observation, one action, and one step in an episode.
  public init(
    id: String, observationSize: Int, actionCount: Int, maximumEpisodeSteps: Int? = nil,
    rewardThreshold: Double? = nil
  ) {
    require(
      observationSize > 0, "observationSize of '\(id)' is \(observationSize); allowed: 1 or more")
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
  /// Every state.
  public func accepts(_ state: State) -> Bool { true }

  /// Ends the process, unless there are no masks: an environment that has them writes them itself.
  public func writeActionMask(into mask: inout MutableSpan<Bool>) {
    require(
      !specification.hasActionMasks,
      "'\(specification.id)' has action masks and no writeActionMask(into:); allowed: both or neither"
    )
    for i in mask.indices { mask[i] = true }
  }

  /// The current observation, as a new array.
  public var observation: [Float] {
    var result = [Float](repeating: 0, count: specification.observationSize)
    var span = result.mutableSpan
    observe(into: &span)
    return result
  }
}
