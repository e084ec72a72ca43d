/// The presets of MinAtar's games.
extension Hyperparameters {
  /// Parallel SARSA(λ) with a dense network.
  static var minAtar: Hyperparameters {
    var result = parallel.stretched(toSteps: 5_000_000)
    result.network.hiddenSizes = [256, 128]
    result.exploration = .epsilonGreedy(epsilon: .linear(from: 1, to: 0.01, steps: 50_000))
    result.target.lambda = 0.65
    result.target.rule.nextAction = .expected
    return result
  }

  /// A smaller network for fewer steps.
  static var minAtarFast: Hyperparameters {
    var result = minAtar.stretched(toSteps: 500_000)
    result.network.hiddenSizes = [128]
    result.exploration = .epsilonGreedy(epsilon: .linear(from: 1, to: 0.01, steps: 30_000))
    return result
  }
}
