import SARSALinearAlgebra
import SARSARandomSources

/// A matrix as the textbook has it, to hold the arena's against.
struct NaiveMatrix<Element: BinaryFloatingPoint> {
  var rows: Int
  var columns: Int
  var values: [Element]

  subscript(row: Int, column: Int) -> Element { values[row * columns + column] }

  /// Random whole numbers from −4 to 4: products of these are exact, whatever the order of sums.
  static func whole(_ rows: Int, _ columns: Int, using generator: inout PCG64) -> Self {
    Self(
      rows: rows, columns: columns,
      values: (0..<rows * columns).map { _ in Element(generator.integer(below: 9) - 4) })
  }

  /// Random numbers between −1 and 1.
  static func real(_ rows: Int, _ columns: Int, using generator: inout PCG64) -> Self {
    Self(
      rows: rows, columns: columns,
      values: (0..<rows * columns).map { _ in Element(generator.uniform(-1, 1)) })
  }

  var transposed: Self {
    Self(
      rows: columns, columns: rows,
      values: (0..<rows * columns).map { self[$0 % max(rows, 1), $0 / max(rows, 1)] })
  }

  /// alpha·self·other + beta·c, where a beta of zero does not look at c.
  func product(_ other: Self, alpha: Element, beta: Element, c: Self) -> Self {
    var result = c
    for i in 0..<rows {
      for j in 0..<other.columns {
        var sum: Element = 0
        for l in 0..<columns { sum += self[i, l] * other[l, j] }
        result.values[i * other.columns + j] =
          alpha * sum + (beta == 0 ? 0 : beta * c[i, j])
      }
    }
    return result
  }

  /// The same matrix in another type.
  func converted<Other: BinaryFloatingPoint>(to type: Other.Type) -> NaiveMatrix<Other> {
    NaiveMatrix<Other>(rows: rows, columns: columns, values: values.map { Other($0) })
  }
}

/// An arena that holds three matrices.
struct Operands<Element: Scalar>: ~Copyable {
  var arena: Arena<Element>
  let a: Region
  let b: Region
  let c: Region

  init(
    _ a: NaiveMatrix<Element>, _ b: NaiveMatrix<Element>, _ c: NaiveMatrix<Element>,
    kernels: KernelTier = .preferred
  ) throws {
    var layout = ArenaLayout()
    let regionA = try layout.reserve(rows: a.rows, columns: a.columns)
    let regionB = try layout.reserve(rows: b.rows, columns: b.columns)
    let regionC = try layout.reserve(rows: c.rows, columns: c.columns)
    arena = try Arena(layout, kernels: kernels)
    (self.a, self.b, self.c) = (regionA, regionB, regionC)
    arena.write(a.values, to: regionA)
    arena.write(b.values, to: regionB)
    arena.write(c.values, to: regionC)
  }
}

/// The four combinations of transposed operands.
let allTranspositions: [Transpositions] = [[], .first, .second, [.first, .second]]

/// A side of a random matrix: empty, one, odd, a power of two, and what lies between.
func randomSide(using generator: inout PCG64) -> Int {
  [0, 1, 2, 3, 5, 7, 8, 13, 16, 17, 31, 32, 33, 40][generator.integer(below: 14)]
}
