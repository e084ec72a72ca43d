internal import SARSAPreconditions

/// Cuts an environment's episodes after a number of steps.
///
/// The cut is a truncation: the state is not terminal, and its value is not zero. An episode may end
/// and be cut in the same step, as in Gymnasium.
public struct TimeLimit<Base: Environment>: Environment {
  /// The environment within.
  public var base: Base
  /// The steps after which an episode is cut.
  public let maximumSteps: Int
  /// The steps taken in this episode.
  private var elapsedSteps = 0

  /// The environment's state and the steps taken.
  public struct State: Codable, Sendable {
    /// The state within.
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

  /// The specification within, with the limit.
  public var specification: EnvironmentSpecification {
    var result = base.specification
    result.maximumEpisodeSteps = maximumSteps
    return result
  }

  /// The state within, and the steps taken.
  public var state: State {
    get { State(base: base.state, elapsedSteps: elapsedSteps) }
    set {
      base.state = newValue.base
      elapsedSteps = newValue.elapsedSteps
    }
  }

  /// Starts an episode, and the count.
  public mutating func reset(seed: UInt64?) throws(Base.Failure) {
    try base.reset(seed: seed)
    elapsedSteps = 0
  }

  /// Takes an action, and cuts the episode at the limit.
  public mutating func step(_ action: Int) throws(Base.Failure) -> Step {
    var step = try base.step(action)
    elapsedSteps += 1
    if elapsedSteps >= maximumSteps { step.isTruncated = true }
    return step
  }

  /// Writes the observation within.
  public func observe(into observation: inout MutableSpan<Float>) {
    base.observe(into: &observation)
  }
}
