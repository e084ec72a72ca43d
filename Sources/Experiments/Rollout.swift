public import DeepSARSA
internal import SARSAPreconditions

/// An environment that is played action by action; where an episode ends, the next action starts
/// another.
///
/// The first episode is reset with a seed, those that follow without, as in Gymnasium. No episode is
/// started that no action follows.
///
/// ```swift
/// var rollout = try Rollout(environment, seed: 7)
/// while rollout.steps < 1000 {
///   if rollout.moment.isLast { try rollout.reset() }
///   try rollout.step(0)
///   print(rollout.moment, rollout.observation)
/// }
/// ```
public struct Rollout<World: Environment>: Sendable {
  /// What was seen at one time: after a reset, or after a step.
  public struct Moment: Hashable, Sendable {
    /// The episode, from 0.
    public var episode: Int
    /// The steps of the episode so far; 0 at a reset.
    public var step: Int
    /// The action that led here, from 0; `nil` at a reset.
    public var action: Int?
    /// Its reward; 0 at a reset.
    public var reward: Double
    /// Whether the state is terminal.
    public var isTerminated: Bool
    /// Whether the episode was cut short here.
    public var isTruncated: Bool

    /// Whether the episode is over, for either reason.
    public var isLast: Bool { isTerminated || isTruncated }
  }

  /// What is played.
  public let specification: EnvironmentSpecification
  /// The last reset or step.
  public private(set) var moment: Moment
  /// What was observed then, `specification.observationSize` numbers, all of them finite.
  public private(set) var observation: [Float]
  /// The whole numbers that the observation stands for, as Gymnasium numbers them; empty if its space is a
  /// box.
  public private(set) var categories: [Int] = []
  /// The steps of all episodes.
  public private(set) var steps = 0

  private var environment: World

  /// Starts the first episode.
  ///
  /// - Throws: `RunError.environment` if the environment fails, or observes what its space does not
  ///   hold: a number that is not finite, or names that are not one-hot.
  public init(_ environment: World, seed: UInt64) throws(RunError) {
    self.environment = environment
    specification = environment.specification
    observation = Array(repeating: 0, count: specification.observationSize)
    moment = Moment(
      episode: 0, step: 0, action: nil, reward: 0, isTerminated: false, isTruncated: false)
    try start(seed: seed)
  }

  /// Starts the next episode.
  ///
  /// - Throws: `RunError.environment`, as `init`.
  public mutating func reset() throws(RunError) {
    moment = Moment(
      episode: moment.episode + 1, step: 0, action: nil, reward: 0, isTerminated: false,
      isTruncated: false)
    try start(seed: nil)
  }

  private mutating func start(seed: UInt64?) throws(RunError) {
    do { try environment.reset(seed: seed) } catch { throw .environment("\(error)") }
    try observe()
  }

  /// Takes an action.
  ///
  /// - Precondition: the action is one of the specification's; the episode has not ended.
  /// - Throws: `RunError.environment`, as `init`, and for a reward that is not finite.
  public mutating func step(_ action: Int) throws(RunError) {
    require(!moment.isLast, "the episode has ended; allowed: steps before its end")
    require(
      (0..<specification.actionCount).contains(action),
      "action is \(action); allowed: 0 to \(specification.actionCount - 1)")
    let result: Step
    do { result = try environment.step(action) } catch { throw .environment("\(error)") }
    steps += 1
    moment.step += 1
    moment.action = action
    moment.reward = result.reward
    moment.isTerminated = result.isTerminated
    moment.isTruncated = result.isTruncated
    guard result.reward.isFinite else {
      throw .environment("the reward is \(result.reward.plainText) \(place)")
    }
    try observe()
  }

  private mutating func observe() throws(RunError) {
    // Out of this value for as long as it is written to: neither is copied.
    var values: [Float] = []
    swap(&values, &observation)
    var span = values.mutableSpan
    environment.observe(into: &span)
    swap(&values, &observation)
    switch specification.observationSpace {
    case .box:
      for i in observation.indices where !observation[i].isFinite {
        throw .environment(
          "number \(i) of the observation is \(observation[i].plainText) \(place)")
      }
    case .categories:
      guard let found = specification.observationSpace.categories(in: observation) else {
        throw .environment("the observation is not one-hot \(place)")
      }
      categories = found
    }
  }

  private var place: String { "at step \(moment.step) of episode \(moment.episode)" }
}

/// The moments of a rollout as text: a JSON object a line.
///
/// Numbers are in the shortest form that reads back as the same: observations as `Float`, rewards as
/// `Double`. Actions and whole-number observations are Gymnasium's: the first is its space's `start`.
public struct RolloutLines: Sendable {
  /// The lines since the last time that they were taken.
  public private(set) var bytes: [UInt8] = []

