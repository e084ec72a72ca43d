internal import SARSAPreconditions

/// Masses of leaves, with their sums in a tree: a leaf is drawn in proportion to its mass in O(log count).
///
/// A node is the sum of its up to sixteen children in their order, and is computed anew from them when one
/// changes. So the sums are those of a tree that is built from the leaves, to the bit, after any number of
/// changes: no rounding is carried on. Sixteen numbers are two cache lines; a million leaves have five levels.
///
/// Source: T. Schaul et al. 2016, https://doi.org/10.48550/arXiv.1511.05952, appendix B.2.1.
package struct SumTree: ~Copyable, Sendable {
  private static let fanOut = 16

  /// The number of leaves.
  package let count: Int
  /// Where each level's nodes begin: those of the leaves first, the root last.
  private let starts: [Int]
  private let nodes: Region
  private var storage: Arena<Double>

  /// Makes a tree whose masses are all 0.
  ///
  /// - Throws: `ArenaError` if there is not enough memory.
  /// - Complexity: O(log count); physical memory is used as leaves get a mass.
  package init(count: Int) throws(ArenaError) {
    var (starts, end, size) = ([0], count, count)
    while size > 1 {
      // Places that fill up the last node's children stay 0.
      end = (end + Self.fanOut - 1) / Self.fanOut * Self.fanOut
      starts.append(end)
      size = (size + Self.fanOut - 1) / Self.fanOut
      end += size
    }
    var layout = ArenaLayout()
    let nodes = try layout.reserve(count: max(end, 1))
    let storage = try Arena<Double>(layout)
    self.count = count
    self.starts = starts
    self.nodes = nodes
    self.storage = storage
  }

  /// The sum of all masses.
  package var total: Double { storage[nodes, 0, starts[starts.count - 1]] }

  /// The mass of a leaf.
  package func mass(of leaf: Int) -> Double { storage[nodes, 0, leaf] }

  /// All numbers of the tree, the leaves first, as a new array.
  package var sums: [Double] { storage.values(of: nodes) }

  /// Changes the mass of a leaf, and the sums above it.
  ///
  /// - Precondition: the leaf exists; the mass is finite and not negative.
  /// - Complexity: O(log count), no allocation.
  package mutating func set(_ leaf: Int, to mass: Double) {
    require(leaf >= 0 && leaf < count, "the leaf is %; allowed: below %", leaf, count)
    require(mass >= 0 && mass < .infinity, "the mass is \(mass); allowed: finite, 0 or more")
    let starts = starts
    storage.withMutableSpan(of: nodes) { nodes in
      nodes[leaf] = mass
      var index = leaf
      for level in 1..<max(starts.count, 1) {
        index /= Self.fanOut
        nodes[starts[level] + index] = Self.sum(nodes, from: starts[level - 1], of: index)
      }
    }
  }

  /// The leaf in whose part of the total a mass lies, if leaves are laid end to end.
  ///
  /// A leaf without mass is never returned.
  ///
  /// - Precondition: the mass is from 0 to the total, excluded.
  /// - Complexity: O(log count), no allocation.
  package func leaf(at mass: Double) -> Int {
    require(
      mass >= 0 && mass < total, "the mass is \(mass); allowed: from 0 to \(total), excluded")
    let starts = starts
    return storage.withSpan(of: nodes) { nodes in
      var rest = mass
      var (index, level) = (0, starts.count - 1)
      while level > 0 {
        level -= 1
        // The sums of the first children are added as for the node, so that the last one is the node itself,
        // and `rest` is below one of them.
        var before = 0.0
        var child = starts[level] + index * Self.fanOut
        while rest >= before + nodes[child] {
          before += nodes[child]
          child += 1
        }
        rest -= before
        // Rounding must not lead beyond the child.
        if rest >= nodes[child] { rest = nodes[child].nextDown }
        index = child - starts[level]
      }
      return index
    }
  }

  /// Sets the masses of the first leaves, those of the others to 0, and computes all sums.
  ///
  /// - Complexity: O(count), no allocation.
  package mutating func fill(_ filled: Int, _ mass: (Int) -> Double) {
    let (starts, count) = (starts, count)
    storage.withMutableSpan(of: nodes) { nodes in
      for leaf in 0..<count { nodes[leaf] = leaf < filled ? mass(leaf) : 0 }
      var size = count
      for level in 1..<max(starts.count, 1) {
        size = (size + Self.fanOut - 1) / Self.fanOut
        for index in 0..<size {
          nodes[starts[level] + index] = Self.sum(nodes, from: starts[level - 1], of: index)
        }
      }
    }
  }

  /// The sum of a node's children, in their order.
  @inline(__always)
  private static func sum(
    _ nodes: borrowing MutableSpan<Double>, from start: Int, of index: Int
  ) -> Double {
    var sum = 0.0
    for child in start + index * fanOut..<start + (index + 1) * fanOut { sum += nodes[child] }
    return sum
  }
}
