import DeepSARSA
import Testing

/// A linear learner with one-hot observations, whose memory holds every window of n steps that a behaviour can
/// take from every pair of state and action, as often as it is likely.
///
/// Only a window's first transition shows its state: it alone is learned from. The others show one more
/// category, whose values are learned too, and used for nothing.
private struct WindowLearner: ~Copyable {
  var agent: ReplaySARSA
  let model: FiniteModel
  let states: [Int]
  let policy: Policy
  /// b(a|s) [states, actions].
  let behavior: Matrix<Double>
  /// The size of the one of a one-hot state.
  private let size: Float
  /// The learning rate at which a sweep takes `share` of the error of every value away.
  private let learningRate: Double
  /// The windows that begin with each pair.
  private let windowCount: Int
  /// The factor by which a sweep reduces the largest error, if the targets' equation is a γ-contraction.
  let contraction: Double

  static let discount = 0.5
  private static let share = 0.9
  /// The part of the error of all values together that a sweep adds to each of them, by the shared bias.
  private static let coupling = 0.002

  /// Makes a learner of a model whose outcomes are equally likely; `states` are those that are not terminal.
  init(
    _ model: FiniteModel, states: [Int], _ settings: TargetHyperparameters, _ policy: Policy
  ) throws {
    self.model = model
    self.states = states
    self.policy = policy
    let (actionCount, steps) = (model.actionCount, settings.steps)
    // One action of every state is twice as likely as each other.
    func favorite(_ state: Int) -> Int { state % actionCount }
    let choices = actionCount + 1
    behavior = Matrix(
      (0..<model.stateCount).map { state in
        (0..<actionCount).map { ($0 == favorite(state) ? 2 : 1) / Double(choices) }
      })
    let branches = model.outcomes(of: 0, in: states[0]).count
    windowCount = (1..<steps).reduce(branches) { count, _ in count * choices * branches }

    size =
      (Float(model.stateCount * steps) / Float(Self.coupling)).squareRoot()
    var later = [Int](repeating: 0, count: actionCount)
    var count = 0
    // The transitions, each by what it shows, and the probability of its action.
    var records: [(state: Int?, outcome: FiniteModel.Outcome, action: Int, b: Double, cut: Bool)] =
      []
    for start in states {
      for first in 0..<actionCount {
        for window in 0..<windowCount {
          var (state, action, rest) = (start, first, window)
          for step in 0..<steps {
            let outcome = model.outcomes(of: action, in: state)[rest % branches]
            rest /= branches
            let isCut = step == steps - 1 && !outcome.isTerminated
            records.append(
              (step == 0 ? state : nil, outcome, action, behavior[state, action], isCut))
            if step > 0 { later[action] += 1 }
            count += 1
            if outcome.isTerminated || isCut { break }
            state = outcome.state
            // One choice beyond the actions is the favorite once more.
            action = rest % choices == actionCount ? favorite(state) : rest % choices
            rest /= choices
          }
        }
      }
    }

    var hyperparameters = Hyperparameters()
    hyperparameters.network.hiddenSizes = []
    hyperparameters.optimizer.method = .sgd()
    hyperparameters.target = settings
    hyperparameters.target.discount = Self.discount
    hyperparameters.replay.capacity = count
    hyperparameters.replay.batchSize = count
    hyperparameters.replay.learningStarts = count
    let specification = EnvironmentSpecification(
      id: "Windows", observationSize: model.stateCount + 1, actionCount: actionCount)
    let agent = try ReplaySARSA(hyperparameters, for: specification, seed: 1)
    self.agent = agent

    // The gradient of a value is 2/rows · windows · size² times its error. The values of the category of later
    // transitions get the same share, or less where an action is rarer.
    let scale = Double(windowCount) * Double(size * size)
    learningRate = Self.share * Double(count) / (2 * scale)
    let most = later.max() ?? 1
    let rarest = Double(later.min() ?? 1) / Double(max(1, most))
    let laterSize = most == 0 ? 0 : Float((scale / Double(most)).squareRoot())
    // |e′| ≤ (1 − m)|e| + mγ|e| + coupling·(1 + γ)|e|, with m the smallest share.
    contraction =
      1 - Self.share * (rarest == 0 ? 1 : rarest) * (1 - Self.discount)
      + Self.share * Self.coupling * (1 + Self.discount)

    var step = VectorStep(count: 1, observationSize: model.stateCount + 1)
    for record in records {
      step.nextObservations = Self.observation(record.outcome.state, size, of: model)
      step.rewards = [record.outcome.reward]
      step.isTerminated = [record.outcome.isTerminated]
      step.isTruncated = [record.cut]
      let shown =
        if let state = record.state { Self.observation(state, size, of: model) } else {
          Self.observation(model.stateCount, laterSize, of: model)
        }
      self.agent.remember(shown, [record.action], step, probabilities: [record.b])
    }
  }

  private static func observation(
    _ state: Int, _ size: Float, of model: FiniteModel
  ) -> [Float] {
    (0...model.stateCount).map { $0 == state ? size : 0 }
  }

  /// Sweeps over the whole memory.
  mutating func sweep(_ count: Int) throws {
    for _ in 0..<count {
      try agent.learn(for: policy, learningRate: learningRate)
      agent.synchronize()
    }
  }

  /// Q [states, actions].
  func values() throws -> Matrix<Double> {
    var policy = try GreedyPolicy(agent.description)
    agent.copyParameters(into: &policy)
    var rows: [[Double]] = []
    for state in 0..<model.stateCount {
      rows.append(policy.values(for: Self.observation(state, size, of: model)).map(Double.init))
    }
    return Matrix(rows)
  }

