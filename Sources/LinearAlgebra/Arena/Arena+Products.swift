// BLAS: Lawson, Hanson, Kincaid, Krogh 1979 (level 1), https://doi.org/10.1145/355841.355847;
// Dongarra, Du Croz, Hammarling, Duff 1990 (level 3), https://doi.org/10.1145/77626.79170.

extension Arena {
  /// c ← alpha·op(a)·op(b) + beta·c, with op(x) = xᵀ for the transposed operands.
  ///
  /// Shapes: op(a) [m, k], op(b) [k, n], c [m, n]. A beta of zero overwrites c, even if it holds NaN. A
  /// single row (m = 1, `a` not transposed) is computed as a matrix-vector product.
  ///
  /// - Precondition: the shapes agree; c does not overlap a or b.
  /// - Complexity: O(m·n·k), no allocation.
  @specialized(where Element == Float)
  public mutating func product(
    _ a: Region, _ b: Region, into c: Region, transposing transpositions: Transpositions = [],
    alpha: Element = 1, beta: Element = 0
  ) {
    let (m, k) =
      transpositions.contains(.first) ? (a.columns, a.rows) : (a.rows, a.columns)
    let (inner, n) =
      transpositions.contains(.second) ? (b.columns, b.rows) : (b.rows, b.columns)
    precondition(
      k == inner && c.rows == m && c.columns == n,
      "product of \(m)×\(k) and \(inner)×\(n) into \(c.rows)×\(c.columns)")
    precondition(!c.overlaps(a) && !c.overlaps(b), "a product's destination is also its operand")
    if m == 0 || n == 0 { return }
    if k == 0 { return scale(c, by: beta) }
    if m == 1 && !transpositions.contains(.first) {
      unsafe Element._gemv(
        !transpositions.contains(.second), Int32(b.rows), Int32(b.columns), alpha, pointer(b),
        Int32(b.columns), pointer(a), beta, pointer(c))
    } else {
      unsafe Element._gemm(
        transpositions.contains(.first), transpositions.contains(.second), Int32(m), Int32(n),
        Int32(k), alpha, pointer(a), Int32(a.columns), pointer(b), Int32(b.columns), beta,
        pointer(c), Int32(n))
    }
  }

  /// c ← a·b, or a·bᵀ if transposed, in the layout that is fastest in OpenBLAS.
  ///
  /// OpenBLAS's kernels for small products read operands in place, but not in every layout: a·bᵀ is
  /// packed like a large product, at half the speed, and a·b with few columns allocates on the heap. So
  /// one operand is first copied to the scratch memory, transposed, if there is any.
  /// `ArenaLayout.reserveScratch` reserves it if the copy saves time.
  ///
  /// Shapes: a [m, k], b [k, n] or [n, k] if transposed, c [m, n]; scratch max(m, n)·k scalars.
  ///
  /// - Precondition: the shapes agree; c and scratch do not overlap other operands.
  /// - Complexity: O(m·n·k), no allocation.
  @specialized(where Element == Float)
  public mutating func product(
    _ a: Region, _ b: Region, into c: Region, transposingSecond isTransposed: Bool = false,
    scratch: Region
  ) {
    let (m, n, k) = (a.rows, c.columns, a.columns)
    guard m > 1 && k > 0 && scratch.count >= max(m, n) * k else {
      return product(a, b, into: c, transposing: isTransposed ? .second : [])
    }
    precondition(
      !scratch.overlaps(a) && !scratch.overlaps(b) && !scratch.overlaps(c),
      "a product's scratch is also its operand")
    if isTransposed && k >= BLAS.shortSide {
      let copy = scratch.slice(at: 0, rows: k, columns: m)
      transpose(a, into: copy)
      product(copy, b, into: c, transposing: .both)
    } else {
      let copy = scratch.slice(at: 0, rows: b.columns, columns: b.rows)
      transpose(b, into: copy)
      product(a, copy, into: c, transposing: isTransposed ? [] : .second)
    }
  }

