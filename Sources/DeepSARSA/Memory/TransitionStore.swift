internal import SARSAPreconditions

/// The numbers of transitions, one record of floats per slot.
///
/// A record holds s, s′, a, r, γ (0 if there is no next state) and whether the episode ended; if a return needs
/// it, the probability with which a was taken; and with action masks, which actions are legal in s′. They lie
/// side by side, so that reading a record touches one or two cache lines. MountainCar's record has 32 bytes.
///
/// If observations are zeros and ones, s is a frame of bits, and s′ is not stored: it is the frame of another
/// record, or in `NextFrames`. Breakout's record has 64 bytes.
struct TransitionStore: ~Copyable, Sendable {
  /// Where the numbers of a record are.
  let layout: RecordLayout
  /// The number of different actions.
  private let actionCount: Int
  /// The records [capacity, layout.width].
  let records: Region
  private(set) var storage: Arena<Float>

  /// Reserves memory for a number of records.
  ///
  /// - Throws: `ArenaError` if there is not enough memory.
  /// - Complexity: O(1); physical memory is used as records are written.
  init(capacity: Int, actionCount: Int, layout: RecordLayout) throws(ArenaError) {
    var arenaLayout = ArenaLayout()
    let records = try arenaLayout.reserve(rows: capacity, columns: layout.width)
    let storage = try Arena<Float>(arenaLayout)
    self.layout = layout
    self.actionCount = actionCount
    self.records = records
    self.storage = storage
  }

  /// Writes a record; s and s′ begin at `start` of flat arrays.
  ///
  /// With frames of bits, s′ is not written.
  mutating func write(
    _ slot: Int, observations: [Float], action: Int, reward: Double, nextObservations: [Float],
    discount: Double, isLast: Bool, probability: Float, start: Int
  ) {
    let size = layout.observationSize
    storage.withMutableSpan(of: records.row(slot)) { record in
      if let packing = layout.packing {
        packing.pack(observations, from: start, into: &record)
      } else {
        for i in 0..<size {
          record[i] = observations[start + i]
          record[size + i] = nextObservations[start + i]
        }
      }
      record[layout.action] = Float(action)
      record[layout.reward] = Float(reward)
      layout.write(Float(discount), isLast: isLast, into: &record)
      if layout.hasProbabilities { record[layout.probability] = probability }
    }
  }

  /// Writes which actions are legal in a record's s′, a row of some masks.
  mutating func write(_ slot: Int, mask masks: [Bool], row: Int) {
    let (layout, count) = (layout, layout.maskedActions)
    require(
      masks.count >= (row + 1) * count, "masks has % values; allowed: % or more", masks.count,
      (row + 1) * count)
    storage.withMutableSpan(of: records.row(slot)) { record in
      for word in 0..<layout.maskWords {
        var bits = 0
        for bit in 0..<layout.maskBits(in: word)
        where masks[row * count + word * RecordLayout.bitsPerWord + bit] {
          bits |= 1 << bit
        }
        record[layout.mask + word] = Float(bits)
      }
    }
  }

  /// Loads some records into the processor's cache.
  func prefetch(_ slots: [Int]) { storage.prefetch(rows: slots, of: records) }

  /// Lets a function read all records; record `slot` begins at `slot * layout.width`.
  func read(_ body: (Span<Float>) -> Void) { storage.withSpan(of: records, body) }
}

/// Where the numbers of a record are: s, s′, a, r, γ, 1 if the transition is its episode's last, the
/// probability of a, and the mask of s′.
///
/// With frames of bits they are: s, a, r, γ, the probability of a, and the mask of s′. The sign of γ then marks
/// an episode's last transition.
///
/// A mask is whole numbers of `bitsPerWord` bits, which a `Float` holds exactly; bit i of the first is 1 if
/// action i is legal.
struct RecordLayout: Hashable, Sendable {
  /// The numbers of s, which begins at 0, and of s′, which follows.
  let observationSize: Int
  /// How s is packed if its numbers are 0 and 1; then there is no s′.
  let packing: FrameBits?
  /// Whether there is a probability.
  let hasProbabilities: Bool
  /// The number of actions if they have masks, otherwise 0.
  let maskedActions: Int

  static let bitsPerWord = 24

  let action: Int
  let reward: Int
  let discount: Int
  /// The place of γ, too, if its sign says it.
  let isLast: Int
  let probability: Int
  let mask: Int

