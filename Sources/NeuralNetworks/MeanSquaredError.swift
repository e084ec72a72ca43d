public import SARSALinearAlgebra

/// The mean squared error of one chosen output per row, with a weight per row.
///
/// With q the outputs, aᵢ the chosen column, yᵢ the target and wᵢ the weight of row i of B:
/// L = 1/B · Σ wᵢ·(q[i, aᵢ] − yᵢ)², and ∂L/∂q[i, aᵢ] = 2/B · wᵢ·(q[i, aᵢ] − yᵢ), zero elsewhere. The
/// targets are constants: nothing flows through them.
public enum MeanSquaredError {
  /// Computes loss, gradient and errors.
  ///
  /// Shapes: outputs and gradient [batch, columns]; the arrays have one element a row. `errors`
  /// receives yᵢ − q[i, aᵢ], the temporal-difference errors of a value learner.
  ///
  /// - Precondition: the shapes agree, and every chosen column exists.
  /// - Returns: L.
  /// - Complexity: O(batch·columns), no allocation. It is specialised, for its loops touch single
  ///   scalars: unspecialised they take a sixth of an update.
  @specialized(where S == Float)
  public static func evaluate<S: Scalar>(
    outputs: Region, chosen: [Int], targets: [S], weights: [S], errors: inout [S],
    gradient: Region, in arena: inout Arena<S>
  ) -> S {
    let (rows, columns) = (outputs.rows, outputs.columns)
    precondition(
      chosen.count == rows && targets.count == rows && weights.count == rows
        && errors.count == rows && gradient.rows == rows && gradient.columns == columns,
      "a loss over \(rows) rows with arrays of other lengths")
    var loss: S = 0
    arena.withSpan(of: outputs) { outputs in
      for i in 0..<rows {
        precondition(chosen[i] >= 0 && chosen[i] < columns, "column \(chosen[i]) of \(columns)")
        let error = targets[i] - outputs[i * columns + chosen[i]]
        errors[i] = error
        loss += weights[i] * (error * error)
      }
    }
    let scale = -2 / S(rows)
    arena.withMutableSpan(of: gradient) { gradient in
      for i in gradient.indices { gradient[i] = 0 }
      for i in 0..<rows {
        gradient[i * columns + chosen[i]] = scale * weights[i] * errors[i]
      }
    }
    return loss / S(rows)
  }
}
