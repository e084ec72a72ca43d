import DeepSARSA
import Foundation
import Testing

/// A linear learner on the maze, with a one-hot observation: it can hold any table of values.
///
/// Its memory holds every transition there is, and each update draws all of them: a full sweep. The one
/// is a ten, so that the bias, which all cells share, hardly couples them.
private struct MazeLearner: ~Copyable {
  var agent: ReplaySARSA
  let rule: TargetRule
  let policy: Policy
  /// Cells on whose reaching an end is reported: the goal alone, if all is right.
  let ends: Set<Int>
  let model = Maze().model

  static let discount = 0.8

  /// How often each a′ stands in the memory: the policy's probabilities as whole numbers.
  ///
  /// An ε of 0.8 gives the greedy action two parts in five, one of 1 gives each action the same.
  private static func copies(isGreedy: Bool, of policy: Policy) -> Int {
    isGreedy && policy == .epsilonGreedy(epsilon: 0.8) ? 2 : 1
  }

  init(
    _ rule: TargetRule, _ policy: Policy, discount: Double = discount,
    ends: Set<Int> = [Maze.goal]
  ) throws {
    var hyperparameters = Hyperparameters()
    hyperparameters.network.hiddenSizes = []
    hyperparameters.optimizer.method = .sgd()
    hyperparameters.target.rule = rule
    hyperparameters.target.discount = discount
    // Beside each transition of `.stored` lies the one that says what a′ was.
    let rows =
      switch rule.nextAction {
      case .stored: 24 * 4 * 2 * (policy == .epsilonGreedy(epsilon: 0.8) ? 5 : 4)
      case .resampled: 24 * 4 * Effort.present.draws
      case .expected, .greedy: 24 * 4
      }
    hyperparameters.replay.capacity = rows
    hyperparameters.replay.batchSize = rows
    hyperparameters.replay.learningStarts = rows
    let agent = try ReplaySARSA(hyperparameters, for: Maze().specification, seed: 1)
    self.agent = agent
    self.rule = rule
    self.policy = policy
    self.ends = ends
  }

  /// Ten times one-hot; the goal is seen less brightly, for in a memory of `.stored` it is seen often.
  static func observation(_ cell: Int) -> [Float] {
    (0..<Maze.cellCount).map { $0 == cell ? (cell == Maze.goal ? 2 : 10) : 0 }
  }

  private mutating func remember(_ cell: Int, _ action: Int) {
    let outcome = model.outcomes(of: action, in: cell)[0]
    var step = VectorStep(count: 1, observationSize: Maze.cellCount)
    step.nextObservations = Self.observation(outcome.state)
    step.rewards = [outcome.reward]
    step.isTerminated = [ends.contains(outcome.state)]
    step.isTruncated = [outcome.isTerminated && !ends.contains(outcome.state)]
    agent.remember(Self.observation(cell), [action], step)
  }

  /// Stores every transition; for `.stored` with every a′, as often as the present policy takes it.
  ///
  /// The transition that is stored next says what a′ was: one of the goal itself, where nothing
  /// follows and every value is zero.
  mutating func fillMemory() throws {
    let values = try values()
    for cell in 0..<Maze.goal {
      for action in 0..<4 {
        guard rule.nextAction == .stored else {
          let copies = rule.nextAction == .resampled ? Effort.present.draws : 1
          for _ in 0..<copies { remember(cell, action) }
          continue
        }
        let next = model.outcomes(of: action, in: cell)[0].state
        let best = (0..<4).max { values[next, $0] < values[next, $1] }
        for nextAction in 0..<4 {
          let copies = Self.copies(isGreedy: nextAction == best, of: policy)
          for _ in 0..<copies {
            remember(cell, action)
            remember(Maze.goal, nextAction)
          }
        }
      }
    }
  }

