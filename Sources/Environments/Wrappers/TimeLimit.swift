internal import SARSAPreconditions

/// Truncates an environment's episodes after a number of steps.
///
/// The last state of a truncated episode is not terminal, and its value is not zero. As in Gymnasium, an
/// episode can be terminated and truncated in the same step.
public struct TimeLimit<Base: Environment>: Environment {
  /// The inner environment.
  public var base: Base
  /// The steps after which an episode is truncated.
  public let maximumSteps: Int
  /// The steps taken in this episode.
  var elapsedSteps = 0

  /// The inner environment's state and the step count.
  public struct State: Codable, Sendable {
    /// The state of the inner environment.
    public var base: Base.State
    /// The steps taken in this episode.
    public var elapsedSteps: Int
  }

  /// Limits an environment's episodes.
  ///
  /// - Precondition: the limit is positive.
  public init(_ base: Base, maximumSteps: Int) {
    require(maximumSteps > 0, "maximumSteps is %; allowed: 1 or more", maximumSteps)
    self.base = base
    self.maximumSteps = maximumSteps
  }

  /// The inner environment's specification, with the limit.
  public var specification: EnvironmentSpecification {
    var result = base.specification
    result.maximumEpisodeSteps = maximumSteps
    return result
  }

  /// The inner environment's state and the step count.
  public var state: State {
    get { State(base: base.state, elapsedSteps: elapsedSteps) }
    set {
      base.state = newValue.base
      elapsedSteps = newValue.elapsedSteps
    }
  }

  /// Whether the inner environment accepts its state, and a step is left before the limit.
  public func accepts(_ state: State) -> Bool {
    (0..<maximumSteps).contains(state.elapsedSteps) && base.accepts(state.base)
  }

  /// Starts an episode, and restarts the count.
  public mutating func reset(seed: UInt64?) throws(Base.Failure) {
    try base.reset(seed: seed)
    elapsedSteps = 0
  }

  /// Takes an action, and truncates the episode at the limit.
  public mutating func step(_ action: Int) throws(Base.Failure) -> Step {
    var step = try base.step(action)
    elapsedSteps += 1
    if elapsedSteps >= maximumSteps { step.isTruncated = true }
    return step
  }

  /// Writes the inner environment's mask.
  public func writeActionMask(into mask: inout MutableSpan<Bool>) {
    base.writeActionMask(into: &mask)
  }

  /// Writes the inner environment's observation.
  public func observe(into observation: inout MutableSpan<Float>) {
    base.observe(into: &observation)
  }
}
