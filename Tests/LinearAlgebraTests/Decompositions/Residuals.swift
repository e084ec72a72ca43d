import SARSALinearAlgebra
import SARSARandomSources

// Residual ratios as LAPACK's own test programs take them (LAPACK Working Note 41): an error divided
// by what the arithmetic may cause, its bound included. About 1 is good, and 30 is too much.

/// The ratio above which LAPACK's tests call a result wrong.
let residualBound = 30.0

/// ‖residual‖₁ / (scale·eps), where eps is half an `ulpOfOne`; 0 for a residual of zero.
func ratio<Element: Scalar>(_ residual: Matrix<Element>, over scale: Element) -> Double {
  let norm = residual.oneNorm
  return norm == 0 ? 0 : Double(norm) / (Double(scale) * Double(Element.ulpOfOne) / 2)
}

/// ‖I − QᵀQ‖₁ / (m·eps).
func orthogonality<Element: Scalar>(_ q: Matrix<Element>) -> Double {
  let gram = q.multiplied(by: q, transposing: .first)
  return ratio(.identity(q.columns) - gram, over: Element(q.rows))
}

/// ‖A − product‖₁ / (max(m, n)·‖A‖₁·eps).
func reconstruction<Element: Scalar>(_ a: Matrix<Element>, _ product: Matrix<Element>) -> Double {
  ratio(a - product, over: Element(max(a.rows, a.columns)) * a.oneNorm)
}

/// ‖B − A·X‖₁ / (n·‖A‖₁·‖X‖₁·eps), the worst of all columns.
func residual<Element: Scalar>(
  _ a: Matrix<Element>, _ x: Matrix<Element>, _ b: Matrix<Element>
) -> Double {
  let difference = b - a * x
  return (0..<x.columns).map { j in
    let column = { (y: Matrix<Element>) in Matrix.column((0..<y.rows).map { y[$0, j] }) }
    return ratio(
      column(difference), over: Element(a.columns) * a.oneNorm * column(x).oneNorm)
  }.max() ?? 0
}

/// The sides of the matrices that are decomposed.
let sides = [0, 1, 2, 3, 5, 9, 35]

extension Matrix {
  /// The same matrix.
  init(_ naive: NaiveMatrix<Element>) {
    self.init(rows: naive.rows, columns: naive.columns, scalars: naive.values)
  }

  /// Random numbers between −1 and 1, times a scale.
  static func random(_ rows: Int, _ columns: Int, scale: Element = 1, seed: Int = 0) -> Matrix {
    var generator = PCG64(seed: UInt64(rows * 10_000 + columns * 100 + seed))
    return scale * Matrix(NaiveMatrix.real(rows, columns, using: &generator))
  }

  /// A random matrix of a rank.
  static func random(_ rows: Int, _ columns: Int, rank: Int) -> Matrix {
    random(rows, rank, seed: 1) * random(rank, columns, seed: 2)
  }

  /// 1 / (i + j + 1): symmetric, positive definite, and with a condition number of about 33ⁿ.
  static func hilbert(_ n: Int) -> Matrix {
    Matrix(
      rows: n, columns: n,
      scalars: (0..<n * n).map { 1 / Element($0 / n + $0 % n + 1) })
  }

  /// Scales of which squares are out of the type's range, as LAPACK's tests have them.
  static var extremeScales: [Element] {
    let small = Element.leastNormalMagnitude / Element.ulpOfOne / 2
    return [small, 1, 1 / small]
  }
}
