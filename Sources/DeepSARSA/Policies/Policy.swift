internal import CSARSAMath
internal import SARSAPreconditions

/// How an action is chosen from a row of action values, for acting and for SARSA's targets.
public enum Policy: Hashable, Sendable {
  /// A uniformly drawn action with probability ε, otherwise the action with the highest value.
  case epsilonGreedy(epsilon: Double)
  /// An action a with probability ∝ exp(q(s, a)/temperature).
  ///
  /// Source: R. S. Sutton, A. G. Barto, "Reinforcement Learning", 2nd edition, 2018, §2.8.
  case boltzmann(temperature: Double)
}

extension Policy {
  /// Checks that ε is a probability, or the temperature positive.
  ///
  /// - Complexity: O(1), no allocation unless it throws.
  func validate() throws(HyperparameterError) {
    switch self {
    case .epsilonGreedy(let epsilon):
      if epsilon >= 0 && epsilon <= 1 { return }
      throw HyperparameterError(
        field: "the policy's epsilon", value: epsilon.plainText, allowed: "a number from 0 to 1")
    case .boltzmann(let temperature):
      if temperature > 0 { return }
      throw HyperparameterError(
        field: "the policy's temperature", value: temperature.plainText, allowed: "a number above 0"
      )
    }
  }

  /// Chooses an action for a row of action values.
  ///
  /// Each call draws new random numbers. One draw for a whole batch would make all rows explore together.
  ///
  /// - Parameters:
  ///   - values: the action values [rows, actions].
  ///   - row: the row.
  ///   - actionCount: the number of actions.
  ///   - mask: whether each action of the row is legal; if it is empty, all are.
  ///   - generator: the source of random numbers.
  /// - Precondition: an action is legal.
  /// - Returns: a legal action.
  /// - Complexity: O(actions), no allocation.
  public func action(
    _ values: Span<Float>, row: Int, of actionCount: Int, allowing mask: Span<Bool> = Span(),
    using generator: inout PCG64
  ) -> Int {
    switch self {
    case .epsilonGreedy(let epsilon):
      return generator.random() < epsilon
        ? generator.action(of: actionCount, allowing: mask)
        : Self.greedy(values, row: row, of: actionCount, allowing: mask)
    case .boltzmann(let temperature):
      let start = row * actionCount
      let greedy = Self.greedy(values, row: row, of: actionCount, allowing: mask)
      let highest = values[start + greedy]
      var sum = 0.0
      for action in 0..<actionCount where Self.allows(action, mask) {
        sum += Self.weight(values[start + action], below: highest, temperature: temperature)
      }
      var left = generator.random() * sum
      for action in 0..<actionCount where Self.allows(action, mask) {
        left -= Self.weight(values[start + action], below: highest, temperature: temperature)
        if left < 0 { return action }
      }
      // Rounding left the sum short of the draw, or a value is NaN.
      return greedy
    }
  }

  /// The mean of `values` under the policy that the other action values define.
  ///
  /// With ε, each of n legal actions has the probability ε/n, and those with the highest value share the
  /// remaining 1 − ε equally.
  ///
  /// - Parameters:
  ///   - values: the action values whose mean it is [rows, actions].
  ///   - selecting: the action values that define the policy [rows, actions].
  ///   - row: the row of both.
  ///   - actionCount: the number of actions.
  ///   - mask: whether each action of the row is legal; if it is empty, all are.
  /// - Precondition: an action is legal.
  /// - Returns: the mean over the legal actions.
  /// - Complexity: O(actions), no allocation.
  public func expectation(
    of values: Span<Float>, selecting: Span<Float>, row: Int, of actionCount: Int,
    allowing mask: Span<Bool> = Span()
  ) -> Float {
    let start = row * actionCount
    let greedy = Self.greedy(selecting, row: row, of: actionCount, allowing: mask)
    let highest = selecting[start + greedy]
    switch self {
    case .epsilonGreedy(let epsilon):
      func mean(_ isLegal: (Int) -> Bool) -> Float {
        var (sum, greedySum, greedyCount, illegalCount) = (0 as Float, 0 as Float, 0, 0)
        for action in 0..<actionCount {
          guard isLegal(action) else {
            illegalCount += 1
            continue
          }
          sum += values[start + action]
          if selecting[start + action] == highest {
            greedySum += values[start + action]
            greedyCount += 1
          }
        }
        // NaN equals no value, so the count is 0: propagate NaN.
        let greedyMean = greedyCount == 0 ? highest : greedySum / Float(greedyCount)
        return Float(epsilon) * sum / Float(actionCount - illegalCount)
          + Float(1 - epsilon) * greedyMean
      }
      // The loop of every expected target, without a test for each action if all are legal.
      return mask.isEmpty ? mean { _ in true } : mean { mask[$0] }
    case .boltzmann(let temperature):
      var (sum, total) = (0.0, 0.0)
      for action in 0..<actionCount where Self.allows(action, mask) {
        let weight = Self.weight(
          selecting[start + action], below: highest, temperature: temperature)
        sum += weight * Double(values[start + action])
        total += weight
      }
      return Float(sum / total)
    }
  }

