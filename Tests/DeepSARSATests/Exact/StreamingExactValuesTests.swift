import DeepSARSA
import Foundation
import Testing

/// A finite model as an environment, with episodes of a few steps that start anywhere.
///
/// Observations are one-hot; the one is a ten unless the features must be binary, so that the bias, which all
/// states share, hardly couples them.
private struct TableWorld: Environment {
  struct State: Codable, Sendable {
    var place = 0
    var steps = 0
    var random = PCG64(seed: 0)
  }

  let model: FiniteModel
  let starts: [Int]
  let brightness: Float
  let limit: Int
  var state = State()

  init(_ model: FiniteModel, brightness: Float, limit: Int) {
    self.model = model
    self.brightness = brightness
    self.limit = limit
    // An absorbing state is left by no action, with an end.
    starts = (0..<model.stateCount).filter { state in
      !(0..<model.actionCount).allSatisfy { action in
        model.outcomes(of: action, in: state).allSatisfy { $0.isTerminated && $0.state == state }
      }
    }
  }

  var specification: EnvironmentSpecification {
    EnvironmentSpecification(
      id: "Table", observationSpace: .category(model.stateCount), actionCount: model.actionCount)
  }

  mutating func reset(seed: UInt64?) {
    if let seed { state.random = PCG64(seed: seed) }
    state.steps = 0
    state.place = starts[state.random.integer(below: starts.count)]
  }

  mutating func step(_ action: Int) -> Step {
    var left = state.random.random()
    let outcomes = model.outcomes(of: action, in: state.place)
    let outcome =
      outcomes.first { outcome in
        left -= outcome.probability
        return left < 0
      } ?? outcomes[outcomes.count - 1]
    state.place = outcome.state
    state.steps += 1
    return Step(
      reward: outcome.reward, isTerminated: outcome.isTerminated,
      isTruncated: !outcome.isTerminated && state.steps == limit)
  }

  func observe(into observation: inout MutableSpan<Float>) {
    for i in observation.indices { observation[i] = i == state.place ? brightness : 0 }
  }
}

/// A learner in a table, and how far it is from the solution of its own Bellman equation.
private struct TableLearner: ~Copyable {
  private let trainer: Trainer<ReplicatedEnvironment<TableWorld>, StreamingSARSA>
  private let world: TableWorld
  private let rule: TargetRule.NextAction
  private let lambda: Double
  private let epsilon: Double
  /// The share of an error that an update takes away at first, and at last.
  private let steps: (first: Double, last: Double)

  static let discount = 0.8

  init(
    _ model: FiniteModel, _ rule: TargetRule.NextAction, lambda: Double = 0.6,
    kind: TraceHyperparameters.Kind = .accumulating, epsilon: Double, limit: Int = 4, count: Int,
    steps: (first: Double, last: Double), _ change: (inout Hyperparameters) -> Void = { _ in }
  ) throws {
    let brightness: Float = kind == .replacing ? 1 : 10
    // The square of the features: a step of 1 takes the whole error away.
    let length = Double(brightness * brightness + 1)
    var hyperparameters = linearStreaming(rule, discount: Self.discount, lambda: lambda)
    hyperparameters.traces.kind = kind
    hyperparameters.exploration = .epsilonGreedy(epsilon: .constant(epsilon))
    hyperparameters.optimizer.learningRate = .exponential(
      from: steps.first / length, to: steps.last / length, steps: count)
    change(&hyperparameters)
    let world = TableWorld(model, brightness: brightness, limit: limit)
    var trainer = try Trainer(
      StreamingSARSA.self, hyperparameters, environment: ReplicatedEnvironment(world), seed: 1)
    for _ in 0..<count { try trainer.advance() }
    self.trainer = trainer
    (self.world, self.rule, self.lambda) = (world, rule, lambda)
    (self.epsilon, self.steps) = (epsilon, steps)
  }

  /// Q [states, actions].
  func values() throws -> Matrix<Double> {
    var policy = try GreedyPolicy(trainer.agent.description)
    trainer.agent.copyParameters(into: &policy)
    return Matrix(
      (0..<world.model.stateCount).map { state in
        policy.values(
          for: (0..<world.model.stateCount).map { $0 == state ? world.brightness : 0 }
        ).map(Double.init)
      })
  }