  /// b ← aᵀ.
  ///
  /// Shapes: a [m, n], b [n, m].
  ///
  /// - Precondition: the shapes agree; b does not overlap a.
  /// - Complexity: O(m·n), no allocation.
  public mutating func transpose(_ a: Region, into b: Region) {
    precondition(
      b.rows == a.columns && b.columns == a.rows,
      "the transpose of \(a.rows)×\(a.columns) into \(b.rows)×\(b.columns)")
    precondition(!b.overlaps(a), "a transpose within its operand")
    if a.count == 0 { return }
    unsafe Element._transpose(
      Int32(a.rows), Int32(a.columns), pointer(a), Int32(a.columns), pointer(b), Int32(b.columns))
  }

  /// y ← alpha·op(a)·x + beta·y, with op(a) = aᵀ if transposed.
  ///
  /// Shapes: op(a) [m, n], x n scalars, y m scalars; x and y may be rows or columns.
  ///
  /// - Precondition: the shapes agree; y does not overlap a or x.
  /// - Complexity: O(m·n), no allocation.
  public mutating func product(
    _ a: Region, vector x: Region, into y: Region, transposing isTransposed: Bool = false,
    alpha: Element = 1, beta: Element = 0
  ) {
    let (m, n) = isTransposed ? (a.columns, a.rows) : (a.rows, a.columns)
    precondition(
      x.count == n && y.count == m, "product of \(m)×\(n) and \(x.count) into \(y.count)")
    precondition(!y.overlaps(a) && !y.overlaps(x), "a product's destination is also its operand")
    if m == 0 { return }
    if n == 0 { return scale(y, by: beta) }
    unsafe Element._gemv(
      isTransposed, Int32(a.rows), Int32(a.columns), alpha, pointer(a), Int32(a.columns),
      pointer(x), beta, pointer(y))
  }

  /// y ← alpha·x + beta·y.
  ///
  /// A beta of zero overwrites y, even if it holds NaN.
  ///
  /// - Precondition: x and y have the same number of scalars and do not overlap.
  /// - Complexity: O(n), no allocation.
  public mutating func combine(_ x: Region, into y: Region, alpha: Element, beta: Element) {
    precondition(x.count == y.count, "combination of \(x.count) and \(y.count) scalars")
    precondition(!x.overlaps(y), "a combination's destination is also its operand")
    if x.count == 0 { return }
    unsafe Element._axpby(length(x), alpha, pointer(x), beta, pointer(y))
  }

  /// Σ x·y.
  ///
  /// - Precondition: x and y have the same number of scalars.
  /// - Complexity: O(n), no allocation.
  public func dot(_ x: Region, _ y: Region) -> Element {
    precondition(x.count == y.count, "dot product of \(x.count) and \(y.count) scalars")
    return unsafe Element._dot(length(x), pointer(x), pointer(y))
  }

  /// √Σ x², without intermediate overflow.
  ///
  /// All tiers give the same bits, unless squares of doubles overflow or vanish: then OpenBLAS computes it.
  ///
  /// - Complexity: O(n), no allocation.
  public func norm(_ x: Region) -> Element {
    let sum = unsafe Element._sumOfSquares(kernels.rawValue, x.count, pointer(x))
    // Squares of large or small doubles are no normal numbers.
    return sum.isNormal
      ? Element(sum.squareRoot()) : unsafe Element._nrm2(length(x), pointer(x))
  }

  /// c ← beta·c; a beta of zero writes zeros, even over NaN.
  ///
  /// - Complexity: O(n), no allocation.
  public mutating func scale(_ c: Region, by beta: Element) {
    if beta == 0 { return fill(c, with: 0) }
    unsafe Element._scal(length(c), beta, pointer(c))
  }

  /// A vector's length as BLAS's 32-bit integer.
  private func length(_ x: Region) -> Int32 {
    precondition(x.count <= ArenaLayout.limit, "\(x.count) scalars are more than BLAS can count")
    return Int32(x.count)
  }
}
