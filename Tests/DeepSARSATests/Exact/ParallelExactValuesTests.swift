import DeepSARSA
import Testing

/// A linear learner in many copies of a finite model, which can hold any table of values.
///
/// Episodes begin in any state that is not an end, and are cut after some steps, so that all pairs are met. A
/// state shows thirty, so that the bias, which all states share, hardly couples them.
private struct ParallelLearner: ~Copyable {
  let table: ParallelExactValuesTests.Table
  let model: FiniteModel
  let policy: Policy
  private var agent: ParallelSARSA
  private var random = PCG64(seed: 5)
  private let starts: [Int]
  private var cells: [Int]
  private var lengths: [Int]
  private var observations: [Float]
  private var actions: [Int]
  private var step: VectorStep

  static let discount = 0.9
  private static let brightness: Float = 30
  private static let count = 64

  init(
    _ table: ParallelExactValuesTests.Table, _ nextAction: TargetRule.NextAction, lambda: Double,
    epsilon: Double
  ) throws {
    self.table = table
    policy = .epsilonGreedy(epsilon: epsilon)
    let model = table.model
    let starts = (0..<model.stateCount).filter { Self.isOpen($0, in: model) }
    self.model = model
    self.starts = starts
    var hyperparameters = Hyperparameters()
    hyperparameters.algorithm = .parallel
    hyperparameters.network.hiddenSizes = []
    hyperparameters.optimizer.method = .sgd()
    hyperparameters.target.discount = Self.discount
    hyperparameters.target.lambda = lambda
    hyperparameters.target.rule.nextAction = nextAction
    hyperparameters.environmentCount = Self.count
    hyperparameters.segment.steps = 16
    hyperparameters.segment.epochs = 1
    hyperparameters.segment.minibatches = 1
    let agent = try ParallelSARSA(
      hyperparameters,
      for: EnvironmentSpecification(
        id: "Table", observationSize: model.stateCount, actionCount: model.actionCount), seed: 1)
    self.agent = agent
    cells = (0..<Self.count).map { starts[$0 % starts.count] }
    lengths = Array(repeating: 0, count: Self.count)
    actions = lengths
    observations = Array(repeating: 0, count: Self.count * model.stateCount)
    step = VectorStep(count: Self.count, observationSize: model.stateCount)
    for i in 0..<Self.count { observations[place(i, cells[i])] = Self.brightness }
  }

  /// Whether an action leads anywhere but to an end in the same state.
  static func isOpen(_ cell: Int, in model: FiniteModel) -> Bool {
    model.outcomes(of: 0, in: cell).contains { !($0.isTerminated && $0.state == cell) }
  }

  private func place(_ environment: Int, _ cell: Int) -> Int {
    environment * model.stateCount + cell
  }

  /// Takes a step in every copy, and learns after every sixteenth.
  mutating func advance(learningRate: Double) throws {
    agent.act(on: observations, by: Behavior(policy), into: &actions)
    var reached = cells
    for i in 0..<Self.count {
      var left = random.random()
      let outcomes = model.outcomes(of: actions[i], in: cells[i])
      let drawn = outcomes.first { outcome in
        left -= outcome.probability
        return left < 0
      }
      let outcome = drawn ?? outcomes[0]
      lengths[i] += 1
      step.rewards[i] = outcome.reward
      step.isTerminated[i] = outcome.isTerminated
      step.isTruncated[i] = lengths[i] == table.limit
      reached[i] = outcome.state
      step.nextObservations[place(i, outcome.state)] = Self.brightness
    }
    agent.remember(observations, actions, step)
    for i in 0..<Self.count {
      step.nextObservations[place(i, reached[i])] = 0
      observations[place(i, cells[i])] = 0
      if step.isTerminated[i] || step.isTruncated[i] {
        reached[i] = starts[random.integer(below: starts.count)]
        lengths[i] = 0
      }
      observations[place(i, reached[i])] = Self.brightness
    }
    cells = reached
    _ = try agent.learn(
      at: TrainingMoment(
        steps: 0, stepsBefore: 0, finishedEpisodes: 0, policy: policy, learningRate: learningRate))
  }

