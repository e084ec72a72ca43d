import Foundation
import SARSALinearAlgebra
import Testing

@Suite("Singular value decomposition")
struct SingularValueDecompositionTests {
  @Test("U and V are orthonormal, and U·S·Vᵀ is A", arguments: sides, sides)
  func residuals(rows: Int, columns: Int) throws {
    for scale in Matrix<Float>.extremeScales {
      try check(Matrix<Float>.random(rows, columns, scale: scale), rank: min(rows, columns))
    }
    for scale in Matrix<Double>.extremeScales {
      try check(Matrix<Double>.random(rows, columns, scale: scale), rank: min(rows, columns))
    }
  }

  @Test("so it is without full rank, and the rank is found", arguments: sides)
  func rankDeficient(n: Int) throws {
    for rank in 0...min(n, 3) {
      try check(Matrix<Float>.random(n, 9, rank: rank), rank: rank)
      try check(Matrix<Double>.random(40, n, rank: rank), rank: rank)
    }
  }

  private func check<Element: Scalar>(_ a: Matrix<Element>, rank: Int) throws {
    let k = min(a.rows, a.columns)
    let svd = try SingularValueDecomposition(a)
    let values = svd.singularValues
    #expect(svd.u.rows == a.rows && svd.u.columns == k && values.count == k)
    #expect(svd.vt.rows == k && svd.vt.columns == a.columns)
    #expect(values.allSatisfy { $0 >= 0 })
    #expect(zip(values, values.dropFirst()).allSatisfy { $0 >= $1 })
    #expect(orthogonality(svd.u) < residualBound)
    #expect(orthogonality(svd.vt.transposed()) < residualBound)
    #expect(reconstruction(a, svd.u * .diagonal(values) * svd.vt) < residualBound)
    #expect(svd.rank() == rank)
  }

  @Test("known matrices have the known singular values")
  func known() throws {
    let golden = (1 + 5.0.squareRoot()) / 2
    for (a, expected) in [
      (Matrix<Double>.diagonal([1, -3, 2]), [3, 2, 1]),
      ([[1, 1], [1, 1]], [2, 0]), ([[1, 1], [1, 0]], [golden, 1 / golden]),
      ([[0.6, -0.8], [0.8, 0.6]], [1, 1]), ([[3, 4]], [5]), ([[3], [4]], [5]),
      (Matrix(rows: 3, columns: 2), [0, 0]),
    ] {
      let values = try SingularValueDecomposition(a).singularValues
      #expect(values.count == expected.count)
      for (found, value) in zip(values, expected) { #expect(abs(found - value) < 2e-15) }
    }
  }

  @Test("a second difference has singular values 2 − 2cos(kπ/(n+1))", arguments: [1, 5, 60])
  func secondDifference(n: Int) throws {
    var a = 2 * Matrix<Double>.identity(n)
    for i in 1..<max(n, 1) {
      a[i, i - 1] = -1
      a[i - 1, i] = -1
    }
    let values = try SingularValueDecomposition(a).singularValues
    for (i, found) in values.enumerated() {
      let expected = 2 - 2 * cos(Double(n - i) * .pi / Double(n + 1))
      #expect(abs(found - expected) < 1e-14)
    }
  }

  @Test("the rank counts what exceeds the tolerance, and by itself what exceeds rounding")
  func rank() throws {
    let svd = try SingularValueDecomposition(Matrix<Double>.diagonal([4, 1, 1e-3, 1e-17]))
    #expect(svd.rank() == 3)
    #expect(svd.rank(tolerance: 0) == 4)
    #expect(svd.rank(tolerance: 1e-2) == 2)
    #expect(svd.rank(tolerance: 1) == 1)
    #expect(svd.rank(tolerance: 10) == 0)
    #expect(try SingularValueDecomposition(Matrix<Float>.diagonal([2e38, 2e38, 2e38])).rank() == 3)
    #expect(try SingularValueDecomposition(Matrix<Float>.hilbert(35)).rank() < 12)
    let rounding = Matrix.diagonal([1] + [Double](repeating: 30 * .ulpOfOne, count: 34))
    #expect(try SingularValueDecomposition(rounding).rank() == 1)
    #expect(try LeastSquares(rounding, rounding).rank == 1)
  }

  @Test("the effective rank counts what makes up 1 − δ of the sum")
  func effectiveRank() throws {
    let svd = try SingularValueDecomposition(Matrix<Float>.diagonal([6, 3, 0.95, 0.05]))
    #expect(svd.effectiveRank() == 3)
    #expect(svd.effectiveRank(delta: 0.05) == 3)
    #expect(svd.effectiveRank(delta: 0.15) == 2)
    #expect(svd.effectiveRank(delta: 0.5) == 1)
    #expect(svd.effectiveRank(delta: 0) == 4)
    #expect(
      try SingularValueDecomposition(Matrix<Float>.identity(4)).effectiveRank(delta: 0.5) == 2)
    #expect(try SingularValueDecomposition(Matrix<Float>(rows: 3, columns: 2)).effectiveRank() == 0)
    #expect(try SingularValueDecomposition(Matrix<Float>(rows: 0, columns: 2)).effectiveRank() == 0)
    let huge = Matrix<Float>.diagonal([Float](repeating: .greatestFiniteMagnitude, count: 4))
    #expect(try SingularValueDecomposition(huge).effectiveRank() == 4)
  }
}
