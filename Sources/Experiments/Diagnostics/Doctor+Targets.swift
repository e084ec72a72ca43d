internal import DeepSARSA

extension Doctor {
  /// Checks the targets of every rule on a small finite MDP against exact values, which solve the Bellman
  /// equation by LU decomposition.
  static func targets() -> [Check] {
    TargetRule.NextAction.allCases.map { nextAction in
      check(
        "targets: \(nextAction.rawValue)", passing: "the exact values of a finite MDP, solved by LU"
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

extension FiniteModel {
  /// An MDP whose actions have two random outcomes each; one in five terminates.
  static func random(
    states: Int, actions: Int, using generator: inout PCG64
  ) -> FiniteModel {
    var table: [[Outcome]] = []
    for _ in 0..<states * actions {
      let share = generator.uniform(0.2, 0.8)
      table.append(
        [share, 1 - share].map {
          Outcome(
            probability: $0, state: generator.integer(below: states),
            reward: generator.uniform(-1, 1), isTerminated: generator.random() < 0.2)
        })
    }
    return FiniteModel(stateCount: states, actionCount: actions) { table[$0 * actions + $1] }
  }
}

/// An MDP of a few states with known tables, and a target rule to be checked on it.
private struct TargetProblem: ~Copyable {
  private let rule: TargetRule
  private let model: FiniteModel
  /// The values by which the policy selects actions [states, actions].
  private let preferences: Matrix<Double>
  private let epsilon: Double
  private var generator = PCG64(seed: 1)

  private static let discount = 0.75
  /// The number of draws of an action over which targets are averaged.
  private static let draws = 400

  init(_ rule: TargetRule) throws {
    let (states, actions) = (5, 3)
    var generator = PCG64(seed: 0)
    self.rule = rule
    model = .random(states: states, actions: actions, using: &generator)
    preferences = Matrix(
      rows: states, columns: actions,
      scalars: (0..<states * actions).map { _ in generator.uniform(-1, 1) })
    epsilon = rule.nextAction == .greedy ? 0 : 0.4
  }

  /// The rule's fault, or `nil`.
  ///
  /// At the exact values, the mean of the targets must equal the values; at wrong values it must not.
  mutating func complaint() throws -> String? {
    let policy = model.epsilonGreedyPolicy(on: preferences, epsilon: epsilon)
    let exact = try model.actionValues(of: policy, discount: Self.discount)
    let error = try residual(exact, policy)
    // Drawn actions leave noise: about a value divided by the square root of the number of draws.
    let bound = rule.nextAction == .resampled ? 0.1 : 1e-5
    if !(error < bound) { return "at the exact values the targets differ from them by \(error)" }
    let moved = Matrix(
      rows: exact.rows, columns: exact.columns, scalars: exact.scalars.map { $0 + 1 })
    let movedError = try residual(moved, policy)
    return movedError > 0.2 ? nil : "at wrong values they differ only by \(movedError)"
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
        largest = largest.orLarger(abs(mean - values[state, action]))
      }
    }
    return largest
  }

  /// The target of an outcome, averaged over a′.
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
