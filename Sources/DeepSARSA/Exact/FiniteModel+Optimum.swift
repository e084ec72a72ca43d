internal import SARSAPreconditions

// The best values and returns of a finite MDP.
// R. A. Howard, "Dynamic Programming and Markov Processes", 1960, for policy iteration;
// D. P. Bertsekas, J. N. Tsitsiklis, "An Analysis of Stochastic Shortest Path Problems", 1991,
// https://doi.org/10.1287/moor.16.3.580, for a discount of 1.

/// The optimal values of a finite MDP, and a policy that has them.
public struct FiniteOptimum: Hashable, Sendable {
  /// The discount γ.
  public let discount: Double
  /// v*(s), the highest value of every state [states].
  public let values: [Double]
  /// q*(s, a), the value of an action that optimal ones follow [states, actions]; that of an illegal action is
  /// what it would be.
  public let actionValues: Matrix<Double>
  /// An optimal action for every state [states].
  ///
  /// With a discount of 1 the policy ends every episode. Other optimal actions, taken again and again, may
  /// not: where steps have no cost, waiting has the same value as walking.
  public let policy: [Int]
  /// Values that differ by no more than this count as equal: they may differ by rounding alone.
  public let tolerance: Double
  /// The number of policies that were evaluated.
  public let iterations: Int

  /// The model, which knows the legal actions.
  fileprivate let model: FiniteModel

  /// Whether an action is legal in a state, and no legal one has a higher value.
  ///
  /// - Precondition: state and action exist.
  /// - Complexity: O(1), no allocation.
  public func isOptimal(_ action: Int, in state: Int) -> Bool {
    model.isLegal(action, in: state)
      && actionValues[state, action] >= values[state] - tolerance
  }

  /// All optimal actions of a state, in ascending order; several if their values are equal.
  ///
  /// - Precondition: the state exists.
  public func optimalActions(in state: Int) -> [Int] {
    (0..<actionValues.columns).filter { isOptimal($0, in: state) }
  }
}

/// An error of an optimum that could not be computed.
public enum OptimumError: Error, Hashable, CustomStringConvertible {
  /// Too many states for a matrix of states × states.
  case tooManyStates(Int)
  /// With a discount of 1, no policy ends an episode from a state.
  case endless(state: String)
  /// With a discount of 1, rewards grow without bound.
  case unbounded
  /// Value iteration was not finished after a number of sweeps.
  case notConverged(sweeps: Int)
  /// The values of a policy could not be computed.
  case algebra(LinearAlgebraError)
  /// There is not enough memory.
  case memory(ArenaError)

  /// One line that says what and what is allowed.
  public var description: String {
    switch self {
    case .tooManyStates(let count):
      "there are \(count) states; allowed: up to \(FiniteModel.stateLimit)"
    case .endless(let state):
      "no policy ends an episode from \(state), so that its undiscounted return has no bound"
    case .unbounded: "a policy that never ends collects rewards without bound"
    case .notConverged(let sweeps): "value iteration did not converge in \(sweeps) sweeps"
    case .algebra(let error): "the values of a policy: \(error)"
    case .memory(let error): "\(error)"
    }
  }
}

extension FiniteModel {
  /// The largest number of states whose optimum is computed; its matrices then take about 400 MB.
  static let stateLimit = 4_000

  /// The optimal values and legal actions, by policy iteration.
  ///
  /// Each policy is evaluated exactly: v = (I − γP)⁻¹r over states, by LU decomposition. Then every state
  /// changes to its best action, if that is better by more than rounding. It ends, because every policy is
  /// better than the one before, and there are finitely many.
  ///
  /// With a discount of 1, the first policy is one that ends every episode. Its successors do too, because a
  /// change to a better action cannot close a cycle unless the cycle's rewards are positive. The result is
  /// the best of all policies that end every episode.
  ///
  /// - Precondition: 0 ≤ γ ≤ 1.
  /// - Throws: `OptimumError`.
  /// - Complexity: O(states³) for each of usually less than 20 policies.
  public func optimum(discount: Double) throws(OptimumError) -> FiniteOptimum {
    require((0...1).contains(discount), "discount is \(discount); allowed: 0 to 1")
    guard stateCount <= Self.stateLimit else { throw .tooManyStates(stateCount) }
    var policy = try endingPolicy(isRequired: discount == 1)
    var best: [Double]?
    var iterations = 0
    while true {
      let values = try values(of: policy, discount: discount)
      iterations += 1
      let tolerance = 1e-11 * values.reduce(largestReward) { max($0, abs($1)) }
      let actionValues = actionValues(before: values, discount: discount)
      var isStable = true
      for state in 0..<stateCount {
        let row = (0..<actionCount).map { actionValues[state, $0] }
        let action = legalActions(in: state).max { row[$0] < row[$1] } ?? 0
        if row[action] > row[policy[state]] + tolerance {
          policy[state] = action
          isStable = false
        }
      }
      // Without a state whose value has risen, the last changes were rounding.
      if let best, !isStable {
        isStable = zip(values, best).allSatisfy { $0 <= $1 + tolerance }
      }
      if isStable {
        return FiniteOptimum(
          discount: discount, values: values, actionValues: actionValues, policy: policy,
          tolerance: 100 * tolerance, iterations: iterations, model: self)
      }
      best = best.map { zip($0, values).map(max) } ?? values
    }
  }

