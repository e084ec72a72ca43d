internal import DeepSARSA

extension Workload {
  /// Steps of training by every preset, from where updates are made.
  public static var training: [Workload] {
    training(in: mountainCar) + training(in: cartPole)
  }

  private static func training<World: Environment>(in environment: World) -> [Workload] {
    let id = environment.specification.id
    return Hyperparameters.presets(for: id).map { preset in
      Workload("training step, \(preset.name) \(id)") {
        try training(
          preset.hyperparameters.algorithm.agent, preset.hyperparameters, in: environment)
      }
    }
  }

  private static func training<World: Environment, Learner: Agent & ~Copyable>(
    _ learner: Learner.Type, _ hyperparameters: Hyperparameters, in environment: World
  ) throws -> Body {
    var trainer = try Trainer(
      learner, hyperparameters,
      environment: ReplicatedEnvironment(environment, count: hyperparameters.environmentCount),
      seed: 1)
    while trainer.agent.updateCount == 0 { _ = try trainer.advance() }
    return repeating(trainer) { trainer in _ = try trainer.advance() }
  }
}
