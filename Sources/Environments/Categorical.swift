internal import SARSARandomSources

/// One of several things by chance, drawn as Gymnasium's worlds of few states draw it.
///
/// One number u of the stream is taken, however certain the outcome: the first thing counts whose
/// probabilities sum to more than u together with those before it. Where rounding leaves their sum at
/// or below u, it is the very first.
struct Categorical: Hashable, Sendable {
  private let cumulative: [Double]

  /// Makes a distribution in which things are as likely as their weights say.
  init(weights: [Double]) {
    let total = weights.reduce(0, +)
    var sum = 0.0
    cumulative = weights.map { weight in
      sum += weight / total
      return sum
    }
  }

  /// Draws one.
  func draw(using random: inout PCG64) -> Int {
    let u = random.random()
    return cumulative.firstIndex { $0 > u } ?? 0
  }
}

extension FiniteModel {
  /// Draws what an action leads to, in the same way.
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

extension MutableSpan<Float> {
  /// Makes one of the numbers 1 and the others 0.
  mutating func mark(_ place: Int) {
    for i in indices { self[i] = 0 }
    self[place] = 1
  }
}
