import DeepSARSA

/// A real training, and the same phases one by one in their order.
struct Measured: ~Copyable {
  private let shape: Shape
  private var trainer: Trainer<ReplicatedEnvironment<TimeLimit<MountainCar>>, ReplaySARSA>
  private var agent: ReplaySARSA
  private var environment: ReplicatedEnvironment<TimeLimit<MountainCar>>
  private var step: VectorStep
  private var observations: [Float]
  private var actions: [Int]
  private var passes: Passes

  /// Prepares both.
  init(_ shape: Shape) throws {
    let hyperparameters = shape.hyperparameters
    let world = ReplicatedEnvironment(
      TimeLimit(MountainCar(), maximumSteps: 200), count: shape.environments)
    var environment = world
    var step = VectorStep(for: world)
    environment.reset(seeds: (0..<shape.environments).map { UInt64($0) }, into: &step)
    let agent = try ReplaySARSA(hyperparameters, for: world.specification, seed: 1)
    let trainer = try Trainer(hyperparameters, environment: world, seed: 1)
    let passes = try Passes(shape)

    self.shape = shape
    self.trainer = trainer
    self.agent = agent
    self.environment = environment
    self.step = step
    observations = step.observations
    actions = Array(repeating: 0, count: shape.environments)
    self.passes = passes
  }

  /// Fills both memories, and takes some steps that nobody times.
  mutating func warmUp() throws {
    while agent.transitionCount < shape.hyperparameters.replay.learningStarts {
      for i in actions.indices { actions[i] = (agent.transitionCount + i) % 3 }
      for i in observations.indices { observations[i] = step.observations[i] }
      environment.step(actions, into: &step)
      agent.remember(observations, actions, step)
    }
    while trainer.agent.transitionCount < shape.hyperparameters.replay.learningStarts {
      _ = try trainer.advance()
    }
    _ = try wholeStep()
    try phases { _, _ in }
  }

  /// Microseconds of a training step of one environment, over as many steps as the shape says.
  mutating func wholeStep() throws -> Double {
    let clock = ContinuousClock()
    let (start, first) = (clock.now, trainer.steps)
    while trainer.steps < first + shape.steps { _ = try trainer.advance() }
    return (clock.now - start) / .microseconds(1) / Double(trainer.steps - first)
  }

  /// Microseconds of every phase, for a step of one environment.
  ///
  /// What one phase leaves near, the next one finds, as in training. An update is what an agent does;
  /// its passes and its optimiser are those of a network of its own, and what is left of the update is
  /// its sampling and its targets.
  mutating func phases(_ record: (Phase, Double) -> Void) throws {
    let policy = Policy.epsilonGreedy(epsilon: 0.01)
    let clock = ContinuousClock()
    let rounds = shape.steps / shape.environments
    var sums: [Phase: Duration] = [:]
    var update = Duration.zero
    for _ in 0..<rounds {
      for i in observations.indices { observations[i] = step.observations[i] }
      let start = clock.now
      agent.act(on: observations, by: policy, into: &actions)
      let acted = clock.now
      environment.step(actions, into: &step)
      let stepped = clock.now
      agent.remember(observations, actions, step)
      let remembered = clock.now
      sums[.act, default: .zero] += acted - start
      sums[.environment, default: .zero] += stepped - acted
      sums[.remember, default: .zero] += remembered - stepped
      for _ in 0..<shape.environments {
        let start = clock.now
        try agent.learn(for: policy, learningRate: 1e-3)
        update += clock.now - start
        passes.run { sums[$0, default: .zero] += $1 }
      }
    }
    let inside = [Phase.forward, .backward, .optimize].reduce(Duration.zero) {
      $0 + sums[$1, default: .zero]
    }
    sums[.sample] = max(update - inside, .zero)
    let overhead = Self.overhead
    for (phase, sum) in sums {
      let count = Double(rounds * shape.environments)
      record(phase, max(0, sum / .microseconds(1) / count - overhead))
    }
  }

  /// What reading the clock adds to a phase.
  private static let overhead: Double = {
    let clock = ContinuousClock()
    return leastTime { _ = clock.now }
  }()
}
