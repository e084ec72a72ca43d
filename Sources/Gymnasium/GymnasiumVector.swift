public import SARSAEnvironments
internal import SARSAPreconditions

/// Some environments of one kind in a Python process, with one message a step for all of them.
///
/// A copy is a value like any other: when it finds that it shares its process, it starts one of its
/// own, and takes there all steps since the seeds again. So does a state that is restored, and so does
/// a process that is replaced after a fault. The environment must do the same after the same seeds and
/// actions, and is held to it.
///
/// An episode that ends is reset by the process, within the step.
public struct GymnasiumVector: VectorEnvironment {
  /// The specification that all share.
  public let specification: EnvironmentSpecification
  /// How many there are.
  public let count: Int
  /// How often a process was replaced after a fault.
  public private(set) var restarts = 0

  private let id: String
  private let arguments: [String: ArgumentValue]
  private let options: GymnasiumOptions
  /// The process, where `history` has led it.
  private var bridge: Bridge?
  private var history = State()

  /// What brings a process to a place: seeds, what was done since, and what one sees then.
  public struct State: Codable, Hashable, Sendable {
    /// A seed each.
    var seeds: [UInt64] = []
    /// The actions of every step, side by side, two bytes each; `reset` in place of each if it was none.
    var actions: [UInt16] = []
    /// What is acted upon next [count, observationSize].
    var observations: [Float] = []

    static let reset = UInt16.max
  }

  init(
    _ id: String, arguments: [String: ArgumentValue], options: GymnasiumOptions, count: Int,
    specification: EnvironmentSpecification, bridge: Bridge? = nil
  ) {
    require(count > 0, "count is \(count); allowed: 1 environment or more")
    self.id = id
    self.arguments = arguments
    self.options = options
    self.count = count
    self.specification = specification
    self.bridge = bridge
  }

  /// The seeds and all that was done since.
  ///
  /// - Complexity: two bytes an environment and step. The next step or reset after it was set takes
  ///   all of its steps again.
  public var state: State {
    get { history }
    set {
      history = newValue
      bridge = nil
    }
  }

  /// Starts an episode in each.
  public mutating func reset(
    seeds: [UInt64], into result: inout VectorStep
  ) throws(GymnasiumError) {
    require(
      seeds.count == count,
      "\(seeds.count) seeds were given; allowed: \(count), one for each environment")
    // Nothing that was done before matters any more.
    history = State()
    try exchange { bridge throws(GymnasiumError) in
      try bridge.reset(seeds: seeds, into: &result)
    }
    history = State(seeds: seeds, observations: result.observations)
  }

  /// Takes an action in each; an episode that ends restarts at once.
  ///
  /// - Complexity: a message to the process and one back.
  public mutating func step(
    _ actions: [Int], into result: inout VectorStep
  ) throws(GymnasiumError) {
    require(
      actions.count == count,
      "\(actions.count) actions were given; allowed: \(count), one for each environment")
    for action in actions {
      require(
        action >= 0 && action < specification.actionCount,
        "action is \(action); allowed: 0 to \(specification.actionCount - 1)")
    }
    guard !history.seeds.isEmpty else {
      throw GymnasiumError(id: id, request: .step, reason: .raised("no episode has begun"))
    }
    try exchange { bridge throws(GymnasiumError) in try bridge.step(actions, into: &result) }
    for action in actions { history.actions.append(UInt16(action)) }
    note(result.observations)
  }

  /// Starts an episode in each, with random streams that go on.
  mutating func restart(into result: inout VectorStep) throws(GymnasiumError) {
    try exchange { bridge throws(GymnasiumError) in
      try bridge.reset(seeds: nil, into: &result)
    }
    for _ in 0..<count { history.actions.append(State.reset) }
    note(result.observations)
  }

  private mutating func note(_ observations: [Float]) {
    // A state that was restored may have held anything; one that led here holds as many.
    for i in observations.indices { history.observations[i] = observations[i] }
  }

  /// Has a process do something, and after a fault another one, as often as is allowed.
  private mutating func exchange(
    _ body: (Bridge) throws(GymnasiumError) -> Void
  ) throws(GymnasiumError) {
    while true {
      do throws(GymnasiumError) {
        return try body(try readyBridge())
      } catch {
        bridge = nil
        guard error.isOfTheProcess, restarts < options.restarts else { throw error }
        restarts += 1
      }
    }
  }

  /// A process that nobody else has, at the place where the history leads.
  private mutating func readyBridge() throws(GymnasiumError) -> Bridge {
    if isKnownUniquelyReferenced(&bridge), let bridge { return bridge }
    let new = try Bridge(id, arguments: arguments, count: count, options: options)
    guard new.specification == specification else { throw notReproducible }
    if !history.seeds.isEmpty { try replay(history, on: new) }
    bridge = new
    return new
  }

  private func replay(_ history: State, on bridge: Bridge) throws(GymnasiumError) {
    guard history.seeds.count == count, history.actions.count.isMultiple(of: count) else {
      throw notReproducible
    }
    var result = VectorStep(count: count, observationSize: specification.observationSize)
    try bridge.reset(seeds: history.seeds, into: &result)
    for start in stride(from: 0, to: history.actions.count, by: count) {
      let row = history.actions[start..<start + count]
      if row.first == State.reset {
        try bridge.reset(seeds: nil, into: &result)
      } else {
        try bridge.step(row.map(Int.init), into: &result)
      }
    }
    guard result.observations == history.observations else { throw notReproducible }
  }

  private var notReproducible: GymnasiumError {
    GymnasiumError(id: id, request: .start, reason: .notReproducible)
  }
}
