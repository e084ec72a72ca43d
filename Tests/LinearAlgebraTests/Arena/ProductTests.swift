import SARSALinearAlgebra
import SARSARandomSources
import Testing

@Suite("Products")
struct ProductTests {
  @Test("products of whole numbers equal the naive loop exactly, in every layout", arguments: 0..<8)
  func wholeNumbers(seed: UInt64) throws {
    try checkWholeNumbers(Float.self, seed: seed)
    try checkWholeNumbers(Double.self, seed: seed)
  }

  private func checkWholeNumbers<Element: Scalar>(_ type: Element.Type, seed: UInt64) throws {
    var generator = PCG64(seed: seed)
    for _ in 0..<100 {
      let (m, n, k) = (
        randomSide(using: &generator), randomSide(using: &generator), randomSide(using: &generator)
      )
      let transpositions = allTranspositions[generator.integer(below: 4)]
      let alpha = Element([0, 1, -2, 3][generator.integer(below: 4)])
      let beta = Element([0, 0, 1, -1, 2][generator.integer(below: 5)])
      let a = NaiveMatrix<Element>.whole(m, k, using: &generator)
      let b = NaiveMatrix<Element>.whole(k, n, using: &generator)
      var c = NaiveMatrix<Element>.whole(m, n, using: &generator)
      // What a beta of zero overwrites must not matter.
      if beta == 0 { c.values = c.values.map { _ in .nan } }

      var operands = try Operands(
        transpositions.contains(.first) ? a.transposed : a,
        transpositions.contains(.second) ? b.transposed : b, c)
      operands.arena.product(
        operands.a, operands.b, into: operands.c, transposing: transpositions, alpha: alpha,
        beta: beta)
      let expected = a.product(b, alpha: alpha, beta: beta, c: c).values
      let found = operands.arena.values(of: operands.c)
      #expect(found == expected, "\(m)×\(k)·\(k)×\(n), \(transpositions), \(alpha), \(beta)")
    }
  }

  @Test("products of real numbers stay within k·u·|A||B|", arguments: 0..<4)
  func realNumbers(seed: UInt64) throws {
    var generator = PCG64(seed: seed)
    for _ in 0..<60 {
      let (m, n, k) = (
        1 + randomSide(using: &generator), 1 + randomSide(using: &generator),
        1 + generator.integer(below: 200)
      )
      let transpositions = allTranspositions[generator.integer(below: 4)]
      let a = NaiveMatrix<Float>.real(m, k, using: &generator)
      let b = NaiveMatrix<Float>.real(k, n, using: &generator)
      let zero = NaiveMatrix<Float>(
        rows: m, columns: n, values: Array(repeating: 0, count: m * n))
      var operands = try Operands(
        transpositions.contains(.first) ? a.transposed : a,
        transpositions.contains(.second) ? b.transposed : b, zero)
      operands.arena.product(
        operands.a, operands.b, into: operands.c, transposing: transpositions)

      let found = operands.arena.values(of: operands.c)
      let (wideA, wideB) = (a.converted(to: Double.self), b.converted(to: Double.self))
      let wideZero = zero.converted(to: Double.self)
      let exact = wideA.product(wideB, alpha: 1, beta: 0, c: wideZero)
      var (absoluteA, absoluteB) = (wideA, wideB)
      absoluteA.values = wideA.values.map(abs)
      absoluteB.values = wideB.values.map(abs)
      let size = absoluteA.product(absoluteB, alpha: 1, beta: 0, c: wideZero)
      for i in found.indices {
        let bound = Double(k) * 0x1p-24 * size.values[i] * 1.01
        #expect(abs(Double(found[i]) - exact.values[i]) <= bound)
      }
    }
  }

  @Test(
    "products by way of a transposed copy, and transposes, equal the naive loop exactly",
    arguments: [
      (1, 5, 4), (3, 5, 31), (5, 3, 32), (32, 128, 64), (64, 3, 3), (7, 2, 0), (4, 4, 1),
    ],
    [false, true])
  func byWayOfScratch(_ sides: (Int, Int, Int), isTransposed: Bool) throws {
    let (m, n, k) = sides
    var generator = PCG64(seed: UInt64(m + n + k))
    let a = NaiveMatrix<Float>.whole(m, k, using: &generator)
    let b = NaiveMatrix<Float>.whole(k, n, using: &generator)
    let expected = a.product(
      b, alpha: 1, beta: 0, c: NaiveMatrix.whole(m, n, using: &generator))
    for room in [0, max(m, n) * k] {
      var layout = ArenaLayout()
      let left = try layout.reserve(rows: m, columns: k)
      let right = try layout.reserve(rows: isTransposed ? n : k, columns: isTransposed ? k : n)
      let result = try layout.reserve(rows: m, columns: n)
      let scratch = try layout.reserve(count: room)
      var arena = try Arena<Float>(layout)
      arena.write(a.values, to: left)
      arena.write((isTransposed ? b.transposed : b).values, to: right)
      arena.fill(result, with: .nan)
      arena.product(
        left, right, into: result, transposingSecond: isTransposed, scratch: scratch)
      #expect(arena.values(of: result) == expected.values, "\(room) scalars of scratch")
      if room > 0 {
        let copy = scratch.slice(at: 0, rows: k, columns: m)
        arena.transpose(left, into: copy)
        #expect(arena.values(of: copy) == a.transposed.values)
      }
    }
  }

