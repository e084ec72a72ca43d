/// Transitions drawn from memory, in the order that the products want them.
struct Minibatch: Sendable {
  /// s of every row, then s′ of every row [2·batch, observationSize], so that the online network
  /// sees both in one product.
  let allObservations: Region
  /// s [batch, observationSize].
  var observations: Region { allObservations.rows(0..<count) }
  /// s′ [batch, observationSize].
  var nextObservations: Region { allObservations.rows(count..<2 * count) }

  /// a, r, and γ or 0 where nothing follows: termination, truncation and γ are one number.
  var actions: [Int]
  var rewards: [Float]
  var discounts: [Float]
  /// The loss's weight of each row.
  var weights: [Float]
  /// y, and y − q(s, a).
  var targets: [Float]
  var errors: [Float]

  /// Where the rows lie in memory.
  var slots: [Int]

  let count: Int

  init(count: Int, observationSize: Int, in layout: inout ArenaLayout) throws(ArenaError) {
    self.count = count
    allObservations = try layout.reserve(rows: 2 * count, columns: observationSize)
    actions = Array(repeating: 0, count: count)
    rewards = Array(repeating: 0, count: count)
    discounts = rewards
    weights = Array(repeating: 1, count: count)
    targets = rewards
    errors = rewards
    slots = actions
  }
}
