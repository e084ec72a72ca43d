import DeepSARSA
import Foundation
import TestSupport
import Testing

@Suite("Prioritised replay")
struct PriorityTests {
  /// A memory, a minibatch of it, and what a step needs.
  private struct Replay: ~Copyable {
    var memory: ReplayMemory
    var batch: Minibatch
    var generator = PCG64(seed: 1)

    init(capacity: Int, rows: Int, exponent: Double) throws {
      var layout = ArenaLayout()
      let batch = try Minibatch(count: rows, observationSize: 1, in: &layout)
      let memory = try ReplayMemory(
        capacity: capacity, observationSize: 1, actionCount: 1, batchSize: rows,
        priorityExponent: exponent)
      self.memory = memory
      self.batch = batch
    }

    mutating func append(_ count: Int = 1) {
      for _ in 0..<count {
        memory.append(
          observations: [0], action: 0, reward: 0, nextObservations: [0], discount: 0,
          isLast: false)
      }
    }

    /// Sets the priorities of the first slots, one by one.
    mutating func set(_ priorities: [Float]) {
      for (slot, priority) in priorities.enumerated() {
        for row in 0..<batch.count {
          // Errors of either sign.
          let error = priority - 1e-6
          (batch.slots[row], batch.errors[row]) = (slot, slot % 2 == 0 ? error : -error)
        }
        memory.updatePriorities(of: batch)
      }
    }

    mutating func draw(correction: Double = 1) {
      memory.draw(&batch, correction: correction, using: &generator)
    }

    /// How often each of the first slots is in the minibatch.
    func counts(_ slots: Int) -> [Int] {
      batch.slots.reduce(into: Array(repeating: 0, count: slots)) { $0[$1] += 1 }
    }
  }

  @Test("priorities 1 and 3 with α = β = 1: weights 2 and ⅔, divided by the largest 1 and ⅓")
  func weightsByHand() throws {
    var replay = try Replay(capacity: 2, rows: 2, exponent: 1)
    replay.append(2)
    replay.set([1, 3])
    var isSeen = false
    for _ in 0..<100 {
      replay.draw()
      // The second half of the total mass belongs to slot 1 in any case.
      #expect(replay.batch.slots[1] == 1)
      if replay.batch.slots[0] == 1 {
        // The largest weight is that of the minibatch.
        #expect(replay.batch.weights == [1, 1])
        continue
      }
      isSeen = true
      let weights = [1 / (2 * 0.25), 1 / (2 * 0.75)]
      #expect(weights == [2, 2 / 3.0])
      for (found, weight) in zip(replay.batch.weights, weights) {
        #expect(abs(Double(found) - weight / 2) < 1e-6)
      }
    }
    #expect(isSeen)
  }

  @Test("weights are (N·P)^−β over the largest of the minibatch", arguments: [0.3, 0.6, 1])
  func weights(exponent: Double) throws {
    var generator = PCG64(seed: 2)
    for _ in 0..<20 {
      let count = 2 + generator.integer(below: 60)
      var replay = try Replay(capacity: 64, rows: 16, exponent: exponent)
      replay.append(count)
      let priorities = (0..<count).map { _ in Float(exp(generator.uniform(-4, 4))) }
      replay.set(priorities)
      let correction = generator.random()
      replay.draw(correction: correction)
      let masses = priorities.map { pow(Double($0), exponent) }
      let total = masses.reduce(0, +)
      let weights = replay.batch.slots.map {
        pow(Double(count) * masses[$0] / total, -correction)
      }
      for (found, weight) in zip(replay.batch.weights, weights) {
        // Priorities are rounded, and so is 1e-6 beside them.
        #expect(abs(Double(found) - weight / (weights.max() ?? 0)) < 1e-5)
      }
      #expect(replay.batch.weights.max() == 1)
    }
  }

  @Test("each transition is drawn as often as its priority says", arguments: [0.5, 1])
  func frequencies(exponent: Double) throws {
    var generator = PCG64(seed: 3)
    let count = 30
    var replay = try Replay(capacity: 37, rows: 16, exponent: exponent)
    replay.append(count)
    let priorities = (0..<count).map { _ in Float(generator.uniform(0.1, 3)) }
    replay.set(priorities)
    var counts = [Int](repeating: 0, count: count)
    let draws = 2_000
    for _ in 0..<draws {
      replay.draw()
      for slot in replay.batch.slots { counts[slot] += 1 }
    }
    let masses = priorities.map { pow(Double($0), exponent) }
    let total = masses.reduce(0, +)
    func statistic(_ shares: [Double]) -> Double {
      zip(counts, shares).reduce(0) { sum, pair in
        let expected = Double(16 * draws) * pair.1
        return sum + pow(Double(pair.0) - expected, 2) / expected
      }
    }
    // 29 degrees of freedom: exceeded once in a thousand, and less often by draws from equal parts.
    #expect(statistic(masses.map { $0 / total }) < 58.3)
    #expect(statistic(masses.map { _ in 1 / Double(count) }) > 1_000)
  }