  /// A policy that ends every episode with probability 1, or any action where none does.
  ///
  /// From the ends backwards: an action that may lead to a state whose own action is chosen already.
  private func endingPolicy(isRequired: Bool) throws(OptimumError) -> [Int] {
    var policy = [Int?](repeating: nil, count: stateCount)
    var isGrowing = true
    while isGrowing {
      isGrowing = false
      let chosen = policy
      for state in 0..<stateCount where policy[state] == nil {
        policy[state] = legalActions(in: state).first { action in
          outcomes(of: action, in: state).contains {
            $0.probability > 0 && ($0.isTerminated || chosen[$0.state] != nil)
          }
        }
        if policy[state] != nil { isGrowing = true }
      }
    }
    if isRequired, let state = policy.firstIndex(of: nil) {
      throw .endless(state: "state \(state)")
    }
    return policy.indices.map { policy[$0] ?? legalActions(in: $0)[0] }
  }

  /// v = (I − γP)⁻¹r for the action of every state.
  private func values(of policy: [Int], discount: Double) throws(OptimumError) -> [Double] {
    var system = Matrix<Double>.identity(stateCount)
    var rewards = [Double](repeating: 0, count: stateCount)
    for state in 0..<stateCount {
      for outcome in outcomes(of: policy[state], in: state) {
        rewards[state] += outcome.probability * outcome.reward
        if !outcome.isTerminated {
          system[state, outcome.state] -= discount * outcome.probability
        }
      }
    }
    let isSingular: Bool
    do throws(LinearAlgebraError) {
      let decomposition = try LUDecomposition(system)
      isSingular = try decomposition.reciprocalConditionNumber < Double.ulpOfOne
      if !isSingular { return try decomposition.solve(.column(rewards)).scalars }
    } catch {
      throw .algebra(error)
    }
    throw .unbounded
  }

  /// q(s, a) = Σ p·(r + γ·v(s′)) [states, actions].
  private func actionValues(before values: [Double], discount: Double) -> Matrix<Double> {
    Matrix(
      rows: stateCount, columns: actionCount,
      scalars: (0..<stateCount * actionCount).map { pair in
        value(
          of: pair % actionCount, in: pair / actionCount, before: values, discount: discount)
      })
  }

  /// The expected reward of an action, and the discounted value of the next state.
  private func value(
    of action: Int, in state: Int, before values: [Double], discount: Double = 1
  ) -> Double {
    var sum = 0.0
    for outcome in outcomes(of: action, in: state) {
      let next = outcome.isTerminated ? 0 : discount * values[outcome.state]
      sum += outcome.probability * (outcome.reward + next)
    }
    return sum
  }

  private var largestReward: Double {
    var largest = 0.0
    for pair in 0..<stateCount * actionCount {
      for outcome in outcomes(of: pair % actionCount, in: pair / actionCount) {
        largest = max(largest, abs(outcome.reward))
      }
    }
    return largest
  }
}

// MARK: - Returns within a time limit

extension FiniteModel {
  /// The highest expected return from every state within a number of steps, undiscounted [states].
  ///
  /// By backward induction: the best policy may depend on the number of steps left. No policy has a higher
  /// return in an environment with this time limit.
  ///
  /// - Complexity: O(steps · outcomes), less if the returns no longer change.
  public func highestReturns(within steps: Int) -> [Double] {
    returns(within: steps, choosing: legalActions)
  }

  /// The expected return of a policy from every state within a number of steps, undiscounted [states].
  ///
  /// - Precondition: the policy has an action of this model for every state.
  /// - Complexity: O(steps · outcomes of the policy), less if the returns no longer change.
  public func returns(of policy: [Int], within steps: Int) -> [Double] {
    require(
      policy.count == stateCount, "the policy has % actions; allowed: %", policy.count, stateCount)
    return returns(within: steps) { [policy[$0]] }
  }

  private func returns(within steps: Int, choosing actions: (Int) -> [Int]) -> [Double] {
    let choices = (0..<stateCount).map(actions)
    var values = [Double](repeating: 0, count: stateCount)
    for _ in 0..<steps {
      let next = (0..<stateCount).map { state in
        var highest = -Double.infinity
        for action in choices[state] {
          highest = max(highest, value(of: action, in: state, before: values))
        }
        return highest
      }
      if next == values { break }
      values = next
    }
    return values
  }

  /// The states that episodes pass through, in ascending order; ends are not among them.
  ///
  /// - Parameters:
  ///   - starts: the probability of every state at the start [states].
  ///   - policy: the action of every state; with `nil`, any legal action is taken.
  /// - Returns: their numbers.
  public func visitedStates(from starts: [Double], by policy: [Int]? = nil) -> [Int] {
    require(
      starts.count == stateCount, "starts has % numbers; allowed: %", starts.count, stateCount)
    var isVisited = starts.map { $0 > 0 }
    var frontier = isVisited.indices.filter { isVisited[$0] }
    while let state = frontier.popLast() {
      for action in policy.map({ [$0[state]] }) ?? legalActions(in: state) {
        for outcome in outcomes(of: action, in: state)
        where outcome.probability > 0 && !outcome.isTerminated && !isVisited[outcome.state] {
          isVisited[outcome.state] = true
          frontier.append(outcome.state)
        }
      }
    }
    return isVisited.indices.filter { isVisited[$0] }
  }
}
