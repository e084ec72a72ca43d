/// Transitions drawn from the replay memory, laid out for the matrix products.
package struct Minibatch: Sendable {
  /// s of every row, then s′ of every row [2·batch, observationSize], so that one product of the online
  /// network covers both.
  package let allObservations: Region
  /// s [batch, observationSize].
  package var observations: Region { allObservations.rows(0..<count) }
  /// s′ [batch, observationSize].
  package var nextObservations: Region { allObservations.rows(count..<2 * count) }

  /// a, r, and the discount: γ, or 0 if the next state is terminal.
  package var actions: [Int]
  package var rewards: [Float]
  package var discounts: [Float]
  /// a′, the action that was taken in s′; −1 if there is none.
  package var nextActions: [Int]
  /// The weight of each row in the loss: 1, since all transitions are drawn with equal probability.
  package var weights: [Float]
  /// y, and y − q(s, a).
  package var targets: [Float]
  package var errors: [Float]

  /// The rows' slots in the replay memory.
  package var slots: [Int]

  package let count: Int

  package init(count: Int, observationSize: Int, in layout: inout ArenaLayout) throws(ArenaError) {
    self.count = count
    allObservations = try layout.reserve(rows: 2 * count, columns: observationSize)
    actions = Array(repeating: 0, count: count)
    nextActions = actions
    rewards = Array(repeating: 0, count: count)
    discounts = rewards
    weights = Array(repeating: 1, count: count)
    targets = rewards
    errors = rewards
    slots = actions
  }
}
