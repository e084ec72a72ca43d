internal import DeepSARSA

extension Doctor {
  /// The targets of every rule on a small finite problem, against exact values: those that the Bellman
  /// equation has by LU.
  static func targets() -> [Check] {
    TargetRule.NextAction.allCases.map { nextAction in
      check(
        "targets: \(nextAction.rawValue)", passing: "the values of a finite problem, as by LU"
      ) {
        for selection in TargetRule.Selection.allCases {
          let rule = TargetRule(nextAction: nextAction, selection: selection)
          var problem = try TargetProblem(rule)
          if let complaint = try problem.complaint() {
            return "\(selection.rawValue) selection: \(complaint)"
          }
        }
        return nil
      }
    }
  }
}

/// A problem of a few states whose tables are all known, and a rule that is to find its values.
private struct TargetProblem: ~Copyable {
  private let rule: TargetRule
  private let model: FiniteModel
  /// The values that the policy selects by [states, actions].
  private let preferences: Matrix<Double>
  private let epsilon: Double
  private var generator = PCG64(seed: 1)

  private static let discount = 0.75
  /// The draws of an action from which a mean is taken.
  private static let draws = 400

  init(_ rule: TargetRule) throws {
    let (states, actions) = (5, 3)
    var generator = PCG64(seed: 0)
    var table: [[FiniteModel.Outcome]] = []
    for _ in 0..<states * actions {
      let share = generator.uniform(0.2, 0.8)
      table.append(
        [share, 1 - share].map {
          FiniteModel.Outcome(
            probability: $0, state: generator.integer(below: states),
            reward: generator.uniform(-1, 1), isTerminated: generator.random() < 0.2)
        })
    }
    self.rule = rule
    model = FiniteModel(stateCount: states, actionCount: actions) { table[$0 * actions + $1] }
    preferences = Matrix(
      rows: states, columns: actions,
      scalars: (0..<states * actions).map { _ in generator.uniform(-1, 1) })
    epsilon = rule.nextAction == .greedy ? 0 : 0.4
  }

  /// What is wrong with the rule, or `nil`: the mean of its targets must equal the exact values, and must
  /// differ from wrong values.
  mutating func complaint() throws -> String? {
    let policy = model.epsilonGreedyPolicy(on: preferences, epsilon: epsilon)
    let exact = try model.actionValues(of: policy, discount: Self.discount)
    let error = try residual(exact, policy)
    // A drawn action leaves noise, of the size of a value over the root of the draws.
    let bound = rule.nextAction == .resampled ? 0.1 : 1e-5
    if !(error < bound) { return "the targets at exact values are \(error) away from them" }
    let moved = Matrix(
      rows: exact.rows, columns: exact.columns, scalars: exact.scalars.map { $0 + 1 })
    let movedError = try residual(moved, policy)
    return movedError > 0.2 ? nil : "the targets at wrong values are as near: \(movedError)"
  }

  /// The largest difference between a value and the mean of its targets.
  private mutating func residual(
    _ values: Matrix<Double>, _ policy: Matrix<Double>
  ) throws -> Double {
    var largest = 0.0
    for state in 0..<model.stateCount {
      for action in 0..<model.actionCount {
        var mean = 0.0
        for outcome in model.outcomes(of: action, in: state) {
          mean += outcome.probability * (try target(outcome, values, policy))
        }
        largest = max(largest, abs(mean - values[state, action]))
      }
    }
    return largest
  }

  /// The mean target of an outcome over a′.
  private mutating func target(
    _ outcome: FiniteModel.Outcome, _ values: Matrix<Double>, _ policy: Matrix<Double>
  ) throws -> Double {
    let actions = model.actionCount
    // One row for each a′ that may be stored, or for each draw.
    let rows =
      switch rule.nextAction {
      case .stored: actions
      case .resampled: Self.draws
      case .expected, .greedy: 1
      }
    var layout = ArenaLayout()
    var batch = try Minibatch(count: rows, observationSize: 1, in: &layout)
    let selecting = try layout.reserve(rows: rows, columns: actions)
    let valuing = try layout.reserve(rows: rows, columns: actions)
    var arena = try Arena<Float>(layout)
    func write(_ matrix: Matrix<Double>, to region: Region) {
      let row = (0..<actions).map { Float(matrix[outcome.state, $0]) }
      arena.write((0..<rows).flatMap { _ in row }, to: region)
    }
    write(preferences, to: selecting)
    write(values, to: valuing)
    var settings = TargetHyperparameters()
    settings.discount = Self.discount
    for row in 0..<rows {
      batch.rewards[row] = Float(outcome.reward)
      batch.discounts[row] = Float(settings.discount(after: outcome.isTerminated, false))
      batch.nextActions[row] = rule.nextAction == .stored ? row : -1
    }
    rule.evaluate(
      &batch, selecting: selecting, valuing: valuing, policy: .epsilonGreedy(epsilon: epsilon),
      in: arena,
      using: &generator)
    let weights =
      rule.nextAction == .stored
      ? (0..<actions).map { policy[outcome.state, $0] }
      : Array(repeating: 1 / Double(rows), count: rows)
    return zip(weights, batch.targets).reduce(0) { $0 + $1.0 * Double($1.1) }
  }
}
