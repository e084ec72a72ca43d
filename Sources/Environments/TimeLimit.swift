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
    precondition(maximumSteps > 0, "a time limit of \(maximumSteps) steps")
    self.base = base
    self.maximumSteps = maximumSteps
  }

  public var specification: EnvironmentSpecification {
    var result = base.specification
    result.maximumEpisodeSteps = maximumSteps
    return result
  }

  public var state: State {
    get { State(base: base.state, elapsedSteps: elapsedSteps) }
    set {
      base.state = newValue.base
      elapsedSteps = newValue.elapsedSteps
    }
  }

  public mutating func reset(seed: UInt64?) throws(Base.Failure) {
    try base.reset(seed: seed)
    elapsedSteps = 0
  }

  public mutating func step(_ action: Int) throws(Base.Failure) -> Step {
    var step = try base.step(action)
    elapsedSteps += 1
    if elapsedSteps >= maximumSteps { step.isTruncated = true }
    return step
  }

  public func observe(into observation: inout MutableSpan<Float>) {
    base.observe(into: &observation)
  }
}
