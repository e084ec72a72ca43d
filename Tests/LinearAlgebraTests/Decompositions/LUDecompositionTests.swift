import SARSALinearAlgebra
import SARSARandomSources
import Testing

@Suite("LU decomposition")
struct LUDecompositionTests {
  @Test("P·A = L·U, with triangles and a bounded L", arguments: sides)
  func factors(n: Int) throws {
    try checkFactors(Matrix<Float>.random(n, n))
    try checkFactors(Matrix<Double>.random(n, n))
    try checkFactors(Matrix<Float>.hilbert(n))
    try checkFactors(Matrix<Double>.hilbert(n))
    try checkFactors(Matrix<Double>(rows: n, columns: n))
  }

  private func checkFactors<Element: Scalar>(_ a: Matrix<Element>) throws {
    let lu = try LUDecomposition(a)
    #expect(lu.permutation.sorted() == Array(0..<a.rows))
    for i in 0..<a.rows {
      #expect(lu.lower[i, i] == 1)
      for j in 0..<a.rows where j != i {
        #expect(j < i ? lu.upper[i, j] == 0 : lu.lower[i, j] == 0)
        #expect(abs(lu.lower[i, j]) <= 1)
      }
    }
    let permuted = Matrix(lu.permutation.map { row in (0..<a.columns).map { a[row, $0] } })
    #expect(reconstruction(permuted, lu.lower * lu.upper) < residualBound)
  }

  @Test("solutions fit as well as the arithmetic can tell", arguments: sides, [0, 1, 4])
  func solutions(n: Int, columns: Int) throws {
    try checkSolution(Matrix<Float>.random(n, n), .random(n, columns))
    try checkSolution(Matrix<Double>.random(n, n), .random(n, columns))
    try checkSolution(Matrix<Float>.hilbert(n), .random(n, columns))
    try checkSolution(Matrix<Double>.hilbert(n), .random(n, columns))
  }

  private func checkSolution<Element: Scalar>(
    _ a: Matrix<Element>, _ b: Matrix<Element>
  ) throws {
    let lu = try LUDecomposition(a)
    let x = try lu.solve(b)
    #expect(x.rows == a.columns && x.columns == b.columns)
    #expect(residual(a, x, b) < residualBound)
    let again = try a.solve(b)
    #expect(again == x)
  }

  @Test("a system with a known solution")
  func known() throws {
    let x = try Matrix<Double>([[0, 2, 1], [1, -2, -3], [-1, 1, 2]]).solve([[-8], [0], [3]])
    for (found, expected) in zip(x.scalars, [-4.0, -5, 2]) {
      #expect(abs(found - expected) < 1e-14)
    }
  }

  @Test("an inverse times its matrix is the identity", arguments: sides)
  func inverse(n: Int) throws {
    let a = Matrix<Double>.random(n, n)
    let lu = try LUDecomposition(a)
    let inverse = try lu.inverse()
    let scale = Double(n) * a.oneNorm * inverse.oneNorm
    #expect(ratio(.identity(n) - a * inverse, over: scale) < residualBound)
  }

  @Test("a singular matrix has a determinant of 0 and no solution")
  func singular() throws {
    for (a, pivot) in [
      (Matrix<Double>([[1, 2], [2, 4]]), 1), (Matrix(rows: 3, columns: 3), 0),
      ([[1, 0, 0], [0, 0, 0], [0, 0, 1]], 1),
    ] {
      let lu = try LUDecomposition(a)
      #expect(lu.zeroPivot == pivot)
      #expect(lu.determinant == 0)
      #expect(try lu.reciprocalConditionNumber == 0)
      #expect(throws: LinearAlgebraError.singular(pivot: pivot)) {
        try lu.solve(Matrix(rows: a.rows, columns: 1))
      }
      #expect(throws: LinearAlgebraError.singular(pivot: pivot)) { try lu.inverse() }
    }
  }

  @Test("determinants of whole-number matrices round to the exact ones", arguments: 0..<8)
  func determinants(n: Int) throws {
    var generator = PCG64(seed: UInt64(n))
    for _ in 0..<20 {
      let a = Matrix<Double>(.whole(n, n, using: &generator))
      let exact = exactDeterminant(a.scalars.map { Int($0) }, order: n)
      let found = try LUDecomposition(a).determinant
      #expect(abs(found - Double(exact)) < 1e-9 * max(1, abs(Double(exact))))
    }
  }

  /// Bareiss 1968: elimination of whole numbers, in which every division leaves no remainder.
  private func exactDeterminant(_ scalars: [Int], order n: Int) -> Int {
    var a = scalars
    var (sign, previous) = (1, 1)
    for k in 0..<n {
      guard let row = (k..<n).first(where: { a[$0 * n + k] != 0 }) else { return 0 }
      if row != k {
        for j in 0..<n { a.swapAt(row * n + j, k * n + j) }
        sign = -sign
      }
      for i in (k + 1)..<max(n, k + 1) {
        for j in (k + 1)..<n {
          a[i * n + j] =
            (a[i * n + j] * a[k * n + k] - a[i * n + k] * a[k * n + j]) / previous
        }
      }
      previous = a[k * n + k]
    }
    return sign * previous
  }

  @Test("a determinant within the range is found by way of products outside of it")
  func rangeOfDeterminant() throws {
    #expect(
      try LUDecomposition(Matrix<Double>.diagonal([1e200, 1e200, 1e-200, -1e-200])).determinant
        .rounded() == -1)
    #expect(try LUDecomposition(Matrix<Float>.diagonal([1e30, 1e30])).determinant == .infinity)
    #expect(try LUDecomposition(Matrix<Float>.diagonal([-1e-30, 1e-30])).determinant == 0)
  }

  @Test("the condition number of a matrix is near the known one")
  func condition() throws {
    #expect(try LUDecomposition(Matrix<Double>.identity(5)).reciprocalConditionNumber == 1)
    #expect(try LUDecomposition(Matrix<Double>([])).reciprocalConditionNumber == 1)
    // ‖H‖₁·‖H⁻¹‖₁ of the Hilbert matrix of order 3 is 11/6 · 408 = 748.
    let hilbert = try LUDecomposition(Matrix<Double>.hilbert(3)).reciprocalConditionNumber
    #expect(abs(hilbert * 748 - 1) < 1e-12)
    let worthless = try LUDecomposition(Matrix<Float>.hilbert(12)).reciprocalConditionNumber
    #expect(worthless < .ulpOfOne)
  }

  @Test("pivots below the smallest normal number give a right solution or an error")
  func subnormal() {
    let unit = Double.leastNonzeroMagnitude * 1024
    do throws(LinearAlgebraError) {
      let x = try (unit * Matrix<Double>([[1, 2], [3, 4]])).solve(unit * .column([5, 11]))
      for (found, expected) in zip(x.scalars, [1.0, 2]) { #expect(abs(found - expected) < 0.02) }
    } catch {
      #expect(error == .overflow)
    }
  }

  @Test("the values of a Markov chain solve (I − γP)·v = r")
  func markovChain() throws {
    // A walk over five states to either end, a reward of 1 at the right: v = (i + 1) / 6.
    var system = Matrix<Double>.identity(5)
    for i in 0..<4 {
      system[i, i + 1] = -0.5
      system[i + 1, i] = -0.5
    }
    let values = try system.solve(.column([0, 0, 0, 0, 0.5]))
    for i in 0..<5 { #expect(abs(values[i, 0] - Double(i + 1) / 6) < 1e-15) }
  }
}
