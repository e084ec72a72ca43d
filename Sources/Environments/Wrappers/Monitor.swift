/// An environment that records the return, the length and the end of every finished episode.
///
/// It is for training loops of one's own, and below wrappers that change rewards or steps: a trainer keeps
/// such records itself, and a run writes them to `episodes.csv`. They hold what Gymnasium's
/// `RecordEpisodeStatistics` and the `Monitor` of Stable-Baselines3 hold, but for the time of day: a clock's
/// reading would make equal runs unequal.
///
/// ```swift
/// var environment = Monitor(TimeLimit(CartPole(), maximumSteps: 500))
/// // …
/// print(environment.episodes.last?.totalReward ?? 0)
/// ```
///
/// The records are part of the state. `removeEpisodes()` removes them.
public typealias Monitor<Base: Environment> = Wrapped<Base, Monitoring>

extension Wrapped where Wrapper == Monitoring {
  /// Records the episodes of an environment.
  ///
  /// - Complexity: at the end of an episode, an append to an array; otherwise a step allocates nothing.
  public init(_ base: Base) { self.init(base, within: Monitoring()) }

  /// The finished episodes, in the order in which they ended.
  public var episodes: [Monitoring.Episode] { memory.episodes }

  /// Removes the records, and keeps that of the episode that goes on.
  public mutating func removeEpisodes() { memory.episodes.removeAll(keepingCapacity: true) }
}

extension WrappedVector where Wrapper == Monitoring {
  /// The finished episodes of each environment.
  public var episodes: [[Monitoring.Episode]] { memories.map(\.episodes) }

  /// Removes the records, and keeps those of the episodes that go on.
  public mutating func removeEpisodes() {
    for i in memories.indices { memories[i].episodes.removeAll(keepingCapacity: true) }
  }
}

/// The wrapper of `Monitor`.
public struct Monitoring: EnvironmentWrapper {
  /// The record of a finished episode.
  public struct Episode: Codable, Hashable, Sendable {
    /// The sum of its rewards.
    public var totalReward: Double
    /// Its number of steps.
    public var length: Int
    /// Whether it reached a terminal state; otherwise it was truncated.
    public var isTerminated: Bool

    /// Makes a record, by default of an episode without steps.
    public init(totalReward: Double = 0, length: Int = 0, isTerminated: Bool = false) {
      self.totalReward = totalReward
      self.length = length
      self.isTerminated = isTerminated
    }
  }

  /// The finished episodes, and the one that goes on.
  public struct Memory: Codable, Hashable, Sendable {
    var current = Episode()
    var episodes: [Episode] = []
  }

  /// No episodes.
  public var initialMemory: Memory { Memory() }

  /// Whether every length is one that can be counted on.
  public func accepts(_ memory: Memory) -> Bool {
    ([memory.current] + memory.episodes).allSatisfy { (0...1 << 53).contains($0.length) }
  }

  /// Starts a record; an episode that was reset before its end has none.
  public func begin(_ memory: inout Memory, _ observations: [Float], _ row: Range<Int>) {
    memory.current = Episode()
  }

  /// Adds a step to the record, which is complete at the end of the episode.
  public func note(
    _ memory: inout Memory, _ step: Step, _ observations: [Float], _ row: Range<Int>
  ) {
    memory.current.totalReward += step.reward
    memory.current.length += 1
    memory.current.isTerminated = step.isTerminated
    if step.isLast { memory.episodes.append(memory.current) }
  }
}