  /// Sweeps at a constant rate; if targets are drawn, then with 1/n steps, which average the noise away.
  mutating func sweep(_ count: Int, noisy: Bool = false) throws {
    if agent.memory.count == 0 { try fillMemory() }
    let rows = agent.hyperparameters.replay.batchSize
    let copies = rows / (24 * 4 * (rule.nextAction == .stored ? 2 : 1))
    // The gradient of a value is 2/rows · copies · 10² times its error: this takes 0.7 of it away.
    let rate = 0.7 * Double(rows) / (2 * 100 * Double(copies))
    for n in 0..<count {
      let decay = noisy && n > 100 ? 1 / (1 + Double(n - 100) / 8) : 1
      try agent.learn(for: policy, learningRate: rate * decay)
      agent.synchronize()
    }
  }

  /// Q [cells, actions].
  func values() throws -> Matrix<Double> {
    var policy = try GreedyPolicy(agent.description)
    agent.copyParameters(into: &policy)
    return Matrix(
      (0..<Maze.cellCount).map { cell in
        policy.values(for: Self.observation(cell)).map(Double.init)
      })
  }

  /// The largest error of Q against the LU solution of a policy, as a share of the largest value.
  ///
  /// The goal's own row is nobody's business: nothing follows there.
  func error(against policy: Matrix<Double>) throws -> Double {
    let exact = try model.actionValues(of: policy, discount: Self.discount)
    let found = try values()
    var (error, largest) = (0.0, 0.0)
    for cell in 0..<Maze.goal {
      for action in 0..<4 {
        error = max(error, abs(found[cell, action] - exact[cell, action]))
        largest = max(largest, abs(exact[cell, action]))
      }
    }
    return error / largest
  }
}

/// What is asked of drawn actions, whose noise averages out with the root of their number.
///
/// A sweep draws so many a′ for each transition. `make proofs` takes longer, and reaches the bound of
/// the rules that draw nothing.
struct Effort {
  var sweeps: Int
  var draws: Int
  var bound: Double

  static let isLong = ProcessInfo.processInfo.environment["DEEP_SARSA_PROOFS"] != nil

  static let present: Effort = {
    if isLong {
      return Effort(sweeps: 30_000, draws: 50, bound: 1e-3)
    }
    #if DEBUG
      return Effort(sweeps: 2_000, draws: 1, bound: 3e-2)
    #else
      return Effort(sweeps: 10_000, draws: 10, bound: 4e-3)
    #endif
  }()
}

@Suite("Target rules against the LU solution of their Bellman equation, on the maze")
struct ExactValuesTests {
  private static let bound = 1e-3
  private static let uniform = Matrix<Double>(
    rows: Maze.cellCount, columns: 4, repeating: 0.25)

  private static let rules = TargetRule.NextAction.allCases.flatMap { nextAction in
    TargetRule.Selection.allCases.map { TargetRule(nextAction: nextAction, selection: $0) }
  }

  @Test(
    "a fixed policy's values are learned",
    arguments: rules.filter { $0.nextAction != .greedy })
  func fixedPolicy(rule: TargetRule) throws {
    let isNoisy = rule.nextAction == .resampled
    var learner = try MazeLearner(rule, .epsilonGreedy(epsilon: 1))
    try learner.sweep(isNoisy ? Effort.present.sweeps : 200, noisy: isNoisy)
    let error = try learner.error(against: Self.uniform)
    #expect(error < (isNoisy ? Effort.present.bound : Self.bound), "\(error)")
  }

