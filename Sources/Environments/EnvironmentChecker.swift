internal import SARSARandomSources

/// A requirement that every environment fulfils.
public enum EnvironmentPromise: String, Codable, CaseIterable, Hashable, Sendable {
  /// The specification has an id, low ≤ high in every dimension and a positive time limit, and it does
  /// not change.
  case specification
  /// `observe` writes every number, and all of them are finite.
  case observation
  /// Observations lie within the bounds of their space, or are one-hot.
  case space
  /// Rewards are finite.
  case reward
  /// A state in which an episode goes on has a legal action.
  case masks
  /// After `reset(seed:)` the same actions lead to the same steps, whatever was played before.
  case seed
  /// A state is accepted while its episode goes on. Written down and restored, it has the same future.
  case state
  /// A step of one copy does not change another copy.
  case copies
  /// Episodes end at the time limit of the specification, and no episode is longer. A reset in
  /// the middle of an episode restarts the count of steps.
  case limit
  /// `reset(seed: nil)` starts a new episode, which does not end with its first step.
  case restart
}

/// Plays an environment with random actions and reports the requirements that it breaks.
///
/// Use it for an environment of your own:
///
/// ```swift
/// let report = try EnvironmentChecker(Corridor()).report()
/// for (promise, what) in report.broken { print("\(promise): \(what)") }
/// ```
///
/// A requirement that holds for some hundreds of random steps may still be broken later. A reported one
/// was seen to be broken, with two exceptions: `restart`, and a time limit that counts on through a
/// reset, are inferred from the lengths of episodes.
public struct EnvironmentChecker<World: Environment> {
  /// The result of a check.
  public struct Report: Hashable, Sendable {
    /// The requirements that were broken, with the first evidence of each.
    public var broken: [EnvironmentPromise: String] = [:]
    /// The number of steps played.
    public var steps = 0
    /// The number of episodes that ended, terminated or truncated.
    public var episodes = 0
    /// How many of them reached the limit of the specification.
    public var limitsReached = 0
    /// Whether the environment has action masks, which one of Gymnasium shows only in its first reset.
    public var hasActionMasks = false
    /// Whether a reset without a seed starts in another state than the seeded reset before it.
    ///
    /// It is `false` if all episodes start in the same state, which is allowed.
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
  ///   - world: the environment, which is copied.
  ///   - promises: the requirements to check; by default all of them.
  ///   - rewritten: saves and restores a state, for example with an encoder and a decoder; by default a
  ///     plain copy.
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
  /// - Throws: the error of the environment or of `rewritten`.
  public func report() throws -> Report {
    var report = Report()
    checkSpecification(&report)
    // Without actions there is nothing to play.
    guard world.specification.actionCount > 0 else { return report }
    // contains() traps on malformed bounds.
    let hasSpace = report.broken[.specification] == nil
    for seed in 0..<3 as Range<UInt64> {
      var player = Player(world)
      let records = try player.play(Self.recordSteps, from: seed)
      if promises.contains(.seed) {
        let again = try player.play(Self.recordSteps, from: seed)
        if let i = difference(records, again) {
          report.report(
            .seed,
            "after the second reset(seed: \(seed)) it differs: \(again[i]) instead of \(records[i])"
          )
        }
      }

      var restored = player
      if promises.contains(.state) {
        let state = try rewritten(player.world.state)
        restored.world = world
        // A state that is not accepted must not be set.
        if player.isOver || world.accepts(state) {
          restored.world.state = state
        } else {
          report.report(.state, "its own state, written down and restored, is not accepted")
        }
      }
      var copy = player
      let future = try player.play(Self.futureSteps)
      if promises.contains(.state), let i = difference(future, try restored.play(Self.futureSteps))
      {
        report.report(
          .state, "a restored state continues differently from record \(i + 1) on: \(future[i])")
      }
      if promises.contains(.copies), let i = difference(future, try copy.play(Self.futureSteps)) {
        report.report(
          .copies, "after steps of the original, its copy differs from record \(i + 1) on")
      }

      var all = records + future
      // Play on until the time limit, if that takes few enough steps.
      let limit = world.specification.maximumEpisodeSteps ?? .max
      if promises.contains(.limit), limit <= Self.limitSteps,
        !all.contains(where: { $0.length == limit })
      {
        all += try player.play(Self.limitSteps)
      }
      check(all, hasSpace: hasSpace, &report)
      report.steps += player.steps
      // An environment of Gymnasium shows only in its first reset whether it has masks.
      var specification = world.specification
      specification.hasActionMasks = player.world.specification.hasActionMasks
      report.hasActionMasks = specification.hasActionMasks
      if player.world.specification != specification {
        report.report(.specification, "it changes after some steps")
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
      report.report(.specification, "it has \(specification.actionCount) actions")
    }
    if let limit = specification.maximumEpisodeSteps, limit < 1 {
      report.report(.specification, "its time limit is \(limit) steps")
    }
    switch specification.observationSpace {
    case .box(let low, let high, let shape):
      if low.count != high.count || shape.reduce(1, *) != low.count || low.isEmpty {
        report.report(
          .specification, "\(low.count) lower and \(high.count) upper bounds of shape \(shape)")
      } else if let i = low.indices.first(where: { !(low[$0] <= high[$0]) }) {
        report.report(.specification, "the bounds of number \(i) are \(low[i]) and \(high[i])")
      }
    case .binary(let shape):
      if shape.contains(where: { $0 < 1 }) {
        report.report(.specification, "zeros and ones of shape \(shape)")
      }
    case .categories(let counts, let starts):
      if counts.isEmpty || counts.contains(where: { $0 < 1 }) {
        report.report(.specification, "categories of \(counts) values")
      } else if starts.count != counts.count {
        report.report(.specification, "\(starts.count) starts of \(counts.count) categories")
      }
    }
  }

  /// Checks single records and the lengths of episodes.
  private func check(_ records: [Record], hasSpace: Bool, _ report: inout Report) {
    let specification = world.specification
    var lengths: [Int] = []
    for record in records {
      if let i = record.observation.firstIndex(where: { !$0.isFinite }) {
        report.report(
          .observation, "number \(i) is \(record.observation[i]) or unwritten, \(record)")
      } else if hasSpace, !specification.observationSpace.contains(record.observation) {
        report.report(.space, "\(record.observation) is outside, \(record)")
      }
      if !record.mask.isEmpty && !record.mask.contains(true) && record.step?.isTerminated != true {
        report.report(.masks, "no action is legal, \(record)")
      }
      if !record.isAccepted {
        report.report(.state, "its own state is not accepted, \(record)")
      }
      guard let step = record.step else { continue }
      if !step.reward.isFinite { report.report(.reward, "\(step.reward), \(record)") }
      if let limit = specification.maximumEpisodeSteps {
        if record.length >= limit && !step.isLast {
          report.report(.limit, "not truncated at \(limit) steps, \(record)")
        }
        if record.cut > 0 && step.isTruncated && record.length + record.cut == limit {
          report.report(.limit, "the \(record.cut) steps before a reset count, \(record)")
        }
        if record.length == limit { report.limitsReached += 1 }
      }
      if step.isLast { lengths.append(record.length) }
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

  /// The index of the first record in which two sequences differ.
  private func difference(_ a: [Record], _ b: [Record]) -> Int? {
    a.indices.first { $0 >= b.count || a[$0] != b[$0] }
  }

  /// The result of a reset or a step.
  private struct Record: Equatable, CustomStringConvertible {
    /// The step's result; `nil` after a reset.
    var step: Step?
    var observation: [Float]
    /// The legal actions; empty without masks.
    var mask: [Bool]
    /// The steps of the episode so far.
    var length: Int
    /// The steps of the previous episode, if a reset interrupted it; otherwise 0.
    var cut = 0
    /// Whether the state is accepted, if the episode goes on.
    var isAccepted = true

    static func == (a: Record, b: Record) -> Bool {
      // Numbers that are not finite are reported as such, not as a difference.
      a.step?.isTerminated == b.step?.isTerminated && a.step?.isTruncated == b.step?.isTruncated
        && a.step?.reward.bitPattern == b.step?.reward.bitPattern && a.length == b.length
        && a.observation.map(\.bitPattern) == b.observation.map(\.bitPattern) && a.mask == b.mask
    }

    var description: String {
      guard let step else { return "after a reset" }
      let end = step.isTerminated ? ", terminated" : step.isTruncated ? ", truncated" : ""
      return "at step \(length) with reward \(step.reward)\(end)"
    }
  }

  /// An environment and the generator of its random actions.
  private struct Player {
    var world: World
    var actions = PCG64(seed: 0)
    var length = 0
    var steps = 0
    private var cut = 0
    private(set) var isOver = false

    init(_ world: World) {
      self.world = world
    }

    /// Plays from a seed, with a reset after the first quarter, usually in the middle of an episode.
    mutating func play(_ steps: Int, from seed: UInt64) throws -> [Record] {
      actions = PCG64(seed: seed)
      let first = [try reset(seed: seed)] + (try play(steps / 4))
      return first + [try reset(seed: nil)] + (try play(steps - steps / 4))
    }

    private mutating func reset(seed: UInt64?) throws -> Record {
      try world.reset(seed: seed)
      (cut, length, isOver) = (seed != nil || isOver ? 0 : length, 0, false)
      return Record(
        observation: observation, mask: mask, length: 0, isAccepted: world.accepts(world.state))
    }

    mutating func play(_ steps: Int) throws -> [Record] {
      let actionCount = world.specification.actionCount
      var records: [Record] = []
      for _ in 0..<steps {
        if isOver { records.append(try reset(seed: nil)) }
        let mask = mask
        // A state without a legal action is reported; to go on, any is taken.
        let legal = mask.contains(true) ? mask : []
        let step = try world.step(actions.action(of: actionCount, allowing: legal.span))
        length += 1
        isOver = step.isLast
        records.append(
          Record(
            step: step, observation: observation, mask: self.mask, length: length, cut: cut,
            isAccepted: isOver || world.accepts(world.state)))
      }
      self.steps += steps
      return records
    }

    /// The legal actions; empty without masks.
    var mask: [Bool] {
      let specification = world.specification
      guard specification.hasActionMasks else { return [] }
      var result = [Bool](repeating: false, count: specification.actionCount)
      var span = result.mutableSpan
      world.writeActionMask(into: &span)
      return result
    }

    /// The observation, written over NaN so that unwritten numbers are seen.
    var observation: [Float] {
      var result = [Float](repeating: .nan, count: world.specification.observationSize)
      var span = result.mutableSpan
      world.observe(into: &span)
      return result
    }
  }
}
