import DeepSARSA
import Testing

@Suite("Hyperparameters")
struct HyperparameterTests {
  private static let mistakes: [(field: String, make: @Sendable (inout Hyperparameters) -> Void)] =
    [
      ("network.hiddenSizes", { $0.network.hiddenSizes = [16, 0] }),
      ("network.hiddenSizes", { $0.network.hiddenSizes = Array(repeating: 1, count: 100) }),
      ("optimizer.learningRate", { $0.optimizer.learningRate = .constant(0) }),
      ("optimizer.learningRate", { $0.optimizer.learningRate = .constant(.nan) }),
      (
        "optimizer.learningRate.steps",
        { $0.optimizer.learningRate = .linear(from: 1, to: 1, steps: 0) }
      ),
      (
        "optimizer.learningRate",
        { $0.optimizer.learningRate = .linear(from: 0, to: 1, steps: 9) }
      ),
      (
        "optimizer.learningRate.to",
        { $0.optimizer.learningRate = .exponential(from: 1, to: 0, steps: 9) }
      ),
      ("optimizer.beta1", { $0.optimizer.method = .adamW(beta1: 1) }),
      ("optimizer.beta2", { $0.optimizer.method = .adamW(beta2: -0.1) }),
      ("optimizer.epsilon", { $0.optimizer.method = .adamW(epsilon: 0) }),
      ("optimizer.weightDecay", { $0.optimizer.method = .adamW(weightDecay: .infinity) }),
      ("optimizer.beta1", { $0.optimizer.method = .adam(beta1: .nan) }),
      ("optimizer.beta2", { $0.optimizer.method = .adam(beta2: 1) }),
      ("optimizer.epsilon", { $0.optimizer.method = .adam(epsilon: 2) }),
      ("optimizer.momentum", { $0.optimizer.method = .sgd(momentum: 1) }),
      ("optimizer.momentum", { $0.optimizer.method = .sgd(isNesterov: true) }),
      ("optimizer.learningRate", { $0.optimizer.learningRate = .constant(1e-50) }),
      ("optimizer.loss.threshold", { $0.optimizer.loss = .huber(threshold: 1e-50) }),
      ("optimizer.gradientNormLimit", { $0.optimizer.gradientNormLimit = 1e-50 }),
      ("optimizer.weightDecay", { $0.optimizer.method = .sgd(weightDecay: -1) }),
      ("optimizer.smoothing", { $0.optimizer.method = .rmsProp(smoothing: 1) }),
      ("optimizer.epsilon", { $0.optimizer.method = .rmsProp(epsilon: 0) }),
      ("optimizer.momentum", { $0.optimizer.method = .rmsProp(momentum: -1) }),
      ("optimizer.loss.threshold", { $0.optimizer.loss = .huber(threshold: 0) }),
      ("optimizer.gradientNormLimit", { $0.optimizer.gradientNormLimit = 0 }),
      ("replay.capacity", { $0.replay.capacity = 0 }),
      ("replay.capacity", { $0.replay.capacity = .max }),
      ("replay.batchSize", { $0.replay.batchSize = 200_000 }),
      ("replay.learningStarts", { $0.replay.learningStarts = 31 }),
      ("replay.learningStarts", { $0.replay.learningStarts = 100_001 }),
      ("replay.trainFrequency", { $0.replay.trainFrequency = 0 }),
      ("replay.priority.exponent", { $0.replay.priority.exponent = 1.5 }),
      ("replay.priority.exponent", { $0.replay.priority.exponent = .nan }),
      ("replay.priority.correction", { $0.replay.priority.correction = -0.1 }),
      (
        "exploration.epsilon", { $0.exploration = .epsilonGreedy(epsilon: .constant(1.5)) }
      ),
      (
        "exploration.epsilon.to",
        { $0.exploration = .epsilonGreedy(epsilon: .linear(from: 1, to: -0.1, steps: 3)) }
      ),
      (
        "exploration.steps",
        { $0.exploration = .epsilonGreedy(epsilon: .cosine(from: 1, to: 0, steps: 0)) }
      ),
      (
        "exploration.temperature", { $0.exploration = .boltzmann(temperature: .constant(0)) }
      ),
      ("epsilonSpread", { $0.epsilonSpread = 1_001 }),
      (
        "epsilonSpread",
        { ($0.epsilonSpread, $0.exploration) = (1, .boltzmann(temperature: .constant(1))) }
      ),
      ("target.steps", { $0.target.steps = 0 }),
      ("target.lambda", { $0.target.lambda = 1.01 }),
      ("target.sigma", { $0.target.sigma = -0.01 }),
      (
        "target.rule.nextAction",
        { ($0.target.returns, $0.target.rule.nextAction) = (.retrace, .stored) }
      ),
      ("target.discount", { $0.target.discount = 1.01 }),
      ("target.synchronization.every", { $0.target.synchronization.every = 0 }),
      ("target.synchronization.rate", { $0.target.synchronization.rate = 0 }),
      ("target.synchronization.rate", { $0.target.synchronization.rate = 1.1 }),
      ("environmentCount", { $0.environmentCount = -1 }),
      ("budget", { $0.budget = Budget(steps: nil, episodes: nil) }),
      ("budget.steps", { $0.budget = Budget(steps: -5) }),
      ("budget.episodes", { $0.budget.episodes = 0 }),
      ("budget.steps", { $0.budget = Budget(steps: 319, episodes: 1) }),
      ("budget.steps", { ($0.replay.trainFrequency, $0.budget.steps) = (5_000, 4_999) }),
      ("budget.steps", { $0.replay.trainFrequency = Hyperparameters.Limit.steps }),
    ]

