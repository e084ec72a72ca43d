internal import SARSAPreconditions

/// The slots of a ring buffer that several writers fill in turn.
///
/// It holds no records, only which slots have one, and which follows which: as writers take turns, a
/// writer's next record lies `writerCount` slots further on.
struct Ring: Hashable, Sendable {
  /// The number of slots.
  let capacity: Int
  /// The number of writers, at most the capacity.
  let writerCount: Int
  /// The number of records that were ever written; record i is in slot i mod capacity.
  private(set) var total = 0
  /// The number of slots with a record: 0..<count.
  private(set) var count = 0
  /// The slot of the next record.
  private(set) var head = 0

  init(capacity: Int, writerCount: Int) {
    require(
      writerCount >= 1 && writerCount <= capacity, "writerCount is %; allowed: from 1 to %",
      writerCount, capacity)
    self.capacity = capacity
    self.writerCount = writerCount
  }

  /// The slot of the next record; in a full ring, it has the oldest one.
  mutating func next() -> Int {
    let slot = head
    total += 1
    head = head + 1 == capacity ? 0 : head + 1
    count = min(count + 1, capacity)
    return slot
  }

  /// The slots with a record, the oldest first.
  var slots: [Int] { count < capacity ? Array(0..<count) : Array(head..<capacity) + (0..<head) }

  /// How many records were written after that of a slot.
  ///
  /// - Precondition: the slot has a record.
  func newerCount(than slot: Int) -> Int {
    slot < head ? head - 1 - slot : head - 1 - slot + capacity
  }

  /// The writer of a slot's record, of those that wrote in turn from 0 on.
  ///
  /// - Precondition: the slot has a record.
  func writer(of slot: Int) -> Int { (total - 1 - newerCount(than: slot)) % writerCount }

  /// The slot of the same writer's next record; −1 if it has not been written yet.
  ///
  /// - Precondition: the slot has a record.
  func successor(of slot: Int) -> Int {
    if newerCount(than: slot) < writerCount { return -1 }
    let next = slot + writerCount
    return next < capacity ? next : next - capacity
  }
}

extension Ring: Archivable {
  mutating func archive<A: Archive & ~Copyable>(
    in archive: inout A, as name: String
  ) throws(ArchiveError) {
    let limit = Hyperparameters.Limit.steps
    try archive.value(name + ".total", &total, allowed: "from 0 to \(limit)") {
      (0...limit).contains($0)
    }
    count = min(total, capacity)
    head = total % capacity
  }
}
