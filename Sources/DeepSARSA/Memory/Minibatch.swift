/// Transitions drawn from the replay memory, each with the window of transitions that it begins, laid out for
/// the matrix products.
///
/// A window has up to `steps` transitions of one episode. Numbers of every transition of a window are in
/// arrays [steps, count], in the order of time; unused places hold 0.
package struct Minibatch: Sendable {
  /// The number of rows.
  package let count: Int
  /// The largest length of a window.
  package let steps: Int
  /// Whether `nextActions` is needed.
  package let hasNextActions: Bool
  /// Whether s′ is every state that follows a transition of a window, and not only the last one.
  package let hasEveryState: Bool
  /// Whether `nextProbabilities` is needed.
  package let hasProbabilities: Bool

  /// The first s of every row, then every s′, so that one product of the online network covers both.
  package let allObservations: Region
  /// The first s [batch, observationSize].
  package var observations: Region { allObservations.rows(0..<count) }
  /// s′: the last one of every row [batch, observationSize], or all of them [steps·batch, observationSize].
  package var nextObservations: Region { allObservations.rows(count..<allObservations.rows) }

  /// The rows' first slots in the replay memory.
  package var slots: [Int]
  /// The slot whose transition leads to each s′, not used with one step.
  ///
  /// Places behind the end of a window have its last slot.
  package var nextSlots: [Int]
  /// The number of transitions in each row's window.
  package var lengths: [Int]

  /// The first a.
  package var actions: [Int]
  /// a′, the action that was taken in each s′; −1 if there is none.
  package var nextActions: [Int]
  /// The probability with which the behaviour took each a′; 1 if there is none.
  package var nextProbabilities: [Float]

  /// Which actions are legal in each s′ [nextObservations.rows, actions]; empty if all always are.
  package var nextMasks: [Bool]

  /// r and the discount of every transition [steps, count]: γ, or 0 if the next state is terminal.
  package var rewards: [Float]
  package var discounts: [Float]
  /// 1 where the window continues after a transition, 0 at its end [steps, count]; a return that uses every
  /// state replaces the ones by its own traces.
  package var traces: [Float]
  /// The value of s′ [steps, count]; n-step returns need only that of the last s′.
  package var values: [Float]
  /// What is subtracted from the next return [steps, count]; empty for n-step returns.
  package var baselines: [Float]
  /// The return from every transition on [steps, count].
  package var returns: [Float]

  /// The weight of each row in the loss: 1 if all transitions are drawn with equal probability.
  package var weights: [Float]
  /// y, and y − q(s, a).
  package var targets: [Float]
  package var errors: [Float]

  package init(
    count: Int, steps: Int = 1, hasNextActions: Bool = true, hasEveryState: Bool = false,
    hasProbabilities: Bool = false, maskedActions: Int = 0, observationSize: Int,
    in layout: inout ArenaLayout
  ) throws(ArenaError) {
    self.count = count
    self.steps = steps
    self.hasNextActions = hasNextActions
    self.hasEveryState = hasEveryState
    self.hasProbabilities = hasProbabilities
    let nextCount = hasEveryState ? steps * count : count
    allObservations = try layout.reserve(rows: count + nextCount, columns: observationSize)
    slots = Array(repeating: 0, count: count)
    nextSlots = Array(repeating: 0, count: nextCount)
    lengths = Array(repeating: 1, count: count)
    actions = slots
    nextActions = Array(repeating: -1, count: nextCount)
    nextProbabilities = Array(repeating: 1, count: nextCount)
    nextMasks = Array(repeating: true, count: nextCount * maskedActions)
    rewards = Array(repeating: 0, count: steps * count)
    discounts = rewards
    traces = rewards
    values = rewards
    baselines = hasEveryState ? rewards : []
    returns = rewards
    weights = Array(repeating: 1, count: count)
    targets = Array(repeating: 0, count: count)
    errors = targets
  }
}

extension Minibatch {
  /// The place of a window's last transition in the arrays [steps, count].
  @inline(__always)
  func lastPlace(of row: Int) -> Int { steps == 1 ? row : (lengths[row] - 1) * count + row }

  /// The mean of q(s, a|θ), from targets and errors.
  var meanValue: Float {
    var sum: Float = 0
    for i in 0..<count { sum += targets[i] - errors[i] }
    return sum / Float(count)
  }
}