  /// Learns from segments, at first by whole steps, and then by steps that fall as 1/n and average the noise.
  mutating func learn(segments: Int) throws {
    // A pair that is met as often as any other moves by 2·α·brightness²/pairs times its mean error.
    let pairs = Double(model.stateCount * model.actionCount)
    let whole = pairs / (2 * Double(Self.brightness * Self.brightness))
    for segment in 0..<segments {
      let decay = 1 + max(0, Double(segment - segments / 2)) / 12
      for _ in 0..<16 { try advance(learningRate: table.share / decay * whole) }
    }
  }

  /// Q [states, actions].
  func values() throws -> Matrix<Double> {
    var policy = try GreedyPolicy(agent.description)
    agent.copyParameters(into: &policy)
    return Matrix(
      (0..<model.stateCount).map { cell in
        policy.values(
          for: (0..<model.stateCount).map { $0 == cell ? Self.brightness : 0 }
        ).map(Double.init)
      })
  }

  /// The root of Q's mean squared error over the states that are not ends, as a share of the largest value.
  func error(against policy: Matrix<Double>) throws -> Double {
    let exact = try model.actionValues(of: policy, discount: Self.discount)
    let found = try values()
    var (squares, count, largest) = (0.0, 0.0, 0.0)
    for cell in starts {
      for action in 0..<model.actionCount {
        let error = found[cell, action] - exact[cell, action]
        squares += error * error
        count += 1
        largest = max(largest, abs(exact[cell, action]))
      }
    }
    return (squares / count).squareRoot() / largest
  }
}

@Suite("Parallel SARSA(λ) against the LU solution of its Bellman equation")
struct ParallelExactValuesTests {
  /// The tables.
  enum Table: String, CaseIterable, Sendable {
    case frozenLake, cliffWalking

    /// The steps after which an episode is cut, and bootstraps.
    ///
    /// From the cliff one falls back to the start, which would soon be met far more often than other states.
    var limit: Int { self == .cliffWalking ? 4 : 11 }

    /// How far a pair first moves towards its target if it is met as often as any other.
    var share: Double { self == .cliffWalking ? 0.2 : 0.6 }

    var model: FiniteModel {
      switch self {
      case .frozenLake: FrozenLake().model
      case .cliffWalking: CliffWalking().model
      }
    }
  }

  /// How long is learned, and how exactly: the noise falls with the root of the steps.
  private static let effort: (segments: Int, bound: Double) = {
    if Effort.isLong { return (4_000, 0.008) }
    #if DEBUG
      return (80, 0.07)
    #else
      return (400, 0.03)
    #endif
  }()

  @Test(
    "the rules of the policy learn its values, whatever λ is", arguments: Table.allCases,
    [
      (TargetRule.NextAction.stored, 0.2), (.stored, 0.9), (.expected, 0.5), (.expected, 1),
      (.resampled, 0.8),
    ])
  func policyValues(table: Table, tried: (rule: TargetRule.NextAction, lambda: Double)) throws {
    var learner = try ParallelLearner(table, tried.rule, lambda: tried.lambda, epsilon: 1)
    try learner.learn(segments: Self.effort.segments)
    let uniform = Matrix<Double>(
      rows: learner.model.stateCount, columns: learner.model.actionCount, repeating: 0.25)
    let distance = try learner.error(against: uniform)
    #expect(distance < Self.effort.bound, "\(distance)")
    // The values of the policy that is greedy on them are others.
    let greedy = learner.model.epsilonGreedyPolicy(on: try learner.values(), epsilon: 0)
    #expect(try learner.error(against: greedy) > 0.1)
  }

  @Test(
    "greedy with λ 0 learns the best policy's values from a random behaviour",
    arguments: Table.allCases)
  func bestValues(table: Table) throws {
    var learner = try ParallelLearner(table, .greedy, lambda: 0, epsilon: 1)
    try learner.learn(segments: Self.effort.segments)
    let greedy = learner.model.epsilonGreedyPolicy(
      on: try learner.values(), epsilon: 0, tolerance: 1e-2)
    let distance = try learner.error(against: greedy)
    #expect(distance < Self.effort.bound, "\(distance)")
  }
}
