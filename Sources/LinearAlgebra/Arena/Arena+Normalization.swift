// Layer normalisation: J. L. Ba, J. R. Kiros, G. E. Hinton 2016,
// https://doi.org/10.48550/arXiv.1607.06450.

extension Arena {
  /// z ← (x − mean)/√(variance + epsilon) · gain, with mean and variance of each row.
  ///
  /// Shapes: x and z [m, n], gain n scalars, statistics [m, 2]: the mean and 1/√(variance + epsilon) of
  /// each row, for the backward pass. The variance is divided by n. Without a gain nothing is multiplied.
  ///
  /// - Precondition: the shapes agree; z and statistics do not overlap other operands.
  /// - Complexity: O(m·n), no allocation.
  public mutating func normalize(
    _ x: Region, gain: Region?, epsilon: Double, into z: Region, statistics: Region
  ) {
    let gain = gain ?? .empty
    requireShapes(x, gain: gain, z, statistics: statistics)
    precondition(
      !z.overlaps(x) && !z.overlaps(gain) && !z.overlaps(statistics) && !statistics.overlaps(x)
        && !statistics.overlaps(gain), "a normalisation within its operand")
    unsafe Element._normalize(
      kernels.rawValue, x.rows, x.columns, epsilon, pointer(x), optionalPointer(gain), pointer(z),
      pointer(statistics))
  }

  /// The backward pass of `normalize`: from ∂L/∂z in `delta` to ∂L/∂gain, and to ∂L/∂x if it is given.
  ///
  /// With x̂ = (x − mean)·scale and d = delta ∘ gain: ∂L/∂gain = Σ rows of delta ∘ x̂;
  /// ∂L/∂x = scale·(d − mean of d − x̂·mean of d ∘ x̂), means taken over each row.
  ///
  /// Shapes: x, delta and ∂L/∂x [m, n], gain and its gradient n scalars, statistics [m, 2] as written by
  /// `normalize`. A normalisation without a gain has no gradient of it.
  ///
  /// - Precondition: the shapes agree; written regions do not overlap other operands.
  /// - Complexity: O(m·n), no allocation.
  public mutating func normalizationGradient(
    _ x: Region, statistics: Region, gain: Region?, delta: Region, intoGain gainGradient: Region?,
    intoInput inputDelta: Region?
  ) {
    let (gain, gainGradient) = (gain ?? .empty, gainGradient ?? .empty)
    requireShapes(x, gain: gain, delta, statistics: statistics)
    precondition(
      gainGradient.count == gain.count && !gainGradient.overlaps(x)
        && !gainGradient.overlaps(gain) && !gainGradient.overlaps(delta)
        && !gainGradient.overlaps(statistics), "a gain's gradient within an operand")
    if let inputDelta {
      requireShapes(x, gain: gain, inputDelta, statistics: statistics)
      precondition(
        !inputDelta.overlaps(x) && !inputDelta.overlaps(gain) && !inputDelta.overlaps(delta)
          && !inputDelta.overlaps(statistics) && !inputDelta.overlaps(gainGradient),
        "a gradient within its operand")
    }
    unsafe Element._normalizeBackward(
      kernels.rawValue, x.rows, x.columns, pointer(x), pointer(statistics), optionalPointer(gain),
      pointer(delta), optionalPointer(gainGradient), inputDelta.map { unsafe pointer($0) })
  }

  /// A pointer for the kernels; nil for an empty region, which stands for an operand that is not there.
  private func optionalPointer(_ region: Region) -> UnsafeMutablePointer<Element>? {
    region.count == 0 ? nil : unsafe pointer(region)
  }

  private func requireShapes(_ x: Region, gain: Region, _ z: Region, statistics: Region) {
    precondition(
      z.rows == x.rows && z.columns == x.columns && (gain == .empty || gain.count == x.columns)
        && statistics.rows == x.rows && statistics.columns == 2,
      "normalisation of \(x.rows)×\(x.columns) into \(z.rows)×\(z.columns)")
  }
}
