extension Hyperparameters {
  /// The notebook's recipe for `MountainCar-v0`, its time limit's meaning included.
  ///
  /// It differs from the notebook in one point, where the notebook errs: ε is tossed for each row of
  /// a minibatch, not once for all of them.
  public static var notebook: Hyperparameters {
    var result = Hyperparameters()
    result.network.hiddenSizes = [128, 64]
    result.optimizer.learningRate = .constant(1e-3)
    result.replay.capacity = 1_000_000
    result.replay.batchSize = 32
    result.replay.learningStarts = 320
    result.epsilon = .constant(0.01)
    result.target.discount = 0.99
    result.target.timeLimit = .terminal
    result.target.synchronization = TargetSynchronization(every: 10, .episodes)
    result.budget = Budget(steps: nil, episodes: 2_500)
    return result
  }

  /// The named presets.
  public static var presets: [(name: String, hyperparameters: Hyperparameters)] {
    [("notebook", .notebook)]
  }
}
