import SARSALinearAlgebra
import SARSARandomSources
import Testing

@Suite("Products with a matrix of mostly zeros")
struct SparseProductTests {
  /// Shapes m, k, n: the columns of a around 64 and 128, rows on both sides of 64, tails of every register.
  private static let shapes = [
    (1, 64, 16), (2, 65, 17), (32, 400, 24), (63, 127, 31), (64, 128, 33), (65, 129, 47),
    (130, 100, 64),
  ]

  @Test("equal the dense sums in their order, to the bit, in every tier", arguments: 0..<4)
  func sums(seed: UInt64) throws {
    try checkSums(Float.self, seed: seed)
    try checkSums(Double.self, seed: seed)
  }

  private func checkSums<Element: Scalar>(_ type: Element.Type, seed: UInt64) throws {
    var generator = PCG64(seed: seed)
    for (m, k, n) in Self.shapes {
      var a = NaiveMatrix<Element>.real(m, k, using: &generator)
      // From none to a quarter of a row, which is then too many.
      let count = generator.integer(below: k / 4)
      for row in 0..<m { keep(count, ofRow: row, in: &a, using: &generator) }
      for isTransposed in [false, true] {
        let b = NaiveMatrix<Element>.real(isTransposed ? m : k, n, using: &generator)
        let unset = NaiveMatrix<Element>(
          rows: isTransposed ? k : m, columns: n,
          values: Array(repeating: .nan, count: (isTransposed ? k : m) * n))
        // Skipped terms are zeros here, which change no sum.
        let expected = (isTransposed ? a.transposed : a).product(b, alpha: 1, beta: 0, c: unset)
        for tier in KernelTier.available {
          var operands = try Operands(a, b, unset, kernels: tier)
          let isComputed = operands.arena.sparseProduct(
            operands.a, operands.b, into: operands.c, transposingFirst: isTransposed)
          #expect(isComputed)
          let found = operands.arena.values(of: operands.c)
          #expect(found == expected.values, "\(m)×\(k)×\(n), \(isTransposed), \(tier)")
        }
      }
    }
  }

  @Test("do not look at what a zero would be multiplied by; −0 is one, a NaN is none")
  func skipped() throws {
    var a = NaiveMatrix<Float>(rows: 1, columns: 64, values: Array(repeating: 0, count: 64))
    var b = NaiveMatrix<Float>(rows: 64, columns: 16, values: Array(repeating: .nan, count: 1024))
    let c = NaiveMatrix<Float>(rows: 1, columns: 16, values: Array(repeating: 7, count: 16))
    let last: [Float] = [3, .infinity] + Array(repeating: -1, count: 14)
    a.values[9] = -0.0
    a.values[63] = 2
    b.values.replaceSubrange(1008..., with: last)
    for tier in KernelTier.available {
      var operands = try Operands(a, b, c, kernels: tier)
      let isComputed = operands.arena.sparseProduct(operands.a, operands.b, into: operands.c)
      #expect(isComputed)
      #expect(operands.arena.values(of: operands.c) == last.map { 2 * $0 })
    }
    a.values[0] = .nan
    var operands = try Operands(a, b, c)
    let isComputed = operands.arena.sparseProduct(operands.a, operands.b, into: operands.c)
    #expect(isComputed)
    #expect(operands.arena.values(of: operands.c).allSatisfy { $0.isNaN })
  }

  @Test(
    "are refused, and leave c as it is, if a quarter of a or of its first row is not zero, or if a or b is narrow"
  )
  func refused() throws {
    var generator = PCG64(seed: 5)
    func isComputed(_ counts: [Int], columns: Int, columnsOfB n: Int = 16) throws -> Bool {
      var a = NaiveMatrix<Float>.real(counts.count, columns, using: &generator)
      for (row, count) in counts.enumerated() { keep(count, ofRow: row, in: &a, using: &generator) }
      let b = NaiveMatrix<Float>.real(columns, n, using: &generator)
      let c = NaiveMatrix<Float>(
        rows: counts.count, columns: n, values: Array(repeating: 7, count: counts.count * n))
      var operands = try Operands(a, b, c)
      let isComputed = operands.arena.sparseProduct(operands.a, operands.b, into: operands.c)
      #expect(isComputed || operands.arena.values(of: operands.c) == c.values)
      return isComputed
    }
    #expect(try isComputed([15, 15], columns: 64))
    #expect(try isComputed([15, 16], columns: 64))
    #expect(try !isComputed([15, 17], columns: 64))
    #expect(try !isComputed([16, 0], columns: 64))
    #expect(try !isComputed([0, 0], columns: 63))
    #expect(try !isComputed([0, 0], columns: 64, columnsOfB: 15))
    #expect(try !isComputed([], columns: 64))
  }

  /// Keeps so many numbers of a row, at drawn places, and makes the others zero.
  private func keep<Element: Scalar>(
    _ count: Int, ofRow row: Int, in a: inout NaiveMatrix<Element>, using generator: inout PCG64
  ) {
    var left = count
    for column in 0..<a.columns {
      if generator.integer(below: a.columns - column) < left {
        left -= 1
      } else {
        a.values[row * a.columns + column] = 0
      }
    }
  }
}
