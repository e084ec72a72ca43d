import SARSALinearAlgebra
import SARSARandomSources
import TestSupport
import Testing

@Suite("Matrix arithmetic")
struct MatrixArithmeticTests {
  @Test("products of whole numbers equal the naive loop exactly, in every layout", arguments: 0..<8)
  func wholeNumbers(seed: UInt64) {
    checkWholeNumbers(Float.self, seed: seed)
    checkWholeNumbers(Double.self, seed: seed)
  }

  private func checkWholeNumbers<Element: Scalar>(_ type: Element.Type, seed: UInt64) {
    var generator = PCG64(seed: seed)
    for _ in 0..<60 {
      let (m, n, k) = (
        randomSide(using: &generator), randomSide(using: &generator), randomSide(using: &generator)
      )
      let a = NaiveMatrix<Element>.whole(m, k, using: &generator)
      let b = NaiveMatrix<Element>.whole(k, n, using: &generator)
      let zero = NaiveMatrix<Element>(
        rows: m, columns: n, values: Array(repeating: 0, count: m * n))
      let expected = Matrix(a.product(b, alpha: 1, beta: 0, c: zero))
      #expect(Matrix(a) * Matrix(b) == expected, "\(m)×\(k)·\(k)×\(n)")
      for transpositions in allTranspositions {
        let first = transpositions.contains(.first) ? a.transposed : a
        let second = transpositions.contains(.second) ? b.transposed : b
        let found = Matrix(first).multiplied(by: Matrix(second), transposing: transpositions)
        #expect(found == expected, "\(m)×\(k)·\(k)×\(n), \(transpositions)")
      }
    }
  }

  @Test("the laws of matrices hold exactly for whole numbers", arguments: [0, 1, 2, 9, 35])
  func laws(n: Int) {
    var generator = PCG64(seed: UInt64(n))
    let a = Matrix<Double>(.whole(n, 7, using: &generator))
    let b = Matrix<Double>(.whole(7, n + 2, using: &generator))
    let c = Matrix<Double>(.whole(7, n + 2, using: &generator))
    let d = Matrix<Double>(.whole(n + 2, 3, using: &generator))
    #expect((a * b).transposed() == b.transposed() * a.transposed())
    #expect((a * b) * d == a * (b * d))
    #expect(a * (b + c) == a * b + a * c)
    #expect(a * (b - c) == a * b - a * c)
    #expect(2 * (a * b) == (a * 2) * b)
    #expect(-a + a == Matrix(rows: n, columns: 7))
    #expect(Matrix.identity(n) * a == a && a * .identity(7) == a)
  }

  @Test("sums, differences and multiples are those of the entries")
  func entries() {
    let a: Matrix<Float> = [[1, 2], [3, 4]]
    let b: Matrix<Float> = [[10, 20], [30, 40]]
    #expect(a + b == [[11, 22], [33, 44]])
    #expect(b - a == [[9, 18], [27, 36]])
    #expect(0.5 * a == [[0.5, 1], [1.5, 2]])
    #expect(-a == [[-1, -2], [-3, -4]])
    let notNumber = 0 * Matrix<Float>([[.infinity]])
    #expect(notNumber[0, 0].isNaN)
  }

  @Test("an operand may be the destination, and both operands one matrix")
  func aliases() {
    var a: Matrix<Double> = [[1, 2], [3, 4]]
    a = a * a
    #expect(a == [[7, 10], [15, 22]])
    a += a
    #expect(a == [[14, 20], [30, 44]])
    #expect(a.multiplied(by: a, transposing: .first) == [[1096, 1600], [1600, 2336]])
    a -= a
    #expect(a == Matrix(rows: 2, columns: 2))
  }

  @Test(
    "a product allocates its result, and beyond that no more than an arena's",
    .enabled(if: countsAllocations), arguments: allTranspositions)
  func allocationsOfAProduct(transpositions: Transpositions) throws {
    let naive = NaiveMatrix<Float>(rows: 40, columns: 40, values: Array(repeating: 1, count: 1600))
    let a = Matrix(naive)
    var operands = try Operands(naive, naive, naive)
    // What a process sets up once, at its first product of either kind, belongs to neither: the
    // second round counts. OpenBLAS allocates for small products on some processors.
    var (inArena, found) = (0, 0)
    for _ in 0..<2 {
      inArena = allocations {
        operands.arena.product(
          operands.a, operands.b, into: operands.c, transposing: transpositions)
      }
      found = allocations { _ = a.multiplied(by: a, transposing: transpositions) }
    }
    #expect(found == inArena + 1)
  }

  @Test("OpenBLAS runs on one thread after the first product, without an arena")
  func threads() async {
    await #expect(processExitsWith: .success) {
      _ = Matrix<Float>.identity(2) * Matrix.identity(2)
      precondition(BLAS.threadCount == 1)
    }
    await #expect(processExitsWith: .success) {
      _ = try QRDecomposition(Matrix<Float>.identity(2))
      precondition(BLAS.threadCount == 1)
    }
  }
}
