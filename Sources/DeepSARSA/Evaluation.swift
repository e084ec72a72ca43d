/// Plays episodes with a greedy policy, in an environment and with a random stream of its own.
///
/// ```swift
/// var evaluation = Evaluation(environment, seed: 7)
/// let result = try evaluation.play(&policy, episodes: 100)
/// print(result.mean)
/// ```
public struct Evaluation<World: Environment>: Sendable {
  private var environment: World
  private let seed: UInt64
  /// What the next episode is reset with: the seed for the first, and then nothing.
  private var nextSeed: UInt64?

  /// The longest episode that is played, in steps, where the environment has no limit of its own.
  public static var stepLimit: Int { 10_000 }

  /// Prepares an environment; every call of `play` starts from this seed.
  public init(_ environment: World, seed: UInt64) {
    self.environment = environment
    self.seed = seed
    nextSeed = seed
  }

  /// Plays episodes and gives their returns.
  ///
  /// The same policy always gets the same result.
  ///
  /// - Precondition: at least one episode; a policy for this environment's sizes.
  public mutating func play(
    _ policy: inout GreedyPolicy, episodes: Int
  ) throws(World.Failure) -> Returns {
    precondition(episodes > 0, "an evaluation of \(episodes) episodes")
    var values: [Double] = []
    restart()
    for _ in 0..<episodes { values.append(try playEpisode(&policy)) }
    return Returns(values)
  }

  /// Makes the next episode the first.
  public mutating func restart() {
    nextSeed = seed
  }

  /// Plays the next episode and gives its return, for callers who would rather not wait for many.
  public mutating func playEpisode(_ policy: inout GreedyPolicy) throws(World.Failure) -> Double {
    try environment.reset(seed: nextSeed)
    nextSeed = nil
    var observation = environment.observation
    var total = 0.0
    for _ in 0..<(environment.specification.maximumEpisodeSteps ?? Self.stepLimit) {
      var span = observation.mutableSpan
      environment.observe(into: &span)
      let action = policy.action(for: observation)
      let step = try environment.step(action)
      total += step.reward
      if step.isLast { break }
    }
    return total
  }
}

/// The returns of some episodes: undiscounted sums of rewards.
public struct Returns: Hashable, Sendable {
  /// One return an episode.
  public let values: [Double]

  /// Makes a summary.
  ///
  /// - Precondition: at least one value.
  public init(_ values: [Double]) {
    precondition(!values.isEmpty, "no returns")
    self.values = values
  }

  /// Their mean.
  public var mean: Double { values.reduce(0, +) / Double(values.count) }

  /// Their standard deviation, of these values alone (divided by n, as numpy's `std`); NaN if their mean
  /// is not finite.
  public var standardDeviation: Double {
    let mean = mean
    // Infinity minus infinity is a NaN whose sign depends on the processor.
    guard mean.isFinite else { return .nan }
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(values.count)).squareRoot()
  }

  /// The lowest.
  public var minimum: Double { values.min() ?? 0 }

  /// The highest.
  public var maximum: Double { values.max() ?? 0 }
}
