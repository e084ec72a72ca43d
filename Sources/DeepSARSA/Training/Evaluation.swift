internal import SARSAPreconditions

/// Plays episodes with a greedy policy, in a separate environment with a separate random stream.
///
/// ```swift
/// var evaluation = Evaluation(environment, seed: 7)
/// let result = try evaluation.play(&policy, episodes: 100)
/// print(result.mean)
/// ```
public struct Evaluation<World: Environment>: Sendable {
  private var environment: World
  /// The seed of the first episode.
  package let seed: UInt64
  /// The seed of the next episode; `nil` after the first.
  private var nextSeed: UInt64?
  /// The number of episodes begun since the last restart.
  private var episodes = 0

  /// The first reward or observation since the last restart that was not finite, or number of legal actions
  /// that was 0.
  ///
  /// The return of its episode is NaN.
  public private(set) var nonFiniteNumber: NonFiniteNumber?

  /// The opening of the first episode that was played to its end.
  package var opening: Opening?

  /// The limit on an episode's steps in environments without a time limit.
  public static var stepLimit: Int { 10_000 }

  /// Prepares an environment; every call of `play` starts from this seed.
  public init(_ environment: World, seed: UInt64) {
    self.environment = environment
    self.seed = seed
    nextSeed = seed
  }

  /// Plays episodes and returns their returns.
  ///
  /// The same policy always gets the same result, unless the environment keeps state from earlier
  /// episodes or draws random numbers that do not come from its seed.
  ///
  /// - Precondition: at least one episode; a policy for this environment's sizes.
  public mutating func play(
    _ policy: inout GreedyPolicy, episodes: Int
  ) throws(World.Failure) -> Returns {
    require(episodes > 0, "episodes is \(episodes); allowed: 1 or more")
    var values: [Double] = []
    restart()
    for _ in 0..<episodes { values.append(try playEpisode(&policy)) }
    return Returns(values)
  }

  /// Restarts the evaluation: the next episode is the first.
  public mutating func restart() {
    nextSeed = seed
    episodes = 0
    nonFiniteNumber = nil
  }

  /// Plays the next episode and gives its return.
  ///
  /// - Precondition: a policy for this environment's sizes, as `GreedyPolicy.requireSizes(of:)` checks.
  public mutating func playEpisode(_ policy: inout GreedyPolicy) throws(World.Failure) -> Double {
    try playEpisode(&policy, isCancelled: { false }) ?? .nan
  }

  /// Plays the next episode; a caller can cancel it between two steps.
  ///
  /// - Parameters:
  ///   - policy: the policy that chooses the actions.
  ///   - isCancelled: called before each step.
  /// - Precondition: a policy for this environment's sizes, as `GreedyPolicy.requireSizes(of:)` checks.
  /// - Returns: the episode's return; `nil` if it was cancelled.
  /// - Throws: what the environment throws.
  /// - Complexity: a reset, and a step and an action of the policy for each step of the episode.
  public mutating func playEpisode(
    _ policy: inout GreedyPolicy, isCancelled: () -> Bool
  ) throws(World.Failure) -> Double? {
    do {
      try policy.requireSizes(of: environment.specification)
    } catch {
      fatalError("the policy is for another environment: \(error)")
    }
    let isFirst = nextSeed != nil
    try environment.reset(seed: nextSeed)
    nextSeed = nil
    episodes += 1
    let specification = environment.specification
    var observation = environment.observation
    var mask = [Bool](
      repeating: true, count: specification.hasActionMasks ? specification.actionCount : 0)
    writeMask(into: &mask)
    var record = isFirst && opening == nil ? Opening(observation) : nil
    var total = 0.0
    for i in 0..<(specification.maximumEpisodeSteps ?? Self.stepLimit) {
      if let number = nonFinite(in: observation, step: i) { return reject(number) }
      if isCancelled() { return nil }
      guard mask.isEmpty || mask.contains(true) else {
        return reject(number(.legalActions, 0, step: i))
      }
      let action = policy.action(for: observation, allowing: mask)
      let step = try environment.step(action)
      total += step.reward
      observe(into: &observation)
      record?.append(observation, step, after: action)
      if !step.reward.isFinite { return reject(number(.reward, step.reward, step: i + 1)) }
      if step.isLast { break }
      writeMask(into: &mask)
    }
    if let record { opening = record }
    return total
  }

  private func writeMask(into mask: inout [Bool]) {
    if mask.isEmpty { return }
    var span = mask.mutableSpan
    environment.writeActionMask(into: &span)
  }

