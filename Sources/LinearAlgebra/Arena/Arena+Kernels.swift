internal import CSARSAVectorKernels

extension Arena {
  /// z ← z + bias in every row, then y ← activation(z), in one pass.
  ///
  /// Without y, the result overwrites z.
  ///
  /// Shapes: bias n scalars, z and y [m, n].
  ///
  /// - Precondition: one bias per column; y is z or does not overlap it; bias overlaps neither.
  /// - Complexity: O(m·n), no allocation.
  public mutating func addBias(
    _ bias: Region, to z: Region, activation: Activation = .identity, into y: Region? = nil
  ) {
    let y = y ?? z
    precondition(bias.count == z.columns, "\(bias.count) biases for \(z.columns) columns")
    precondition(
      y.rows == z.rows && y.columns == z.columns,
      "an output \(y.rows)×\(y.columns) of an input \(z.rows)×\(z.columns)")
    precondition(
      !bias.overlaps(z) && !bias.overlaps(y) && (y == z || !y.overlaps(z)),
      "an operand within its destination")
    unsafe Element._activate(
      kernels.rawValue, activation.kind, z.rows, z.columns, pointer(bias), pointer(z), pointer(y))
  }

  /// The backward pass of `addBias`: from the gradient with respect to its output to the gradients with
  /// respect to its input and bias.
  ///
  /// In place: delta ← delta ∘ activation′, then sums ← column sums of delta. The derivative is computed
  /// from `values`: the inputs z if `activation.derivativeTakesInput`, else the outputs y. For a ReLU it
  /// is 1 where y is positive, else 0.
  ///
  /// Shapes: values and delta [m, n], sums n scalars.
  ///
  /// - Precondition: the shapes agree; the three regions do not overlap.
  /// - Complexity: O(m·n), no allocation.
  public mutating func biasGradient(
    of activation: Activation, at values: Region, delta: Region, into sums: Region
  ) {
    precondition(
      values.rows == delta.rows && values.columns == delta.columns && sums.count == delta.columns,
      "gradient \(delta.rows)×\(delta.columns) at values \(values.rows)×\(values.columns)")
    precondition(
      !values.overlaps(delta) && !values.overlaps(sums) && !delta.overlaps(sums),
      "a gradient within its operand")
    unsafe Element._activateBackward(
      kernels.rawValue, activation.kind, delta.rows, delta.columns, pointer(values),
      pointer(delta), pointer(sums))
  }

  /// Prefetches some rows of a region into the cache.
  ///
  /// - Precondition: the rows exist.
  /// - Complexity: O(rows), no allocation.
  @specialized(where Element == Float)
  public func prefetch(rows: [Int], of region: Region) {
    for i in rows.indices {
      precondition(rows[i] >= 0 && rows[i] < region.rows, "row \(rows[i]) of \(region.rows)")
    }
    guard region.columns > 0 else { return }
    unsafe rows.withUnsafeBufferPointer { rows in
      unsafe sarsa_prefetch(
        pointer(region), region.columns * MemoryLayout<Element>.stride, rows.baseAddress,
        rows.count)
    }
  }
}
