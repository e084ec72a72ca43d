/// The next observations that are no other transition's observation, for a memory that stores one frame a step.
///
/// The s′ of a transition is the frame of its successor's slot, with two exceptions, and these are here. The
/// newest transition of an environment has no successor yet: its s′ is in the environment's row. An episode's
/// last transition never gets one, because the environment's next slot begins another episode: its s′ is in a
/// queue.
///
/// The queue has a frame and a slot for every last transition that the ring holds, in the order of time. So the
/// first of them is the one that the ring overwrites first, and a slot's frame is found by bisection.
///
/// Without frames it holds nothing.
struct NextFrames: ~Copyable, Sendable {
  private let packing: FrameBits?
  private let environmentCount: Int
  /// Each environment's row, then the places of the queue [environments + places, words].
  ///
  /// Physical memory is used for little more than the longest queue.
  private let frames: Region
  /// The slot of every frame of the queue, in 31 bits [places, 1].
  private let slots: Region
  private var storage: Arena<Float>
  /// The places of the queue that are used: `count` from `start` on, with at most a 16th as many in front of
  /// them.
  private var (start, count) = (0, 0)
  private static let share = 16

  /// Reserves the memory for a ring's slots.
  ///
  /// - Throws: `ArenaError` if there is not enough memory.
  /// - Complexity: O(1); physical memory is used as frames are written.
  init(capacity: Int, environmentCount: Int, packing: FrameBits?) throws(ArenaError) {
    let places = packing == nil ? 0 : capacity + capacity / Self.share + 1
    let words = packing?.words ?? 0
    var layout = ArenaLayout()
    let frames = try layout.reserve(rows: environmentCount + places, columns: words)
    let slots = try layout.reserve(rows: places, columns: 1)
    let storage = try Arena<Float>(layout)
    self.packing = packing
    self.environmentCount = environmentCount
    self.frames = frames
    self.slots = slots
    self.storage = storage
  }

  /// Stores the s′ of the transition that was just written to a slot of the ring, in the place of what the slot
  /// had before.
  ///
  /// - Complexity: O(observationSize), amortised, no allocation.
  mutating func write(
    _ observations: [Float], from start: Int, after slot: Int, isLast: Bool, in ring: Ring
  ) {
    guard let packing else { return }
    if count > 0 && self.slot(at: 0) == slot { removeFirst() }
    let row = isLast ? environmentCount + self.start + count : ring.writer(of: slot)
    storage.withMutableSpan(of: frames.row(row)) { frame in
      packing.pack(observations, from: start, into: &frame)
    }
    if isLast { append(slot) }
  }

  /// The row of a transition's s′ among all frames.
  ///
  /// - Precondition: the slot's transition is the newest of its environment or the last of its episode.
  /// - Complexity: O(log capacity).
  func row(after slot: Int, isLast: Bool, in ring: Ring) -> Int {
    if !isLast { return ring.writer(of: slot) }
    let age = ring.newerCount(than: slot)
    // The first place whose transition is not older.
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if ring.newerCount(than: self.slot(at: middle)) > age {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return environmentCount + start + low
  }

  /// Lets a function read all frames; row i begins at i times the words of a frame.
  func read(_ body: (Span<Float>) -> Void) { storage.withSpan(of: frames, body) }

  private func slot(at index: Int) -> Int {
    Int(FrameBits.bits(of: storage[slots, start + index, 0]))
  }

  private mutating func append(_ slot: Int) {
    storage[slots, start + count, 0] = FrameBits.word(UInt32(slot))
    count += 1
  }

  /// Removes the first frame; after as many removals as a 16th of the queue, the others move to the front.
  private mutating func removeFirst() {
    (start, count) = (start + 1, count - 1)
    if start <= count / Self.share { return }
    // In parts that fit into the free places, so that none overlaps its copy.
    let queue = frames.rows(environmentCount..<frames.rows)
    var moved = 0
    while moved < count {
      let end = min(moved + start, count)
      storage.copy(queue.rows(start + moved..<start + end), to: queue.rows(moved..<end))
      storage.copy(slots.rows(start + moved..<start + end), to: slots.rows(moved..<end))
      moved = end
    }
    start = 0
  }
}

extension NextFrames {
  /// Writes the frames, or replaces them.
  ///
  /// The slots of the queue are those of the records' last transitions, in the order of time, so they are not
  /// written.
  ///
  /// - Throws: `ArchiveError` if there are more frames or fewer, or one that no observation gives.
  mutating func archive<A: Archive & ~Copyable>(
    in archive: inout A, as name: String, lastSlots: [Int]
  ) throws(ArchiveError) {
    guard let packing else { return }
    if archive.isReading {
      (start, count) = (0, 0)
      for slot in lastSlots { append(slot) }
    }
    let first = environmentCount + start
    let parts = [
      (name + ".newestFrames", frames.rows(0..<environmentCount)),
      (name + ".lastFrames", frames.rows(first..<first + count)),
    ]
    for (name, rows) in parts {
      try archive.numbers(name, of: rows, in: &storage)
      if !archive.isReading { continue }
      try storage.withSpan(of: rows) { numbers throws(ArchiveError) in
        for row in 0..<rows.rows {
          let impossible = packing.firstImpossible(in: numbers, at: row * packing.words)
          guard let (index, allowed) = impossible else { continue }
          throw .notAllowed("\(name)[\(index)]", value: "\(numbers[index])", allowed: allowed)
        }
      }
    }
  }
}
