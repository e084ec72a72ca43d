internal import SARSAPreconditions

/// The newest steps of every environment, in the order of time, from which an agent learns together.
///
/// Row k is a transition (s, a, r, s′, end): that of environment k mod environments in the segment's step
/// k / environments. All arrays are [steps, environments].
struct Segment: Sendable {
  let steps: Int
  let environmentCount: Int
  /// The number of rows.
  var count: Int { steps * environmentCount }
  /// The number of steps that are stored.
  private(set) var stepCount = 0
  /// Whether all steps are stored.
  var isFull: Bool { stepCount == steps }

  /// s [count, observationSize].
  let observations: Region
  /// q(s′, ·|θ) [count, actions], of the true s′, never of the first state after an end.
  ///
  /// θ is fixed within a segment, so these are the values on which the next step acts. They are 0 where nothing
  /// follows.
  let nextValues: Region
  /// Which actions are legal in s′ [count, actions]; empty if all always are.
  private(set) var nextMasks: [Bool]
  /// a.
  private(set) var actions: [Int]
  /// r, and the discount of the value of s′: γ, or 0 if nothing follows.
  private(set) var rewards: [Float]
  private(set) var discounts: [Float]
  /// Whether the transition is its episode's last one.
  private(set) var isLast: [Bool]
  /// The action to be taken in the s′ of each environment's last row; −1 where none is drawn yet.
  var nextActions: [Int]

  /// The value of s′, the trace, and the return of every row.
  private var values: [Float]
  private var traces: [Float]
  private(set) var returns: [Float]

  /// Reserves the memory of all rows.
  init(
    steps: Int, environmentCount: Int, observationSize: Int, actionCount: Int,
    hasActionMasks: Bool, in layout: inout ArenaLayout
  ) throws(ArenaError) {
    self.steps = steps
    self.environmentCount = environmentCount
    let count = steps * environmentCount
    observations = try layout.reserve(rows: count, columns: observationSize)
    nextValues = try layout.reserve(rows: count, columns: actionCount)
    nextMasks = Array(repeating: true, count: hasActionMasks ? count * actionCount : 0)
    actions = Array(repeating: 0, count: count)
    rewards = Array(repeating: 0, count: count)
    discounts = rewards
    isLast = Array(repeating: false, count: count)
    nextActions = Array(repeating: -1, count: environmentCount)
    values = rewards
    traces = rewards
    returns = rewards
  }
}

extension Segment {
  /// The rows of the newest step.
  private var newest: Range<Int> {
    (stepCount - 1) * environmentCount..<stepCount * environmentCount
  }

  /// Stores a step: s, a, r and the ends, and q(s, ·) as the values of the s′ of the step before.
  ///
  /// Shapes: observations [environments, observationSize], values [environments, actions].
  ///
  /// - Returns: whether `storeNextValues` must follow, because no further step brings q(s′, ·): after a
  ///   truncation that bootstraps, and behind the segment's last step.
  /// - Precondition: the segment is not full.
  /// - Complexity: O(environments·observationSize), no allocation.
  mutating func append(
    _ step: VectorStep, actions taken: [Int], observations new: Region, values: Region,
    target: TargetHyperparameters, scaling: inout RewardScaling, in arena: inout Arena<Float>
  ) -> Bool {
    require(!isFull, "the segment has % steps; allowed: one more after it was learned from", steps)
    if stepCount > 0 {
      for i in 0..<environmentCount where !isLast[newest.lowerBound + i] {
        arena.copy(values.row(i), to: nextValues.row(newest.lowerBound + i))
      }
    }
    stepCount += 1
    arena.copy(new, to: observations.rows(newest))
    arena.fill(nextValues.rows(newest), with: 0)
    if !nextMasks.isEmpty {
      let first = newest.lowerBound * nextValues.columns
      for i in step.nextMasks.indices { nextMasks[first + i] = step.nextMasks[i] }
    }
    var needsValues = false
    for i in 0..<environmentCount {
      let row = newest.lowerBound + i
      let (isTerminated, isTruncated) = (step.isTerminated[i], step.isTruncated[i])
      actions[row] = taken[i]
      isLast[row] = isTerminated || isTruncated
      rewards[row] = Float(scaling.scaled(step.rewards[i], of: i, isLast: isLast[row]))
      discounts[row] = Float(target.discount(after: isTerminated, isTruncated))
      nextActions[i] = -1
      if endsValues(row) { needsValues = true }
    }
    return needsValues
  }

  /// The values of a row of `nextMasks`.
  private var maskSize: Int { nextMasks.isEmpty ? 0 : nextValues.columns }

  /// Whether something follows a row of the newest step, but no further step brings q(s′, ·).
  private func endsValues(_ row: Int) -> Bool {
    discounts[row] != 0 && (isFull || isLast[row])
  }

  /// Stores q(s′, ·) of the newest step where no further step brings it.
  ///
  /// Shapes: values [environments, actions].
  ///
  /// - Complexity: O(environments·actions), no allocation.
  mutating func storeNextValues(_ values: Region, in arena: inout Arena<Float>) {
    for i in 0..<environmentCount where endsValues(newest.lowerBound + i) {
      arena.copy(values.row(i), to: nextValues.row(newest.lowerBound + i))
    }
  }