  @Test("matrix-vector products of whole numbers equal the naive loop exactly", arguments: 0..<4)
  func matrixVector(seed: UInt64) throws {
    var generator = PCG64(seed: seed)
    for _ in 0..<100 {
      let (m, n) = (randomSide(using: &generator), randomSide(using: &generator))
      let beta = Double(generator.integer(below: 3))
      let a = NaiveMatrix<Double>.whole(m, n, using: &generator)
      let x = NaiveMatrix<Double>.whole(n, 1, using: &generator)
      var y = NaiveMatrix<Double>.whole(m, 1, using: &generator)
      if beta == 0 { y.values = y.values.map { _ in .nan } }
      let isTransposed = generator.integer(below: 2) == 1
      var operands = try Operands(isTransposed ? a.transposed : a, x, y)
      operands.arena.product(
        operands.a, vector: operands.b, into: operands.c, transposing: isTransposed, alpha: 2,
        beta: beta)
      let found = operands.arena.values(of: operands.c)
      #expect(found == a.product(x, alpha: 2, beta: beta, c: y).values)
    }
  }

  @Test("combinations and dot products equal the naive loops", arguments: 0..<40)
  func vectors(count: Int) throws {
    var generator = PCG64(seed: UInt64(count))
    let x = NaiveMatrix<Float>.whole(1, count, using: &generator)
    let y = NaiveMatrix<Float>.whole(1, count, using: &generator)
    var operands = try Operands(x, y, x)
    let dot = operands.arena.dot(operands.a, operands.b)
    #expect(dot == zip(x.values, y.values).reduce(0) { $0 + $1.0 * $1.1 })
    operands.arena.combine(operands.a, into: operands.b, alpha: 3, beta: -2)
    let combined = operands.arena.values(of: operands.b)
    #expect(combined == zip(x.values, y.values).map { 3 * $0 - 2 * $1 })
  }

  @Test("norms are those of exact sums, rounded once, in every tier", arguments: 0..<70)
  func norms(count: Int) throws {
    var generator = PCG64(seed: UInt64(count))
    let x = NaiveMatrix<Float>.real(1, count, using: &generator)
    let y = NaiveMatrix<Double>.real(1, count, using: &generator)
    let exact = x.values.reduce(Float80(0)) { $0 + Float80($1) * Float80($1) }.squareRoot()
    let wide = y.values.reduce(Float80(0)) { $0 + Float80($1) * Float80($1) }.squareRoot()
    for tier in KernelTier.available {
      let operands = try Operands(x, x, x, kernels: tier)
      #expect(operands.arena.norm(operands.a) == Float(exact))
      let others = try Operands(y, y, y, kernels: tier)
      #expect(abs(Float80(others.arena.norm(others.a)) - wide) <= 0x1p-50 * wide)
    }
  }

  @Test(
    "norms neither overflow nor vanish",
    arguments: [1e300, 1e-300, .leastNonzeroMagnitude, 0, .infinity])
  func extremeNorms(size: Double) throws {
    let doubles = NaiveMatrix<Double>(rows: 1, columns: 2, values: [3 * size, -4 * size])
    let operands = try Operands(doubles, doubles, doubles)
    let norm = operands.arena.norm(operands.a)
    #expect(norm == 5 * size || abs(norm / (5 * size) - 1) < 1e-15)
  }

  @Test("norms of the largest and the smallest floats are exact; that of a NaN is NaN")
  func extremeFloatNorms() throws {
    for size in [Float.greatestFiniteMagnitude / 8, .leastNonzeroMagnitude] {
      let floats = NaiveMatrix<Float>(rows: 1, columns: 2, values: [3 * size, -4 * size])
      let operands = try Operands(floats, floats, floats)
      #expect(operands.arena.norm(operands.a) == 5 * size)
    }
    let nan = NaiveMatrix<Float>(rows: 1, columns: 2, values: [1, .nan])
    let operands = try Operands(nan, nan, nan)
    #expect(operands.arena.norm(operands.a).isNaN)
  }

