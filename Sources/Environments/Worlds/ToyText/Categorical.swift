internal import SARSARandomSources

/// A categorical distribution, sampled like Gymnasium's environments with tables of probabilities.
///
/// A draw always takes one number u of the random stream, even if the outcome is certain. It returns the
/// first element at which the cumulative probability exceeds u. If rounding leaves the total at or below
/// u, it returns the very first element.
struct Categorical: Hashable, Sendable {
  private let cumulative: [Double]

  /// Makes a distribution with probabilities in proportion to weights.
  init(weights: [Double]) {
    let total = weights.reduce(0, +)
    var sum = 0.0
    cumulative = weights.map { weight in
      sum += weight / total
      return sum
    }
  }

  /// Draws an element.
  func draw(using random: inout PCG64) -> Int {
    let u = random.random()
    return cumulative.firstIndex { $0 > u } ?? 0
  }
}

extension FiniteModel {
  /// Draws an outcome of an action, in the same way.
  func draw(_ action: Int, in state: Int, using random: inout PCG64) -> Outcome {
    let u = random.random()
    let outcomes = outcomes(of: action, in: state)
    var sum = 0.0
    for outcome in outcomes {
      sum += outcome.probability
      if sum > u { return outcome }
    }
    return outcomes[0]
  }
}
