internal import SARSAPreconditions

/// The replay memory: a ring of transitions, from which minibatches are drawn at random, uniformly or by
/// priority.
///
/// Environments store their transitions in turn. So the transition that follows another one in time is found
/// by its distance in the ring, and neither a′ nor the rest of a window has to be stored twice. The s′ of an
/// episode's last transition is the episode's last observation, never the first of the next episode.
///
/// Observations of zeros and ones are stored as bits, one frame a step, and widened to numbers when a minibatch
/// is gathered. What is drawn is the same as with numbers, to the bit.
///
/// Source: L.-J. Lin, "Self-Improving Reactive Agents Based on Reinforcement Learning, Planning and
/// Teaching", 1992, https://doi.org/10.1007/BF00992699.
package struct ReplayMemory: ~Copyable, Sendable {
  private var ring: Ring
  private var store: TransitionStore
  /// The s′ that are no other record's s; used only for frames of bits.
  private var nextFrames: NextFrames
  private var sampler: Sampler
  private var priorities: Priorities
  /// The environment that stores the next transition.
  private var turn = 0

  /// Makes an empty memory.
  ///
  /// Only with masks does a transition have a mask of its next state. Binary observations are zeros and ones.
  ///
  /// - Throws: `ArenaError` if there is not enough memory.
  /// - Complexity: O(1); physical memory is used as transitions are stored.
  package init(
    capacity: Int, observationSize: Int, actionCount: Int, batchSize: Int,
    environmentCount: Int = 1, isBinary: Bool = false, hasProbabilities: Bool = false,
    hasActionMasks: Bool = false, priorityExponent: Double = 0
  ) throws(ArenaError) {
    let store = try TransitionStore(
      capacity: capacity, actionCount: actionCount,
      layout: RecordLayout(
        observationSize: observationSize, isBinary: isBinary, hasProbabilities: hasProbabilities,
        maskedActions: hasActionMasks ? actionCount : 0))
    let nextFrames = try NextFrames(
      capacity: capacity, environmentCount: environmentCount, packing: store.layout.packing)
    let priorities = try Priorities(capacity: capacity, exponent: priorityExponent)
    ring = Ring(capacity: capacity, writerCount: environmentCount)
    self.store = store
    self.nextFrames = nextFrames
    sampler = Sampler(batchSize: batchSize)
    self.priorities = priorities
  }

  /// The largest number of transitions.
  package var capacity: Int { ring.capacity }

  /// The number of stored transitions.
  package var count: Int { ring.count }

  /// Whether minibatches are drawn by priority.
  package var hasPriorities: Bool { priorities.isUsed }

  /// The bytes that a transition takes, without its priority.
  ///
  /// With binary observations, the last one of an episode takes less than as much again.
  package static func bytesPerTransition(
    observationSize: Int, isBinary: Bool = false, hasProbabilities: Bool = false,
    maskedActions: Int = 0
  ) -> Int {
    RecordLayout(
      observationSize: observationSize, isBinary: isBinary, hasProbabilities: hasProbabilities,
      maskedActions: maskedActions
    ).width
      * MemoryLayout<Float>.stride
  }

  /// Stores a transition; a full memory replaces the oldest one.
  ///
  /// Both observations are rows of flat arrays; `row` is the environment's index. The discount is γ, or 0
  /// if the next state is terminal. `isLast` marks the last transition of an episode, because the
  /// environment's next transition belongs to another episode. `nextMasks` are the masks of the next states
  /// [environments, actions], used only by a memory with masks. `probability` is that with which the
  /// behaviour took the action; it is stored if the memory has probabilities.
  ///
  /// - Precondition: environments store in turn. Binary observations are zeros and ones, and within an episode,
  ///   each is the next observation of the environment's transition before.
  /// - Complexity: O(observationSize), and O(log capacity) with priorities; no allocation.
  package mutating func append(
    observations: [Float], action: Int, reward: Double, nextObservations: [Float],
    nextMasks: [Bool] = [], discount: Double, isLast: Bool, probability: Float = 1, row: Int = 0
  ) {
    require(row == turn, "row is %; allowed: %, for environments store in turn", row, turn)
    turn = row + 1 == ring.writerCount ? 0 : row + 1
    let slot = ring.next()
    store.write(
      slot, observations: observations, action: action, reward: reward,
      nextObservations: nextObservations, discount: discount, isLast: isLast,
      probability: probability, start: row * store.layout.observationSize)
    if store.layout.packing != nil {
      nextFrames.write(
        nextObservations, from: row * store.layout.observationSize, after: slot, isLast: isLast,
        in: ring)
    }
    if store.layout.maskedActions > 0 { store.write(slot, mask: nextMasks, row: row) }
    if priorities.isUsed { priorities.add(slot) }
  }

  /// Draws a minibatch's slots: uniformly from the stored transitions, without replacement; or by priority,
  /// with replacement, together with their weights in the loss.
  ///
  /// The correction is β of the weights, from 0 to 1, which are 1 without priorities.
  package mutating func draw(
    _ batch: inout Minibatch, correction: Double = 1, using generator: inout PCG64
  ) {
    if priorities.isUsed {
      priorities.draw(into: &batch.slots, using: &generator)
      priorities.weigh(batch.slots, correction: correction, into: &batch.weights)
    } else {
      sampler.draw(below: count, into: &batch.slots, using: &generator)
    }
    store.prefetch(batch.slots)
  }

  /// Sets the priorities of a minibatch's transitions by the errors of their targets.
  ///
  /// - Precondition: the errors are finite, and nothing was stored since the minibatch was drawn.
  /// - Complexity: O(batch·log capacity), no allocation.
  package mutating func updatePriorities(of batch: Minibatch) {
    priorities.update(batch.slots, errors: batch.errors)
  }

  /// Copies the drawn transitions, and the windows that begin with them, into the minibatch.
  package func gather(_ batch: inout Minibatch, in arena: inout Arena<Float>) {
    let layout = store.layout
    store.read { records in
      gather(&batch.actions, of: batch.slots) { Int(records[$0 * layout.width + layout.action]) }
      if batch.steps == 1 {
        gather(&batch.rewards, of: batch.slots) { records[$0 * layout.width + layout.reward] }
        gather(&batch.discounts, of: batch.slots) {
          layout.discount(in: records, at: $0 * layout.width)
        }
      } else {
        followWindows(of: &batch, in: records)
      }
      let nextSlots = batch.steps == 1 ? batch.slots : batch.nextSlots
      if batch.hasNextActions {
        gather(&batch.nextActions, of: nextSlots) { slot in
          let next = successor(of: slot, in: records)
          return next < 0 ? -1 : Int(records[next * layout.width + layout.action])
        }
      }
      if layout.maskedActions > 0 { gatherMasks(of: nextSlots, in: records, into: &batch) }
      if batch.hasProbabilities {
        gather(&batch.nextProbabilities, of: nextSlots) { slot in
          let next = successor(of: slot, in: records)
          return next < 0 ? 1 : records[next * layout.width + layout.probability]
        }
      }
      if let packing = layout.packing {
        return widen(packing, before: nextSlots, in: records, into: batch, in: &arena)
      }
      arena.withMutableSpan(of: batch.allObservations) { observations in
        let (size, rows) = (layout.observationSize, batch.count)
        for row in 0..<rows {
          let first = batch.slots[row] * layout.width
          let next = nextSlots[row] * layout.width + size
          for i in 0..<size {
            observations[row * size + i] = records[first + i]
            observations[(rows + row) * size + i] = records[next + i]
          }
        }
        // The s′ of later steps, if every one is used.
        for place in rows..<nextSlots.count {
          let next = nextSlots[place] * layout.width + size
          for i in 0..<size { observations[(rows + place) * size + i] = records[next + i] }
        }
      }
    }
  }

  /// Widens the frames of s and s′.
  private func widen(
    _ packing: FrameBits, before nextSlots: [Int], in records: Span<Float>, into batch: Minibatch,
    in arena: inout Arena<Float>
  ) {
    let (size, width) = (packing.count, store.layout.width)
    nextFrames.read { frames in
      arena.withMutableSpan(of: batch.allObservations) { observations in
        for row in batch.slots.indices {
          packing.widen(
            records, at: batch.slots[row] * width, into: &observations, at: row * size)
        }
        for place in nextSlots.indices {
          let (slot, start) = (nextSlots[place], (batch.count + place) * size)
          let next = successor(of: slot, in: records)
          if next >= 0 {
            packing.widen(records, at: next * width, into: &observations, at: start)
          } else {
            let isLast = store.layout.isLast(in: records, at: slot * width)
            let row = nextFrames.row(after: slot, isLast: isLast, in: ring)
            packing.widen(frames, at: row * packing.words, into: &observations, at: start)
          }
        }
      }
    }
  }

  /// Copies the masks of the next states of some transitions, one for each row.
  private func gatherMasks(
    of slots: [Int], in records: Span<Float>, into batch: inout Minibatch
  ) {
    let (layout, count) = (store.layout, store.layout.maskedActions)
    for row in slots.indices {
      let record = slots[row] * layout.width
      for action in 0..<count {
        batch.nextMasks[row * count + action] = layout.allows(action, in: records, at: record)
      }
    }
  }

  /// Copies the rewards and discounts of up to `steps` transitions from each drawn one on.
  ///
  /// A window ends after `steps` transitions, with the end of its episode, or with the newest transition.
  private func followWindows(of batch: inout Minibatch, in records: Span<Float>) {
    let (rows, layout) = (batch.count, store.layout)
    for row in 0..<rows {
      var slot = batch.slots[row]
      var length = 0
      while true {
        let place = length * rows + row
        batch.rewards[place] = records[slot * layout.width + layout.reward]
        batch.discounts[place] = layout.discount(in: records, at: slot * layout.width)
        batch.values[place] = 0
        if batch.hasEveryState { batch.nextSlots[place] = slot }
        length += 1
        let next = length < batch.steps ? successor(of: slot, in: records) : -1
        batch.traces[place] = next < 0 ? 0 : 1
        if next < 0 { break }
        slot = next
      }
      if !batch.hasEveryState { batch.nextSlots[row] = slot }
      batch.lengths[row] = length
      // The recursion also reads the unused places, which may hold values of an earlier minibatch.
      for step in length..<batch.steps {
        let place = step * rows + row
        batch.rewards[place] = 0
        batch.discounts[place] = 0
        batch.traces[place] = 0
        if batch.hasEveryState { batch.nextSlots[place] = slot }
      }
    }
  }

  /// The slot of the next transition of the same episode; −1 if there is none.
  private func successor(of slot: Int, in records: Span<Float>) -> Int {
    let layout = store.layout
    return layout.isLast(in: records, at: slot * layout.width) ? -1 : ring.successor(of: slot)
  }

  // One loop per array: Swift then checks once per array, not once per row, that its storage is unique.
  @inline(__always)
  private func gather<Value>(
    _ values: inout [Value], of slots: [Int], _ value: (Int) -> Value
  ) {
    var values = values.mutableSpan
    for row in slots.indices { values[row] = value(slots[row]) }
  }
}

extension ReplayMemory: Archivable {
  package mutating func archive<A: Archive & ~Copyable>(
    in archive: inout A, as name: String
  ) throws(ArchiveError) {
    try ring.archive(in: &archive, as: name)
    try archive.value(name + ".turn", &turn, allowed: "from 0 to \(ring.writerCount - 1)") {
      (0..<ring.writerCount).contains($0)
    }
    try archiveRecords(in: &archive, as: name)
    let lastSlots = archive.isReading ? lastSlots : []
    try nextFrames.archive(in: &archive, as: name, lastSlots: lastSlots)
    try priorities.archive(count, in: &archive, as: name)
  }

  /// The slots of episodes' last transitions, in the order of time.
  private var lastSlots: [Int] {
    var slots: [Int] = []
    store.read { records in
      for slot in ring.slots where store.layout.isLast(in: records, at: slot * store.layout.width) {
        slots.append(slot)
      }
    }
    return slots
  }

  /// Writes or replaces the records alone.
  mutating func archiveRecords<A: Archive & ~Copyable>(
    in archive: inout A, as name: String
  ) throws(ArchiveError) {
    try store.archive(total: ring.total, in: &archive, as: name + ".records")
  }
}