  /// The largest error of Q against the LU solution of the learner's own policy, and of a uniform one's; both
  /// as a share of the largest value.
  func error(tolerance: Double) throws -> (own: Double, uniform: Double) {
    let values = try values()
    let own = world.model.epsilonGreedyPolicy(
      on: values, epsilon: rule == .greedy ? 0 : epsilon, tolerance: tolerance)
    let uniform = world.model.epsilonGreedyPolicy(on: values, epsilon: 1)
    return (try error(values, against: own), try error(values, against: uniform))
  }

  private func error(
    _ values: Matrix<Double>, against policy: Matrix<Double>
  ) throws -> Double {
    let exact = try world.model.actionValues(of: policy, discount: Self.discount)
    var (error, largest) = (0.0, 0.0)
    for state in world.starts {
      for action in 0..<world.model.actionCount {
        error = max(error, abs(values[state, action] - exact[state, action]))
        largest = max(largest, abs(exact[state, action]))
      }
    }
    return error / largest
  }

  /// Five standard deviations of a value's error at the last step size β, as a share of the largest value.
  ///
  /// An update e ← (1 − β)e + β(κe′ + noise), with κ = γ(1 − λ)/(1 − γλ) for λ-returns and a noise of standard
  /// deviation σ, keeps a root mean square of at most σ·√(β/(2(1 − κ))): by Minkowski's inequality, whatever
  /// e and e′ have to do with each other. σ² of a λ-return is at most that of one step over 1 − (γλ)², since
  /// the errors of its steps are martingale differences. One step's noise is that of r + γ·q(s′, a′).
  func bound(_ policy: Matrix<Double>? = nil) throws -> Double {
    let values = try values()
    let own = world.model.epsilonGreedyPolicy(
      on: values, epsilon: rule == .greedy ? 0 : epsilon, tolerance: 1e-3)
    var (variance, largest) = (0.0, 0.0)
    for state in world.starts {
      for action in 0..<world.model.actionCount {
        var (mean, square) = (0.0, 0.0)
        for outcome in world.model.outcomes(of: action, in: state) {
          for next in 0..<world.model.actionCount {
            let draws = rule == .stored || rule == .resampled
            let expected = (0..<world.model.actionCount).reduce(0) {
              $0 + own[outcome.state, $1] * values[outcome.state, $1]
            }
            let value = outcome.isTerminated ? 0 : draws ? values[outcome.state, next] : expected
            let target = outcome.reward + Self.discount * value
            let probability = outcome.probability * own[outcome.state, next]
            mean += probability * target
            square += probability * target * target
          }
        }
        variance = max(variance, square - mean * mean)
        largest = max(largest, abs(values[state, action]))
      }
    }
    let decay = Self.discount * lambda
    let contraction = Self.discount * (1 - lambda) / (1 - decay)
    let noise = (max(variance, 0) / (1 - decay * decay)).squareRoot()
    return 5 * noise * (steps.last / (2 * (1 - contraction))).squareRoot() / largest
  }
}

@Suite("Online SARSA(λ) against the LU solution of its Bellman equation")
struct StreamingExactValuesTests {
  private static let isLong = Effort.isLong
  /// What rounding leaves where there is no noise.
  private static let rounding = 1e-3

  /// As many steps as some sweeps over all pairs of state and action have.
  private static func count(_ model: FiniteModel, sweeps: Int) -> Int {
    model.stateCount * model.actionCount * sweeps
  }

  @Test(
    "rules that draw nothing reach it exactly where the world draws nothing",
    arguments: [TargetRule.NextAction.expected, .greedy], [0.0, 0.6, 1])
  func deterministic(rule: TargetRule.NextAction, lambda: Double) throws {
    var models = [FrozenLake(isSlippery: false).model]
    if Self.isLong || lambda == 0.6 { models.append(CliffWalking().model) }
    // The learner of this test takes illegal actions too.
    if Self.isLong { models.append(Taxi().model.unmasked) }
    for model in models {
      // At λ = 1 only Watkins's cut keeps Q(λ) from the returns of the exploring behaviour.
      let learner = try TableLearner(
        model, rule, lambda: lambda, epsilon: 0.7, limit: 3,
        count: Self.count(model, sweeps: Self.isLong ? 400 : 120), steps: (0.5, 0.3)
      ) { $0.traces.cut = .exploratory }
      let error = try learner.error(tolerance: 1e-4)
      #expect(error.own < Self.rounding, "\(error) of \(model.stateCount) states")
      #expect(error.uniform > 10 * Self.rounding, "\(error)")
    }
  }

