import DeepSARSA
import Foundation
import Testing

/// A linear learner on the maze with targets of n steps, whose memory holds every path of n steps that a
/// uniformly random behaviour can take, as often as any other.
///
/// Only a path's first transition has an observation: it alone is learned from. The others show zeros,
/// which have the bias as their value.
private struct PathLearner: ~Copyable {
  var agent: ReplaySARSA
  let policy: Policy
  let model = Maze().model
  /// The paths that begin with each pair of cell and action.
  private let pathCount: Int

  static let discount = 0.8
  static let uniform = Matrix<Double>(rows: Maze.cellCount, columns: 4, repeating: 0.25)
  private static let zeros = [Float](repeating: 0, count: Maze.cellCount)

  private struct Transition {
    var observation: [Float]
    var action: Int
    var reward = 0.0
    var nextObservation = PathLearner.zeros
    var isTerminated = false
    var isTruncated = false
  }

  init(_ rule: TargetRule, steps: Int, _ policy: Policy, copies: Int = 1) throws {
    // The actions after the first one, of which `.stored` takes the one in the last state too.
    let isStored = rule.nextAction == .stored
    let choices = (1..<(isStored ? steps + 1 : steps)).reduce(1) { count, _ in 4 * count }
    let model = model
    var transitions: [Transition] = []
    for pair in 0..<Maze.goal * 4 {
      for path in 0..<choices * copies {
        var (cell, action, rest) = (pair / 4, pair % 4, path % choices)
        for step in 0..<steps {
          let outcome = model.outcomes(of: action, in: cell)[0]
          let isLast = step == steps - 1 && !outcome.isTerminated
          transitions.append(
            Transition(
              observation: step == 0 ? Self.observation(cell) : Self.zeros, action: action,
              reward: outcome.reward, nextObservation: Self.observation(outcome.state),
              isTerminated: outcome.isTerminated, isTruncated: isLast && !isStored))
          if outcome.isTerminated { break }
          (cell, action, rest) = (outcome.state, rest % 4, rest / 4)
          if isLast && isStored {
            transitions.append(
              Transition(observation: Self.zeros, action: action, isTerminated: true))
          }
        }
      }
    }

    var hyperparameters = Hyperparameters()
    hyperparameters.network.hiddenSizes = []
    hyperparameters.optimizer.method = .sgd()
    hyperparameters.target.rule = rule
    hyperparameters.target.steps = steps
    hyperparameters.target.discount = Self.discount
    hyperparameters.replay.capacity = transitions.count
    hyperparameters.replay.batchSize = transitions.count
    hyperparameters.replay.learningStarts = transitions.count
    let agent = try ReplaySARSA(hyperparameters, for: Maze().specification, seed: 1)
    self.agent = agent
    self.policy = policy
    pathCount = choices * copies
    for transition in transitions {
      var step = VectorStep(count: 1, observationSize: Maze.cellCount)
      step.nextObservations = transition.nextObservation
      step.rewards = [transition.reward]
      step.isTerminated = [transition.isTerminated]
      step.isTruncated = [transition.isTruncated]
      self.agent.remember(transition.observation, [transition.action], step)
    }
  }

  private static func observation(_ cell: Int) -> [Float] {
    (0..<Maze.cellCount).map { $0 == cell ? 10 : 0 }
  }

