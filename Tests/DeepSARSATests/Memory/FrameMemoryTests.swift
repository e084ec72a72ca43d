import DeepSARSA
import TestSupport
import Testing

/// A transition with both observations.
private struct Full {
  var observation: [Float]
  var action: Int
  var reward: Double
  var next: [Float]
  var mask: [Bool]
  var discount: Double
  var isLast: Bool
  var probability: Float
}

/// Environments of random boards of zeros and ones: whatever they did is kept whole.
private struct Boards {
  let size: Int
  let count: Int
  let actionCount: Int
  /// The part of transitions that end an episode.
  let ends: Double
  /// All transitions in the order in which they are stored: every `count`-th is of the same environment.
  private(set) var all: [Full] = []
  private var generator: PCG64

  init(size: Int, count: Int, actionCount: Int, ends: Double, seed: UInt64) {
    (self.size, self.count, self.actionCount, self.ends) = (size, count, actionCount, ends)
    generator = PCG64(seed: seed)
  }

  private mutating func board() -> [Float] {
    let density = generator.random()
    return (0..<size).map { _ in generator.random() < density ? 1 : 0 }
  }

  /// The next transition of the environment whose turn it is, and the environment.
  mutating func advance() -> (row: Int, transition: Full) {
    let before = all.count < count ? nil : all[all.count - count]
    let observation = before.map { $0.isLast ? nil : $0.next } ?? nil
    let end = generator.random() < ends
    let isTerminated = end && generator.random() < 0.5
    var mask = (0..<actionCount).map { _ in generator.random() < 0.5 }
    mask[generator.integer(below: actionCount)] = true
    let transition = Full(
      observation: observation ?? board(), action: generator.integer(below: actionCount),
      reward: Double(all.count), next: board(), mask: mask, discount: isTerminated ? 0 : 0.5,
      isLast: end, probability: 1 / Float(1 + all.count % 7))
    all.append(transition)
    return ((all.count - 1) % count, transition)
  }

  /// The window of up to `steps` transitions from one on, of those that there are.
  func window(from first: Int, steps: Int) -> [Full] {
    var window = [all[first]]
    var place = first + count
    while window.count < steps, !window[window.count - 1].isLast, place < all.count {
      window.append(all[place])
      place += count
    }
    return window
  }

  /// The action that follows a window, or its probability; `nil` if there is none.
  func follower(of first: Int, length: Int) -> Full? {
    let last = first + (length - 1) * count
    return all[last].isLast || last + count >= all.count ? nil : all[last + count]
  }
}

/// How a memory is made and drawn from.
private struct Shape {
  let size: Int
  let environments: Int
  let capacity: Int
  let rows: Int
  let steps: Int
  let hasEveryState: Bool
  let exponent: Double
  static let actionCount = 3

  /// Any of a few thousand.
  init(using generator: inout PCG64) {
    size = [1, 30, 31, 32, 62, 100, 400][generator.integer(below: 7)]
    environments = 1 + generator.integer(below: 4)
    capacity = environments + generator.integer(below: 40)
    rows = 1 + generator.integer(below: capacity)
    steps = 1 + generator.integer(below: 4)
    hasEveryState = steps > 1 && generator.integer(below: 2) == 1
    exponent = Double(generator.integer(below: 2)) * 0.6
  }

  func memory(isBinary: Bool) throws -> ReplayMemory {
    try ReplayMemory(
      capacity: capacity, observationSize: size, actionCount: Self.actionCount, batchSize: rows,
      environmentCount: environments, isBinary: isBinary, hasProbabilities: true,
      hasActionMasks: true, priorityExponent: exponent)
  }
}

/// A memory with all that a return may need, and its minibatch.
private struct Shelf: ~Copyable {
  var memory: ReplayMemory
  var batch: Minibatch
  var arena: Arena<Float>
  var generator = PCG64(seed: 5)

  init(_ shape: Shape, isBinary: Bool) throws {
    var layout = ArenaLayout()
    let batch = try Minibatch(
      count: shape.rows, steps: shape.steps, hasEveryState: shape.hasEveryState,
      hasProbabilities: true, maskedActions: Shape.actionCount, observationSize: shape.size,
      in: &layout)
    let arena = try Arena<Float>(layout)
    let memory = try shape.memory(isBinary: isBinary)
    self.memory = memory
    self.batch = batch
    self.arena = arena
  }

  mutating func store(_ transition: Full, row: Int, of count: Int) {
    // Other rows have numbers that no memory may take.
    func rows<Value>(_ own: [Value], _ other: Value) -> [Value] {
      (0..<count).flatMap { $0 == row ? own : Array(repeating: other, count: own.count) }
    }
    memory.append(
      observations: rows(transition.observation, 7), action: transition.action,
      reward: transition.reward, nextObservations: rows(transition.next, 7),
      nextMasks: rows(transition.mask, false), discount: transition.discount,
      isLast: transition.isLast, probability: transition.probability, row: row)
  }

