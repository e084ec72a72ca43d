/// The replay memory: a ring of transitions, from which minibatches are drawn at random.
///
/// A transition is one record of floats, so that drawing it touches one or two cache lines: s, s′, a, r,
/// γ (0 if there is no next state) and a′, the action taken in s′. a′ is −1 after the end of an episode
/// and for the newest transition. MountainCar's record has 32 bytes. The s′ of an episode's last
/// transition is the episode's last observation, never the first of the next episode.
///
/// Source: L.-J. Lin, "Self-Improving Reactive Agents Based on Reinforcement Learning, Planning and
/// Teaching", 1992, https://doi.org/10.1007/BF00992699.
package struct ReplayMemory: ~Copyable, Sendable {
  /// The largest number of transitions.
  package let capacity: Int
  /// The number of stored transitions.
  package private(set) var count = 0
  /// The slot of the next transition.
  private var head = 0

  private let observationSize: Int
  /// The records [capacity, recordSize], in a separate arena.
  private let ring: Region
  private var storage: Arena<Float>
  private var sampler: Sampler
  /// The slot of each environment's newest transition, whose a′ is not known yet; −1 if it has none.
  private var unfinished: [Int]

  /// Makes an empty memory.
  ///
  /// - Throws: `ArenaError` if there is not enough memory.
  /// - Complexity: O(1); physical memory is used as transitions are stored.
  package init(
    capacity: Int, observationSize: Int, batchSize: Int, environmentCount: Int = 1
  ) throws(ArenaError) {
    var layout = ArenaLayout()
    let ring = try layout.reserve(
      rows: capacity, columns: Self.recordSize(observationSize: observationSize))
    let storage = try Arena<Float>(layout)

    self.capacity = capacity
    self.observationSize = observationSize
    self.ring = ring
    self.storage = storage
    sampler = Sampler(batchSize: batchSize)
    unfinished = Array(repeating: -1, count: environmentCount)
  }

  /// The floats of a record, padded so that it lies in as few cache lines as possible.
  static func recordSize(observationSize: Int) -> Int {
    let size = 2 * observationSize + 4
    if size > 16 { return (size + 15) / 16 * 16 }
    return size > 8 ? 16 : 8
  }

  /// The bytes that a transition takes.
  package static func bytesPerTransition(observationSize: Int) -> Int {
    recordSize(observationSize: observationSize) * MemoryLayout<Float>.stride
  }

  /// Stores a transition; a full memory replaces the oldest one.
  ///
  /// Both observations are rows of flat arrays; `row` is the environment's index. The discount is γ, or 0
  /// if the next state is terminal. `isLast` marks the last transition of an episode, because the
  /// environment's next transition belongs to another episode.
  ///
  /// - Complexity: O(observationSize), no allocation.
  package mutating func append(
    observations: [Float], action: Int, reward: Double, nextObservations: [Float], discount: Double,
    isLast: Bool, row: Int = 0
  ) {
    let (size, start) = (observationSize, row * observationSize)
    if unfinished[row] >= 0 { storage[ring, unfinished[row], 2 * size + 3] = Float(action) }
    unfinished[row] = isLast ? -1 : head
    storage.withMutableSpan(of: ring.row(head)) { record in
      for i in 0..<size {
        record[i] = observations[start + i]
        record[size + i] = nextObservations[start + i]
      }
      record[2 * size] = Float(action)
      record[2 * size + 1] = Float(reward)
      record[2 * size + 2] = Float(discount)
      record[2 * size + 3] = -1
    }
    head = head + 1 == capacity ? 0 : head + 1
    count = min(count + 1, capacity)
  }

  /// Draws a minibatch's slots uniformly from the stored transitions, without replacement.
  package mutating func draw(_ batch: inout Minibatch, using generator: inout PCG64) {
    sampler.draw(below: count, into: &batch.slots, using: &generator)
    storage.prefetch(rows: batch.slots, of: ring)
  }

  /// Copies the drawn transitions into the minibatch.
  package func gather(_ batch: inout Minibatch, in arena: inout Arena<Float>) {
    let (size, rows, width) = (observationSize, batch.count, ring.columns)
    storage.withSpan(of: ring) { records in
      arena.withMutableSpan(of: batch.allObservations) { observations in
        for row in 0..<rows {
          let record = batch.slots[row] * width
          for i in 0..<size {
            observations[row * size + i] = records[record + i]
            observations[(rows + row) * size + i] = records[record + size + i]
          }
        }
      }
      // One loop per array: Swift then checks once per array, not once per row, that its storage is unique.
      let end = 2 * size
      gather(&batch.actions, of: batch.slots) { Int(records[$0 * width + end]) }
      gather(&batch.rewards, of: batch.slots) { records[$0 * width + end + 1] }
      gather(&batch.discounts, of: batch.slots) { records[$0 * width + end + 2] }
      gather(&batch.nextActions, of: batch.slots) { Int(records[$0 * width + end + 3]) }
    }
  }

  @inline(__always)
  private func gather<Value>(
    _ values: inout [Value], of slots: [Int], _ value: (Int) -> Value
  ) {
    var values = values.mutableSpan
    for row in values.indices { values[row] = value(slots[row]) }
  }
}
