/// The independent random streams of a run, all derived from one seed.
///
/// There is one stream per purpose and index, so that drawing more from one stream does not change
/// another: evaluations do not change training, and a second environment does not change the first.
public struct RandomStreams: Hashable, Sendable {
  /// The purpose of a random stream.
  ///
  /// The raw values must never change, because the streams of a seed depend on them.
  public enum Purpose: UInt32, CaseIterable, Sendable {
    /// The initial parameters.
    case initialization = 0
    /// The behaviour policy's actions.
    case exploration = 1
    /// The next actions of targets.
    case target = 2
    /// The minibatches.
    case replay = 3
    /// The seeds of the environments, one index each.
    case environment = 4
    /// The seeds of the evaluations: index 0 during training, index 1 at the end.
    case evaluation = 5
    /// The order of a segment's rows in minibatches.
    case shuffling = 6
    /// The repetitions of εz-greedy exploration.
    case repetition = 7
  }

  private let seeds: SeedSequence

  /// The streams of a seed.
  public init(seed: UInt64) {
    seeds = SeedSequence(seed)
  }

  /// The stream of a purpose and an index.
  public func stream(_ purpose: Purpose, index: UInt32 = 0) -> PCG64 {
    PCG64(seeds.spawned(purpose.rawValue, index))
  }

  /// The seed of an environment, with which other programs can reset theirs.
  public func seed(_ purpose: Purpose, index: UInt32 = 0) -> UInt64 {
    var stream = stream(purpose, index: index)
    return UInt64(stream.integer(below: 1 << 32))
  }
}