  /// No lines.
  public init() {}

  /// Forgets the lines, but not the room for them.
  public mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
  }

  /// Appends what a rollout sees now.
  public mutating func append<World>(_ rollout: Rollout<World>) {
    let moment = rollout.moment
    append("{\"step\":")
    append(moment.step.description)
    append(",\"episode\":")
    append(moment.episode.description)
    append(",\"observation\":")
    switch rollout.specification.observationSpace {
    case .box: appendList(rollout.observation)
    case .categories(let counts, _) where counts.count == 1:
      append(rollout.categories[0].description)
    case .categories: appendList(rollout.categories)
    }
    append(",\"action\":")
    append(moment.action.map { "\(rollout.specification.firstAction + $0)" } ?? "null")
    append(",\"reward\":")
    append(moment.action == nil ? "null" : moment.reward.description)
    append(moment.isTerminated ? ",\"terminated\":true" : ",\"terminated\":false")
    append(moment.isTruncated ? ",\"truncated\":true}\n" : ",\"truncated\":false}\n")
  }

  private mutating func appendList(_ values: [some CustomStringConvertible]) {
    bytes.append(UInt8(ascii: "["))
    for i in values.indices {
      if i > 0 { bytes.append(UInt8(ascii: ",")) }
      append(values[i].description)
    }
    bytes.append(UInt8(ascii: "]"))
  }

  private mutating func append(_ text: String) {
    bytes.append(contentsOf: text.utf8)
  }
}

/// The moments of a rollout as arrays, a row each, for numpy.
///
/// | array | type | what |
/// | --- | --- | --- |
/// | `episode` | int64 | the episode, from 0 |
/// | `step` | int64 | the steps of the episode so far; 0 at a reset |
/// | `action` | int64 | the action that led here, as Gymnasium numbers it; −1 at a reset, where `step` is 0 |
/// | `observation` | float32 [rows, size] | plain numbers |
/// | | int64 [rows] | the whole number of a space of one, as Gymnasium numbers it |
/// | | int64 [rows, k] | the whole numbers of a space of several |
/// | `reward` | float64 | 0 at a reset |
/// | `terminated` | bool | whether the state is terminal |
/// | `truncated` | bool | whether the episode was cut short |
public struct RolloutArrays: Sendable {
  private let path: String
  private let space: ObservationSpace
  private var rows = 0
  private var episode = NPZ.Array(name: "episode", element: .int64)
  private var step = NPZ.Array(name: "step", element: .int64)
  private var action = NPZ.Array(name: "action", element: .int64)
  private var observation: NPZ.Array
  private var reward = NPZ.Array(name: "reward", element: .float64)
  private var terminated = NPZ.Array(name: "terminated", element: .boolean)
  private var truncated = NPZ.Array(name: "truncated", element: .boolean)

  /// No rows, for a file that is written at the end.
  public init(for specification: EnvironmentSpecification, path: String) {
    self.path = path
    space = specification.observationSpace
    switch space {
    case .box(let low, _, _):
      observation = NPZ.Array(name: "observation", element: .float32, rowShape: [low.count])
    case .categories(let counts, _):
      observation = NPZ.Array(
        name: "observation", element: .int64, rowShape: counts.count == 1 ? [] : [counts.count])
    }
  }

  private var arrays: [NPZ.Array] {
    [episode, step, action, observation, reward, terminated, truncated]
  }

  /// The bytes that all rows may have together: what a zip archive can count.
  public static var byteLimit: Int { NPZ.limit }

  /// The bytes of a row.
  public var bytesPerRow: Int { arrays.reduce(0) { $0 + $1.bytesPerRow } }

  /// Appends what a rollout sees now.
  ///
  /// - Throws: `SystemError` if the file would be larger than it can be (`EFBIG`).
  public mutating func append<World>(_ rollout: Rollout<World>) throws(SystemError) {
    try NPZ.requireSize(
      rows + 1, rowsOf: observation.bytesPerRow + Self.otherBytes, path: path)
    rows += 1
    let moment = rollout.moment
    episode.append(Int64(moment.episode))
    step.append(Int64(moment.step))
    action.append(Int64(moment.action.map { rollout.specification.firstAction + $0 } ?? -1))
    if case .box = space {
      for value in rollout.observation { observation.append(value) }
    } else {
      for value in rollout.categories { observation.append(Int64(value)) }
    }
    reward.append(moment.reward)
    terminated.append(moment.isTerminated)
    truncated.append(moment.isTruncated)
  }

  /// The bytes of a row beside its observation.
  private static let otherBytes = 4 * 8 + 2

  /// Writes the file, whole or not at all.
  ///
  /// - Throws: `SystemError`.
  public func write() throws(SystemError) {
    try NPZ.write(arrays, rows: rows, to: path)
  }
}
