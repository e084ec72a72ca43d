internal import SARSAPreconditions

// Solves the Bellman equation of a finite MDP: R. S. Sutton, A. G. Barto, "Reinforcement Learning",
// 2nd edition, 2018, §3.5, §4.1 and §7.1.

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
    try actionValues(of: policy, after: policy, steps: 1, discount: discount)
  }

  /// The exact action values to which targets of several steps lead, by LU decomposition.
  ///
  /// They solve
  ///
  ///     q = r + γP_b·r + … + (γP_b)ⁿ⁻¹·r + (γP_b)ⁿ⁻¹·γP_π·q
  ///
  /// with the rewards of n steps, all but the first by the behaviour b, and a value by the policy π. With
  /// λ below 1, they are those of λ-returns over windows of n steps: q is the last of
  ///
  ///     G₁ = r + γP_π·q,   G_k = r + γ·[(1 − λ)·P_π·q + λ·P_b·G_{k−1}]
  ///
  /// With b = π the solution has the policy's own values, for any n and λ; otherwise the values of neither.
  ///
  /// Shapes: policy and behavior [states, actions], each row summing to one; the result likewise.
  ///
  /// - Precondition: both policies have one row per state and one column per action; `steps` is positive.
  /// - Throws: as `actionValues(of:discount:)`.
  /// - Complexity: O(steps·(states·actions)³).
  public func actionValues(
    of policy: Matrix<Double>, after behavior: Matrix<Double>, steps: Int, lambda: Double = 1,
    discount: Double
  ) throws(LinearAlgebraError) -> Matrix<Double> {
    require(steps > 0, "steps is %; allowed: 1 or more", steps)
    let rewards = expectedRewards
    var (sum, bootstrap) = (rewards, nextPairs(of: policy, discount: discount))
    if steps > 1 {
      let next = nextPairs(of: behavior, discount: discount * lambda)
      let rest = nextPairs(of: policy, discount: discount * (1 - lambda))
      for _ in 1..<steps {
        sum = rewards + next * sum
        bootstrap = rest + next * bootstrap
      }
    }
    let pairs = stateCount * actionCount
    let decomposition = try LUDecomposition(Matrix.identity(pairs) - bootstrap)
    if try decomposition.reciprocalConditionNumber < Double.ulpOfOne {
      throw .singular(pivot: decomposition.zeroPivot ?? pairs - 1)
    }
    let solution = try decomposition.solve(sum)
    return Matrix(rows: stateCount, columns: actionCount, scalars: solution.scalars)
  }

  /// r, the expected reward of every pair [pairs, 1].
  private var expectedRewards: Matrix<Double> {
    .column(
      (0..<stateCount * actionCount).map { pair in
        outcomes(of: pair % actionCount, in: pair / actionCount)
          .reduce(0) { $0 + $1.probability * $1.reward }
      })
  }

  /// γP, the discounted probabilities of the next pair under a policy [pairs, pairs].
  private func nextPairs(of policy: Matrix<Double>, discount: Double) -> Matrix<Double> {
    require(
      policy.rows == stateCount && policy.columns == actionCount,
      "the policy is \(policy.rows)×\(policy.columns); allowed: \(stateCount)×\(actionCount)")
    let pairs = stateCount * actionCount
    var result = Matrix<Double>(rows: pairs, columns: pairs)
    for pair in 0..<pairs {
      for outcome in outcomes(of: pair % actionCount, in: pair / actionCount)
      where !outcome.isTerminated {
        for next in 0..<actionCount {
          result[pair, outcome.state * actionCount + next] +=
            discount * outcome.probability * policy[outcome.state, next]
        }
      }
    }
    return result
  }

  /// The ε-greedy policy on action values, over the legal actions; those with equal values share the
  /// probability 1 − ε.
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
      let legal = legalActions(in: state)
      let highest = legal.map { values[state, $0] }.max() ?? 0
      let best = legal.filter { values[state, $0] >= highest - tolerance }
      for action in legal { policy[state, action] = epsilon / Double(legal.count) }
      for action in best { policy[state, action] += (1 - epsilon) / Double(best.count) }
    }
    return policy
  }
}
