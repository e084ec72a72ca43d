import DeepSARSA

/// An environment whose rewards are multiplied by a factor.
public struct ScaledReward<Base: Environment>: Environment {
  /// The environment within.
  public var base: Base
  /// What rewards are multiplied by.
  public let factor: Double

  /// Multiplies an environment's rewards.
  public init(_ base: Base, by factor: Double) {
    self.base = base
    self.factor = factor
  }

  /// The specification within, with the threshold multiplied too.
  public var specification: EnvironmentSpecification {
    var result = base.specification
    result.rewardThreshold = result.rewardThreshold.map { $0 * factor }
    return result
  }

  /// The state within: this wrapper remembers nothing.
  public var state: Base.State {
    get { base.state }
    set { base.state = newValue }
  }

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

  /// Writes the observation within.
  public func observe(into observation: inout MutableSpan<Float>) {
    base.observe(into: &observation)
  }
}
