import DeepSARSA
import TestSupport
import Testing

@Suite("The sum tree")
struct SumTreeTests {
  private static let counts = Array(1...40) + [255, 256, 257, 300, 700, 4_097]

  @Test("a mass finds the leaf in whose part of the total it lies (CleanRL#546: the next leaf)")
  func threeEqual() throws {
    var tree = try SumTree(count: 3)
    for leaf in 0..<3 { tree.set(leaf, to: 1) }
    let found = [tree.leaf(at: 0.5), tree.leaf(at: 1.5), tree.leaf(at: 2.5)]
    #expect(found == [0, 1, 2])
    #expect(found != [1, 2, 0])
    let total = tree.total
    #expect(total == 3)
    #expect([tree.leaf(at: 0), tree.leaf(at: 1), tree.leaf(at: 2)] == [0, 1, 2])
  }

  @Test(
    "after any changes it is the tree that is built from its leaves, to the bit", arguments: counts)
  func noDrift(count: Int) throws {
    var generator = PCG64(seed: UInt64(count))
    var tree = try SumTree(count: count)
    var masses = [Double](repeating: 0, count: count)
    for change in 0..<600 {
      let leaf = generator.integer(below: count)
      // Masses of many sizes, whose sums are rounded, and zeros.
      let size = generator.uniform(-30, 30)
      masses[leaf] =
        generator.random() < 0.2
        ? 0 : generator.random() * (size < 0 ? 1 / Double(1 << Int(-size)) : Double(1 << Int(size)))
      tree.set(leaf, to: masses[leaf])
      if change % 50 != 49 { continue }
      var built = try SumTree(count: count)
      let filled = masses
      built.fill(count) { filled[$0] }
      #expect(tree.sums == built.sums)
      #expect(tree.sums.prefix(count).elementsEqual(masses))
    }
  }

  @Test("a leaf is the one that a search from the first leaf on finds", arguments: counts)
  func linearSearch(count: Int) throws {
    var generator = PCG64(seed: UInt64(1_000 + count))
    // Whole numbers, so that sums are exact; many are 0.
    let masses = (0..<count).map { _ in Double(max(0, generator.integer(below: 7) - 3)) }
    var tree = try SumTree(count: count)
    for leaf in 0..<count { tree.set(leaf, to: masses[leaf]) }
    let total = masses.reduce(0, +)
    let sum = tree.total
    #expect(sum == total)
    for half in 0..<min(Int(2 * total), 2_000) {
      var (rest, expected) = (Double(half) / 2, 0)
      while rest >= masses[expected] {
        rest -= masses[expected]
        expected += 1
      }
      #expect(tree.leaf(at: Double(half) / 2) == expected)
    }
  }

  @Test("a leaf without mass is never found, however the sums are rounded", arguments: counts)
  func neverEmpty(count: Int) throws {
    var generator = PCG64(seed: UInt64(2_000 + count))
    var tree = try SumTree(count: count)
    for _ in 0..<20 {
      for leaf in 0..<count {
        tree.set(leaf, to: generator.random() < 0.5 ? 0 : 0.1 * generator.random())
      }
      tree.set(generator.integer(below: count), to: 1e-300)
      let total = tree.total
      for mass in [0, total.nextDown] + (0..<50).map({ _ in total.nextDown * generator.random() }) {
        #expect(tree.mass(of: tree.leaf(at: mass)) > 0)
      }
    }
    // Only one leaf: it is found by every mass.
    for leaf in 0..<count { tree.set(leaf, to: 0) }
    let only = generator.integer(below: count)
    tree.set(only, to: 0.7)
    for mass in [0, 0.35, 0.7.nextDown] { #expect(tree.leaf(at: mass) == only) }
  }

  @Test("a mass just below a rounded sum does not lead beyond its node")
  func roundedSums() throws {
    // c + b lies halfway between two numbers, as c + ulp − b does: both are rounded up.
    let (b, c) = (1.5 * Double.ulpOfOne, 1 + 2 * Double.ulpOfOne)
    var tree = try SumTree(count: 48)
    tree.set(0, to: b)
    tree.set(16, to: c)
    tree.set(32, to: 5)
    let mass = c + Double.ulpOfOne
    #expect(b + c > mass && mass - b == c)
    #expect(tree.leaf(at: mass) == 16)
  }

  @Test("changes and searches allocate nothing, in debug builds too")
  func allocations() throws {
    var tree = try SumTree(count: 300)
    let changes = TestSupport.allocations {
      for leaf in 0..<300 { tree.set(leaf, to: Double(leaf)) }
    }
    var sum = 0
    var total = 0.0
    let reads = TestSupport.allocations {
      for leaf in 0..<300 { total += tree.mass(of: leaf) }
    }
    let searches = TestSupport.allocations {
      for mass in 0..<300 { sum += tree.leaf(at: Double(mass)) }
    }
    #expect(changes == 0 && reads == 0 && searches == 0, "\(changes), \(reads), \(searches)")
    #expect(sum > 0 && total > 0)
  }

  @Test("filling it empties the leaves behind")
  func fill() throws {
    var tree = try SumTree(count: 20)
    for leaf in 0..<20 { tree.set(leaf, to: 2) }
    tree.fill(3) { Double($0 + 1) }
    let found = [tree.total, tree.mass(of: 2), tree.mass(of: 3), tree.mass(of: 19)]
    #expect(found == [6, 3, 0, 0])
    tree.fill(0) { _ in 1 }
    let total = tree.total
    #expect(total == 0)
  }

  @Test(
    "wrong numbers are printed before the program ends",
    arguments: [
      (3, "1", "0", "the leaf is 3; allowed: below 3"),
      (0, "-1", "0", "the mass is -1.0; allowed: finite, 0 or more"),
      (0, "inf", "0", "the mass is inf; allowed: finite, 0 or more"),
      (0, "nan", "0", "the mass is nan; allowed: finite, 0 or more"),
      (0, "2", "2", "the mass is 2.0; allowed: from 0 to 2.0, excluded"),
      (0, "2", "-0.1", "the mass is -0.1; allowed: from 0 to 2.0, excluded"),
      (0, "0", "0", "the mass is 0.0; allowed: from 0 to 0.0, excluded"),
      (0, "2", "nan", "the mass is nan; allowed: from 0 to 2.0, excluded"),
    ])
  func wrongNumbers(leaf: Int, mass: String, drawn: String, message: String) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      [leaf, mass, drawn] in
      var tree = try SumTree(count: 3)
      tree.set(leaf, to: Double(mass) ?? 0)
      _ = tree.leaf(at: Double(drawn) ?? 0)
    }
    let printed = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(printed.contains(message), "\(printed)")
  }
}