  /// Draws the actions that will be taken in the s′ of the last step, where the episode goes on.
  ///
  /// - Precondition: the segment is full.
  /// - Complexity: O(environments·actions), no allocation.
  mutating func drawNextActions(
    by behavior: Behavior, in arena: borrowing Arena<Float>, using generator: inout PCG64
  ) {
    let (masks, maskSize) = (nextMasks, maskSize)
    arena.withSpan(of: nextValues) { values in
      for i in 0..<environmentCount where !isLast[newest.lowerBound + i] {
        let row = newest.lowerBound + i
        nextActions[i] = behavior.policy(of: i, among: environmentCount)
          .action(
            values, row: row, of: nextValues.columns,
            allowing: masks.span.extracting(row * maskSize..<(row + 1) * maskSize),
            using: &generator)
      }
    }
  }

  /// Computes the λ-return of every row: G = r + γ·((1 − λ)·B(s′) + λ·G′), with B by the rule.
  ///
  /// The last row of the segment, and one that is truncated, have r + γ·B(s′); a terminated one has r.
  ///
  /// - Precondition: the segment is full.
  /// - Complexity: O(count·actions), no allocation.
  mutating func computeReturns(
    of rule: TargetRule, lambda: Double, policy: Policy, in arena: borrowing Arena<Float>,
    using generator: inout PCG64
  ) {
    let (count, trace) = (count, Float(lambda))
    let (masks, maskSize) = (nextMasks, maskSize)
    arena.withSpan(of: nextValues) { nextValues in
      for row in 0..<count {
        traces[row] = isLast[row] ? 0 : trace
        values[row] =
          discounts[row] == 0
          ? 0
          : rule.value(
            of: nextValues, selecting: nextValues, row: row, of: self.nextValues.columns,
            allowing: masks.span.extracting(row * maskSize..<(row + 1) * maskSize),
            stored: nextAction(of: row), policy: policy, using: &generator)
      }
    }
    // The returns leave the segment meanwhile, since spans of the other arrays borrow it.
    var returns = returns.take()
    var span = returns.mutableSpan
    Backup.returns(
      rewards: rewards.span, discounts: discounts.span, values: values.span, traces: traces.span,
      baselines: values.span, rows: environmentCount, into: &span)
    self.returns = returns
  }

  /// The action that is taken in a row's s′; −1 if there is none.
  private func nextAction(of row: Int) -> Int {
    if isLast[row] { return -1 }
    let next = row + environmentCount
    return next < count ? actions[next] : nextActions[next - count]
  }

  /// Starts the next segment; what is drawn for its first step stays.
  mutating func restart() { stepCount = 0 }
}

extension Segment {
  /// Writes the stored steps, or replaces them.
  ///
  /// - Throws: `ArchiveError` for a row that no step leaves.
  mutating func archive<A: Archive & ~Copyable>(
    in archive: inout A, as name: String, arena: inout Arena<Float>
  ) throws(ArchiveError) {
    let actionCount = nextValues.columns
    try archive.value(
      name + ".stepCount", &stepCount, allowed: "from 0 to \(steps - 1)"
    ) { (0..<steps).contains($0) }
    // Within a segment, what was drawn has been taken.
    let nextLimit = stepCount == 0 ? actionCount : 0
    try archive.value(
      name + ".nextActions", &nextActions,
      allowed: "\(environmentCount) numbers from -1 to \(nextLimit - 1)"
    ) { $0.count == environmentCount && $0.allSatisfy { (-1..<nextLimit).contains($0) } }

    let rows = 0..<stepCount * environmentCount
    try archive.finiteNumbers(name + ".observations", of: observations.rows(rows), in: &arena)
    try archive.finiteNumbers(name + ".nextValues", of: nextValues.rows(rows), in: &arena)
    try archive.rows(
      name + ".actions", &actions, rows, allowed: "numbers from 0 to \(actionCount - 1)"
    ) { (0..<actionCount).contains($0) }
    try archive.rows(name + ".rewards", &rewards, rows, allowed: "finite numbers") { $0.isFinite }
    try archive.rows(name + ".discounts", &discounts, rows, allowed: "numbers from 0 to 1") {
      (0...1).contains($0)
    }
    try archive.rows(name + ".isLast", &isLast, rows, allowed: "flags") { _ in true }
    if nextMasks.isEmpty { return }
    try archive.rows(
      name + ".nextMasks", &nextMasks, 0..<rows.count * actionCount, allowed: "flags"
    ) { _ in true }
    guard nextMasks.firstRowWithoutTrue(of: count) == nil else {
      throw .notAllowed(
        name + ".nextMasks", value: "a row of false", allowed: "a legal action in every row")
    }
  }
}

extension Archive where Self: ~Copyable {
  /// Writes the first elements of an array, or replaces them.
  fileprivate mutating func rows<Element: Codable>(
    _ name: String, _ all: inout [Element], _ rows: Range<Int>, allowed: String,
    where isAllowed: (Element) -> Bool
  ) throws(ArchiveError) {
    var stored = Array(all[rows])
    try value(name, &stored, allowed: "\(rows.count) \(allowed)") {
      $0.count == rows.count && $0.allSatisfy(isAllowed)
    }
    all.replaceSubrange(rows, with: stored)
  }
}
