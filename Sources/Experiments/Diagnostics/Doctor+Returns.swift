internal import DeepSARSA

extension Doctor {
  /// Checks every kind of return of three steps on a small finite MDP, whose behaviour differs from the target
  /// policy, against exact values, which solve the return's own Bellman equation by LU decomposition.
  static func returns() -> [Check] {
    ReturnKind.allCases.map { kind in
      check(
        "returns: \(kind.rawValue)", passing: "the exact values of a finite MDP, solved by LU"
      ) { try ReturnProblem(kind).complaint() }
    }
  }
}

/// An MDP of a few states with known tables, every window of three steps in it, and a kind of return to be
/// checked on them.
private struct ReturnProblem {
  /// A path of up to three steps, and its probability given the first action.
  private struct Window {
    var probability = 1.0
    var actions: [Int]
    var rewards: [Double] = []
    var states: [Int] = []
    var isTerminated = false
  }

  private var settings = TargetHyperparameters()
  private let model: FiniteModel
  /// The values by which the target policy selects actions [states, actions].
  private let preferences: Matrix<Double>
  /// The probabilities of the behaviour's actions [states, actions].
  private let behavior: Matrix<Double>

  private static let epsilon = 0.4

  init(_ kind: ReturnKind) {
    let (states, actions) = (5, 3)
    var generator = PCG64(seed: 2)
    model = .random(states: states, actions: actions, using: &generator)
    preferences = Matrix(
      rows: states, columns: actions,
      scalars: (0..<states * actions).map { _ in generator.uniform(-1, 1) })
    behavior = Matrix(
      (0..<states).map { _ in
        let weights = (0..<actions).map { _ in generator.uniform(0.2, 1) }
        return weights.map { $0 / weights.reduce(0, +) }
      })
    settings.rule = TargetRule(nextAction: .expected)
    (settings.returns, settings.steps, settings.discount) = (kind, 3, 0.75)
  }

  /// The return's fault, or `nil`.
  ///
  /// At the exact values, the mean of the returns must equal the values; at wrong values it must not.
  func complaint() throws -> String? {
    let policy = model.epsilonGreedyPolicy(on: preferences, epsilon: Self.epsilon)
    let exact =
      switch settings.returns {
      case .nStep, .lambda:
        try model.actionValues(
          of: policy, after: behavior, steps: settings.steps,
          lambda: settings.returns == .lambda ? settings.lambda : 1, discount: settings.discount)
      case .treeBackup, .qSigma, .retrace, .qPiLambda:
        try model.actionValues(of: policy, discount: settings.discount)
      }
    let error = try residual(exact)
    if !(error < 1e-5) { return "at the exact values the returns differ from them by \(error)" }
    let moved = Matrix(
      rows: exact.rows, columns: exact.columns, scalars: exact.scalars.map { $0 + 1 })
    let movedError = try residual(moved)
    return movedError > 0.2 ? nil : "at wrong values they differ only by \(movedError)"
  }

  /// The largest difference between a value and the mean of the returns that begin with its action.
  private func residual(_ values: Matrix<Double>) throws -> Double {
    var largest = 0.0
    for state in 0..<model.stateCount {
      for action in 0..<model.actionCount {
        let windows = extended([Window(actions: [action])], from: state)
        let returns = try returns(of: windows, values)
        let mean = zip(windows, returns).reduce(0) { $0 + $1.0.probability * Double($1.1) }
        largest = largest.orLarger(abs(mean - values[state, action]))
      }
    }
    return largest
  }

  /// Continues windows by every outcome of their last action, and by every action after it.
  private func extended(_ windows: [Window], from start: Int) -> [Window] {
    windows.flatMap { window -> [Window] in
      if window.isTerminated || window.states.count == settings.steps { return [window] }
      let action = window.actions[window.states.count]
      return model.outcomes(of: action, in: window.states.last ?? start).flatMap { outcome in
        var next = window
        next.probability *= outcome.probability
        next.rewards.append(outcome.reward)
        next.states.append(outcome.state)
        next.isTerminated = outcome.isTerminated
        if next.isTerminated || next.states.count == settings.steps { return [next] }
        return (0..<model.actionCount).flatMap { action -> [Window] in
          var followed = next
          followed.probability *= behavior[outcome.state, action]
          followed.actions.append(action)
          return extended([followed], from: start)
        }
      }
    }
  }

  /// The return of every window.
  private func returns(of windows: [Window], _ values: Matrix<Double>) throws -> [Float] {
    let (rows, actions) = (windows.count, model.actionCount)
    var layout = ArenaLayout()
    var batch = try Minibatch(
      count: rows, steps: settings.steps, hasEveryState: settings.returns != .nStep,
      hasProbabilities: true, observationSize: 1, in: &layout)
    let selecting = try layout.reserve(rows: batch.nextObservations.rows, columns: actions)
    let valuing = try layout.reserve(rows: batch.nextObservations.rows, columns: actions)
    var arena = try Arena<Float>(layout)
    for (row, window) in windows.enumerated() {
      batch.lengths[row] = window.states.count
      for (step, state) in window.states.enumerated() {
        let isLast = step == window.states.count - 1
        let place = step * rows + row
        batch.rewards[place] = Float(window.rewards[step])
        let ends = isLast && window.isTerminated
        batch.discounts[place] = Float(settings.discount(after: ends, false))
        batch.traces[place] = isLast ? 0 : 1
        if settings.returns == .nStep && !isLast { continue }
        let next = settings.returns == .nStep ? row : place
        if !isLast {
          batch.nextActions[next] = window.actions[step + 1]
          batch.nextProbabilities[next] = Float(behavior[state, window.actions[step + 1]])
        }
        for action in 0..<actions {
          arena[selecting, next, action] = Float(preferences[state, action])
          arena[valuing, next, action] = Float(values[state, action])
        }
      }
    }
    var generator = PCG64(seed: 1)
    settings.evaluate(
      &batch, selecting: selecting, valuing: valuing,
      policy: .epsilonGreedy(epsilon: Self.epsilon), in: arena, using: &generator)
    return batch.targets
  }
}