  /// Draws a minibatch, whose errors are what its rows' priorities are set by.
  mutating func draw() -> [Float] {
    memory.draw(&batch, correction: 0.7, using: &generator)
    memory.gather(&batch, in: &arena)
    if memory.hasPriorities {
      for row in 0..<batch.count {
        batch.errors[row] = batch.rewards[row].remainder(dividingBy: 13)
      }
      memory.updatePriorities(of: batch)
    }
    return arena.values(of: batch.allObservations)
  }

  /// What a minibatch holds, apart from where it is.
  var contents: [[Float]] {
    [
      batch.slots.map(Float.init), batch.lengths.map(Float.init), batch.actions.map(Float.init),
      batch.nextActions.map(Float.init), batch.nextProbabilities, batch.rewards, batch.discounts,
      batch.traces, batch.weights, batch.nextMasks.map { $0 ? 1 : 0 },
    ]
  }
}

@Suite("A memory of frames of bits")
struct FrameMemoryTests {
  @Test(
    "gives what a memory of numbers and a list of whole transitions give, to the bit",
    arguments: [0, 0.05, 0.3, 1])
  func sameAsNumbers(ends: Double) throws {
    var draws = PCG64(seed: 1)
    for number in 0..<24 {
      let shape = Shape(using: &draws)
      var boards = Boards(
        size: shape.size, count: shape.environments, actionCount: Shape.actionCount, ends: ends,
        seed: UInt64(number))
      var bits = try Shelf(shape, isBinary: true)
      var numbers = try Shelf(shape, isBinary: false)
      while boards.all.count < 4 * shape.capacity {
        for _ in 0...draws.integer(below: 5) {
          let (row, transition) = boards.advance()
          bits.store(transition, row: row, of: shape.environments)
          numbers.store(transition, row: row, of: shape.environments)
        }
        // Now and then another memory goes on, from a state that went through a file.
        if draws.integer(below: 4) == 0 {
          var state = MemoryArchive()
          try bits.memory.archive(in: &state, as: "memory")
          state = try MemoryArchive(SafetensorsReader(state.encoded()))
          if draws.integer(below: 2) == 0 { bits.memory = try shape.memory(isBinary: true) }
          try bits.memory.archive(in: &state, as: "memory")
          try state.finishReading()
        }
        if bits.memory.count < shape.rows { continue }
        let (found, expected) = (bits.draw(), numbers.draw())
        #expect(found.map(\.bitPattern) == expected.map(\.bitPattern))
        #expect(bits.contents == numbers.contents)
        check(bits.batch, found, boards)
      }
    }
  }

  /// Compares a minibatch with the whole transitions; rewards name them.
  private func check(_ batch: Minibatch, _ observations: [Float], _ boards: Boards) {
    let size = boards.size
    func observation(_ row: Int) -> [Float] { Array(observations[row * size..<(row + 1) * size]) }
    for row in 0..<batch.count {
      let first = Int(batch.rewards[row])
      let window = boards.window(from: first, steps: batch.steps)
      #expect(batch.lengths[row] == window.count)
      #expect(observation(row) == window[0].observation)
      if !batch.hasEveryState {
        #expect(observation(batch.count + row) == window[window.count - 1].next)
        let follower = boards.follower(of: first, length: window.count)
        #expect(batch.nextActions[row] == follower?.action ?? -1)
        #expect(batch.nextProbabilities[row] == follower?.probability ?? 1)
      }
      for (step, transition) in window.enumerated() {
        let place = step * batch.count + row
        #expect(batch.rewards[place] == Float(transition.reward))
        #expect(batch.discounts[place] == Float(transition.discount))
        if batch.hasEveryState {
          #expect(observation(batch.count + place) == transition.next)
        }
      }
    }
  }

