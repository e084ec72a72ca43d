// Eligibility traces: R. S. Sutton, A. G. Barto, "Reinforcement Learning", 2nd edition, 2018, §12.2;
// S. P. Singh, R. S. Sutton 1996, https://doi.org/10.1007/BF00114726, for replacing traces.

internal import CSARSAVectorKernels

extension Arena {
  /// z ← decay·z + weight·g, in one pass with the sum Σ|z|.
  ///
  /// A replacing trace takes g itself where it is not 0, and decays elsewhere. A subnormal z becomes zero,
  /// because a processor takes several times as long for an operation with subnormal numbers.
  ///
  /// - Parameters:
  ///   - trace: z.
  ///   - gradient: g.
  ///   - decay: what remains of z, γλ.
  ///   - weight: the factor of g; a replacing trace does not use it.
  ///   - replaces: whether the trace is a replacing one.
  /// - Precondition: trace and gradient have the same number of scalars and do not overlap.
  /// - Returns: Σ|z| of the new trace, in sixteen partial sums.
  /// - Complexity: O(n), no allocation.
  public mutating func updateTrace(
    _ trace: Region, gradient: Region, decay: Double, weight: Double = 1, replaces: Bool = false
  ) -> Element {
    precondition(
      gradient.count == trace.count, "a gradient of \(gradient.count) in a trace of \(trace.count)")
    precondition(!trace.overlaps(gradient), "a trace within its gradient")
    var scalars = sarsa_trace(decay: decay, weight: weight, replaces: replaces ? 1 : 0)
    return unsafe Element._updateTrace(
      kernels.rawValue, trace.count, &scalars, pointer(gradient), pointer(trace))
  }

  /// p ← p + factor·z, or p + factor·z + correction·g, in one pass.
  ///
  /// - Parameters:
  ///   - trace: z.
  ///   - parameters: p.
  ///   - factor: the step along the trace.
  ///   - gradient: g, which a correction of 0 does not read.
  ///   - correction: the step along the gradient.
  /// - Precondition: all regions have the same number of scalars; the parameters do not overlap the others.
  /// - Returns: whether all parameters are finite afterwards.
  /// - Complexity: O(n), no allocation.
  public mutating func followTrace(
    _ trace: Region, parameters: Region, factor: Double, gradient: Region, correction: Double = 0
  ) -> Bool {
    precondition(
      trace.count == parameters.count && gradient.count == parameters.count,
      "a trace of \(trace.count) and a gradient of \(gradient.count) for \(parameters.count) parameters"
    )
    precondition(
      !parameters.overlaps(trace) && !parameters.overlaps(gradient),
      "parameters within their trace or gradient")
    return unsafe Element._followTrace(
      kernels.rawValue, parameters.count, factor, correction, pointer(trace),
      correction == 0 ? nil : pointer(gradient), pointer(parameters)) != 0
  }
}