  @Test("every value outside of its range is named")
  func mistakes() throws {
    try Hyperparameters().validate()
    for mistake in Self.mistakes {
      var hyperparameters = Hyperparameters()
      mistake.make(&hyperparameters)
      let error = #expect(throws: HyperparameterError.self) { try hyperparameters.validate() }
      #expect(error?.field == mistake.field)
      #expect(error?.allowed.isEmpty == false)
    }
  }

  @Test("filters are convolutions before the hidden layers, and need a board that is large enough")
  func filters() throws {
    let board = EnvironmentSpecification(
      id: "Board", observationSpace: .binary(shape: [6, 5, 2]), actionCount: 3)
    var hyperparameters = Hyperparameters()
    (hyperparameters.network.filters, hyperparameters.network.hiddenSizes) = ([16, 4], [8])
    func text() throws -> String {
      try hyperparameters.validate(for: board)
      return hyperparameters.network.description(for: board).description
    }
    #expect(
      try text()
        == "6x5x2 > convolution 16 3 > layer-normalization by-cell relu > convolution 4 3 > "
        + "layer-normalization by-cell relu > dense 8 > layer-normalization relu > dense 3")
    hyperparameters.network.isNormalizationAffine = false
    hyperparameters.network.filters = [16]
    let plain = try text()
    #expect(
      plain == "6x5x2 > convolution 16 3 > plain-layer-normalization relu > dense 8 > "
        + "plain-layer-normalization relu > dense 3")
    hyperparameters.network.isNormalized = false
    let unnormalized = try text()
    #expect(unnormalized == "6x5x2 > convolution 16 3 relu > dense 8 relu > dense 3")

    let (row, pair) = (
      EnvironmentSpecification(id: "Row", observationSpace: .box(shape: [60]), actionCount: 3),
      EnvironmentSpecification(
        id: "Pair", observationSpace: .box(shape: [2, 9, 1]), actionCount: 3)
    )
    for (filters, specification) in [([1, 1, 1], board), ([1], row), ([1], pair)] {
      hyperparameters.network.filters = filters
      let error = #expect(throws: HyperparameterError.self) {
        try hyperparameters.validate(for: specification)
      }
      #expect(error?.field == "network.filters")
    }
  }

  @Test("every kind of return is taken with every rule, but the corrected ones need a policy")
  func returns() throws {
    for kind in ReturnKind.allCases {
      for nextAction in TargetRule.NextAction.allCases {
        var hyperparameters = Hyperparameters()
        hyperparameters.target.returns = kind
        hyperparameters.target.rule.nextAction = nextAction
        if nextAction != .stored || [.nStep, .lambda].contains(kind) {
          try hyperparameters.validate()
        } else {
          let error = #expect(throws: HyperparameterError.self) { try hyperparameters.validate() }
          #expect(
            error?.description
              == "target.rule.nextAction is stored; allowed: resampled, expected or greedy with the "
              + "returns \(kind.rawValue), which need a policy whose mean they take")
        }
      }
    }
  }

  @Test("a budget of steps is long enough exactly if a run of it makes an update")
  func shortestBudget() throws {
    for environments in 1...4 {
      for learningStarts in [2, 3, 7, 10] {
        for trainFrequency in [1, 2, 3, 5, 9, 11, 40] {
          var hyperparameters = smallHyperparameters()
          hyperparameters.network.hiddenSizes = []
          hyperparameters.environmentCount = environments
          hyperparameters.replay.batchSize = 2
          hyperparameters.replay.learningStarts = learningStarts
          hyperparameters.replay.capacity = max(10, learningStarts)
          hyperparameters.replay.trainFrequency = trainFrequency
          let least = ReplaySARSA.firstUpdateStep(with: hyperparameters) - environments + 1
          hyperparameters.budget = Budget(steps: least)
          var trainer = try Trainer(
            hyperparameters, environment: ReplicatedEnvironment(Naming(), count: environments),
            seed: 1)
          while !trainer.isFinished {
            #expect(trainer.agent.updateCount == 0)
            _ = try trainer.advance()
          }
          #expect(trainer.agent.updateCount > 0)
          #expect(trainer.steps == ReplaySARSA.firstUpdateStep(with: hyperparameters))
          // Together with episodes it must be as long: whichever is spent first ends the run.
          for episodes in [nil, 1] {
            hyperparameters.budget = Budget(steps: least - 1, episodes: episodes)
            let error = #expect(throws: HyperparameterError.self) {
              try hyperparameters.validate()
            }
            #expect(error?.field == "budget.steps" || least == 1)
          }
        }
      }
    }
  }
}
