import Foundation
import SARSALinearAlgebra
import Testing

@Suite("Matrix")
struct MatrixTests {
  @Test("every initialiser puts each scalar where it says")
  func initialisers() {
    let a: Matrix<Double> = [[1, 2, 3], [4, 5, 6]]
    #expect(a.rows == 2 && a.columns == 3 && a.scalars == [1, 2, 3, 4, 5, 6])
    #expect(a[0, 2] == 3 && a[1, 0] == 4)
    #expect(a == Matrix(rows: 2, columns: 3, scalars: [1, 2, 3, 4, 5, 6]))
    #expect(a == Matrix([[1, 2, 3], [4, 5, 6]]))
    #expect(Matrix<Float>(rows: 2, columns: 2) == [[0, 0], [0, 0]])
    #expect(Matrix<Float>(rows: 1, columns: 3, repeating: 7) == [[7, 7, 7]])
    #expect(Matrix<Float>.identity(3) == [[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    #expect(Matrix<Float>.diagonal([2, 0, -3]) == [[2, 0, 0], [0, 0, 0], [0, 0, -3]])
    #expect(Matrix<Float>.column([1, 2]) == [[1], [2]])
  }

  @Test("matrices without rows, columns or both keep their shape")
  func empty() {
    #expect([] == Matrix<Float>(rows: 0, columns: 0))
    #expect([[], [], []] == Matrix<Float>(rows: 3, columns: 0))
    #expect(Matrix<Float>(rows: 3, columns: 0) != Matrix(rows: 0, columns: 3))
    #expect(Matrix<Float>(rows: 3, columns: 0).transposed() == Matrix(rows: 0, columns: 3))
    #expect(Matrix<Float>.identity(0) == [])
    #expect(Matrix<Float>.column([]) == Matrix(rows: 0, columns: 1))
  }

  @Test("a copy does not change when the original does")
  func copies() {
    var a: Matrix<Double> = [[1, 2], [3, 4]]
    let b = a
    let list = a.scalars
    a[0, 1] = 9
    a += a
    #expect(a == [[2, 18], [6, 8]])
    #expect(b == [[1, 2], [3, 4]] && list == [1, 2, 3, 4])

    let row: Matrix<Double> = [[1, 2, 3]]
    var column = row.transposed()
    column[1, 0] = 0
    #expect(row == [[1, 2, 3]] && column == [[1], [0], [3]])
  }

  @Test("equal matrices have equal hashes, and equal scalars in another shape are another matrix")
  func equality() {
    let a = Matrix<Float>(rows: 2, columns: 3, scalars: [1, 2, 3, 4, 5, 6])
    let b = Matrix<Float>(rows: 3, columns: 2, scalars: [1, 2, 3, 4, 5, 6])
    #expect(a != b)
    #expect(Set([a, b, [[1, 2, 3], [4, 5, 6]]]).count == 2)
  }

  @Test(
    "a transpose has every scalar at its exchanged place", arguments: [1, 15, 16, 17, 40],
    [1, 16, 33])
  func transposed(rows: Int, columns: Int) {
    let a = Matrix<Double>(
      rows: rows, columns: columns, scalars: (0..<rows * columns).map(Double.init))
    let transposed = a.transposed()
    #expect(transposed.rows == columns && transposed.columns == rows)
    for i in 0..<rows {
      for j in 0..<columns { #expect(transposed[j, i] == a[i, j]) }
    }
    #expect(transposed.transposed() == a)
  }

  @Test("norms are those of the definition")
  func norms() {
    let a: Matrix<Double> = [[1, -2, 3], [-4, 5, -6]]
    #expect(a.oneNorm == 9)
    #expect(a.infinityNorm == 15)
    #expect(a.maximumNorm == 6)
    #expect(abs(a.frobeniusNorm - 91.0.squareRoot()) < 1e-14)
    #expect(abs(Matrix<Double>([[3e300, 4e300]]).frobeniusNorm / 5e300 - 1) < 1e-15)
    #expect(abs(Matrix<Float>([[3e30], [4e30]]).frobeniusNorm / 5e30 - 1) < 1e-6)
    let empty = Matrix<Double>(rows: 0, columns: 3)
    #expect(
      [empty.oneNorm, empty.infinityNorm, empty.maximumNorm, empty.frobeniusNorm] == [0, 0, 0, 0])
  }

  @Test("a NaN is in every norm, wherever it stands", arguments: 0..<4)
  func normsOfNaN(position: Int) {
    var a = Matrix<Float>(rows: 2, columns: 2, repeating: 1)
    a[position / 2, position % 2] = .nan
    for norm in [a.oneNorm, a.infinityNorm, a.maximumNorm, a.frobeniusNorm] {
      #expect(norm.isNaN)
    }
  }