  @Test("a transition of Breakout takes 64 bytes, and one of the other games up to 192")
  func bytes() throws {
    let expected = [
      "Asterix": 64, "Breakout": 64, "Freeway": 128, "SpaceInvaders": 128, "Seaquest": 192,
    ]
    for (game, bytes) in expected {
      let specification = try EnvironmentRegistry.make("MinAtar/\(game)-v1").specification
      var hyperparameters = Hyperparameters()
      hyperparameters.replay.capacity = 1_000_000
      #expect(
        hyperparameters.memory(for: specification).experience == Double(bytes) * 1e6, "\(game)")
    }
    // With numbers, a transition of Breakout takes 3,264 bytes.
    #expect(ReplayMemory.bytesPerTransition(observationSize: 400) == 3_264)
  }

  @Test("storing and drawing allocate nothing: ends, wraps and all")
  func allocations() throws {
    var memory = try ReplayMemory(
      capacity: 101, observationSize: 40, actionCount: 4, batchSize: 32, environmentCount: 2,
      isBinary: true)
    var layout = ArenaLayout()
    var batch = try Minibatch(count: 32, steps: 3, observationSize: 40, in: &layout)
    var arena = try Arena<Float>(layout)
    var generator = PCG64(seed: 1)
    let boards = [[Float](repeating: 0, count: 80), [Float](repeating: 1, count: 80)]
    // What is called for the first time may allocate.
    var counts: [Int] = []
    for numbers in [0..<200, 200..<1_000] {
      let count = TestSupport.allocations {
        for number in numbers {
          memory.append(
            observations: boards[number / 2 % 2], action: 1, reward: 0,
            nextObservations: boards[(number / 2 + 1) % 2], discount: 0.5, isLast: number % 5 == 0,
            row: number % 2)
          if number < 32 { continue }
          memory.draw(&batch, using: &generator)
          memory.gather(&batch, in: &arena)
        }
      }
      counts.append(count)
    }
    #expect(counts[1] == 0)
  }

  // MARK: - States

  /// A memory of one environment in which the first and the third of four transitions end an episode.
  private func memory() throws -> ReplayMemory {
    var memory = try ReplayMemory(
      capacity: 5, observationSize: 40, actionCount: 4, batchSize: 1, isBinary: true)
    for number in 0..<4 {
      memory.append(
        observations: Array(repeating: Float(number % 2), count: 40), action: 3, reward: 1,
        nextObservations: Array(repeating: Float((number + 1) % 2), count: 40), discount: 0.5,
        isLast: number % 2 == 0)
    }
    return memory
  }

  @Test("a state that no memory of frames wrote is an error that names the place")
  func damaged() throws {
    // The first number whose bits are more than the nine of a frame's second word; one with the highest bit of
    // an exponent; and what is wrong in any record.
    let (ten, high) = (Float(bitPattern: 1 << 9), Float(2))
    let changes: [(part: String, index: Int, value: Float, message: String)] = [
      ("records", 8 + 1, ten, "records[1][1]' of the state is 7.17e-43; allowed: 9 bits of an"),
      ("records", 8, high, "records[1][0]' of the state is 2.0; allowed: 31 bits of an"),
      ("records", 8 + 2, 4, "records[1][2]' of the state is 4.0; allowed: a whole number from 0"),
      ("records", 8 + 4, -1.5, "records[1][4]' of the state is -1.5; allowed: a number from -1"),
      ("records", 8 + 4, .nan, "records[1][4]' of the state is nan; allowed: a finite number"),
      ("lastFrames", 3, ten, "lastFrames[3]' of the state is 7.17e-43; allowed: 9 bits"),
      ("lastFrames", 2, .infinity, "lastFrames[2]' of the state is inf; allowed: 31 bits"),
      ("newestFrames", 1, ten, "newestFrames[1]' of the state is 7.17e-43; allowed: 9 bits"),
    ]
    for (part, index, value, message) in changes {
      var memory = try memory()
      var archive = NumberChanger(part: "memory." + part, index: index, value: value)
      try memory.archive(in: &archive, as: "memory")
      archive.isReading = true
      let error = #expect(throws: ArchiveError.self) {
        try memory.archive(in: &archive, as: "memory")
      }
      #expect(
        error?.description.hasPrefix("'memory." + message) == true, "\(String(describing: error))")
    }
  }

  @Test("a state with more or fewer last frames than its records say is an error")
  func contradictory() throws {
    var memory = try memory()
    var state = MemoryArchive()
    try memory.archive(in: &state, as: "memory")
    #expect(
      state.names
        == ["lastFrames", "newestFrames", "records", "total", "turn"].map { "memory." + $0 })
    // A record's discount is negative if it is an episode's last.
    for (discount, count) in [(Float(-0.5), 6), (0.5, 2)] {
      var other = try self.memory()
      var archive = NumberChanger(
        part: "memory.records", index: (discount < 0 ? 8 : 0) + 4, value: discount, isReading: true,
        archive: state)
      let error = #expect(throws: ArchiveError.self) {
        try other.archive(in: &archive, as: "memory")
      }
      #expect(
        error?.description == "'memory.lastFrames' of the state has 4 numbers; allowed: \(count)")
    }
  }
}

/// An archive in memory that changes one number of a part when it is read.
private struct NumberChanger: Archive {
  let part: String
  let index: Int
  let value: Float
  var isReading = false { didSet { if isReading { archive.startReading() } } }
  var archive = MemoryArchive()

  init(
    part: String, index: Int, value: Float, isReading: Bool = false,
    archive: MemoryArchive = MemoryArchive()
  ) {
    (self.part, self.index, self.value) = (part, index, value)
    (self.isReading, self.archive) = (isReading, archive)
    if isReading { self.archive.startReading() }
  }

  mutating func value<Value: Codable>(
    _ name: String, _ value: inout Value
  ) throws(ArchiveError) {
    try archive.value(name, &value)
  }

  mutating func numbers(
    _ name: String, of region: Region, in arena: inout Arena<Float>
  ) throws(ArchiveError) {
    try archive.numbers(name, of: region, in: &arena)
    if isReading && name == part { arena.withMutableSpan(of: region) { $0[index] = value } }
  }
}
