internal import SARSAPreconditions

/// Environments that step together, with an action each.
///
/// A trainer steps such a vector; a single environment is a vector of one. An episode that ends restarts
/// within the same step, and the step returns both observations: the last of the old episode, whose value
/// a learner needs, and the first of the new one, on which it acts next.
public protocol VectorEnvironment: Sendable {
  /// The error of a failed reset or step.
  associatedtype Failure: Error

  /// Everything that determines the future.
  associatedtype State: Codable & Sendable

  /// The specification of each environment.
  var specification: EnvironmentSpecification { get }

  /// The number of environments.
  var count: Int { get }

  /// The state of all environments, which can be saved and restored.
  ///
  /// It is complete after a reset or a step: episodes that ended have been restarted.
  ///
  /// - Precondition: a state that is set has been this vector's, or `accepts(_:)` is true for it.
  var state: State { get set }

  /// Whether the environments can continue from a state, such as one that a file holds.
  ///
  /// It is true for every state of this vector. A state for which it is true can be set and continued with
  /// valid actions without stopping the program. By default it is true for every state.
  ///
  /// - Complexity: O(size of the state).
  func accepts(_ state: State) -> Bool

  /// Starts an episode in each environment, with one seed each, and writes the first observations.
  ///
  /// - Precondition: `count` seeds; a result made for this vector.
  mutating func reset(seeds: [UInt64], into result: inout VectorStep) throws(Failure)

  /// Takes an action in each environment.
  ///
  /// - Precondition: `count` valid actions; a result made for this vector.
  mutating func step(_ actions: [Int], into result: inout VectorStep) throws(Failure)
}

extension VectorEnvironment {
  /// Every state.
  public func accepts(_ state: State) -> Bool { true }
}

/// The result of a vector's step: allocated once and overwritten by every step.
public struct VectorStep: Hashable, Sendable {
  /// The observations to act on next [count, observationSize]; where an episode ended, the first
  /// observation of the next episode.
  public var observations: [Float]
  /// The observations after the actions [count, observationSize]; where an episode ended, its last
  /// observation.
  public var nextObservations: [Float]
  /// Which actions are legal for the observations to act on [count, actionCount]; empty if all always are.
  ///
  /// Every row has a legal action.
  public var masks: [Bool]
  /// Which actions are legal for `nextObservations` [count, actionCount]; empty if all always are.
  ///
  /// Every row has a legal action: where an environment reached a terminal state, all are legal.
  public var nextMasks: [Bool]
  /// The rewards, one per environment.
  public var rewards: [Double]
  /// Whether each environment reached a terminal state.
  public var isTerminated: [Bool]
  /// Whether each environment's episode was truncated.
  public var isTruncated: [Bool]

  /// Allocates the result for a vector.
  ///
  /// - Parameters:
  ///   - count: the number of environments.
  ///   - observationSize: the numbers of an observation.
  ///   - maskedActions: the number of actions if they have masks, otherwise 0.
  /// - Precondition: none is negative.
  public init(count: Int, observationSize: Int, maskedActions: Int = 0) {
    require(count >= 0, "count is %; allowed: 0 or more", count)
    require(observationSize >= 0, "observationSize is %; allowed: 0 or more", observationSize)
    observations = Array(repeating: 0, count: count * observationSize)
    nextObservations = observations
    masks = Array(repeating: true, count: count * maskedActions)
    nextMasks = masks
    rewards = Array(repeating: 0, count: count)
    isTerminated = Array(repeating: false, count: count)
    isTruncated = isTerminated
  }

  /// Makes masks, in which all actions are legal, if the environments have masks and the result has none.
  ///
  /// A vector environment calls it in `reset`, for a result that was made before the first reset showed
  /// whether there are masks.
  ///
  /// - Complexity: O(1) with masks, otherwise an allocation.
  public mutating func prepareMasks(for specification: EnvironmentSpecification) {
    guard specification.hasActionMasks && masks.isEmpty else { return }
    masks = Array(repeating: true, count: rewards.count * specification.actionCount)
    nextMasks = masks
  }

  /// Ends the process if an environment has changed the sizes of the arrays.
  package func requireSizes(count: Int, observationSize: Int, actionCount: Int) {
    let maskSize = masks.isEmpty ? 0 : count * actionCount
    require(
      masks.count == maskSize && nextMasks.count == maskSize,
      "the step has masks of % and % values; allowed: % each, or none", masks.count,
      nextMasks.count, count * actionCount)
    require(
      rewards.count == count && isTerminated.count == count && isTruncated.count == count,
      "the step has % rewards, % and % flags; allowed: % each", rewards.count, isTerminated.count,
      isTruncated.count, count)
    require(
      observations.count == count * observationSize
        && nextObservations.count == count * observationSize,
      "the step has observations of % and % numbers; allowed: % each", observations.count,
      nextObservations.count, count * observationSize)
  }

  /// Allocates the result for a vector.
  public init(for environment: some VectorEnvironment) {
    let specification = environment.specification
    self.init(
      count: environment.count, observationSize: specification.observationSize,
      maskedActions: specification.hasActionMasks ? specification.actionCount : 0)
  }
}
