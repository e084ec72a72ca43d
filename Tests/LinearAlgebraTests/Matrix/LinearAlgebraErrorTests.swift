import SARSALinearAlgebra
import Testing

@Suite("What has no solution is an error")
struct LinearAlgebraErrorTests {
  @Test("a NaN or an infinity anywhere is named, in every decomposition", arguments: 0..<9)
  func notFinite(position: Int) {
    for value in [Double.nan, .signalingNaN, .infinity, -.infinity] {
      var a = Matrix<Double>.random(3, 3)
      a[position / 3, position % 3] = value
      let good = Matrix<Double>.random(3, 3)
      let error = LinearAlgebraError.notFinite(row: position / 3, column: position % 3)
      #expect(throws: error) { try QRDecomposition(a) }
      #expect(throws: error) { try LUDecomposition(a) }
      #expect(throws: error) { try SingularValueDecomposition(a) }
      #expect(throws: error) { try LeastSquares(a, good) }
      #expect(throws: error) { try LeastSquares(good, a) }
      #expect(throws: error) { try a.solve(good) }
      #expect(throws: error) { try good.solve(a) }
    }
  }

  @Test("a result beyond the range is an error, never an infinity")
  func overflow() {
    let huge = Double.greatestFiniteMagnitude
    #expect(throws: LinearAlgebraError.overflow) {
      try LUDecomposition(Matrix<Double>([[huge, huge], [-huge, huge]]))
    }
    #expect(throws: LinearAlgebraError.overflow) {
      try Matrix<Double>([[1e-300]]).solve([[1e300]])
    }
    #expect(throws: LinearAlgebraError.overflow) {
      try LUDecomposition(Matrix<Float>.diagonal([1, .leastNonzeroMagnitude])).inverse()
    }
    #expect(throws: LinearAlgebraError.overflow) {
      try LUDecomposition(Matrix<Double>([[huge, 0], [huge, 1]])).reciprocalConditionNumber
    }
    #expect(throws: LinearAlgebraError.overflow) {
      try QRDecomposition(Matrix<Double>([[huge], [huge]]))
    }
    #expect(throws: LinearAlgebraError.overflow) {
      try SingularValueDecomposition(Matrix<Double>([[huge, huge], [huge, huge]]))
    }
    #expect(throws: LinearAlgebraError.overflow) {
      try LeastSquares(Matrix<Double>([[1e-300]]), [[1e300]])
    }
  }

  @Test("shapes that do not fit are named")
  func shapes() {
    let a = Matrix<Float>(rows: 3, columns: 2)
    let notSquare = LinearAlgebraError.notSquare(rows: 3, columns: 2)
    #expect(throws: notSquare) { try LUDecomposition(a) }
    #expect(throws: notSquare) { try a.solve(a) }
    #expect(
      throws: LinearAlgebraError.badShape(rows: 3, columns: 2, rightRows: 2, rightColumns: 1)
    ) {
      try LeastSquares(a, Matrix(rows: 2, columns: 1))
    }
    #expect(
      throws: LinearAlgebraError.badShape(rows: 3, columns: 3, rightRows: 2, rightColumns: 5)
    ) {
      try Matrix<Float>.identity(3).solve(Matrix(rows: 2, columns: 5))
    }
  }

  @Test("a matrix beyond what LAPACK can count is refused before any work")
  func tooLarge() {
    let columns = 1 << 25
    #expect(throws: LinearAlgebraError.tooLarge(rows: 1, columns: columns)) {
      try QRDecomposition(Matrix<Float>(rows: 1, columns: columns))
    }
    #expect(throws: LinearAlgebraError.tooLarge(rows: 0, columns: 1 << 17)) {
      try LeastSquares(Matrix<Float>(rows: 0, columns: 1 << 14), Matrix(rows: 0, columns: 1 << 17))
    }
  }

  @Test("every error is one line that says what is wrong")
  func descriptions() {
    let texts: [(LinearAlgebraError, String)] = [
      (.singular(pivot: 2), "the matrix is singular: its pivot 2 is zero"),
      (.notSquare(rows: 3, columns: 2), "a matrix of 3×2 is not square"),
      (
        .badShape(rows: 3, columns: 2, rightRows: 4, rightColumns: 1),
        "a right-hand side of 4×1 for a matrix of 3×2"
      ),
      (.notFinite(row: 1, column: 0), "the entry (1, 0) is NaN or infinite"),
      (.overflow, "the result is beyond the range of its type"),
      (.noConvergence, "the singular values did not converge"),
      (.tooLarge(rows: 9, columns: 8), "a matrix of 9×8 is too large for LAPACK"),
      (.outOfMemory, "the system refused LAPACK its work memory"),
    ]
    for (error, text) in texts { #expect("\(error)" == text) }
  }
}
