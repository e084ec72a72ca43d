import DeepSARSA

/// An environment whose rewards are multiplied by a factor.
public struct ScaledReward<Base: Environment>: Environment {
  /// The inner environment.
  public var base: Base
  /// The factor of the rewards.
  public let factor: Double

  /// Multiplies an environment's rewards.
  public init(_ base: Base, by factor: Double) {
    self.base = base
    self.factor = factor
  }

  /// The inner specification, with a multiplied threshold.
  public var specification: EnvironmentSpecification {
    var result = base.specification
    result.rewardThreshold = result.rewardThreshold.map { $0 * factor }
    return result
  }

  /// The inner state: this wrapper has no data of its own.
  public var state: Base.State {
    get { base.state }
    set { base.state = newValue }
  }

  /// Whether the inner environment accepts the state.
  public func accepts(_ state: Base.State) -> Bool { base.accepts(state) }

  /// Starts an episode.
  public mutating func reset(seed: UInt64?) throws(Base.Failure) {
    try base.reset(seed: seed)
  }

  /// Takes an action, and multiplies its reward.
  public mutating func step(_ action: Int) throws(Base.Failure) -> Step {
    var step = try base.step(action)
    step.reward *= factor
    return step
  }

  /// Writes the inner observation.
  public func observe(into observation: inout MutableSpan<Float>) {
    base.observe(into: &observation)
  }

  /// Writes which actions are legal, if the inner environment says so.
  public func writeActionMask(into mask: inout MutableSpan<Bool>) {
    base.writeActionMask(into: &mask)
  }
}