  @Test("JSON brings a matrix back, and cannot make one that is none")
  func codable() throws {
    for a in [Matrix<Double>([[0.1, -2], [3e300, 4]]), Matrix(rows: 0, columns: 3)] {
      let data = try JSONEncoder().encode(a)
      let decoded = try JSONDecoder().decode(Matrix<Double>.self, from: data)
      #expect(decoded == a)
    }
    for text in [
      #"{"rows":2,"columns":2,"scalars":[1,2,3]}"#, #"{"rows":-1,"columns":-1,"scalars":[1]}"#,
      #"{"rows":4294967296,"columns":4294967296,"scalars":[]}"#, #"{"rows":0,"columns":0}"#,
    ] {
      #expect(throws: DecodingError.self, "\(text)") {
        try JSONDecoder().decode(Matrix<Double>.self, from: Data(text.utf8))
      }
    }
  }
}

@Suite("Printing a matrix")
struct MatrixPrintingTests {
  @Test("columns are aligned at their decimal points")
  func aligned() {
    let a: Matrix<Double> = [[1, -20.5, 1e-300], [0.1 + 0.2, 3.25, .nan], [-1e10, .infinity, 0]]
    #expect(
      a.description == """
        [[           1.0, -20.5 , 1e-300  ],
         [           0.3,   3.25,    nan  ],
         [-10000000000.0, inf   ,      0.0]]
        """)
    #expect("\(Matrix<Float>.identity(2))" == "[[1.0, 0.0],\n [0.0, 1.0]]")
  }

  @Test(
    "numbers are rounded to six significant digits, at any magnitude",
    arguments: [
      (1.0 / 3, "0.333333"), (2.0 / 3, "0.666667"), (123456.7, "123457.0"), (-0.0, "-0.0"),
      (999999.9, "1000000.0"), (1.23456789e-7, "1.23457e-07"), (1.23456789e-25, "1.23457e-25"),
      (.leastNonzeroMagnitude, "5e-324"), (1.23456789e-300 * 1e-10, "1.23457e-310"),
      (1.23456789e22, "1.23457e+22"),
      (.greatestFiniteMagnitude, "1.79769e+308"), (1000, "1000.0"), (0.1, "0.1"),
    ])
  func rounded(value: Double, text: String) {
    #expect(Matrix([[value]]).description == "[[\(text)]]")
  }

  @Test("a single-precision number shows no digits that it does not have")
  func float() {
    #expect(Matrix<Float>([[0.1, 16_777_216]]).description == "[[0.1, 16777200.0]]")
  }

  @Test("large and empty matrices tell their shape, small ones all their entries")
  func shapes() {
    let wide = Matrix<Float>(rows: 1, columns: 13)
    #expect(
      wide.description
        == "[[0.0, 0.0, 0.0, 0.0, 0.0, …, 0.0, 0.0, 0.0, 0.0, 0.0]] (1×13)")
    let tall = Matrix<Float>.column((0..<1000).map(Float.init)).description
    #expect(
      tall == """
        [[  0.0],
         [  1.0],
         [  2.0],
         [  3.0],
         [  4.0],
         [  …  ],
         [995.0],
         [996.0],
         [997.0],
         [998.0],
         [999.0]] (1000×1)
        """)
    #expect(!Matrix<Float>(rows: 12, columns: 12).description.contains("…"))
    #expect(Matrix<Float>(rows: 0, columns: 3).description == "[] (0×3)")
    #expect(Matrix<Float>(rows: 3, columns: 0).description == "[] (3×0)")
  }
}

@Suite("A matrix that cannot be stops the program")
struct MatrixPreconditionTests {
  @Test("rows of different lengths")
  func ragged() async {
    await #expect(processExitsWith: .failure) { _ = Matrix<Float>([[1, 2], [3]]) }
  }

  @Test("more scalars than places")
  func count() async {
    await #expect(processExitsWith: .failure) {
      _ = Matrix<Float>(rows: 2, columns: 2, scalars: [1, 2, 3, 4, 5])
    }
  }

  @Test("a negative side, and one beyond what BLAS can count")
  func sides() async {
    await #expect(processExitsWith: .failure) {
      _ = Matrix<Float>(rows: -1, columns: -1, scalars: [1])
    }
    await #expect(processExitsWith: .failure) { _ = Matrix<Float>(rows: 1 << 31, columns: 0) }
  }

  @Test("an entry beyond its row, even if there is one at its place in memory")
  func entry() async {
    await #expect(processExitsWith: .failure) { _ = Matrix<Float>.identity(3)[0, 3] }
    await #expect(processExitsWith: .failure) { _ = Matrix<Float>.identity(3)[2, -1] }
  }

  @Test("a sum of other shapes, even with as many scalars")
  func sum() async {
    await #expect(processExitsWith: .failure) {
      _ = Matrix<Float>(rows: 2, columns: 3) + Matrix(rows: 3, columns: 2)
    }
  }

  @Test("a product of shapes that do not fit")
  func product() async {
    await #expect(processExitsWith: .failure) {
      _ = Matrix<Float>(rows: 2, columns: 3) * Matrix(rows: 2, columns: 3)
    }
    await #expect(processExitsWith: .failure) {
      _ = Matrix<Float>(rows: 2, columns: 3)
        .multiplied(by: Matrix(rows: 3, columns: 2), transposing: .second)
    }
  }
}
