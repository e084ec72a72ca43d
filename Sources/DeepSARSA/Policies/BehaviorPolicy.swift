internal import CSARSAMath

/// How an action is chosen from a row of action values, for acting and for SARSA's targets.
public enum BehaviorPolicy: Hashable, Sendable {
  /// A uniformly drawn action with probability ε, otherwise the action with the highest value.
  case epsilonGreedy(epsilon: Double)
  /// An action a with probability ∝ exp(q(s, a)/temperature).
  ///
  /// Source: R. S. Sutton, A. G. Barto, "Reinforcement Learning", 2nd edition, 2018, §2.8.
  case boltzmann(temperature: Double)
}

extension BehaviorPolicy {
  /// Whether ε is a probability, or the temperature positive.
  var isPossible: Bool {
    switch self {
    case .epsilonGreedy(let epsilon): epsilon >= 0 && epsilon <= 1
    case .boltzmann(let temperature): temperature > 0
    }
  }

  /// The error for an invalid policy.
  var error: HyperparameterError {
    switch self {
    case .epsilonGreedy(let epsilon):
      HyperparameterError(
        field: "the policy's epsilon", value: epsilon.plainText, allowed: "a number from 0 to 1")
    case .boltzmann(let temperature):
      HyperparameterError(
        field: "the policy's temperature", value: temperature.plainText, allowed: "a number above 0"
      )
    }
  }

  /// Chooses an action for a row of action values.
  ///
  /// Each call draws new random numbers. One draw for a whole batch would make all rows explore together.
  ///
  /// - Complexity: O(actions), no allocation.
  public func action(
    _ values: Span<Float>, row: Int, of actionCount: Int, using generator: inout PCG64
  ) -> Int {
    switch self {
    case .epsilonGreedy(let epsilon):
      return generator.random() < epsilon
        ? generator.integer(below: actionCount) : Self.greedy(values, row: row, of: actionCount)
    case .boltzmann(let temperature):
      let start = row * actionCount
      let highest = values[start + Self.greedy(values, row: row, of: actionCount)]
      var sum = 0.0
      for i in start..<start + actionCount {
        sum += Self.weight(values[i], below: highest, temperature: temperature)
      }
      var left = generator.random() * sum
      for action in 0..<actionCount {
        left -= Self.weight(values[start + action], below: highest, temperature: temperature)
        if left < 0 { return action }
      }
      // Rounding left the sum short of the draw, or a value is NaN.
      return Self.greedy(values, row: row, of: actionCount)
    }
  }

  /// The mean of `values` under the policy that the other action values define.
  ///
  /// With ε, each of n actions has the probability ε/n, and the actions with the highest value share the
  /// remaining 1 − ε equally.
  ///
  /// - Complexity: O(actions), no allocation.
  public func expectation(
    of values: Span<Float>, selecting: Span<Float>, row: Int, of actionCount: Int
  ) -> Float {
    let start = row * actionCount
    let highest = selecting[start + Self.greedy(selecting, row: row, of: actionCount)]
    switch self {
    case .epsilonGreedy(let epsilon):
      var (sum, greedySum, greedyCount) = (0 as Float, 0 as Float, 0)
      for i in start..<start + actionCount {
        sum += values[i]
        if selecting[i] == highest {
          greedySum += values[i]
          greedyCount += 1
        }
      }
      // NaN equals no value, so the count is 0: propagate NaN.
      let greedyMean = greedyCount == 0 ? highest : greedySum / Float(greedyCount)
      return Float(epsilon) * sum / Float(actionCount) + Float(1 - epsilon) * greedyMean
    case .boltzmann(let temperature):
      var (sum, total) = (0.0, 0.0)
      for i in start..<start + actionCount {
        let weight = Self.weight(selecting[i], below: highest, temperature: temperature)
        sum += weight * Double(values[i])
        total += weight
      }
      return Float(sum / total)
    }
  }

  /// The action with the highest value in a row; the first of several.
  ///
  /// - Complexity: O(actions), no allocation.
  public static func greedy(_ values: Span<Float>, row: Int, of actionCount: Int) -> Int {
    let start = row * actionCount
    var best = 0
    for action in 1..<max(actionCount, 1) where values[start + action] > values[start + best] {
      best = action
    }
    return best
  }

  /// exp((value − highest)/temperature), which is at most 1 and cannot overflow.
  private static func weight(
    _ value: Float, below highest: Float, temperature: Double
  ) -> Double {
    sarsa_exp((Double(value) - Double(highest)) / temperature)
  }
}

/// The behaviour policy over the course of training.
public enum Exploration: Codable, Hashable, Sendable {
  /// ε-greedy, with ε as a function of environment steps.
  case epsilonGreedy(epsilon: Schedule)
  /// Boltzmann exploration, with the temperature as a function of environment steps.
  case boltzmann(temperature: Schedule)

  /// The policy after a number of environment steps.
  public func policy(at step: Int) -> BehaviorPolicy {
    switch self {
    case .epsilonGreedy(let epsilon): .epsilonGreedy(epsilon: epsilon.value(at: step))
    case .boltzmann(let temperature): .boltzmann(temperature: temperature.value(at: step))
    }
  }
}
