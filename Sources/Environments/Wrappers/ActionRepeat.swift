internal import SARSAPreconditions

/// An environment that repeats each action, and sums the rewards.
///
/// An episode's end ends the repetition, and so does a state in which the action is illegal. The observation is
/// that of the last repetition; those between are not shown. A time limit belongs inside, as Gymnasium's `make`
/// has it: it counts the inner steps, and the limit of the specification is the number of repeated actions that
/// reach it. With action masks it is the inner limit, because repetitions may be shorter.
///
/// ```swift
/// let environment = ActionRepeat(TimeLimit(MountainCar(), maximumSteps: 200), count: 4)
/// ```
///
/// Several of them are copies, which step one after the other: of a Gymnasium environment, each has a process
/// of its own.
///
/// Source: V. Mnih et al. 2015, https://doi.org/10.1038/nature14236, "frame skipping".
public struct ActionRepeat<Base: Environment>: Environment {
  /// The inner environment.
  public private(set) var base: Base
  /// The steps that an action is taken for.
  public let count: Int
  /// The legal actions; empty without masks.
  private var mask: [Bool] = []

  /// Repeats the actions of an environment.
  ///
  /// - Precondition: the count is positive.
  public init(_ base: Base, count: Int) {
    require(count > 0, "count is %; allowed: 1 step or more", count)
    self.base = base
    self.count = count
    prepareMask()
  }

  private mutating func prepareMask() {
    let specification = base.specification
    let size = specification.hasActionMasks ? specification.actionCount : 0
    if mask.count != size { mask = Array(repeating: true, count: size) }
  }

  /// Whether an action is legal in the inner environment's state.
  private mutating func isLegal(_ action: Int) -> Bool {
    if mask.isEmpty { return true }
    // Moved out of `self` while it is written to, so that the array is not copied.
    var flags: [Bool] = []
    swap(&flags, &mask)
    var span = flags.mutableSpan
    base.writeActionMask(into: &span)
    swap(&flags, &mask)
    return mask[action]
  }

  /// The inner environment's specification, with the limit in repeated actions.
  public var specification: EnvironmentSpecification {
    var result = base.specification
    if let limit = result.maximumEpisodeSteps, !result.hasActionMasks {
      result.maximumEpisodeSteps = (limit - 1) / count + 1
    }
    return result
  }

  /// The inner environment's state.
  public var state: Base.State {
    get { base.state }
    set {
      base.state = newValue
      prepareMask()
    }
  }

  /// Whether the inner environment accepts its state.
  public func accepts(_ state: Base.State) -> Bool { base.accepts(state) }

  /// Starts an episode.
  public mutating func reset(seed: UInt64?) throws(Base.Failure) {
    try base.reset(seed: seed)
    prepareMask()
  }

  /// Takes an action `count` times, or until the episode ends or the action is illegal.
  public mutating func step(_ action: Int) throws(Base.Failure) -> Step {
    var result = try base.step(action)
    var repetitions = 1
    while repetitions < count && !result.isLast && isLegal(action) {
      let reward = result.reward
      result = try base.step(action)
      result.reward += reward
      repetitions += 1
    }
    return result
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