  /// Sweeps over the whole memory; if targets are drawn, at last with steps of 1/n, which average the
  /// noise away.
  mutating func sweep(_ count: Int, noisy: Bool = false) throws {
    // The gradient of a value is 2/rows · paths · 10² times its error: this takes 0.7 of it away.
    let rows = agent.hyperparameters.replay.batchSize
    let rate = 0.7 * Double(rows) / (2 * 100 * Double(pathCount))
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

  /// The largest error of Q against exact values, as a share of the largest one.
  func error(against exact: Matrix<Double>) throws -> Double {
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

@Suite("Targets of several steps against the LU solution of their equation, on the maze")
struct StepExactValuesTests {
  /// What a rule is tried with; `make proofs` adds paths of three steps, and both selections.
  private struct Case: CustomTestStringConvertible {
    var rule: TargetRule
    var steps: Int
    var testDescription: String { "\(rule.nextAction), \(rule.selection), \(steps) steps" }

    static let all = TargetRule.NextAction.allCases.flatMap { nextAction in
      (Effort.isLong ? TargetRule.Selection.allCases : [.online]).flatMap { selection in
        (Effort.isLong ? [2, 3] : [2]).map { steps in
          Case(rule: TargetRule(nextAction: nextAction, selection: selection), steps: steps)
        }
      }
    }
  }

  @Test("each rule learns the values of its own n-step equation", arguments: Case.all)
  private func values(of tried: Case) throws {
    let isNoisy = tried.rule.nextAction == .resampled
    // A policy that differs from the behaviour, by which `.stored` alone goes on.
    let epsilon = tried.rule.nextAction == .greedy ? 0 : 0.5
    var learner = try PathLearner(
      tried.rule, steps: tried.steps, .epsilonGreedy(epsilon: epsilon),
      copies: isNoisy ? max(1, Effort.present.draws / 4) : 1)
    try learner.sweep(isNoisy ? Effort.present.sweeps / 4 : 100, noisy: isNoisy)
    let policy =
      tried.rule.nextAction == .stored
      ? PathLearner.uniform
      : learner.model.epsilonGreedyPolicy(
        on: try learner.values(), epsilon: epsilon, tolerance: 1e-3)
    let exact = try learner.model.actionValues(
      of: policy, after: PathLearner.uniform, steps: tried.steps, discount: PathLearner.discount)
    let error = try learner.error(against: exact)
    #expect(error < (isNoisy ? Effort.present.bound : 1e-3), "\(error)")
    // The policy's own values are others, except where it is the behaviour.
    let own = try learner.model.actionValues(of: policy, discount: PathLearner.discount)
    let distance = try learner.error(against: own)
    #expect(tried.rule.nextAction == .stored ? distance < 1e-3 : distance > 0.1, "\(distance)")
  }

  @Test("the n-step equation's solution is the limit of its sums of rewards and values")
  func equation() throws {
    // Expected returns by recursion over a model with chances, not by matrices.
    var generator = PCG64(seed: 1)
    let outcomes = (0..<12).map { _ in
      let share = generator.uniform(0.2, 0.8)
      return [share, 1 - share].map {
        FiniteModel.Outcome(
          probability: $0, state: generator.integer(below: 6), reward: generator.uniform(-1, 1),
          isTerminated: generator.random() < 0.1)
      }
    }
    let model = FiniteModel(stateCount: 6, actionCount: 2) { outcomes[$0 * 2 + $1] }
    func policy() -> Matrix<Double> {
      Matrix(
        (0..<6).map { _ in
          let share = generator.random()
          return [share, 1 - share]
        })
    }
    let (target, behavior) = (policy(), policy())
    func value(_ q: Matrix<Double>, _ state: Int, _ action: Int, steps: Int) -> Double {
      var sum = 0.0
      for outcome in model.outcomes(of: action, in: state) {
        sum += outcome.probability * outcome.reward
        if outcome.isTerminated { continue }
        for next in 0..<2 {
          sum +=
            0.9 * outcome.probability
            * (steps == 1
              ? target[outcome.state, next] * q[outcome.state, next]
              : behavior[outcome.state, next] * value(q, outcome.state, next, steps: steps - 1))
        }
      }
      return sum
    }
    for steps in 1...4 {
      let q = try model.actionValues(of: target, after: behavior, steps: steps, discount: 0.9)
      for state in 0..<6 {
        for action in 0..<2 {
          #expect(abs(value(q, state, action, steps: steps) - q[state, action]) < 1e-12)
        }
      }
      // With one policy for both, the number of steps does not matter.
      let own = try model.actionValues(of: target, discount: 0.9)
      let same = try model.actionValues(of: target, after: target, steps: steps, discount: 0.9)
      #expect(zip(own.scalars, same.scalars).allSatisfy { abs($0 - $1) < 1e-12 })
    }
  }
}