  @Test("the values of the learner's own ε-greedy policy are learned", arguments: rules)
  func control(rule: TargetRule) throws {
    let isNoisy = rule.nextAction == .resampled
    let epsilon = rule.nextAction == .greedy ? 0 : 0.8
    var learner = try MazeLearner(rule, .epsilonGreedy(epsilon: epsilon))
    if rule.nextAction == .stored {
      // What was stored follows the policy of its time: it is stored anew as the policy improves.
      for _ in 0..<6 {
        try learner.sweep(100)
        try learner.fillMemory()
      }
    }
    try learner.sweep(isNoisy ? Effort.present.sweeps : 200, noisy: isNoisy)
    let own = learner.model.epsilonGreedyPolicy(
      on: try learner.values(), epsilon: epsilon, tolerance: 1e-3)
    let error = try learner.error(against: own)
    #expect(error < (isNoisy ? Effort.present.bound : Self.bound), "\(error)")
  }

  @Test("the greedy rule finds the shortest way from every cell")
  func shortestWays() throws {
    var learner = try MazeLearner(
      TargetRule(nextAction: .greedy), .epsilonGreedy(epsilon: 0))
    try learner.sweep(200)
    let values = try learner.values()
    for cell in 0..<Maze.goal {
      let best = (0..<4).map { values[cell, $0] }.max() ?? 0
      let moves = Double(Maze.distance(from: cell))
      let exact = -(1 - pow(MazeLearner.discount, moves)) / (1 - MazeLearner.discount)
      #expect(abs(best - exact) < 1e-2, "cell \(cell): \(best), not \(exact)")
    }
  }

  @Test("Boltzmann's policy has its own values, and they are learned too")
  func boltzmann() throws {
    let temperature = 0.5
    var learner = try MazeLearner(
      TargetRule(nextAction: .expected), .boltzmann(temperature: temperature))
    try learner.sweep(200)
    let values = try learner.values()
    var own = Matrix<Double>(rows: Maze.cellCount, columns: 4)
    for cell in 0..<Maze.cellCount {
      let weights = (0..<4).map { exp(values[cell, $0] / temperature) }
      for action in 0..<4 { own[cell, action] = weights[action] / weights.reduce(0, +) }
    }
    let error = try learner.error(against: own)
    #expect(error < Self.bound, "\(error)")
  }

  @Test("a wrong γ or a wrong flag is far beyond the bound", arguments: rules)
  func mistakes(rule: TargetRule) throws {
    let policy = Policy.epsilonGreedy(epsilon: rule.nextAction == .greedy ? 0 : 1)
    let exact: Matrix<Double>
    if rule.nextAction == .greedy {
      var right = try MazeLearner(rule, policy)
      try right.sweep(200)
      exact = right.model.epsilonGreedyPolicy(on: try right.values(), epsilon: 0, tolerance: 1e-3)
    } else {
      exact = Self.uniform
    }
    let isNoisy = rule.nextAction == .resampled
    let sweeps = isNoisy ? min(Effort.present.sweeps, 5_000) : 200
    var wrongDiscount = try MazeLearner(rule, policy, discount: 0.81)
    try wrongDiscount.sweep(sweeps, noisy: isNoisy)
    #expect(try wrongDiscount.error(against: exact) > 10 * Self.bound)
    var endsEarly = try MazeLearner(rule, policy, ends: [7, Maze.goal])
    try endsEarly.sweep(sweeps, noisy: isNoisy)
    #expect(try endsEarly.error(against: exact) > 10 * Self.bound)
    // The memory of `.stored` holds the goal itself, which is learned to be worth nothing: there a cut
    // that bootstraps does no harm.
    if rule.nextAction == .stored { return }
    var neverEnds = try MazeLearner(rule, policy, ends: [])
    try neverEnds.sweep(sweeps, noisy: isNoisy)
    #expect(try neverEnds.error(against: exact) > 10 * Self.bound)
  }

  @Test("an endless policy without discount has no values, and says so")
  func endless() throws {
    var stay = Matrix<Double>(rows: Maze.cellCount, columns: 4)
    // Up in the upper row stays for ever.
    for cell in 0..<Maze.cellCount { stay[cell, 0] = 1 }
    #expect(throws: LinearAlgebraError.self) {
      _ = try Maze().model.actionValues(of: stay, discount: 1)
    }
  }
}
