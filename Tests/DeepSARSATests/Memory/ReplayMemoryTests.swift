import DeepSARSA
import Testing

@Suite("Replay memory")
struct ReplayMemoryTests {
  /// A transition whose every number says which it is.
  private func append(_ number: Int, to memory: inout ReplayMemory, size: Int) {
    let observation = (0..<size).map { Float(100 * number + $0) }
    memory.append(
      observations: observation, action: number % 5, reward: Double(-number),
      nextObservations: observation.map { $0 + 50 }, discount: number % 3 == 0 ? 0 : 0.5,
      isLast: number % 4 == 0)
  }

  @Test(
    "what is drawn is what was stored, s′ of its own episode included", arguments: [1, 2, 4, 7, 9])
  func contents(size: Int) throws {
    var memory = try ReplayMemory(
      capacity: 10, observationSize: size, actionCount: 100, batchSize: 4)
    var layout = ArenaLayout()
    var batch = try Minibatch(count: 4, observationSize: size, in: &layout)
    var arena = try Arena<Float>(layout)
    var generator = PCG64(seed: 0)
    for number in 0..<25 {
      append(number, to: &memory, size: size)
      #expect(memory.count == min(number + 1, 10))
      if memory.count < 4 { continue }
      memory.draw(&batch, using: &generator)
      memory.gather(&batch, in: &arena)
      let observations = arena.values(of: batch.observations)
      let next = arena.values(of: batch.nextObservations)
      #expect(Set(batch.rewards).count == 4)
      for row in 0..<4 {
        // The reward tells which transition it is; once full, only the newest ten remain.
        let stored = Int(-batch.rewards[row])
        #expect(stored <= number && stored > number - 10)
        #expect(batch.actions[row] == stored % 5)
        #expect(batch.discounts[row] == (stored % 3 == 0 ? 0 : 0.5))
        // The newest has no successor yet, and an episode's last never gets one.
        let follows = stored < number && stored % 4 != 0
        #expect(batch.nextActions[row] == (follows ? (stored + 1) % 5 : -1))
        for i in 0..<size {
          #expect(observations[row * size + i] == Float(100 * stored + i))
          #expect(next[row * size + i] == Float(100 * stored + i + 50))
        }
      }
    }
  }

  @Test("each environment's next action goes to its own transition, and none over an episode's end")
  func nextActions() throws {
    var memory = try ReplayMemory(
      capacity: 12, observationSize: 1, actionCount: 100, batchSize: 12, environmentCount: 3)
    // Environment 1 ends its episode at its second step of four. Rewards name the transitions.
    for time in 0..<4 {
      for row in 0..<3 {
        memory.append(
          observations: [0, 0, 0], action: 10 * row + time, reward: Double(3 * time + row),
          nextObservations: [0, 0, 0], discount: 1, isLast: row == 1 && time == 1, row: row)
      }
    }
    var layout = ArenaLayout()
    var batch = try Minibatch(count: 12, observationSize: 1, in: &layout)
    var arena = try Arena<Float>(layout)
    var generator = PCG64(seed: 1)
    memory.draw(&batch, using: &generator)
    memory.gather(&batch, in: &arena)
    for i in 0..<12 {
      let (time, row) = (Int(batch.rewards[i]) / 3, Int(batch.rewards[i]) % 3)
      let hasNext = time < 3 && !(row == 1 && time == 1)
      #expect(batch.nextActions[i] == (hasNext ? 10 * row + time + 1 : -1), "\(time), \(row)")
    }
  }

  @Test("a record is padded so that it lies in as few cache lines as can be")
  func recordSize() {
    let bytes = [1: 32, 2: 32, 3: 64, 4: 64, 6: 64, 7: 128, 14: 128, 15: 192]
    for (size, expected) in bytes {
      #expect(ReplayMemory.bytesPerTransition(observationSize: size) == expected)
    }
    // A probability takes one number more, and is there only if a return uses it.
    for (size, expected) in [1: 32, 2: 64, 5: 64, 6: 128, 13: 128] {
      let bytes = ReplayMemory.bytesPerTransition(observationSize: size, hasProbabilities: true)
      #expect(bytes == expected)
    }
  }

  @Test("only returns with a ratio make records longer: MountainCar's have 32 bytes otherwise")
  func probabilitiesOnlyWhereNeeded() {
    for kind in ReturnKind.allCases {
      for (steps, sigma) in [(1, 0.5), (3, 0.5), (3, 0)] {
        var hyperparameters = Hyperparameters()
        hyperparameters.replay.capacity = 1_000
        hyperparameters.target.returns = kind
        (hyperparameters.target.steps, hyperparameters.target.sigma) = (steps, sigma)
        let hasRatio = steps > 1 && (kind == .retrace || (kind == .qSigma && sigma > 0))
        let bytes = hyperparameters.memory(for: mountainCar().specification).experience
        #expect(bytes == (hasRatio ? 64_000 : 32_000))
      }
    }
  }

  @Test("a memory that does not fit is an error, not a trap")
  func tooLarge() {
    #expect(throws: ArenaError.self) {
      _ = try ReplayMemory(
        capacity: Int(Int32.max), observationSize: 1 << 24, actionCount: 100, batchSize: 1)
    }
  }
}
