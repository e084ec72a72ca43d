import DeepSARSA
import Testing

@Suite("The ring of the replay memory")
struct RingTests {
  @Test("every transition's successor is the same environment's next one, for any capacity")
  func successors() throws {
    var generator = PCG64(seed: 1)
    for _ in 0..<60 {
      let capacity = 1 + generator.integer(below: 30)
      let writers = 1 + generator.integer(below: capacity)
      var memory = try ReplayMemory(
        capacity: capacity, observationSize: 1, actionCount: 1 << 20, batchSize: capacity,
        environmentCount: writers)
      // Each writer's transitions in the order of time, and which of all are still stored.
      var histories: [[Record]] = Array(repeating: [], count: writers)
      var stored: [(writer: Int, time: Int)] = []
      let zeros = [Float](repeating: 0, count: writers)
      for number in 0..<2 * capacity + generator.integer(below: 2 * capacity) {
        let writer = number % writers
        let record = Record(action: number, isLast: generator.random() < 0.2)
        stored.append((writer, histories[writer].count))
        if stored.count > capacity { stored.removeFirst() }
        histories[writer].append(record)
        memory.append(
          observations: zeros, action: number, reward: Double(number), nextObservations: zeros,
          discount: 1, isLast: record.isLast, row: writer)
        if number % 5 == 0 { try check(&memory, stored, histories) }
      }
    }
  }

  private struct Record {
    var action: Int
    var isLast: Bool
  }

  /// Draws all that is stored, and follows each by up to three transitions.
  private func check(
    _ memory: inout ReplayMemory, _ stored: [(writer: Int, time: Int)], _ histories: [[Record]]
  ) throws {
    try #require(memory.count == stored.count)
    var layout = ArenaLayout()
    var batch = try Minibatch(
      count: memory.count, steps: 3, observationSize: 1, in: &layout)
    var arena = try Arena<Float>(layout)
    var generator = PCG64(seed: 2)
    memory.draw(&batch, using: &generator)
    memory.gather(&batch, in: &arena)
    var expected: [Int: (length: Int, next: Int)] = [:]
    for (writer, time) in stored {
      let history = histories[writer]
      var end = time + 1
      while end < min(time + 3, history.count), !history[end - 1].isLast { end += 1 }
      let next = end < history.count && !history[end - 1].isLast ? history[end].action : -1
      expected[history[time].action] = (end - time, next)
    }
    #expect(Set(batch.actions) == Set(expected.keys))
    for row in 0..<batch.count {
      let (length, next) = try #require(expected[batch.actions[row]])
      #expect(batch.lengths[row] == length && batch.nextActions[row] == next)
    }
  }
}
