internal import SARSARandomSources

/// What every environment promises.
public enum EnvironmentPromise: String, Codable, CaseIterable, Hashable, Sendable {
  /// The specification says what there is: an id, bounds that are some, a limit that is positive; and
  /// goes on saying it.
  case specification
  /// `observe` writes every number, and all of them are finite.
  case observation
  /// Observations lie within the bounds of their space, or are one-hot.
  case space
  /// Rewards are finite.
  case reward
  /// After `reset(seed:)` the same actions lead to the same steps, whatever was played before.
  case seed
  /// A state that is written down and restored has the same future.
  case state
  /// What one copy does is not seen by another.
  case copies
  /// Episodes are truncated at the limit of the specification, none goes on beyond it, and a reset in
  /// the middle of one begins a new count.
  case limit
  /// After `reset(seed: nil)` there is an episode to be played, not the end of the last.
  case restart
}

/// Plays an environment by random actions, and says which of its promises it does not keep.
///
/// It is for whoever writes one:
///
/// ```swift
/// let report = try EnvironmentChecker(Corridor()).report()
/// for (promise, what) in report.broken { print("\(promise): \(what)") }
/// ```
///
/// A promise that is kept for some hundreds of random steps may be broken later. One that is reported as
/// broken is, as far as steps can tell; only of `restart` and of a limit that counts on through a reset do
/// the lengths of episodes have to be the evidence.
public struct EnvironmentChecker<World: Environment> {
  /// What was found.
  public struct Report: Hashable, Sendable {
    /// The promises that were not kept, with the first evidence of each.
    public var broken: [EnvironmentPromise: String] = [:]
    /// The steps that were played.
    public var steps = 0
    /// The episodes that came to an end, for either reason.
    public var episodes = 0
    /// How many of them reached the limit of the specification.
    public var limitsReached = 0
    /// Whether a reset without a seed starts elsewhere than the one with the seed before it.
    ///
    /// Where all episodes start alike, it does not; that is no fault.
    public var startsDiffer = false

    fileprivate mutating func report(
      _ promise: EnvironmentPromise, _ what: @autoclosure () -> String
    ) {
      if broken[promise] == nil { broken[promise] = what() }
    }
  }

  private let world: World
  private let promises: Set<EnvironmentPromise>
  private let rewritten: (World.State) throws -> World.State

  /// Prepares the check.
  ///
  /// - Parameters:
  ///   - world: what is played, in copies.
  ///   - promises: what is looked at; all there is, unless some of it would take too long.
  ///   - rewritten: a state that was written down and read back, as with an encoder and its decoder;
  ///     a plain copy unless given.
  public init(
    _ world: World, promises: Set<EnvironmentPromise> = Set(EnvironmentPromise.allCases),
    rewritten: @escaping (World.State) throws -> World.State = { $0 }
  ) {
    self.world = world
    self.promises = promises
    self.rewritten = rewritten
  }

  /// Plays a few thousand steps, from three seeds.
  ///
  /// - Throws: what the environment throws, or the writing down of its state.
  public func report() throws -> Report {
    var report = Report()
    checkSpecification(&report)
    // Without actions there is nothing to play.
    guard world.specification.actionCount > 0 else { return report }
    // A space that contradicts itself holds nothing, and cannot be asked.
    let hasSpace = report.broken[.specification] == nil
    for seed in 0..<3 as Range<UInt64> {
      var player = Player(world)
      let record = try player.play(Self.recordSteps, from: seed)
      if promises.contains(.seed) {
        let again = try player.play(Self.recordSteps, from: seed)
        if let i = difference(record, again) {
          report.report(
            .seed,
            "after reset(seed: \(seed)) the second time, \(again[i]) in place of \(record[i])")
        }
      }

      var restored = player
      if promises.contains(.state) {
        restored.world = world
        restored.world.state = try rewritten(player.world.state)
      }
      var copy = player
      let future = try player.play(Self.futureSteps)
      if promises.contains(.state), let i = difference(future, try restored.play(Self.futureSteps))
      {
        report.report(
          .state, "restored, it goes another way at the \(i + 1)th moment: \(future[i])")
      }
      if promises.contains(.copies), let i = difference(future, try copy.play(Self.futureSteps)) {
        report.report(
          .copies, "after the original moved, its copy goes another way at the \(i + 1)th moment")
      }

      var all = record + future
      // On to a limit that is near enough.
      let limit = world.specification.maximumEpisodeSteps ?? .max
      if promises.contains(.limit), limit <= Self.limitSteps,
        !all.contains(where: { $0.length == limit })
      {
        all += try player.play(Self.limitSteps)
      }
      check(all, hasSpace: hasSpace, &report)
      report.steps += player.steps
      if player.world.specification != world.specification {
        report.report(.specification, "after some steps it is another")
      }
      try checkStarts(from: seed, &report)
    }
    report.broken = report.broken.filter { promises.contains($0.key) }
    return report
  }

  private static var recordSteps: Int { 157 }
  private static var futureSteps: Int { 300 }
  private static var limitSteps: Int { 1_500 }

