internal import SARSAPreconditions

/// An environment that shows, behind its observation, how much of the time limit has elapsed.
///
/// With the elapsed share in the observation, the end of an episode by its time limit depends on the
/// observation, so that the limit can count as a termination. The observation is a box of one number more.
///
/// ```swift
/// let environment = TimeAware(TimeLimit(Acrobot(), maximumSteps: 500))
/// ```
///
/// Source: F. Pardo et al., "Time Limits in Reinforcement Learning", 2018,
/// https://doi.org/10.48550/arXiv.1712.00378.
public typealias TimeAware<Base: Environment> = Wrapped<Base, TimeAwareness>

extension Wrapped where Wrapper == TimeAwareness {
  /// Shows the elapsed time of an environment.
  ///
  /// - Parameters:
  ///   - base: the environment.
  ///   - scale: how the elapsed share is written.
  ///   - limit: the steps that count as the whole time; by default the environment's limit. Later steps
  ///     show the same number as the last of them.
  /// - Precondition: the environment has a limit, or a positive one is given.
  public init(_ base: Base, as scale: TimeAwareness.Scale = .unit, limit: Int? = nil) {
    let steps = limit ?? base.specification.maximumEpisodeSteps
    require(
      (steps ?? 0) > 0,
      "limit is \(steps.map(String.init) ?? "nil"); allowed: 1 or more, or nil for an environment with a "
        + "time limit")
    self.init(base, within: TimeAwareness(scale: scale, limit: steps ?? 1))
  }
}

/// The wrapper of `TimeAware`.
public struct TimeAwareness: EnvironmentWrapper {
  /// How the elapsed share of the time limit is written.
  public enum Scale: String, Codable, CaseIterable, Hashable, Sendable {
    /// t/limit, from 0 to 1: Gymnasium's `TimeAwareObservation` with `normalize_time`.
    case unit
    /// −0.5 + t/limit, from −0.5 to 0.5: streaming-drl's `AddTimeInfo` (M. Elsayed et al. 2024,
    /// https://doi.org/10.48550/arXiv.2410.14606).
    case centered

    /// The number at the start of an episode.
    var first: Double { self == .unit ? 0 : -0.5 }
  }

  /// How the share is written.
  public let scale: Scale
  /// The steps of the whole time.
  public let limit: Int

  /// The steps of the episode so far, at most the limit.
  public struct Memory: Codable, Hashable, Sendable {
    /// The steps.
    public internal(set) var steps = 0
  }

  /// No steps.
  public var initialMemory: Memory { Memory() }

  /// The inner environment's specification, whose observations are a box of one number more.
  public func specification(of base: EnvironmentSpecification) -> EnvironmentSpecification {
    var result = base
    let (low, high) = base.observationSpace.bounds
    result.observationSpace = .box(
      low: low + [Float(scale.first)], high: high + [Float(scale.first + 1)],
      shape: [low.count + 1])
    return result
  }

  /// Whether the steps are from 0 to the limit.
  public func accepts(_ memory: Memory) -> Bool { (0...limit).contains(memory.steps) }

  /// Restarts the time.
  public func begin(_ memory: inout Memory, _ observations: [Float], _ row: Range<Int>) {
    memory.steps = 0
  }

  /// Counts a step.
  public func note(
    _ memory: inout Memory, _ step: Step, _ observations: [Float], _ row: Range<Int>
  ) {
    memory.steps = min(memory.steps + 1, limit)
  }

  /// Writes the observation and the elapsed share.
  public func write(
    _ observations: [Float], _ row: Range<Int>, _ memory: Memory,
    into shown: inout MutableSpan<Float>
  ) {
    for i in row.indices { shown[i - row.lowerBound] = observations[i] }
    shown[row.count] = Float(scale.first + Double(memory.steps) / Double(limit))
  }
}
