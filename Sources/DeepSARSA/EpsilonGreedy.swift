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
