public import SARSAEnvironments

/// Any environment of Gymnasium, in a separate Python process.
///
/// ```swift
/// var lander = try GymnasiumEnvironment("LunarLander-v3")
/// try lander.reset(seed: 7)
/// let step = try lander.step(2)
/// ```
///
/// The action space must be `Discrete`. Actions are numbered from 0 here; `specification.firstAction` is
/// Gymnasium's number of the first action. Observations of a `Box` become `Float` numbers, those of
/// integer spaces (`Discrete`, `MultiDiscrete`, tuples of them) become one-hot, and other spaces are
/// flattened by Gymnasium. The time limit is the environment's. If the first reset's `info` has an
/// `action_mask`, an array of a zero or one for each action, the environment has action masks, as
/// `specification.hasActionMasks` then says.
///
/// The type has value semantics; `GymnasiumVector` explains copies. Python and Gymnasium must be
/// installed; `GymnasiumOptions` selects the Python and the time limits.
public struct GymnasiumEnvironment: Environment {
  /// The prefix of ids that are Gymnasium's.
  public static let prefix = "gymnasium:"

  private(set) var vector: GymnasiumVector
  private var result: VectorStep
  /// Whether the last step ended an episode; the process has then started the next one already.
  private var hasEnded = false
  private let copy: @Sendable (Int) -> GymnasiumVector
  /// The versions of Python, Gymnasium and NumPy.
  public let versions: String

  /// Starts a process that makes the environment.
  ///
  /// - Parameters:
  ///   - id: an id of Gymnasium's registry, without a prefix.
  ///   - arguments: the keyword arguments of `gymnasium.make`.
  ///   - options: the Python, its time limits, and the number of restarts after a failure.
  /// - Throws: `GymnasiumError` if Python, Gymnasium or the environment is missing, or if its spaces are
  ///   not of the kinds above.
  public init(
    _ id: String, arguments: [String: ArgumentValue] = [:],
    options: GymnasiumOptions = GymnasiumOptions()
  ) throws(GymnasiumError) {
    let bridge = try Bridge(id, arguments: arguments, count: 1, options: options)
    let specification = bridge.specification
    versions = bridge.versions
    copy = { count in
      GymnasiumVector(
        id, arguments: arguments, options: options, count: count, specification: specification)
    }
    vector = GymnasiumVector(
      id, arguments: arguments, options: options, count: 1, specification: specification,
      bridge: bridge)
    result = VectorStep(for: vector)
  }

  /// Sizes, bounds and limits, from the handshake of the process; the first reset shows whether there are
  /// action masks.
  public var specification: EnvironmentSpecification { vector.specification }

  /// How often the process was replaced after a fault.
  public var restarts: Int { vector.restarts }

  /// The seed and the actions that lead to a state, and the observation in it.
  public struct State: Codable, Hashable, Sendable {
    /// The seed and all actions since.
    var history: GymnasiumVector.State
    /// The last observation of an episode that has ended.
    var lastObservation: [Float]?
  }

  /// The seed and all actions since, two bytes a step.
  public var state: State {
    get {
      State(history: vector.state, lastObservation: hasEnded ? result.nextObservations : nil)
    }
    set {
      vector.state = newValue.history
      hasEnded = newValue.lastObservation != nil
      // A state of another environment is detected when its steps are repeated.
      let size = specification.observationSize
      let seen = [newValue.history.observations, newValue.lastObservation ?? []]
      let rows = seen.map { $0.count == size ? $0 : [Float](repeating: 0, count: size) }
      (result.observations, result.nextObservations) = (rows[0], rows[1])
      if specification.hasActionMasks {
        let masks = newValue.history.masks
        result.masks =
          masks.count == specification.actionCount
          ? masks : Array(repeating: true, count: specification.actionCount)
        result.nextMasks = Array(repeating: true, count: specification.actionCount)
      }
    }
  }

  /// Whether the state has the sizes of this environment; see `GymnasiumVector.accepts(_:)`.
  public func accepts(_ state: State) -> Bool {
    vector.accepts(state.history)
      && state.lastObservation.map { $0.count == specification.observationSize } ?? true
  }

  /// Starts an episode.
  ///
  /// Without a seed the random stream continues; if there was no seed before, it is 0.
  public mutating func reset(seed: UInt64?) throws(GymnasiumError) {
    if let seed = seed ?? (vector.state.seeds.isEmpty ? 0 : nil) {
      try vector.reset(seeds: [seed], into: &result)
    } else if !hasEnded {
      try vector.restart(into: &result)
    }
    hasEnded = false
  }

  /// Takes an action.
  public mutating func step(_ action: Int) throws(GymnasiumError) -> Step {
    try vector.step([action], into: &result)
    let step = Step(
      reward: result.rewards[0], isTerminated: result.isTerminated[0],
      isTruncated: result.isTruncated[0])
    hasEnded = step.isLast
    return step
  }

  /// Writes the observation.
  public func observe(into observation: inout MutableSpan<Float>) {
    let numbers = hasEnded ? result.nextObservations : result.observations
    for i in numbers.indices { observation[i] = numbers[i] }
  }

  /// Writes `info["action_mask"]`.
  public func writeActionMask(into mask: inout MutableSpan<Bool>) {
    let flags = hasEnded ? result.nextMasks : result.masks
    for i in flags.indices { mask[i] = flags[i] }
  }

  /// The picture of the current state, or of the last one of an episode that has ended.
  func picture() throws(GymnasiumError) -> Picture { try vector.picture(ofLast: hasEnded) }

  /// Several of these environments in one process.
  public func vector(count: Int) -> GymnasiumVector { copy(count) }
}
