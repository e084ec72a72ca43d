public import SARSALinearAlgebra

/// A loss of one chosen output per row, with a weight per row.
///
/// With q the outputs, aᵢ the chosen column, yᵢ the target, wᵢ the weight and eᵢ = yᵢ − q[i, aᵢ] the
/// error of row i of B: L = 1/B · Σ wᵢ·ℓ(eᵢ), and ∂L/∂q[i, aᵢ] = −1/B · wᵢ·ℓ′(eᵢ), zero elsewhere.
/// The targets are constants: no gradient flows through them.
public enum Loss: Codable, Hashable, Sendable {
  /// ℓ(e) = e².
  case meanSquaredError
  /// ℓ(e) = e²/2 for |e| ≤ δ, otherwise δ·(|e| − δ/2): the derivative is at most δ for outliers.
  ///
  /// Source: P. J. Huber 1964, https://doi.org/10.1214/aoms/1177703732.
  case huber(threshold: Double = 1)
}

extension Loss {
  /// Computes loss, gradient and errors.
  ///
  /// Shapes: outputs and gradient [batch, columns]; the arrays have one element a row. `errors`
  /// receives yᵢ − q[i, aᵢ], the temporal-difference errors of a value learner.
  ///
  /// - Precondition: the shapes agree, and every chosen column exists.
  /// - Returns: L.
  /// - Complexity: O(batch·columns), no allocation. It is specialised, because its loops access single
  ///   scalars: unspecialised code would take a sixth of an update.
  @specialized(where S == Float)
  public func evaluate<S: Scalar>(
    outputs: Region, chosen: [Int], targets: [S], weights: [S], errors: inout [S],
    gradient: Region, in arena: inout Arena<S>
  ) -> S {
    let (rows, columns) = (outputs.rows, outputs.columns)
    precondition(
      chosen.count == rows && targets.count == rows && weights.count == rows
        && errors.count == rows && gradient.rows == rows && gradient.columns == columns,
      "a loss over \(rows) rows with arrays of other lengths")
    // The squared error is twice a Huber loss with an infinite threshold.
    var (factor, threshold) = (1 as S, S.infinity)
    if case .huber(let limit) = self { (factor, threshold) = (0.5, S(limit)) }
    var loss: S = 0
    arena.withSpan(of: outputs) { outputs in
      for i in 0..<rows {
        precondition(chosen[i] >= 0 && chosen[i] < columns, "column \(chosen[i]) of \(columns)")
        let error = targets[i] - outputs[i * columns + chosen[i]]
        errors[i] = error
        let size = abs(error)
        let value =
          size > threshold ? threshold * (size - threshold / 2) : factor * (error * error)
        loss += weights[i] * value
      }
    }
    let scale = -2 * factor / S(rows)
    arena.withMutableSpan(of: gradient) { gradient in
      for i in gradient.indices { gradient[i] = 0 }
      for i in 0..<rows {
        let error = errors[i]
        let slope = error > threshold ? threshold : error < -threshold ? -threshold : error
        gradient[i * columns + chosen[i]] = scale * weights[i] * slope
      }
    }
    return loss / S(rows)
  }
}
