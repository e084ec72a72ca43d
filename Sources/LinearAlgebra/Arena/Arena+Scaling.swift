extension Arena {
  /// x ← (x − offset)·scale, column by column.
  ///
  /// Shapes: x [m, n], offset and scale n scalars.
  ///
  /// - Precondition: the shapes agree; x does not overlap the others.
  /// - Complexity: O(m·n), no allocation.
  public mutating func scaleColumns(of x: Region, offset: Region, scale: Region) {
    precondition(
      offset.count == x.columns && scale.count == x.columns,
      "\(offset.count) offsets and \(scale.count) scales for \(x.columns) columns")
    precondition(!x.overlaps(offset) && !x.overlaps(scale), "a scaling within its operand")
    unsafe Element._scaleColumns(
      kernels.rawValue, x.rows, x.columns, pointer(offset), pointer(scale), pointer(x))
  }
}
