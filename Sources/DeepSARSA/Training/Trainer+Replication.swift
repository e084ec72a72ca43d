extension Trainer where Learner: ~Copyable {
  /// Makes an agent of a type and starts an episode in each of `environmentCount` copies of one environment.
  ///
  /// - Throws: `TrainingError` for invalid hyperparameters, too little memory, or an environment
  ///   that fails.
  public init<Base: Environment>(
    _ learner: Learner.Type, _ hyperparameters: Hyperparameters, environment: Base, seed: UInt64
  ) throws(TrainingError<World.Failure>) where World == Base.Vector {
    // A vector's count must be positive.
    do {
      try hyperparameters.validate(by: learner, for: nil)
    } catch { throw .hyperparameters(error) }
    try self.init(
      learner, hyperparameters,
      environment: environment.vector(count: hyperparameters.environmentCount),
      seed: seed)
  }
}

extension Trainer where Learner == ReplaySARSA {
  /// Makes an agent of Deep SARSA and starts an episode in each of `environmentCount` copies of one
  /// environment.
  ///
  /// ```swift
  /// hyperparameters.environmentCount = 8
  /// var trainer = try Trainer(hyperparameters, environment: environment, seed: 1)
  /// ```
  ///
  /// - Throws: `TrainingError`, as for any agent, and for hyperparameters of another algorithm, whose agent is the
  ///   first argument of the other initialisers.
  public init<Base: Environment>(
    _ hyperparameters: Hyperparameters, environment: Base, seed: UInt64
  ) throws(TrainingError<World.Failure>) where World == Base.Vector {
    do { try hyperparameters.requireReplay() } catch { throw .hyperparameters(error) }
    try self.init(ReplaySARSA.self, hyperparameters, environment: environment, seed: seed)
  }
}