  @Test("draws come from equal parts of the mass: counts are within one of their mean")
  func stratified() throws {
    var replay = try Replay(capacity: 8, rows: 100, exponent: 1)
    replay.append(4)
    replay.set([1, 2, 3, 4])
    for _ in 0..<50 {
      replay.draw()
      for (found, expected) in zip(replay.counts(4), [10, 20, 30, 40]) {
        #expect(abs(found - expected) <= 1)
      }
    }
  }

  @Test("a new transition has the largest priority so far (RLlib: 1), also in a slot used before")
  func newTransitions() throws {
    var replay = try Replay(capacity: 4, rows: 1_000, exponent: 1)
    replay.append(3)
    // The first ones have 1.
    replay.draw()
    for count in replay.counts(3) { #expect(abs(count - 333) <= 2) }
    replay.set([6, 2, 2])
    // 6 has been the largest, even if no transition has it any longer.
    replay.set([1, 1, 2])
    replay.append()
    replay.draw()
    for (found, expected) in zip(replay.counts(4), [100, 100, 200, 600]) {
      #expect(abs(found - expected) <= 2)
    }
    replay.append()
    replay.draw()
    for (found, expected) in zip(replay.counts(4), [400, 67, 133, 400]) {
      #expect(abs(found - expected) <= 2)
    }
  }

  @Test(
    "the newest transition can be drawn (hill-a#941), and none that was not stored",
    arguments: [1, 5, 16, 17, 40])
  func newest(capacity: Int) throws {
    var replay = try Replay(capacity: capacity, rows: 200, exponent: 0.6)
    for number in 0..<2 * capacity + 3 {
      replay.append()
      replay.draw()
      let drawn = Set(replay.batch.slots)
      #expect(drawn.contains(number % capacity))
      #expect(drawn.allSatisfy { $0 < min(number + 1, capacity) })
      // All have one priority: two hundred parts reach each of up to forty.
      #expect(drawn.count == min(number + 1, capacity))
    }
  }

  @Test("a priority is never so small that its transition cannot be drawn (flashbax#52: drift)")
  func smallPriorities() throws {
    var replay = try Replay(capacity: 20, rows: 20, exponent: 1)
    replay.append(20)
    replay.set((0..<20).map { $0 == 7 ? 1e-6 + 1e-6 : 1e6 })
    for _ in 0..<100 {
      replay.draw()
      #expect(replay.batch.weights.allSatisfy { $0 > 0 && $0 <= 1 })
    }
    // An error of 0 has a priority of 1e-6: with no others left, it is drawn.
    replay.set(Array(repeating: 1e-6, count: 20))
    replay.draw()
    #expect(Set(replay.batch.slots) == Set(0..<20))
  }

  @Test("without priorities a minibatch has the slots and weights that it always had")
  func unused() throws {
    var replay = try Replay(capacity: 50, rows: 8, exponent: 0)
    replay.append(50)
    var (generator, sampler) = (PCG64(seed: 1), Sampler(batchSize: 8))
    var expected = replay.batch.slots
    for _ in 0..<10 {
      replay.draw(correction: 0.4)
      sampler.draw(below: 50, into: &expected, using: &generator)
      #expect(replay.batch.slots == expected && replay.batch.weights.allSatisfy { $0 == 1 })
    }
    let hasPriorities = replay.memory.hasPriorities
    #expect(!hasPriorities)
  }

  @Test("storing, drawing and changing priorities allocates nothing, in debug builds too")
  func allocations() throws {
    var replay = try Replay(capacity: 20, rows: 32, exponent: 0.6)
    replay.append(20)
    replay.draw()
    let (observation, row): ([Float], Int) = ([0], 0)
    let appends = TestSupport.allocations {
      replay.memory.append(
        observations: observation, action: 0, reward: 0, nextObservations: observation, discount: 0,
        isLast: false, row: row)
    }
    let draws = TestSupport.allocations { replay.draw(correction: 0.5) }
    let updates = TestSupport.allocations { replay.memory.updatePriorities(of: replay.batch) }
    #expect(appends == 0 && draws == 0 && updates == 0, "\(appends), \(draws), \(updates)")
  }

  @Test("β rises from its first value to 1 with the share of the budget that is used")
  func budget() {
    let both = Budget(steps: 1_000, episodes: 10)
    #expect(both.usedShare(steps: 0, episodes: 0) == 0)
    #expect(both.usedShare(steps: 250, episodes: 2) == 0.25)
    #expect(both.usedShare(steps: 250, episodes: 5) == 0.5)
    #expect(both.usedShare(steps: 1_003, episodes: 5) == 1)
    #expect(Budget(steps: nil, episodes: 4).usedShare(steps: 9_999, episodes: 1) == 0.25)
    #expect(Budget(steps: 50).usedShare(steps: 20, episodes: 9_999) == 0.4)
  }
}
