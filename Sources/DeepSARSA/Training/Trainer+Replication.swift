extension Trainer {
  /// Makes an agent and starts an episode in each of `environmentCount` copies of one environment.
  ///
  /// ```swift
  /// hyperparameters.environmentCount = 8
  /// var trainer = try Trainer(hyperparameters, environment: environment, seed: 1)
  /// ```
  ///
  /// - Throws: `TrainingError` for invalid hyperparameters, too little memory, or an environment
  ///   that fails.
  public init<Base: Environment>(
    _ hyperparameters: Hyperparameters, environment: Base, seed: UInt64
  ) throws(TrainingError<World.Failure>) where World == Base.Vector {
    // A vector's count must be positive.
    do { try hyperparameters.validate() } catch { throw .hyperparameters(error) }
    try self.init(
      hyperparameters, environment: environment.vector(count: hyperparameters.environmentCount),
      seed: seed)
  }
}
