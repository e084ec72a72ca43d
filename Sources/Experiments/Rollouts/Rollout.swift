public import DeepSARSA
internal import SARSAPreconditions

/// An environment that the caller steps, and resets after the end of an episode.
///
/// The first episode is reset with a seed, all later ones without a seed, as in Gymnasium.
///
/// ```swift
/// var rollout = try Rollout(environment, seed: 7)
/// while rollout.steps < 1000 {
///   if rollout.record.isLast { try rollout.reset() }
///   try rollout.step(0)
///   print(rollout.record, rollout.observation)
/// }
/// ```
public struct Rollout<World: Environment>: Sendable {
  /// The result of a reset or a step.
  public struct Record: Hashable, Sendable {
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
    /// Whether the episode was truncated here.
    public var isTruncated: Bool

    /// Whether the episode ended here, by termination or truncation.
    public var isLast: Bool { isTerminated || isTruncated }
  }

  /// The environment's specification.
  public let specification: EnvironmentSpecification
  /// The last reset or step.
  public private(set) var record: Record
  /// The current observation: `specification.observationSize` finite numbers.
  public private(set) var observation: [Float]
  /// The integers that a one-hot observation stands for, in Gymnasium's numbering; empty for a box.
  public private(set) var categories: [Int] = []
  /// The number of steps in all episodes.
  public private(set) var steps = 0

  private var environment: World

  /// Starts the first episode.
  ///
  /// - Throws: `RunError.environment` if the environment fails, or if an observation has a number that
  ///   is not finite or, in a space of categories, is not one-hot.
  public init(_ environment: World, seed: UInt64) throws(RunError) {
    self.environment = environment
    specification = environment.specification
    observation = Array(repeating: 0, count: specification.observationSize)
    record = Record(
      episode: 0, step: 0, action: nil, reward: 0, isTerminated: false, isTruncated: false)
    try start(seed: seed)
  }

  /// Starts the next episode.
  ///
  /// - Throws: `RunError.environment`, as `init`.
  public mutating func reset() throws(RunError) {
    record = Record(
      episode: record.episode + 1, step: 0, action: nil, reward: 0, isTerminated: false,
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
    require(!record.isLast, "the episode has ended; allowed: steps before its end")
    require(
      (0..<specification.actionCount).contains(action),
      "action is \(action); allowed: 0 to \(specification.actionCount - 1)")
    let result: Step
    do { result = try environment.step(action) } catch { throw .environment("\(error)") }
    steps += 1
    record.step += 1
    record.action = action
    record.reward = result.reward
    record.isTerminated = result.isTerminated
    record.isTruncated = result.isTruncated
    guard result.reward.isFinite else {
      throw .environment("the reward is \(result.reward.plainText) \(place)")
    }
    try observe()
  }

  private mutating func observe() throws(RunError) {
    // Moved out of `self` while it is written to, so that the array is not copied.
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

  private var place: String { "at step \(record.step) of episode \(record.episode)" }
}

/// The records of a rollout as text: one JSON object per line.
///
/// A number is written in the shortest form that reads back as the same `Float` (observations) or
/// `Double` (rewards). Actions and integer observations have Gymnasium's numbers: the lowest is the
/// `start` of the space.
public struct RolloutLines: Sendable {
  /// The lines since the last `removeAll()`.
  public private(set) var bytes: [UInt8] = []

  /// No lines.
  public init() {}

  /// Removes the lines and keeps the allocated memory.
  public mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
  }

  /// Appends the rollout's current record.
  public mutating func append<World>(_ rollout: Rollout<World>) {
    let record = rollout.record
    append("{\"step\":")
    append(record.step.description)
    append(",\"episode\":")
    append(record.episode.description)
    append(",\"observation\":")
    switch rollout.specification.observationSpace {
    case .box: appendList(rollout.observation)
    case .categories(let counts, _) where counts.count == 1:
      append(rollout.categories[0].description)
    case .categories: appendList(rollout.categories)
    }
    append(",\"action\":")
    append(record.action.map { "\(rollout.specification.firstAction + $0)" } ?? "null")
    append(",\"reward\":")
    append(record.action == nil ? "null" : record.reward.description)
    append(record.isTerminated ? ",\"terminated\":true" : ",\"terminated\":false")
    append(record.isTruncated ? ",\"truncated\":true}\n" : ",\"truncated\":false}\n")
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

/// The records of a rollout as arrays for numpy, one row per record.
///
/// | array | type | content |
/// | --- | --- | --- |
/// | `episode` | int64 | the episode, from 0 |
/// | `step` | int64 | the steps of the episode so far; 0 at a reset |
/// | `action` | int64 | the action that led here, as Gymnasium numbers it; −1 at a reset, where `step` is 0 |
/// | `observation` | float32 [rows, size] | the numbers of a box |
/// | | int64 [rows] | the integer of a space of one category, in Gymnasium's numbering |
/// | | int64 [rows, k] | the integers of a space of k categories |
/// | `reward` | float64 | 0 at a reset |
/// | `terminated` | bool | whether the state is terminal |
/// | `truncated` | bool | whether the episode was truncated |
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

  /// The largest number of bytes of all rows together: the limit of a zip archive.
  public static var byteLimit: Int { NPZ.limit }

  /// The bytes of a row.
  public var bytesPerRow: Int { arrays.reduce(0) { $0 + $1.bytesPerRow } }

  /// Appends the rollout's current record.
  ///
  /// - Throws: `SystemError` with the code `EFBIG` if the file would exceed the limit of a zip archive.
  public mutating func append<World>(_ rollout: Rollout<World>) throws(SystemError) {
    try NPZ.requireSize(
      rows + 1, rowsOf: observation.bytesPerRow + Self.otherBytes, path: path)
    rows += 1
    let record = rollout.record
    episode.append(Int64(record.episode))
    step.append(Int64(record.step))
    action.append(Int64(record.action.map { rollout.specification.firstAction + $0 } ?? -1))
    if case .box = space {
      for value in rollout.observation { observation.append(value) }
    } else {
      for value in rollout.categories { observation.append(Int64(value)) }
    }
    reward.append(record.reward)
    terminated.append(record.isTerminated)
    truncated.append(record.isTruncated)
  }

  /// The bytes of a row without its observation.
  private static let otherBytes = 4 * 8 + 2

  /// Writes the file, whole or not at all (atomically).
  ///
  /// - Throws: `SystemError`.
  public func write() throws(SystemError) {
    try NPZ.write(arrays, rows: rows, to: path)
  }
}
