/// Draws distinct whole numbers in O(batch), however many there are to choose from.
///
/// Floyd's algorithm needs one draw a number and a set of those already drawn. The set is a table
/// with open addressing, four places a number, emptied by counting up a generation. Drawn like
/// Python's `random.sample`: every subset is as likely; the order within it is not random.
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
  /// - Precondition: the array is no longer than the batch size given, and the bound no smaller.
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

  /// Adds a number to the set; false if it was there.
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
