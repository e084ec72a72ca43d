internal import DeepSARSA

extension Workload {
  /// Steps with random actions, observations and resets included.
  ///
  /// Once as a program has them that names its environment's type, and once as one that is told an id.
  public static var environments: [Workload] {
    [
      Workload("step of MountainCar-v0") { try steps(in: mountainCar) },
      Workload("step of CartPole-v1") { try steps(in: cartPole) },
      Workload("step of MountainCar-v0, any Environment") { try steps(inAny: mountainCar) },
      Workload("step of CartPole-v1, any Environment") { try steps(inAny: cartPole) },
      Workload("reset of MountainCar-v0") { try resets(of: mountainCar) },
      Workload("reset of CartPole-v1") { try resets(of: cartPole) },
    ]
  }

  static var mountainCar: TimeLimit<MountainCar> { TimeLimit(MountainCar(), maximumSteps: 200) }
  static var cartPole: TimeLimit<CartPole> { TimeLimit(CartPole(), maximumSteps: 500) }

  private static func steps<World: Environment>(in environment: World) throws -> Body {
    var environment = environment
    try environment.reset(seed: 1)
    let walk = Walk(
      environment: environment, observation: environment.observation,
      actionCount: environment.specification.actionCount)
    return repeating(walk) { walk in
      let step = try walk.environment.step(walk.nextAction())
      if step.isLast { try walk.environment.reset(seed: nil) }
      observe(walk.environment, into: &walk.observation)
    }
  }

  private static func steps(inAny environment: any Environment) throws -> Body {
    var environment = environment
    try environment.reset(seed: 1)
    let walk = Walk(
      environment: environment, observation: environment.observation,
      actionCount: environment.specification.actionCount)
    return repeating(walk) { walk in
      let step = try walk.environment.step(walk.nextAction())
      if step.isLast { try walk.environment.reset(seed: nil) }
      observe(walk.environment, into: &walk.observation)
    }
  }

  private static func resets(of environment: some Environment) throws -> Body {
    var environment = environment
    try environment.reset(seed: 1)
    return repeating(environment) { try $0.reset(seed: nil) }
  }
}

/// An environment, known or any, and random actions in it.
private struct Walk<World> {
  var environment: World
  var observation: [Float]
  let actionCount: Int
  private var actions = PCG64(seed: 2)

  init(environment: World, observation: [Float], actionCount: Int) {
    self.environment = environment
    self.observation = observation
    self.actionCount = actionCount
  }

  mutating func nextAction() -> Int { actions.integer(below: actionCount) }
}

private func observe(_ environment: some Environment, into observation: inout [Float]) {
  var span = observation.mutableSpan
  environment.observe(into: &span)
}