  @Test(
    "every rule reaches it within its noise, for a fixed policy and for its own",
    arguments: TargetRule.NextAction.allCases, [1, 0.3])
  func noisy(rule: TargetRule.NextAction, epsilon: Double) throws {
    if rule == .greedy && epsilon == 1 { return }
    try noisy(FrozenLake().model, rule, epsilon: epsilon)
    // The bound is that of a fixed policy; along the cliff many actions are nearly equal, so that a learner's
    // own policy keeps changing.
    if Self.isLong && epsilon == 1 {
      try noisy(CliffWalking(isSlippery: true).model, rule, epsilon: epsilon)
    }
  }

  @Test(
    "dutch and replacing traces reach it too",
    arguments: [TraceHyperparameters.Kind.dutch, .replacing])
  func kinds(kind: TraceHyperparameters.Kind) throws {
    try noisy(FrozenLake().model, .stored, kind: kind, epsilon: 1)
  }

  private func noisy(
    _ model: FiniteModel, _ rule: TargetRule.NextAction,
    kind: TraceHyperparameters.Kind = .accumulating, epsilon: Double
  ) throws {
    let learner = try TableLearner(
      model, rule, kind: kind, epsilon: epsilon,
      count: Self.count(model, sweeps: Self.isLong ? 40_000 : 300),
      steps: (0.3, Self.isLong ? 3e-5 : 7e-3)
    ) { $0.traces.cut = rule == .greedy ? .exploratory : .never }
    let (error, bound) = (try learner.error(tolerance: 2e-3), try learner.bound())
    #expect(error.own < bound, "\(error), bound \(bound), \(model.stateCount) states")
    #expect(bound < (Self.isLong ? 0.05 : 0.6))
  }

  @Test("naive Q(λ) with long traces does not reach the values of the greedy policy")
  func naive() throws {
    let model = CliffWalking().model
    let learner = try TableLearner(
      model, .greedy, lambda: 1, epsilon: 0.7, limit: 20, count: Self.count(model, sweeps: 30),
      steps: (0.3, 0.05))
    #expect(try learner.error(tolerance: 1e-4).own > 0.1)
  }

  @Test("a truncation that counts as an end leads to other values")
  func timeLimit() throws {
    let model = FrozenLake(isSlippery: false).model
    let learner = try TableLearner(
      model, .expected, lambda: 0.6, epsilon: 0.7, count: Self.count(model, sweeps: 60),
      steps: (0.5, 0.1)
    ) { $0.target.timeLimit = .terminal }
    #expect(try learner.error(tolerance: 1e-4).own > 10 * Self.rounding)
  }

  @Test("SARSA(λ) walks the safe path along the cliff, and Q(λ) the edge")
  func cliff() throws {
    /// The cells of the greedy path from the start.
    func path(_ nextAction: TargetRule.NextAction) throws -> [Int] {
      let hyperparameters = linearStreaming(nextAction, discount: 0.95, lambda: 0.5) {
        $0.traces.cut = nextAction == .greedy ? .exploratory : .never
        $0.exploration = .epsilonGreedy(epsilon: .constant(0.2))
        // Q(λ) has no noise here.
        $0.optimizer.learningRate = .exponential(
          from: 0.5 / 101, to: (nextAction == .greedy ? 0.3 : 0.02) / 101, steps: 40_000)
      }
      let world = TableWorld(CliffWalking().model, brightness: 10, limit: 5)
      var trainer = try Trainer(
        StreamingSARSA.self, hyperparameters, environment: ReplicatedEnvironment(world), seed: 2)
      for _ in 0..<40_000 { try trainer.advance() }
      var policy = try GreedyPolicy(trainer.agent.description)
      trainer.agent.copyParameters(into: &policy)
      var walk = world
      walk.reset(seed: 1)
      (walk.state.place, walk.state.steps) = (36, -30)
      var cells: [Int] = []
      while cells.count < 30 {
        cells.append(walk.state.place)
        if walk.step(policy.action(for: walk.observation)).isLast { break }
      }
      return cells
    }
    // Row 2 is the edge of the cliff, row 3 its bottom, with the start and the goal.
    let (safe, edge) = (try path(.stored), try path(.greedy))
    #expect(edge == [36] + (24..<36), "\(edge)")
    #expect(safe.count < 30, "\(safe)")
    #expect(safe.count { (25..<35).contains($0) } <= 1, "\(safe)")
  }
}