  init(observationSize: Int, isBinary: Bool, hasProbabilities: Bool, maskedActions: Int) {
    self.observationSize = observationSize
    packing = isBinary ? FrameBits(count: observationSize) : nil
    self.hasProbabilities = hasProbabilities
    self.maskedActions = maskedActions
    action = packing?.words ?? 2 * observationSize
    reward = action + 1
    discount = action + 2
    isLast = packing == nil ? action + 3 : discount
    probability = isLast + 1
    mask = hasProbabilities ? probability + 1 : probability
  }

  /// Writes γ, and whether the transition is its episode's last.
  func write(_ gamma: Float, isLast: Bool, into record: inout MutableSpan<Float>) {
    if packing == nil {
      record[discount] = gamma
      record[self.isLast] = isLast ? 1 : 0
    } else {
      record[discount] = isLast ? -gamma : gamma
    }
  }

  /// γ of the record that begins at a place.
  @inline(__always)
  func discount(in records: Span<Float>, at record: Int) -> Float {
    records[record + discount].magnitude
  }

  /// Whether the transition of the record that begins at a place is its episode's last.
  @inline(__always)
  func isLast(in records: Span<Float>, at record: Int) -> Bool {
    packing == nil
      ? records[record + isLast] != 0 : records[record + isLast].sign == .minus
  }

  var maskWords: Int { (maskedActions + Self.bitsPerWord - 1) / Self.bitsPerWord }

  /// The bits of a word of the mask.
  func maskBits(in word: Int) -> Int {
    min(Self.bitsPerWord, maskedActions - word * Self.bitsPerWord)
  }

  /// Whether an action is legal in the s′ of the record that begins at a place.
  func allows(_ action: Int, in records: Span<Float>, at record: Int) -> Bool {
    let (word, bit) = action.quotientAndRemainder(dividingBy: Self.bitsPerWord)
    return Int(records[record + mask + word]) >> bit & 1 == 1
  }

  /// The floats of a record, padded so that it lies in as few cache lines as possible.
  var width: Int {
    let size = mask + maskWords
    if size > 16 { return (size + 15) / 16 * 16 }
    return size > 8 ? 16 : 8
  }
}

extension TransitionStore {
  /// Writes the records, or replaces them, of which `total` were ever written.
  ///
  /// - Throws: `ArchiveError` for records that no transition gives.
  mutating func archive<A: Archive & ~Copyable>(
    total: Int, in archive: inout A, as name: String
  ) throws(ArchiveError) {
    try archive.ring(name, records, total: total, in: &storage)
    if !archive.isReading { return }
    for slot in 0..<min(total, records.rows) {
      let impossible = storage.withSpan(of: records.row(slot)) { record in
        layout.firstImpossible(in: record, actionCount: actionCount).map {
          ArchiveError.notAllowed(
            "\(name)[\(slot)][\($0.index)]", value: "\(record[$0.index])", allowed: $0.allowed)
        }
      }
      if let impossible { throw impossible }
    }
  }
}

extension RecordLayout {
  /// The first number of a record that no transition gives, by its index, and the allowed numbers.
  fileprivate func firstImpossible(
    in record: Span<Float>, actionCount: Int
  ) -> (index: Int, allowed: String)? {
    for index in record.indices where !record[index].isFinite { return (index, "a finite number") }
    if Int(exactly: record[action]).map((0..<actionCount).contains) != true {
      return (action, "a whole number from 0 to \(actionCount - 1)")
    }
    if let packing {
      if let impossible = packing.firstImpossible(in: record) { return impossible }
      if record[discount].magnitude > 1 { return (discount, "a number from -1 to 1") }
    } else {
      if !(0...1).contains(record[discount]) { return (discount, "a number from 0 to 1") }
      if ![0, 1].contains(record[isLast]) { return (isLast, "0 or 1") }
    }
    if hasProbabilities && !(record[probability] > 0 && record[probability] <= 1) {
      return (probability, "a number above 0, up to 1")
    }
    var hasLegalAction = maskedActions == 0
    for word in 0..<maskWords {
      let limit = 1 << maskBits(in: word)
      guard let bits = Int(exactly: record[mask + word]), (0..<limit).contains(bits) else {
        return (mask + word, "a whole number from 0 to \(limit - 1)")
      }
      if bits > 0 { hasLegalAction = true }
    }
    return hasLegalAction ? nil : (mask, "a mask with a legal action")
  }
}
