/// Transitions drawn from memory, in the order that the products want them.
package struct Minibatch: Sendable {
  /// s of every row, then s′ of every row [2·batch, observationSize], so that the online network
  /// sees both in one product.
  package let allObservations: Region
  /// s [batch, observationSize].
  package var observations: Region { allObservations.rows(0..<count) }
  /// s′ [batch, observationSize].
  package var nextObservations: Region { allObservations.rows(count..<2 * count) }

  /// a, r, and γ or 0 where nothing follows: termination, truncation and γ are one number.
  package var actions: [Int]
  package var rewards: [Float]
  package var discounts: [Float]
  /// a′, the action that was really taken in s′; −1 where there is none.
  package var nextActions: [Int]
  /// The loss's weight of each row: one, as long as every transition is as likely to be drawn.
  package var weights: [Float]
  /// y, and y − q(s, a).
  package var targets: [Float]
  package var errors: [Float]

  /// Where the rows lie in memory.
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
