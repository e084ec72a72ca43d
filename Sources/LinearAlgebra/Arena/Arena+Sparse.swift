extension Arena {
  /// c ← a·b, or aᵀ·b if transposed, without the terms where a is zero, if most of a is.
  ///
  /// It does nothing and returns false where a dense product is faster: if a quarter or more of a, or of its first row,
  /// is not zero, if a has fewer than 64 columns, or b fewer than 16. The same numbers always give the same answer. Each
  /// sum is in the order of its terms, and each term is rounded, so all tiers give the same bits.
  ///
  /// Shapes: a [m, k], b [k, n], c [m, n]; if transposed b [m, n], c [k, n].
  ///
  /// - Precondition: the shapes agree; c does not overlap a or b.
  /// - Returns: whether c was computed.
  /// - Complexity: O(m·k + n·(numbers of a that are not zero)), and O(k·n) if transposed; no allocation.
  @specialized(where Element == Float)
  public mutating func sparseProduct(
    _ a: Region, _ b: Region, into c: Region, transposingFirst isTransposed: Bool = false
  ) -> Bool {
    if a.columns < 64 || b.columns < 16 { return false }
    let (m, k) = isTransposed ? (a.columns, a.rows) : (a.rows, a.columns)
    precondition(
      b.rows == k && c.rows == m && c.columns == b.columns,
      "product of \(m)×\(k) and \(b.rows)×\(b.columns) into \(c.rows)×\(c.columns)")
    precondition(!c.overlaps(a) && !c.overlaps(b), "a product's destination is also its operand")
    // The first row says enough of most dense operands.
    guard a.rows > 0, isSparse(a.row(0)), isSparse(a) else { return false }
    unsafe Element._sparseProduct(
      kernels.rawValue, isTransposed, a.rows, a.columns, b.columns, pointer(a), pointer(b),
      pointer(c))
    return true
  }

  /// Whether less than a quarter of the numbers are not zero.
  private func isSparse(_ x: Region) -> Bool {
    unsafe Element._countNonzeros(kernels.rawValue, x.count, pointer(x)) < x.count / 4
  }
}
