/// Draws distinct integers in O(batch), independent of the size of the range.
///
/// Floyd's algorithm needs one draw per integer, and a set of the integers already drawn. The set is a
/// hash table with open addressing and four slots per integer, which is emptied by incrementing a
/// generation. All subsets have the same probability; the order within a subset is not random.
///
/// Source: J. Bentley, R. W. Floyd, "A Sample of Brilliance", 1987,
/// https://doi.org/10.1145/30401.315746.
package struct Sampler: Sendable {
  private var places: [(value: Int, generation: UInt64)]
  private var generation: UInt64 = 0
  private let mask: Int

  package init(batchSize: Int) {
    var size = 4
    while size < 4 * batchSize { size *= 2 }
    places = Array(repeating: (0, 0), count: size)
    mask = size - 1
  }

  /// Fills an array with distinct numbers from 0..<bound.
  ///
  /// - Precondition: the array's length is at most the batch size and at most the bound.
  package mutating func draw(
    below bound: Int, into numbers: inout [Int], using generator: inout PCG64
  ) {
    precondition(numbers.count <= bound, "\(numbers.count) distinct numbers below \(bound)")
    generation += 1
    for i in numbers.indices {
      let last = bound - numbers.count + i
      let drawn = generator.integer(below: last + 1)
      numbers[i] = insert(drawn) ? drawn : last
      if numbers[i] == last { _ = insert(last) }
    }
  }

  /// Adds a number to the set; false if the set already contains it.
  private mutating func insert(_ value: Int) -> Bool {
    // Fibonacci hashing: the high bits of a product with 2⁶⁴/φ.
    var place = Int(truncatingIfNeeded: (UInt64(value) &* 0x9e37_79b9_7f4a_7c15) >> 32) & mask
    while places[place].generation == generation {
      if places[place].value == value { return false }
      place = (place + 1) & mask
    }
    places[place] = (value, generation)
    return true
  }
}