  @Test("a combination with beta zero overwrites whatever is there")
  func combinationOverNaN() throws {
    let x = NaiveMatrix<Double>(rows: 1, columns: 3, values: [1, 2, 3])
    let nan = NaiveMatrix<Double>(rows: 1, columns: 3, values: [.nan, .nan, .nan])
    var operands = try Operands(x, nan, x)
    operands.arena.combine(operands.a, into: operands.b, alpha: 2, beta: 0)
    let found = operands.arena.values(of: operands.b)
    #expect(found == [2, 4, 6])
  }
}

@Suite("Bad shapes stop the program before the C call")
struct ShapeTests {
  @Test("a product of matrices that do not fit")
  func product() async {
    await #expect(processExitsWith: .failure) {
      var arena = try Arena<Float>(ArenaLayout.of(rows: 8, columns: 8))
      let all = ArenaLayout.region(rows: 8, columns: 8)
      arena.product(
        all.slice(at: 0, rows: 2, columns: 3), all.slice(at: 6, rows: 2, columns: 3),
        into: all.slice(at: 12, rows: 2, columns: 3))
    }
  }

  @Test("a product into one of its operands")
  func overlap() async {
    await #expect(processExitsWith: .failure) {
      var arena = try Arena<Float>(ArenaLayout.of(rows: 8, columns: 8))
      let all = ArenaLayout.region(rows: 8, columns: 8)
      let square = all.slice(at: 0, rows: 2, columns: 2)
      arena.product(square, all.slice(at: 8, rows: 2, columns: 2), into: square)
    }
  }

  @Test("a region of another, larger arena")
  func foreignRegion() async {
    await #expect(processExitsWith: .failure) {
      let arena = try Arena<Float>(ArenaLayout.of(rows: 1, columns: 8))
      _ = arena.values(of: ArenaLayout.region(rows: 8, columns: 8))
    }
  }

  @Test("a dot product of different lengths")
  func dot() async {
    await #expect(processExitsWith: .failure) {
      let arena = try Arena<Float>(ArenaLayout.of(rows: 8, columns: 8))
      let all = ArenaLayout.region(rows: 8, columns: 8)
      _ = arena.dot(all.row(0), all.rows(0..<2))
    }
  }

  @Test("a bias of another width")
  func bias() async {
    await #expect(processExitsWith: .failure) {
      var arena = try Arena<Float>(ArenaLayout.of(rows: 8, columns: 8))
      let all = ArenaLayout.region(rows: 8, columns: 8)
      arena.addBias(all.slice(at: 0, rows: 1, columns: 7), to: all.rows(2..<4))
    }
  }

  @Test("an activation into a part of its operand")
  func shiftedOutput() async {
    await #expect(processExitsWith: .failure) {
      var arena = try Arena<Float>(ArenaLayout.of(rows: 8, columns: 8))
      let all = ArenaLayout.region(rows: 8, columns: 8)
      arena.addBias(
        all.row(0), to: all.rows(2..<4), activation: .tanh, into: all.rows(3..<5))
    }
  }

  @Test("an activation into an output of another shape")
  func otherOutput() async {
    await #expect(processExitsWith: .failure) {
      var arena = try Arena<Float>(ArenaLayout.of(rows: 8, columns: 8))
      let all = ArenaLayout.region(rows: 8, columns: 8)
      arena.addBias(
        all.row(0), to: all.rows(2..<4), activation: .tanh, into: all.rows(5..<8))
    }
  }

  @Test("an element outside of its region")
  func element() async {
    await #expect(processExitsWith: .failure) {
      let arena = try Arena<Float>(ArenaLayout.of(rows: 8, columns: 8))
      _ = arena[ArenaLayout.region(rows: 2, columns: 8), 0, 8]
    }
  }
}

extension ArenaLayout {
  /// A layout of one matrix.
  static func of(rows: Int, columns: Int) throws -> ArenaLayout {
    var layout = ArenaLayout()
    _ = try layout.reserve(rows: rows, columns: columns)
    return layout
  }

  /// The region of that matrix.
  static func region(rows: Int, columns: Int) -> Region {
    var layout = ArenaLayout()
    guard let region = try? layout.reserve(rows: rows, columns: columns) else {
      preconditionFailure("a matrix too large for a test")
    }
    return region
  }
}
