import SARSALinearAlgebra
import Testing

@Suite("QR decomposition")
struct QRDecompositionTests {
  @Test("Q is orthonormal, R triangular, and their product A", arguments: sides, sides)
  func residuals(rows: Int, columns: Int) throws {
    for scale in Matrix<Float>.extremeScales {
      try check(Matrix<Float>.random(rows, columns, scale: scale))
    }
    for scale in Matrix<Double>.extremeScales {
      try check(Matrix<Double>.random(rows, columns, scale: scale))
    }
  }

  @Test("so it is without full rank, and for ill-conditioned matrices", arguments: sides)
  func rankDeficient(n: Int) throws {
    try check(Matrix<Float>.random(n, 9, rank: 2))
    try check(Matrix<Double>.random(n, 9, rank: 0))
    try check(Matrix<Float>.hilbert(n))
    try check(Matrix<Double>.hilbert(n))
  }

  private func check<Element: Scalar>(_ a: Matrix<Element>) throws {
    let k = min(a.rows, a.columns)
    let qr = try QRDecomposition(a)
    #expect(qr.q.rows == a.rows && qr.q.columns == k)
    #expect(qr.r.rows == k && qr.r.columns == a.columns)
    for i in 0..<k {
      for j in 0..<i { #expect(qr.r[i, j] == 0) }
    }
    #expect(orthogonality(qr.q) < residualBound)
    #expect(reconstruction(a, qr.q * qr.r) < residualBound)
  }

  @Test("a known matrix has the known factors, up to signs")
  func known() throws {
    let qr = try QRDecomposition(Matrix<Double>([[12, -51, 4], [6, 167, -68], [-4, 24, -41]]))
    let expected: Matrix<Double> = [[14, 21, -14], [0, 175, -70], [0, 0, 35]]
    for i in 0..<3 {
      let sign: Double = qr.r[i, i] < 0 ? -1 : 1
      for j in 0..<3 { #expect(abs(sign * qr.r[i, j] - expected[i, j]) < 1e-12) }
    }
  }
}
