public import SARSAEnvironments
internal import SARSAFormats
internal import SARSAPreconditions
internal import SARSARandomSources

/// Environments with the same id and arguments in one Python process, which step with one request.
///
/// The type has value semantics. Two copies share a process until one of them is used; then that copy
/// starts a new process and repeats all steps since the seeds in it. The same happens after a state was
/// set, and when a process is replaced after a fault. The environment must be reproducible: if its
/// observations differ after the same seeds and actions, that is an error. With
/// `GymnasiumOptions.seedsEpisodes` each episode has a seed, so that only those under way are repeated.
///
/// The process resets an environment whose episode ends within the same step.
public struct GymnasiumVector: VectorEnvironment {
  /// The specification of each environment.
  ///
  /// Whether they have action masks is known after the first reset.
  public private(set) var specification: EnvironmentSpecification
  /// The number of environments.
  public let count: Int
  /// How often a process was replaced after a fault.
  public private(set) var restarts = 0

  private let id: String
  private let arguments: [String: ArgumentValue]
  private let options: GymnasiumOptions
  /// The process, in the state that `history` leads to.
  private var bridge: Bridge?
  private var history = State()

  /// The seeds and actions that lead to a state, and the observations in it.
  public struct State: Codable, Hashable, Sendable {
    /// The seed of each environment; with seeds of episodes, that of its episode.
    var seeds: [UInt64] = []
    /// The actions of every step, one per environment; for a reset of all, `reset` instead of each action.
    ///
    /// Empty with seeds of episodes.
    var actions = GrowingList()
    /// The episodes under way; `nil` if episodes have no seeds of their own.
    var episodes: SeededEpisodes?
    /// The observations to act on next [count, observationSize].
    var observations: [Float] = []
    /// The masks to act by next [count, actions]; empty without masks.
    var masks: [Bool] = []

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

  /// The seeds and all actions since.
  ///
  /// - Complexity: two bytes for each environment and step, with seeds of episodes only for steps of the
  ///   episodes under way. The first step or reset after it was set repeats these steps.
  public var state: State {
    get { history }
    set {
      history = newValue
      if !newValue.seeds.isEmpty { specification.hasActionMasks = !newValue.masks.isEmpty }
      bridge = nil
    }
  }

  /// Whether the state is of as many environments of these sizes: seeds, actions and observations.
  ///
  /// Another environment's state of the same sizes is accepted. The first step or reset after it was set
  /// throws a `GymnasiumError`, because its steps do not lead to the same observations.
  ///
  /// - Complexity: O(steps since the seeds).
  public func accepts(_ state: State) -> Bool {
    if state == State() { return true }
    let size = specification.observationSize
    let actions = state.actions.elements
    guard state.seeds.count == count, actions.count.isMultiple(of: count),
      state.observations.count == count * size, state.observations.allSatisfy(\.isFinite),
      state.masks.isEmpty || state.masks.count == count * specification.actionCount,
      options.seedsEpisodes == (state.episodes != nil)
    else { return false }
    if let episodes = state.episodes {
      return actions.isEmpty
        && episodes.isPossible(count: count, actionCount: specification.actionCount)
    }
    return stride(from: 0, to: actions.count, by: count).allSatisfy { start in
      let row = actions[start..<start + count]
      return row.allSatisfy { $0 == State.reset }
        || row.allSatisfy { $0 < specification.actionCount }
    }
  }

  /// Starts an episode in each environment.
  public mutating func reset(
    seeds: [UInt64], into result: inout VectorStep
  ) throws(GymnasiumError) {
    require(
      seeds.count == count,
      "\(seeds.count) seeds were given; allowed: \(count), one for each environment")
    // Seeds make everything before them irrelevant.
    history = State()
    try exchange { bridge throws(GymnasiumError) in
      try bridge.reset(seeds: seeds, into: &result)
    }
    specification.hasActionMasks = bridge?.hasActionMasks ?? false
    history = State(
      seeds: seeds, episodes: options.seedsEpisodes ? SeededEpisodes(after: seeds) : nil,
      observations: result.observations, masks: specification.hasActionMasks ? result.masks : [])
  }

