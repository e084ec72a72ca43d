// The dueling architecture: Z. Wang et al. 2016, https://doi.org/10.48550/arXiv.1511.06581.

extension Arena {
  /// q ← v + a − mean of a, row by row: a state's value and its actions' advantages.
  ///
  /// Shapes: x [m, 1 + n] with v in column 0 and a in the other columns, q [m, n]. Subtracting the mean
  /// makes v and a unique: otherwise a constant could be moved from one to the other without changing q.
  ///
  /// - Precondition: the shapes agree; q does not overlap x.
  /// - Complexity: O(m·n), no allocation.
  public mutating func dueling(_ x: Region, into q: Region) {
    requireDueling(x, q)
    unsafe Element._dueling(kernels.rawValue, q.rows, q.columns, pointer(x), pointer(q))
  }

  /// The backward pass of `dueling`: from ∂L/∂q in `delta` [m, n] to ∂L/∂x [m, 1 + n].
  ///
  /// ∂L/∂v = Σ ∂L/∂q; ∂L/∂a = ∂L/∂q − mean of ∂L/∂q.
  ///
  /// - Precondition: the shapes agree; ∂L/∂x does not overlap delta.
  /// - Complexity: O(m·n), no allocation.
  public mutating func duelingGradient(delta: Region, into inputDelta: Region) {
    requireDueling(inputDelta, delta)
    unsafe Element._duelingBackward(
      kernels.rawValue, delta.rows, delta.columns, pointer(delta), pointer(inputDelta))
  }

  private func requireDueling(_ x: Region, _ q: Region) {
    precondition(
      x.rows == q.rows && q.columns > 0 && x.columns == q.columns + 1,
      "a dueling head from \(x.rows)×\(x.columns) to \(q.rows)×\(q.columns)")
    precondition(!x.overlaps(q), "a dueling head within its operand")
  }
}
