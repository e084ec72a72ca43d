internal import CSARSAVectorKernels

/// An elementwise function that ends a layer.
public enum Activation: String, Codable, CaseIterable, Hashable, Sendable {
  /// x.
  case identity
  /// max(0, x), the rectified linear unit. A NaN stays a NaN.
  case relu
}

extension Arena {
  /// y ← activation(y + bias), in every row, in one pass.
  ///
  /// Shapes: bias n scalars, y [m, n].
  ///
  /// - Precondition: as many biases as columns; none of them in y.
  /// - Complexity: O(m·n), no allocation.
  public mutating func addBias(
    _ bias: Region, to y: Region, activation: Activation = .identity
  ) {
    precondition(bias.count == y.columns, "\(bias.count) biases for \(y.columns) columns")
    precondition(!bias.overlaps(y), "a bias within its destination")
    let (tier, b, matrix) = unsafe (kernels.rawValue, pointer(bias), pointer(y))
    switch activation {
    case .identity: unsafe routines.addBias(tier, y.rows, y.columns, b, matrix)
    case .relu: unsafe routines.addBiasReLU(tier, y.rows, y.columns, b, matrix)
    }
  }

  /// The way back through `addBias`: from the gradient by its output to those by its input and bias.
  ///
  /// In place: delta ← delta ∘ activation′, then sums ← column sums of delta. The derivative is
  /// read off the output: a ReLU's is 1 where the output is positive, else 0.
  ///
  /// Shapes: output and delta [m, n], sums n scalars.
  ///
  /// - Precondition: the shapes agree; the three regions share no scalar.
  /// - Complexity: O(m·n), no allocation.
  public mutating func biasGradient(
    output: Region, activation: Activation, delta: Region, into sums: Region
  ) {
    precondition(
      output.rows == delta.rows && output.columns == delta.columns && sums.count == delta.columns,
      "gradient \(delta.rows)×\(delta.columns) of an output \(output.rows)×\(output.columns)")
    precondition(
      !output.overlaps(delta) && !output.overlaps(sums) && !delta.overlaps(sums),
      "a gradient within its operand")
    switch activation {
    case .identity:
      unsafe routines.columnSums(
        kernels.rawValue, delta.rows, delta.columns, pointer(delta), pointer(sums))
    case .relu:
      unsafe routines.reluBackward(
        kernels.rawValue, delta.rows, delta.columns, pointer(output), pointer(delta), pointer(sums))
    }
  }

  /// Asks the processor to fetch some rows of a region, so that reading them soon finds them near.
  ///
  /// - Precondition: the rows exist.
  /// - Complexity: O(rows), no allocation.
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