  /// How actions share the greedy probability 1 − ε if several have the highest value.
  public enum Ties: Hashable, Sendable {
    /// The first of them has it: so `action` draws.
    case first
    /// They have equal parts: so `expectation` weighs.
    case shared
  }

  /// The probability of an action, in a row of action values.
  ///
  /// With `.first` it is that of a drawn action, with `.shared` its weight in an expectation. They differ
  /// only where several actions have the highest value, and not for Boltzmann exploration.
  ///
  /// - Parameters:
  ///   - action: the action.
  ///   - values: the action values [rows, actions].
  ///   - row: the row.
  ///   - actionCount: the number of actions.
  ///   - mask: whether each action of the row is legal; if it is empty, all are.
  ///   - ties: which of several highest values counts.
  /// - Returns: a number from 0 to 1, 0 for an illegal action; over all actions of a row they sum to 1.
  /// - Precondition: the action is one of the row, and one is legal.
  /// - Complexity: O(actions), no allocation.
  public func probability(
    of action: Int, _ values: Span<Float>, row: Int, of actionCount: Int,
    allowing mask: Span<Bool> = Span(), ties: Ties
  ) -> Double {
    require(
      action >= 0 && action < actionCount, "the action is %; allowed: from 0 to %", action,
      actionCount - 1)
    if !Self.allows(action, mask) { return 0 }
    let start = row * actionCount
    let best = Self.greedy(values, row: row, of: actionCount, allowing: mask)
    let highest = values[start + best]
    switch self {
    case .epsilonGreedy(let epsilon):
      var (bestCount, legalCount) = (0, 0)
      for other in 0..<actionCount where Self.allows(other, mask) {
        legalCount += 1
        if values[start + other] == highest { bestCount += 1 }
      }
      var share = action == best ? 1 - epsilon : 0
      // NaN equals no value: then the first action counts as the best, as in a draw.
      if ties == .shared && bestCount > 0 {
        share = values[start + action] == highest ? (1 - epsilon) / Double(bestCount) : 0
      }
      return epsilon / Double(legalCount) + share
    case .boltzmann(let temperature):
      var sum = 0.0
      for other in 0..<actionCount where Self.allows(other, mask) {
        sum += Self.weight(values[start + other], below: highest, temperature: temperature)
      }
      // A value that is NaN or infinite leaves no weights; a draw takes the greedy action then.
      if !(sum >= 1) { return action == best ? 1 : 0 }
      return Self.weight(values[start + action], below: highest, temperature: temperature) / sum
    }
  }

  /// The legal action with the highest value in a row; the first of several.
  ///
  /// - Parameters:
  ///   - values: the action values [rows, actions].
  ///   - row: the row.
  ///   - actionCount: the number of actions.
  ///   - mask: whether each action of the row is legal; if it is empty, all are.
  /// - Precondition: an action is legal.
  /// - Returns: a legal action.
  /// - Complexity: O(actions), no allocation.
  public static func greedy(
    _ values: Span<Float>, row: Int, of actionCount: Int, allowing mask: Span<Bool> = Span()
  ) -> Int {
    let start = row * actionCount
    var best = 0
    if mask.isEmpty {
      for action in 1..<max(actionCount, 1) where values[start + action] > values[start + best] {
        best = action
      }
      return best
    }
    while best < actionCount && !mask[best] { best += 1 }
    require(best < actionCount, "the mask has % legal actions; allowed: 1 or more", 0)
    for action in best + 1..<max(actionCount, best + 1)
    where values[start + action] > values[start + best] && mask[action] {
      best = action
    }
    return best
  }

  @inline(__always)
  private static func allows(_ action: Int, _ mask: Span<Bool>) -> Bool {
    mask.isEmpty || mask[action]
  }

  /// exp((value − highest)/temperature), which is at most 1 and cannot overflow.
  private static func weight(
    _ value: Float, below highest: Float, temperature: Double
  ) -> Double {
    sarsa_exp((Double(value) - Double(highest)) / temperature)
  }
}

/// The policy over the course of training.
public enum Exploration: Codable, Hashable, Sendable {
  /// ε-greedy, with ε as a function of environment steps.
  case epsilonGreedy(epsilon: Schedule)
  /// Boltzmann exploration, with the temperature as a function of environment steps.
  case boltzmann(temperature: Schedule)

  /// The policy after a number of environment steps.
  public func policy(at step: Int) -> Policy {
    switch self {
    case .epsilonGreedy(let epsilon): .epsilonGreedy(epsilon: epsilon.value(at: step))
    case .boltzmann(let temperature): .boltzmann(temperature: temperature.value(at: step))
    }
  }
}