  /// The largest error of Q against exact values, in all states that are not terminal.
  func error(against exact: Matrix<Double>) throws -> Double {
    let found = try values()
    return states.flatMap { state in
      (0..<model.actionCount).map { abs(found[state, $0] - exact[state, $0]) }
    }.reduce(0, max)
  }

  /// The largest error that `sweeps` sweeps from an error of `initial` on may leave.
  ///
  /// What is left of the initial error, and the rounding of a sweep: sums of `windowCount` errors, each at most
  /// `spread`, and some twenty operations for a target; later sweeps reduce it like any error.
  func bound(sweeps: Int, initial: Double, spread: Double) -> Double {
    let left = (0..<sweeps).reduce(initial) { error, _ in error * contraction }
    return left + Double(windowCount + 20) * 0x1p-24 * spread / (1 - contraction)
  }

  /// The solution of the return's own equation for a target policy.
  func solution(for policy: Matrix<Double>) throws -> Matrix<Double> {
    let settings = agent.hyperparameters.target
    return switch settings.returns {
    case .nStep, .lambda:
      try model.actionValues(
        of: policy, after: behavior, steps: settings.steps,
        lambda: settings.returns == .nStep ? 1 : settings.lambda, discount: Self.discount)
    case .treeBackup, .qSigma, .retrace, .qPiLambda:
      // Corrected: q^π, whatever the behaviour.
      try model.actionValues(of: policy, discount: Self.discount)
    }
  }
}

@Suite("Kinds of return against the LU solution of their equation, on three worlds")
struct ReturnExactValuesTests {
  struct World: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let model: FiniteModel
    /// The states in which an episode can be.
    let states: [Int]
  }

  /// `make proofs` adds Taxi.
  static let worlds: [World] = {
    var worlds = [
      World(
        testDescription: "FrozenLake", model: FrozenLake().model,
        states: (0..<15).filter { ![5, 7, 11, 12].contains($0) }),
      World(testDescription: "CliffWalking", model: CliffWalking().model, states: Array(0..<37)),
    ]
    if Effort.isLong {
      worlds.append(
        World(testDescription: "Taxi", model: Taxi().model, states: Array(0..<500)))
    }
    return worlds
  }()

  private func settings(_ kind: ReturnKind, steps: Int) -> TargetHyperparameters {
    var result = TargetHyperparameters()
    result.rule = TargetRule(nextAction: .expected, selection: .online)
    (result.returns, result.steps, result.sigma) = (kind, steps, 0.6)
    // Q^π(λ) contracts if λ·b ≤ π everywhere: 0.6 times 2/5 is below 1/4, 0.5 times 2/7 below 1/6.
    result.lambda = kind == .qPiLambda ? 0.5 : 0.7
    return result
  }

  private func uniform(_ model: FiniteModel) -> Matrix<Double> {
    Matrix(
      rows: model.stateCount, columns: model.actionCount,
      repeating: 1 / Double(model.actionCount))
  }

  @Test(
    "each kind learns the values of a fixed policy by its own equation, from another behaviour",
    arguments: ReturnKind.allCases, worlds)
  func fixedPolicy(kind: ReturnKind, world: World) throws {
    for steps in Effort.isLong && world.states.count < 100 ? [2, 3] : [2] {
      var learner = try WindowLearner(
        world.model, states: world.states, settings(kind, steps: steps),
        .epsilonGreedy(epsilon: 1))
      let policy = uniform(world.model)
      let exact = try learner.solution(for: policy)
      let sweeps = 30
      let initial = try learner.error(against: exact)
      try learner.sweep(sweeps)
      let error = try learner.error(against: exact)
      let largest = exact.scalars.reduce(0) { max($0, abs($1)) }
      let bound = learner.bound(sweeps: sweeps, initial: initial, spread: 4 * largest)
      #expect(error < bound && bound < 1e-3 * largest, "\(error), \(bound), \(largest)")
      // Uncorrected, the values are not the policy's own; corrected, not the uncorrected ones.
      let other =
        switch kind {
        case .nStep, .lambda:
          try world.model.actionValues(of: policy, discount: WindowLearner.discount)
        case .treeBackup, .qSigma, .retrace, .qPiLambda:
          try world.model.actionValues(
            of: policy, after: learner.behavior, steps: steps, discount: WindowLearner.discount)
        }
      let distance = try learner.error(against: other)
      #expect(distance > 5 * bound, "\(distance), \(bound)")
    }
  }

  @Test(
    "each kind learns the values of the greedy and of its own ε-greedy policy",
    arguments: ReturnKind.allCases, [TargetRule.NextAction.greedy, .expected])
  func control(kind: ReturnKind, nextAction: TargetRule.NextAction) throws {
    // The greedy rule's policy is greedy, whatever ε is.
    let epsilon = nextAction == .greedy ? 0 : 0.5
    var settings = settings(kind, steps: 2)
    settings.rule.nextAction = nextAction
    // λ·b is above a π of 0; then the equation contracts by γ(1 + λ), or a little more, at most.
    if kind == .qPiLambda { settings.lambda = 0.15 }
    let world = Self.worlds[1]
    var learner = try WindowLearner(
      world.model, states: world.states, settings, .epsilonGreedy(epsilon: 0.5))
    try learner.sweep(35)
    let policy = world.model.epsilonGreedyPolicy(
      on: try learner.values(), epsilon: epsilon, tolerance: 1e-3)
    let exact = try learner.solution(for: policy)
    let error = try learner.error(against: exact)
    #expect(error < 1e-3, "\(error)")
  }
}
