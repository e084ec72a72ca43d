internal import DeepSARSA

extension Workload {
  /// Steps with random actions, observations and resets included.
  ///
  /// Once as a program has them that names its environment's type, and once as one that is told an id.
  public static var environments: [Workload] {
    [
      Workload("step of MountainCar-v0") { steps(in: mountainCar) },
      Workload("step of CartPole-v1") { steps(in: cartPole) },
      Workload("step of MountainCar-v0, any Environment") { try steps(inAny: mountainCar) },
      Workload("step of CartPole-v1, any Environment") { try steps(inAny: cartPole) },
      Workload("reset of MountainCar-v0") { resets(of: mountainCar) },
      Workload("reset of CartPole-v1") { resets(of: cartPole) },
    ]
  }

  static var mountainCar: TimeLimit<MountainCar> { TimeLimit(MountainCar(), maximumSteps: 200) }
  static var cartPole: TimeLimit<CartPole> { TimeLimit(CartPole(), maximumSteps: 500) }

  private static func steps<World: Environment>(in environment: World) -> Body
  where World.Failure == Never {
    var environment = environment
    environment.reset(seed: 1)
    var observation = environment.observation
    let actionCount = environment.specification.actionCount
    var actions = PCG64(seed: 2)
    return { times in
      for _ in 0..<times {
        let step = environment.step(actions.integer(below: actionCount))
        if step.isLast { environment.reset(seed: nil) }
        var span = observation.mutableSpan
        environment.observe(into: &span)
      }
    }
  }

  private static func steps(inAny environment: any Environment) throws -> Body {
    var environment = environment
    try environment.reset(seed: 1)
    var observation = environment.observation
    let actionCount = environment.specification.actionCount
    var actions = PCG64(seed: 2)
    return { times in
      for _ in 0..<times {
        let step = try environment.step(actions.integer(below: actionCount))
        if step.isLast { try environment.reset(seed: nil) }
        var span = observation.mutableSpan
        environment.observe(into: &span)
      }
    }
  }

  private static func resets<World: Environment>(of environment: World) -> Body
  where World.Failure == Never {
    var environment = environment
    environment.reset(seed: 1)
    return { times in for _ in 0..<times { environment.reset(seed: nil) } }
  }
}