  private func checkSpecification(_ report: inout Report) {
    let specification = world.specification
    if specification.id.isEmpty { report.report(.specification, "it has no id") }
    if specification.actionCount < 1 {
      report.report(.specification, "\(specification.actionCount) actions")
    }
    if let limit = specification.maximumEpisodeSteps, limit < 1 {
      report.report(.specification, "a limit of \(limit) steps")
    }
    switch specification.observationSpace {
    case .box(let low, let high, let shape):
      if low.count != high.count || shape.reduce(1, *) != low.count || low.isEmpty {
        report.report(
          .specification, "\(low.count) lower and \(high.count) upper bounds of shape \(shape)")
      } else if let i = low.indices.first(where: { !(low[$0] <= high[$0]) }) {
        report.report(.specification, "number \(i) lies between \(low[i]) and \(high[i])")
      }
    case .categories(let counts, let starts):
      if counts.isEmpty || counts.contains(where: { $0 < 1 }) {
        report.report(.specification, "categories of \(counts) values")
      } else if starts.count != counts.count {
        report.report(.specification, "\(starts.count) starts of \(counts.count) categories")
      }
    }
  }

  /// What can be seen of single moments, and of the lengths of episodes.
  private func check(_ moments: [Moment], hasSpace: Bool, _ report: inout Report) {
    let specification = world.specification
    var lengths: [Int] = []
    for moment in moments {
      if let i = moment.observation.firstIndex(where: { !$0.isFinite }) {
        report.report(
          .observation, "number \(i) is \(moment.observation[i]) or unwritten, \(moment)")
      } else if hasSpace, !specification.observationSpace.contains(moment.observation) {
        report.report(.space, "\(moment.observation) is outside, \(moment)")
      }
      guard let step = moment.step else { continue }
      if !step.reward.isFinite { report.report(.reward, "\(step.reward), \(moment)") }
      if let limit = specification.maximumEpisodeSteps {
        if moment.length >= limit && !step.isTruncated {
          report.report(.limit, "not truncated at \(limit) steps, \(moment)")
        }
        if moment.cut > 0 && step.isTruncated && moment.length + moment.cut == limit {
          report.report(.limit, "the \(moment.cut) steps before a reset count, \(moment)")
        }
        if moment.length == limit { report.limitsReached += 1 }
      }
      if step.isLast { lengths.append(moment.length) }
    }
    report.episodes += lengths.count
    if let first = lengths.first, first > 1, lengths.count > 3,
      lengths.dropFirst().allSatisfy({ $0 == 1 })
    {
      report.report(
        .restart, "\(lengths.count - 1) episodes after the first ended with their first step")
    }
  }

  private func checkStarts(from seed: UInt64, _ report: inout Report) throws {
    var player = Player(world)
    let first = try player.play(0, from: seed)
    try player.world.reset(seed: nil)
    if player.observation.map(\.bitPattern) != first[0].observation.map(\.bitPattern) {
      report.startsDiffer = true
    }
  }

  /// The first moment that two plays do not share.
  private func difference(_ a: [Moment], _ b: [Moment]) -> Int? {
    a.indices.first { $0 >= b.count || a[$0] != b[$0] }
  }

  /// What a player saw after a reset, or of a step.
  private struct Moment: Equatable, CustomStringConvertible {
    /// What the step brought; none after a reset.
    var step: Step?
    var observation: [Float]
    /// The steps of the episode so far.
    var length: Int
    /// The steps of the episode before, if a reset cut that short.
    var cut = 0

    static func == (a: Moment, b: Moment) -> Bool {
      // Numbers that are not finite are reported as such, not as a difference.
      a.step?.isTerminated == b.step?.isTerminated && a.step?.isTruncated == b.step?.isTruncated
        && a.step?.reward.bitPattern == b.step?.reward.bitPattern && a.length == b.length
        && a.observation.map(\.bitPattern) == b.observation.map(\.bitPattern)
    }

    var description: String {
      guard let step else { return "after a reset" }
      let end = step.isTerminated ? ", terminated" : step.isTruncated ? ", truncated" : ""
      return "at step \(length) with reward \(step.reward)\(end)"
    }
  }

  /// An environment, and the random actions that it is played by.
  private struct Player {
    var world: World
    var actions = PCG64(seed: 0)
    var length = 0
    var steps = 0
    private var cut = 0
    private var isOver = false

    init(_ world: World) {
      self.world = world
    }

    /// Plays from a seed; the first quarter ends with a reset, in mid-episode as a rule.
    mutating func play(_ steps: Int, from seed: UInt64) throws -> [Moment] {
      actions = PCG64(seed: seed)
      let first = [try reset(seed: seed)] + (try play(steps / 4))
      return first + [try reset(seed: nil)] + (try play(steps - steps / 4))
    }

    private mutating func reset(seed: UInt64?) throws -> Moment {
      try world.reset(seed: seed)
      (cut, length, isOver) = (seed != nil || isOver ? 0 : length, 0, false)
      return Moment(observation: observation, length: 0)
    }

    mutating func play(_ steps: Int) throws -> [Moment] {
      let actionCount = world.specification.actionCount
      var moments: [Moment] = []
      for _ in 0..<steps {
        if isOver { moments.append(try reset(seed: nil)) }
        let step = try world.step(actions.integer(below: actionCount))
        length += 1
        isOver = step.isLast
        moments.append(Moment(step: step, observation: observation, length: length, cut: cut))
      }
      self.steps += steps
      return moments
    }

    /// What the environment writes over numbers that are none.
    var observation: [Float] {
      var result = [Float](repeating: .nan, count: world.specification.observationSize)
      var span = result.mutableSpan
      world.observe(into: &span)
      return result
    }
  }
}
