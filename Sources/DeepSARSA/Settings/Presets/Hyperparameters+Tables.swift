/// The presets of environments with a table of states, and of other small ones.
extension Hyperparameters {
  /// `FrozenLake-v1`: parallel SARSA(λ), whose expectation avoids the noise of actions.
  static var frozenLake: Hyperparameters {
    var result = parallel.stretched(toSteps: 200_000)
    result.target.rule.nextAction = .expected
    return result
  }

  /// `CliffWalking-v1`: the greedy next action, Q-learning, whose values ignore that exploration falls.
  ///
  /// SARSA's own path, which keeps away from the cliff, is 2 to 4 steps longer.
  static var cliffWalking: Hyperparameters {
    var result = Hyperparameters().stretched(toSteps: 50_000)
    result.target.rule.nextAction = .greedy
    return result
  }

  /// `Taxi-v4`: parallel SARSA(λ) with a linear network.
  static var taxi: Hyperparameters {
    var result = linear.stretched(toSteps: 200_000)
    result.optimizer.learningRate = .linear(from: 0.1, to: 1e-5, steps: 200_000)
    result.target.lambda = 0.7
    return result
  }

  /// `bsuite/DeepSea-v0`: the same with a larger λ, and exploration for most of the budget.
  static var deepSea: Hyperparameters {
    var result = linear.stretched(toSteps: 200_000)
    result.optimizer.learningRate = .linear(from: 0.05, to: 1e-5, steps: 200_000)
    result.exploration = .epsilonGreedy(epsilon: .linear(from: 1, to: 0.05, steps: 160_000))
    return result
  }

  /// `bsuite/Catch-v0`: the preset `parallel` for a tenth of its steps.
  static var catchBall: Hyperparameters { parallel.stretched(toSteps: 50_000) }

  /// Parallel SARSA(λ) on a table: one weight for each state and action.
  private static var linear: Hyperparameters {
    var result = parallel.stretched(toSteps: 100_000)
    result.network.hiddenSizes = []
    result.network.isNormalized = false
    result.target.rule.nextAction = .expected
    return result
  }
}

extension Hyperparameters {
  /// The same settings for another budget.
  func stretched(toSteps steps: Int) -> Hyperparameters {
    var result = self
    result.stretch(toSteps: steps)
    return result
  }
}
