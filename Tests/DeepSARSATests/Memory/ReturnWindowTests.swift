import DeepSARSA
import Testing

/// What the return of a window should be, in `Double`, as an explicit sum over the episode.
private struct ForwardView {
  static let epsilon = 0.5
  static let discount = 0.5
  var settings: TargetHyperparameters

  /// The return from a state on, and the sum of its terms' sizes, from which a bound on rounding follows.
  func target(
    of state: Int, in all: Episodes, using generator: inout PCG64
  ) throws -> (value: Double, size: Double) {
    let (environment, number, first) = try #require(all.places[state])
    let episode = all.episodes[environment][number]
    let window = episode[first..<min(first + settings.steps, episode.count)]
    switch settings.returns {
    case .nStep, .lambda:
      return mixture(
        window, following: window.endIndex < episode.count ? episode[window.endIndex].action : nil,
        using: &generator)
    case .treeBackup, .qSigma, .retrace, .qPiLambda: return corrected(window)
    }
  }

  /// (1 − λ)·Σ λ^{k−1}·G^{(k)}, in which the longest return has the rest of the weight.
  private func mixture(
    _ window: ArraySlice<Moment>, following: Int?, using generator: inout PCG64
  ) -> (value: Double, size: Double) {
    let lambda = settings.returns == .nStep ? 1 : settings.lambda
    var (sum, size, rewards, weight, discount) = (0.0, 0.0, 0.0, 1.0, 1.0)
    for (index, moment) in zip(window.indices, window) {
      let isLast = index == window.endIndex - 1
      rewards += discount * moment.reward
      discount *= Self.discount
      let action = isLast ? following : window[index + 1].action
      // n-step returns draw an action in the last state only; λ-returns in every one.
      if settings.returns == .nStep && !isLast { continue }
      let value = nextValue(moment.nextState, following: action, using: &generator)
      let share = (isLast ? 1 : 1 - lambda) * weight
      let rest = hasNext(moment) ? discount * value : 0
      sum += share * (rewards + rest)
      size += share * (abs(rewards) + abs(rest))
      weight *= lambda
    }
    return (sum, size)
  }

  /// r_0 + γV(s_1) + Σ_{t>0} γ^t·(c_1 … c_t)·(r_t + γV(s_{t+1}) − q(s_t, a_t)).
  private func corrected(_ window: ArraySlice<Moment>) -> (value: Double, size: Double) {
    var (sum, size, factor) = (0.0, 0.0, 1.0)
    for (index, moment) in zip(window.indices, window) {
      var taken = 0.0
      if index > window.startIndex {
        taken = Double(Episodes.values(moment.state, online: false)[moment.action])
        factor *= Self.discount * trace(moment)
      }
      let policy = target(moment.nextState)
      let values = Episodes.values(moment.nextState, online: false).map(Double.init)
      let mean = zip(policy, values).reduce(0) { $0 + $1.0 * $1.1 }
      let next = hasNext(moment) ? Self.discount * mean : 0
      sum += factor * (moment.reward + next - taken)
      size += factor * (abs(moment.reward) + abs(next) + abs(taken))
    }
    return (sum, size)
  }

  private func trace(_ moment: Moment) -> Double {
    let probability = target(moment.state)[moment.action]
    let ratio = probability / Double(moment.probability)
    switch settings.returns {
    case .treeBackup: return probability
    case .qSigma: return settings.sigma * ratio + (1 - settings.sigma) * probability
    case .retrace: return settings.lambda * min(1, ratio)
    default: return settings.lambda
    }
  }

  /// π in a state: the greedy action has 1 − ε more.
  private func target(_ state: Int) -> [Double] {
    let selecting = Episodes.values(state, online: settings.rule.selection == .online)
    let best = selecting.indices.reduce(0) { selecting[$1] > selecting[$0] ? $1 : $0 }
    let epsilon = settings.rule.nextAction == .greedy ? 0 : Self.epsilon
    return selecting.indices.map { epsilon / 4 + ($0 == best ? 1 - epsilon : 0) }
  }

  private func hasNext(_ moment: Moment) -> Bool {
    !(moment.isTerminated || (moment.isTruncated && settings.timeLimit == .terminal))
  }

  private func nextValue(
    _ state: Int, following: Int?, using generator: inout PCG64
  ) -> Double {
    let values = Episodes.values(state, online: false).map(Double.init)
    let selecting = Episodes.values(state, online: settings.rule.selection == .online)
    let best = selecting.indices.reduce(0) { selecting[$1] > selecting[$0] ? $1 : $0 }
    if settings.rule.nextAction == .stored, let following { return values[following] }
    switch settings.rule.nextAction {
    case .greedy: return values[best]
    case .expected:
      return Self.epsilon * values.reduce(0, +) / 4 + (1 - Self.epsilon) * values[best]
    case .resampled, .stored:
      let explores = generator.random() < Self.epsilon
      return values[explores ? generator.integer(below: 4) : best]
    }
  }
}

@Suite("Returns of windows")
struct ReturnWindowTests {
  /// A kind of return with a rule.
  private static func cases(_ kind: ReturnKind) -> [TargetRule] {
    TargetRule.NextAction.allCases.flatMap { nextAction in
      TargetRule.Selection.allCases.map { TargetRule(nextAction: nextAction, selection: $0) }
    }.filter { $0.nextAction != .stored || [.nStep, .lambda].contains(kind) }
  }

