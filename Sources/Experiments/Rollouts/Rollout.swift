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

    /// The reset at the start of an episode.
    fileprivate init(startOf episode: Int) {
      (self.episode, step, reward) = (episode, 0, 0)
      (isTerminated, isTruncated) = (false, false)
    }
  }

  /// The environment's specification.
  public private(set) var specification: EnvironmentSpecification
  /// The last reset or step.
  public private(set) var record: Record
  /// The current observation: `specification.observationSize` finite numbers.
  public private(set) var observation: [Float]
  /// The integers that a one-hot observation stands for, in Gymnasium's numbering; empty for a box.
  public private(set) var categories: [Int] = []
  /// Whether each action is legal now; empty if all always are.
  public private(set) var mask: [Bool] = []
  /// The number of steps in all episodes since the environment was seeded.
  public private(set) var steps = 0

  /// The seed of the first reset.
  public private(set) var seed: UInt64

  private var environment: World

  /// Starts the first episode.
  ///
  /// - Throws: `RunError.environment` if the environment fails, or if an observation has a number that
  ///   is not finite or, in a space of categories, is not one-hot.
  public init(_ environment: World, seed: UInt64) throws(RunError) {
    self.environment = environment
    self.seed = seed
    specification = environment.specification
    observation = Array(repeating: 0, count: specification.observationSize)
    record = Record(startOf: 0)
    try start(seed: seed)
  }

  /// Starts anew with another seed, as a new rollout of the same environment, which goes on to use its process.
  ///
  /// - Throws: `RunError.environment`, as `init`.
  public mutating func restart(seed: UInt64) throws(RunError) {
    self.seed = seed
    steps = 0
    record = Record(startOf: 0)
    try start(seed: seed)
  }

  /// Starts the next episode.
  ///
  /// - Throws: `RunError.environment`, as `init`.
  public mutating func reset() throws(RunError) {
    record = Record(startOf: record.episode + 1)
    try start(seed: nil)
  }

  private mutating func start(seed: UInt64?) throws(RunError) {
    do { try environment.reset(seed: seed) } catch { throw .environment("\(error)") }
    specification = environment.specification
    let maskSize = specification.hasActionMasks ? specification.actionCount : 0
    mask = Array(repeating: true, count: maskSize)
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
    case .box, .binary:
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
    try observeMask()
  }

  private mutating func observeMask() throws(RunError) {
    if mask.isEmpty || record.isLast { return }
    var values: [Bool] = []
    swap(&values, &mask)
    var span = values.mutableSpan
    environment.writeActionMask(into: &span)
    swap(&values, &mask)
    guard mask.contains(true) else {
      throw .environment("the number of legal actions is 0 \(place); allowed: 1 or more")
    }
  }

  /// A picture of the current state; `nil` if the environment cannot be drawn.
  ///
  /// - Throws: `RunError.environment` if the environment fails.
  public var scene: Scene? {
    get throws(RunError) {
      guard let drawable = environment as? any Drawable, drawable.hasScene else { return nil }
      do { return try drawable.scene } catch { throw .environment("\(error)") }
    }
  }

  /// An action, drawn uniformly from the legal ones.
  public func randomAction(using generator: inout PCG64) -> Int {
    generator.action(of: specification.actionCount, allowing: mask.span)
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
    case .box, .binary: appendList(rollout.observation)
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