  private func observe(into observation: inout [Float]) {
    var span = observation.mutableSpan
    environment.observe(into: &span)
  }
}

// MARK: - Numbers that are not finite

extension Evaluation {
  private mutating func reject(_ number: NonFiniteNumber) -> Double {
    if nonFiniteNumber == nil { nonFiniteNumber = number }
    return .nan
  }

  private func nonFinite(in observation: [Float], step: Int) -> NonFiniteNumber? {
    if observation.areFinite { return nil }
    return observation.firstIndex { !$0.isFinite }.map {
      number(.observation(index: $0), Double(observation[$0]), step: step)
    }
  }

  private func number(
    _ quantity: NonFiniteNumber.Quantity, _ value: Double, step: Int
  ) -> NonFiniteNumber {
    NonFiniteNumber(
      quantity: quantity, value: value, environment: 0, environmentCount: 1, step: step,
      episode: episodes)
  }
}

// MARK: - Environments that are not reproducible

/// The first steps of an episode: the actions, and hashes of the reset's and each step's results.
package struct Opening: Codable, Hashable, Sendable {
  /// The actions, at most `stepLimit`.
  package private(set) var actions: [Int] = []
  /// A 64-bit hash for the reset and for each action.
  private var digests: [UInt64] = []

  /// The largest number of steps that are stored.
  package static let stepLimit = 1_000

  /// Whether an episode can have begun like this, among a number of actions.
  package func isPossible(actionCount: Int) -> Bool {
    actions.count <= Self.stepLimit && digests.count == actions.count + 1
      && actions.allSatisfy((0..<actionCount).contains)
  }

  /// Makes an opening from the observation after a reset.
  fileprivate init(_ observation: [Float]) {
    digests = [Self.digest(observation, nil)]
  }

  /// Appends an action and its result, up to `stepLimit`.
  fileprivate mutating func append(_ observation: [Float], _ step: Step, after action: Int) {
    if actions.count == Self.stepLimit { return }
    actions.append(action)
    digests.append(Self.digest(observation, step))
  }

  /// Whether both have the same hash after a number of actions.
  fileprivate func isSame(_ observation: [Float], _ step: Step?, after count: Int) -> Bool {
    Self.digest(observation, step) == digests[count]
  }

  /// The FNV-1a hash (Fowler, Noll, Vo) of numbers' bits, in units of 32 and 64 bits.
  private static func digest(_ observation: [Float], _ step: Step?) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func add(_ bits: UInt64) { hash = (hash ^ bits) &* 0x100_0000_01b3 }
    for number in observation { add(UInt64(number.bitPattern)) }
    if let step {
      add(step.reward.bitPattern)
      add((step.isTerminated ? 1 : 0) + (step.isTruncated ? 2 : 0))
    }
    return hash
  }
}

extension Evaluation {
  /// Repeats an opening's actions from the same seed, and returns whether the results are the same.
  ///
  /// It restarts the evaluation: the next episode is the first.
  ///
  /// - Returns: `nil` if it was cancelled.
  /// - Complexity: a reset and at most `Opening.stepLimit` steps.
  package mutating func repeats(
    _ opening: Opening, isCancelled: () -> Bool = { false }
  ) throws(World.Failure) -> Bool? {
    restart()
    try environment.reset(seed: seed)
    var observation = environment.observation
    guard opening.isSame(observation, nil, after: 0) else { return false }
    for (i, action) in opening.actions.enumerated() {
      if isCancelled() { return nil }
      let step = try environment.step(action)
      observe(into: &observation)
      guard opening.isSame(observation, step, after: i + 1) else { return false }
    }
    return true
  }
}

/// The returns of some episodes: undiscounted sums of rewards.
public struct Returns: Hashable, Sendable {
  /// One return per episode.
  public let values: [Double]

  /// Makes a summary.
  ///
  /// - Precondition: at least one value.
  public init(_ values: [Double]) {
    require(!values.isEmpty, "values is empty; allowed: 1 return or more")
    self.values = values
  }

  /// Their mean.
  public var mean: Double { values.reduce(0, +) / Double(values.count) }

  /// Their standard deviation (divided by n, as numpy's `std`); NaN if their mean is not finite.
  public var standardDeviation: Double {
    let mean = mean
    // ∞ − ∞ is a NaN whose sign depends on the processor.
    guard mean.isFinite else { return .nan }
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(values.count)).squareRoot()
  }

  /// The lowest.
  public var minimum: Double { values.min() ?? 0 }

  /// The highest.
  public var maximum: Double { values.max() ?? 0 }
}