  /// The returns of some windows drawn from a memory, by the code that is tested; what lies behind a window
  /// is NaN.
  private func drawn(
    _ settings: TargetHyperparameters, rows: Int, from memory: inout ReplayMemory,
    using draws: inout PCG64, _ generator: inout PCG64
  ) throws -> (states: [Int], lengths: [Int], targets: [Float]) {
    var layout = ArenaLayout()
    let isStepped = settings.returns == .nStep
    var batch = try Minibatch(
      count: rows, steps: settings.steps, hasEveryState: !isStepped, hasProbabilities: !isStepped,
      observationSize: 2, in: &layout)
    let count = batch.nextObservations.rows
    let online = try layout.reserve(rows: count, columns: Episodes.actionCount)
    let target = try layout.reserve(rows: count, columns: Episodes.actionCount)
    var arena = try Arena<Float>(layout)
    memory.draw(&batch, using: &draws)
    memory.gather(&batch, in: &arena)
    let numbers = arena.values(of: batch.nextObservations)
    func values(online: Bool) -> [Float] {
      (0..<count).flatMap { place -> [Float] in
        let isUsed = isStepped || place / rows < batch.lengths[place % rows]
        return isUsed
          ? Episodes.values(Int(numbers[2 * place]), online: online)
          : Array(repeating: .nan, count: Episodes.actionCount)
      }
    }
    arena.write(values(online: true), to: online)
    arena.write(values(online: false), to: target)
    settings.evaluate(
      &batch, selecting: settings.rule.selection == .online ? online : target, valuing: target,
      policy: .epsilonGreedy(epsilon: ForwardView.epsilon), in: arena, using: &generator)
    let first = arena.values(of: batch.observations)
    return ((0..<rows).map { Int(first[2 * $0]) }, batch.lengths, batch.targets)
  }

  @Test(
    "every kind of return over 1 to 8 steps is the forward view's, on random episodes, by every rule",
    arguments: [(1, 61), (3, 61), (3, 64)], ReturnKind.allCases)
  func forwardView(shape: (environments: Int, capacity: Int), kind: ReturnKind) throws {
    let (environments, capacity) = shape
    var settings = TargetHyperparameters()
    (settings.returns, settings.discount) = (kind, ForwardView.discount)
    var all = Episodes(environmentCount: environments, seed: 1)
    var memory = try ReplayMemory(
      capacity: capacity, observationSize: 2, actionCount: 100, batchSize: 8,
      environmentCount: environments, hasProbabilities: true)
    var draws = PCG64(seed: 2)
    var (stored, held, lengths) = (0, 0, Set<Int>())
    while all.finished < 250 {
      // Between two checks, the memory is filled by a part that the ring does not divide by.
      settings.timeLimit = held % 16 < 8 ? .bootstrap : .terminal
      if held % 8 == 0 {
        all = Episodes(environmentCount: environments, seed: UInt64(held), finished: all.finished)
        memory = try ReplayMemory(
          capacity: capacity, observationSize: 2, actionCount: 100, batchSize: 8,
          environmentCount: environments, hasProbabilities: true)
        stored = 0
      }
      all.store(37, in: &memory, of: settings, after: &stored)
      settings.steps = 1 + (3 * held + held / 8) % 8
      settings.lambda = [0, 0.25, 0.7, 1][held / 3 % 4]
      settings.sigma = [1, 0.6, 0.25, 0][held / 2 % 4]
      for rule in Self.cases(kind) {
        settings.rule = rule
        var (own, expectedDraws) = (PCG64(seed: 3), PCG64(seed: 3))
        var sameDraws = draws
        let found = try drawn(settings, rows: 8, from: &memory, using: &sameDraws, &own)
        lengths.formUnion(found.lengths)
        let view = ForwardView(settings: settings)
        for (state, target) in zip(found.states, found.targets) {
          let expected = try view.target(of: state, in: all, using: &expectedDraws)
          // A dozen roundings a step, each of half a unit in the last place of a term.
          let bound = 12 * Double(settings.steps) * 0x1p-24 * expected.size
          #expect(
            abs(Double(target) - expected.value) <= bound,
            "\(rule), \(settings.steps) steps, λ \(settings.lambda), σ \(settings.sigma)")
        }
        #expect(own == expectedDraws)
      }
      _ = draws.next()
      held += 1
    }
    #expect(held > 30 && lengths == Set(1...8))
  }

  @Test(
    "a λ of 1 gives n-step returns and a λ of 0 one step, to the bit, by every rule that draws nothing"
  )
  func extremes() throws {
    var all = Episodes(environmentCount: 2, seed: 5)
    var memory = try ReplayMemory(
      capacity: 50, observationSize: 2, actionCount: 100, batchSize: 40, environmentCount: 2,
      hasProbabilities: true)
    var settings = TargetHyperparameters()
    settings.discount = 0.5
    var stored = 0
    all.store(60, in: &memory, of: settings, after: &stored)
    for rule in Self.cases(.lambda) where ![.resampled, .stored].contains(rule.nextAction) {
      settings.rule = rule
      func targets(_ kind: ReturnKind, steps: Int, lambda: Double) throws -> [Float] {
        (settings.returns, settings.steps, settings.lambda) = (kind, steps, lambda)
        var (draws, own) = (PCG64(seed: 6), PCG64(seed: 7))
        return try drawn(settings, rows: 40, from: &memory, using: &draws, &own).targets
      }
      let (one, five) = (
        try targets(.nStep, steps: 1, lambda: 0.3), try targets(.nStep, steps: 5, lambda: 0.3)
      )
      #expect(one != five)
      #expect(try targets(.lambda, steps: 5, lambda: 1) == five)
      #expect(try targets(.lambda, steps: 5, lambda: 0) == one)
      #expect(try targets(.lambda, steps: 1, lambda: 0.7) == one)
    }
  }
}