  /// Takes an action in each environment, and resets those whose episode ends.
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
      throw GymnasiumError(id: id, request: .step, reason: .raised("step before the first reset"))
    }
    let nextSeeds = history.episodes?.nextSeeds
    try exchange { bridge throws(GymnasiumError) in
      try bridge.step(actions, nextSeeds: nextSeeds, into: &result)
    }
    if history.episodes == nil {
      for action in actions { history.actions.append(UInt16(action)) }
    } else {
      history.episodes?.note(actions, result, seeds: &history.seeds)
    }
    note(result)
  }

  /// Starts an episode in each environment; the random streams continue.
  mutating func restart(into result: inout VectorStep) throws(GymnasiumError) {
    let nextSeeds = history.episodes?.nextSeeds
    try exchange { bridge throws(GymnasiumError) in
      try bridge.reset(seeds: nextSeeds, into: &result)
    }
    if history.episodes == nil {
      for _ in 0..<count { history.actions.append(State.reset) }
    } else {
      for i in 0..<count { history.episodes?.begin(i, seeds: &history.seeds) }
    }
    note(result)
  }

  private mutating func note(_ result: VectorStep) {
    // The process accepted the state, so it has as many numbers.
    for i in result.observations.indices { history.observations[i] = result.observations[i] }
    for i in history.masks.indices { history.masks[i] = result.masks[i] }
  }

  /// Sends a request to a process, and after a fault to a new one, as often as the options allow.
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

  /// A process that no copy shares, in the state that the history leads to.
  private mutating func readyBridge() throws(GymnasiumError) -> Bridge {
    if isKnownUniquelyReferenced(&bridge), let bridge { return bridge }
    let new = try Bridge(id, arguments: arguments, count: count, options: options)
    // Masks are shown by a reset only.
    var expected = specification
    expected.hasActionMasks = false
    guard new.specification == expected else { throw notReproducible }
    if !history.seeds.isEmpty { try replay(history, on: new) }
    bridge = new
    return new
  }

  /// Whether it is drawn.
  var hasPictures: Bool { options.drawsPictures }

  /// Draws the first environment.
  ///
  /// If no process is in this state, as after a state was set, a new one repeats all steps.
  ///
  /// - Parameter isLast: whether the last state of the episode before is drawn instead of the current state.
  /// - Returns: the picture.
  /// - Throws: `GymnasiumError`.
  func picture(ofLast isLast: Bool) throws(GymnasiumError) -> Picture {
    guard hasPictures, !history.seeds.isEmpty else {
      throw GymnasiumError(
        id: id, request: .draw,
        reason: .raised(
          hasPictures ? "a picture before the first reset" : "pictures were not asked for"))
    }
    if let bridge { return try bridge.picture(ofLast: isLast) }
    var copy = self
    return try copy.readyBridge().picture(ofLast: isLast)
  }

  /// Repeats all steps of a history in a new process.
  private func replay(_ history: State, on bridge: Bridge) throws(GymnasiumError) {
    let actions = history.actions.elements
    guard history.seeds.count == count, actions.count.isMultiple(of: count) else {
      throw notReproducible
    }
    var result = VectorStep(count: count, observationSize: specification.observationSize)
    try bridge.reset(seeds: history.seeds, into: &result)
    for start in stride(from: 0, to: actions.count, by: count) {
      try requireNotCancelled()
      let row = actions[start..<start + count]
      if row.first == State.reset {
        try bridge.reset(seeds: nil, into: &result)
      } else {
        try bridge.step(row.map(Int.init), into: &result)
      }
    }
    if let episodes = history.episodes {
      for step in 0..<episodes.longest {
        try requireNotCancelled()
        // An environment with fewer steps waits for the others at their end.
        let row = episodes.actions.map { step < $0.count ? Int($0[step]) : Bridge.noAction }
        try bridge.step(row, nextSeeds: episodes.nextSeeds, into: &result)
      }
    }
    guard result.observations == history.observations, result.masks == history.masks else {
      throw notReproducible
    }
  }

  private func requireNotCancelled() throws(GymnasiumError) {
    if options.isCancelled() { throw GymnasiumError(id: id, request: .step, reason: .cancelled) }
  }

  private var notReproducible: GymnasiumError {
    GymnasiumError(id: id, request: .start, reason: .notReproducible)
  }
}
