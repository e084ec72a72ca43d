/// The ε-greedy policy: a random action with probability ε, else the one of the highest value.
package enum EpsilonGreedy {
  /// An action for a row of action values.
  ///
  /// One coin is tossed a row: tossing one for a whole batch makes its rows explore together.
  package static func action(
    _ values: Span<Float>, row: Int, of actionCount: Int, epsilon: Double,
    using generator: inout PCG64
  ) -> Int {
    generator.random() < epsilon
      ? generator.integer(below: actionCount) : greedy(values, row: row, of: actionCount)
  }

  /// The mean of some values under the policy that is ε-greedy on others.
  ///
  /// Each action has the probability ε/n, and those of the highest value share 1 − ε between them:
  /// an expectation has no reason to favour the first of equals.
  package static func expectation(
    of values: Span<Float>, selecting: Span<Float>, row: Int, of actionCount: Int, epsilon: Double
  ) -> Float {
    let start = row * actionCount
    let highest = selecting[start + greedy(selecting, row: row, of: actionCount)]
    var (sum, greedySum, greedyCount) = (0 as Float, 0 as Float, 0)
    for i in start..<start + actionCount {
      sum += values[i]
      if selecting[i] == highest {
        greedySum += values[i]
        greedyCount += 1
      }
    }
    // Values that are no numbers are equal to nothing; the sum hands them on.
    let greedyMean = greedyCount == 0 ? sum : greedySum / Float(greedyCount)
    return Float(epsilon) * sum / Float(actionCount) + Float(1 - epsilon) * greedyMean
  }

  /// The action of the highest value in a row; the first of equals.
  package static func greedy(_ values: Span<Float>, row: Int, of actionCount: Int) -> Int {
    let start = row * actionCount
    var best = 0
    for action in 1..<max(actionCount, 1) where values[start + action] > values[start + best] {
      best = action
    }
    return best
  }
}
