import SARSALinearAlgebra
import Testing

@Suite("Least squares")
struct LeastSquaresTests {
  @Test(
    "the residual is orthogonal to the columns, for every shape and rank", arguments: sides, sides)
  func normalEquations(rows: Int, columns: Int) throws {
    for rank in [0, 1, 2, min(rows, columns)] where rank <= min(rows, columns) {
      try check(Matrix<Float>.random(rows, columns, rank: rank), rank: rank)
      try check(Matrix<Double>.random(rows, columns, rank: rank), rank: rank)
    }
  }

  private func check<Element: Scalar>(_ a: Matrix<Element>, rank: Int) throws {
    let b = Matrix<Element>.random(a.rows, 3)
    let found = try LeastSquares(a, b)
    let x = found.solution
    #expect(x.rows == a.columns && x.columns == 3)
    #expect(found.rank == rank)
    let svd = try SingularValueDecomposition(a)
    #expect(found.singularValues.count == svd.singularValues.count)

    // LAPACK's DQRT17: ‖Aᵀ(B − A·X)‖ / (‖A‖·‖B‖·max(m, n, columns)·eps).
    let size = Element(max(a.rows, a.columns, 3))
    let gradient = a.multiplied(by: b - a * x, transposing: .first)
    #expect(ratio(gradient, over: a.oneNorm * b.oneNorm * size) < residualBound)

    // Of minimum norm: X lies in the span of the right singular vectors that count.
    let v = Matrix((0..<rank).map { i in (0..<a.columns).map { svd.vt[i, $0] } })
    if rank > 0 {
      let projected = v.multiplied(by: v * x, transposing: .first)
      let condition = svd.singularValues[0] / svd.singularValues[rank - 1]
      #expect(ratio(x - projected, over: x.oneNorm * size * condition) < residualBound)
    } else {
      #expect(x.maximumNorm == 0)
    }
  }

  @Test("a fit equals the solution of the normal equations, where these are good enough")
  func normalSolution() throws {
    let a = Matrix<Double>.random(35, 5)
    let b = Matrix<Double>.random(35, 2)
    let gram = a.multiplied(by: a, transposing: .first)
    let expected = try gram.solve(a.multiplied(by: b, transposing: .first))
    let found = try LeastSquares(a, b)
    #expect((found.solution - expected).maximumNorm < 1e-13)
    #expect(found.rank == 5)
  }

  @Test("a square system with a solution gets that solution", arguments: sides)
  func square(n: Int) throws {
    let (a, b) = (Matrix<Double>.random(n, n), Matrix<Double>.random(n, 2))
    let found = try LeastSquares(a, b)
    #expect(residual(a, found.solution, b) < residualBound)
  }

  @Test("known solutions of minimum norm")
  func known() throws {
    let wide = try LeastSquares(Matrix<Double>([[1, 1]]), [[2]])
    #expect((wide.solution - [[1], [1]]).maximumNorm < 1e-15)
    #expect(wide.rank == 1 && abs(wide.singularValues[0] - 2.0.squareRoot()) < 1e-15)

    let deficient = try LeastSquares(Matrix<Double>([[1, 0], [0, 0]]), [[3], [4]])
    #expect((deficient.solution - [[3], [0]]).maximumNorm < 1e-15)
    #expect(deficient.rank == 1)

    // The line through (0, 1), (1, 3), (2, 4), (3, 4): 1.5 + x.
    let line = try LeastSquares(
      Matrix<Double>([[1, 0], [1, 1], [1, 2], [1, 3]]), .column([1, 3, 4, 4]))
    #expect((line.solution - [[1.5], [1]]).maximumNorm < 1e-14)
  }

  @Test("the tolerance says which singular values count")
  func tolerance() throws {
    let a = Matrix<Double>.diagonal([1, 1e-3, 1e-20])
    let b = Matrix<Double>.column([1, 1, 1])
    for (tolerance, rank) in [(nil, 2), (0, 2), (1e-2, 1), (1e-30, 3)] as [(Double?, Int)] {
      let found = try LeastSquares(a, b, tolerance: tolerance)
      #expect(found.rank == rank, "\(String(describing: tolerance))")
    }
  }

  @Test("no right-hand side is no solution, and the rank all the same")
  func noRightHandSide() throws {
    let found = try LeastSquares(Matrix<Float>.random(40, 30), Matrix(rows: 40, columns: 0))
    #expect(found.solution == Matrix(rows: 30, columns: 0))
    #expect(found.rank == 30)
  }

  @Test("a tolerance of one stops the program")
  func badTolerance() async {
    await #expect(processExitsWith: .failure) {
      _ = try LeastSquares(Matrix<Float>.identity(2), .identity(2), tolerance: 1)
    }
  }
}
