internal import SARSAPreconditions

// Solves the Bellman equation of a finite MDP: R. S. Sutton, A. G. Barto, "Reinforcement Learning",
// 2nd edition, 2018, §3.5 and §4.1.

extension FiniteModel {
  /// The exact action values of a policy: q = (I − γP)⁻¹r, by LU decomposition.
  ///
  /// Over pairs (s, a): r is the expected reward, and P(s, a → s′, a′) the probability of the next pair
  /// under the policy, zero after a termination.
  ///
  /// Shapes: policy [states, actions], each row summing to one; the result likewise.
  ///
  /// - Precondition: the policy has one row per state and one column per action.
  /// - Throws: `LinearAlgebraError.singular` if the values are infinite, or too large to be computed
  ///   with any correct digit: γ is 1, and the policy never ends an episode. `.tooLarge` for more pairs
  ///   than LAPACK can count, `.overflow` if a value is beyond the type's range.
  /// - Complexity: O((states·actions)³).
  public func actionValues(
    of policy: Matrix<Double>, discount: Double
  ) throws(LinearAlgebraError) -> Matrix<Double> {
    require(
      policy.rows == stateCount && policy.columns == actionCount,
      "the policy is \(policy.rows)×\(policy.columns); allowed: \(stateCount)×\(actionCount)")
    let pairs = stateCount * actionCount
    var equation = Matrix<Double>.identity(pairs)
    var rewards = Matrix<Double>(rows: pairs, columns: 1)
    for pair in 0..<pairs {
      for outcome in outcomes(of: pair % actionCount, in: pair / actionCount) {
        rewards[pair, 0] += outcome.probability * outcome.reward
        if outcome.isTerminated { continue }
        for next in 0..<actionCount {
          equation[pair, outcome.state * actionCount + next] -=
            discount * outcome.probability * policy[outcome.state, next]
        }
      }
    }
    let decomposition = try LUDecomposition(equation)
    if try decomposition.reciprocalConditionNumber < Double.ulpOfOne {
      throw .singular(pivot: decomposition.zeroPivot ?? pairs - 1)
    }
    let solution = try decomposition.solve(rewards)
    return Matrix(rows: stateCount, columns: actionCount, scalars: solution.scalars)
  }

  /// The ε-greedy policy on action values; actions with equal values share the probability 1 − ε.
  ///
  /// Values count as equal within the tolerance, because learned values are not equal to the last bit.
  ///
  /// - Precondition: the values have one row per state and one column per action.
  public func epsilonGreedyPolicy(
    on values: Matrix<Double>, epsilon: Double, tolerance: Double = 0
  ) -> Matrix<Double> {
    require(
      values.rows == stateCount && values.columns == actionCount,
      "the values are \(values.rows)×\(values.columns); allowed: \(stateCount)×\(actionCount)")
    var policy = Matrix<Double>(rows: stateCount, columns: actionCount)
    for state in 0..<stateCount {
      let row = (0..<actionCount).map { values[state, $0] }
      let highest = row.max() ?? 0
      let best = row.map { $0 >= highest - tolerance }
      let share = (1 - epsilon) / Double(best.count { $0 })
      for action in 0..<actionCount {
        policy[state, action] = epsilon / Double(actionCount) + (best[action] ? share : 0)
      }
    }
    return policy
  }
}
