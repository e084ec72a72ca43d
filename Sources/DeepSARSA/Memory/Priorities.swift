internal import CSARSAMath

/// Draws slots in proportion to a power of their priority, the size of their last error.
///
/// P_i = p_i^α / Σ_k p_k^α, with p = |δ| + 1e-6, and δ = y − q(s, a) of the update in which the slot was last
/// drawn. A new transition has the largest priority so far, so that each is likely to be drawn soon. The
/// weight w_i = (N·P_i)^−β in the loss corrects for drawing some transitions more often than others; it is
/// divided by the largest of a minibatch.
///
/// With an exponent of 0 it holds nothing, and slots are drawn by `Sampler`.
///
/// Source: T. Schaul et al. 2016, "Prioritized Experience Replay",
/// https://doi.org/10.48550/arXiv.1511.05952: proportional priorities, stratified draws (appendix B.2.1).
struct Priorities: ~Copyable, Sendable {
  /// Added to the size of an error, so that every transition can be drawn again.
  static let smallest: Float = 1e-6
  /// The bytes that a transition's priority takes: one number, and its part of the tree.
  static let bytesPerTransition = 4 + 8 * 16.0 / 15

  /// α; 0 for none.
  private let exponent: Double
  /// p of every slot [1, capacity].
  private let priorities: Region
  private var storage: Arena<Float>
  /// p^α of every slot that has a transition, 0 of the others.
  private var tree: SumTree
  /// The largest priority that there has been, at least 1.
  private var largest: Float = 1

  /// Reserves the memory for a number of slots.
  ///
  /// - Throws: `ArenaError` if there is not enough memory.
  init(capacity: Int, exponent: Double) throws(ArenaError) {
    let capacity = exponent == 0 ? 0 : capacity
    var layout = ArenaLayout()
    let priorities = try layout.reserve(count: capacity)
    let storage = try Arena<Float>(layout)
    let tree = try SumTree(count: capacity)
    self.exponent = exponent
    self.priorities = priorities
    self.storage = storage
    self.tree = tree
  }

  /// Whether slots have priorities.
  var isUsed: Bool { exponent != 0 }

  /// Gives the slot of a new transition the largest priority so far.
  ///
  /// - Complexity: O(log capacity), no allocation.
  mutating func add(_ slot: Int) { set(slot, to: largest) }

  /// Sets the priorities of slots by their errors; the last error counts of a slot that occurs twice.
  ///
  /// - Precondition: the errors are finite.
  /// - Complexity: O(slots·log capacity), no allocation.
  mutating func update(_ slots: [Int], errors: [Float]) {
    for i in slots.indices {
      let priority = abs(errors[i]) + Self.smallest
      largest = max(largest, priority)
      set(slots[i], to: priority)
    }
  }

  private mutating func set(_ slot: Int, to priority: Float) {
    storage[priorities, 0, slot] = priority
    tree.set(slot, to: mass(of: priority))
  }

  private func mass(of priority: Float) -> Double { sarsa_pow(Double(priority), exponent) }

  /// Draws slots, with replacement: one from each of as many equal parts of the total mass.
  ///
  /// - Complexity: O(slots·log capacity), no allocation.
  func draw(into slots: inout [Int], using generator: inout PCG64) {
    let (total, count) = (tree.total, Double(slots.count))
    let highest = total.nextDown
    for i in slots.indices {
      let mass = (Double(i) + generator.random()) / count * total
      slots[i] = tree.leaf(at: mass < highest ? mass : highest)
    }
  }

  /// Computes the weights of drawn slots in the loss, of which the largest is 1.
  ///
  /// The correction is β, from 0 for none to 1 for a full one.
  ///
  /// - Complexity: O(slots), no allocation.
  func weigh(_ slots: [Int], correction: Double, into weights: inout [Float]) {
    // The largest weight is that of the smallest mass; N and the total cancel in the quotient.
    var smallest = Double.infinity
    for i in slots.indices { smallest = min(smallest, tree.mass(of: slots[i])) }
    for i in slots.indices {
      weights[i] = Float(sarsa_pow(smallest / tree.mass(of: slots[i]), correction))
    }
  }
}

extension Priorities {
  /// Writes the priorities of the first slots, or replaces all; the tree is built from them.
  ///
  /// - Throws: `ArchiveError` for priorities that no errors give.
  mutating func archive<A: Archive & ~Copyable>(
    _ count: Int, in archive: inout A, as name: String
  ) throws(ArchiveError) {
    if !isUsed { return }
    try archive.value(
      name + ".largestPriority", &largest, allowed: "a finite number, 1 or more"
    ) { $0 >= 1 && $0.isFinite }
    let stored = priorities.slice(at: 0, rows: 1, columns: count)
    try archive.numbers(name + ".priorities", of: stored, in: &storage)
    if !archive.isReading { return }
    let numbers = storage.values(of: stored)
    for (slot, number) in numbers.enumerated() where !(number > 0 && number <= largest) {
      throw .notAllowed(
        "\(name).priorities[\(slot)]", value: "\(number)",
        allowed: "a number above 0, up to the largest priority, \(largest)")
    }
    let exponent = exponent
    tree.fill(count) { sarsa_pow(Double(numbers[$0]), exponent) }
  }
}
