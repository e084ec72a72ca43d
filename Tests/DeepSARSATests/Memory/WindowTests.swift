import DeepSARSA
import Testing

/// What the target of `steps` steps from a transition on should be, in `Double`.
private struct ForwardView {
  static let epsilon = 0.5
  static let discount = 0.5
  var rule: TargetRule
  var steps: Int
  var timeLimit: TimeLimitRule

  func target(
    of state: Int, in all: Episodes, using generator: inout PCG64
  ) throws -> Double {
    let (environment, number, first) = try #require(all.places[state])
    let episode = all.episodes[environment][number]
    // The window: up to `steps` transitions of those of this episode that have happened.
    let window = episode[first..<min(first + steps, episode.count)]
    let sum = zip(window, 0...).reduce(0) { $0 + power($1.1) * $1.0.reward }
    let last = try #require(window.last)
    let following = window.endIndex < episode.count ? episode[window.endIndex].action : nil
    // A drawn action is drawn for every row, whether its value counts or not.
    let value = nextValue(last.nextState, following: following, using: &generator)
    let hasEnded = last.isTerminated || (last.isTruncated && timeLimit == .terminal)
    return hasEnded ? sum : sum + power(window.count) * value
  }

  private func power(_ count: Int) -> Double {
    (0..<count).reduce(1) { product, _ in product * Self.discount }
  }

  private func nextValue(
    _ state: Int, following: Int?, using generator: inout PCG64
  ) -> Double {
    let valuing = Episodes.values(state, online: false).map(Double.init)
    let selecting = Episodes.values(state, online: rule.selection == .online).map(Double.init)
    let greedy = selecting.indices.reduce(0) { selecting[$1] > selecting[$0] ? $1 : $0 }
    if rule.nextAction == .stored, let following { return valuing[following] }
    switch rule.nextAction {
    case .greedy: return valuing[greedy]
    case .expected:
      let mean = valuing.reduce(0, +) / Double(valuing.count)
      return Self.epsilon * mean + (1 - Self.epsilon) * valuing[greedy]
    case .resampled, .stored:
      let explores = generator.random() < Self.epsilon
      return valuing[explores ? generator.integer(below: valuing.count) : greedy]
    }
  }
}

@Suite("Targets of several steps")
struct WindowTests {
  private static let rules = TargetRule.NextAction.allCases.flatMap { nextAction in
    TargetRule.Selection.allCases.map { TargetRule(nextAction: nextAction, selection: $0) }
  }

  /// A minibatch of `rows` rows with windows of `steps`, and the regions of its values.
  private struct Workspace: ~Copyable {
    var batch: Minibatch
    let online: Region
    let target: Region
    var arena: Arena<Float>

    init(steps: Int, rows: Int) throws {
      var layout = ArenaLayout()
      let batch = try Minibatch(count: rows, steps: steps, observationSize: 2, in: &layout)
      let online = try layout.reserve(rows: rows, columns: Episodes.actionCount)
      let target = try layout.reserve(rows: rows, columns: Episodes.actionCount)
      let arena = try Arena<Float>(layout)
      self.batch = batch
      self.online = online
      self.target = target
      self.arena = arena
    }

    /// Draws, and gives every last s′ its values; the rows' first states.
    mutating func fill(from memory: inout ReplayMemory, using generator: inout PCG64) -> [Int] {
      memory.draw(&batch, using: &generator)
      memory.gather(&batch, in: &arena)
      let numbers = arena.values(of: batch.nextObservations)
      let last = (0..<batch.count).map { Int(numbers[2 * $0]) }
      arena.write(last.flatMap { Episodes.values($0, online: true) }, to: online)
      arena.write(last.flatMap { Episodes.values($0, online: false) }, to: target)
      let first = arena.values(of: batch.observations)
      return (0..<batch.count).map { Int(first[2 * $0]) }
    }
  }

  @Test(
    "targets of 1 to 8 steps are the forward view's, on a thousand random episodes, by every rule",
    arguments: [(1, 61), (3, 61), (3, 64)], TimeLimitRule.allCases)
  func forwardView(shape: (environments: Int, capacity: Int), timeLimit: TimeLimitRule) throws {
    let (environments, capacity) = shape
    let rows = 8
    var hyperparameters = TargetHyperparameters()
    hyperparameters.discount = ForwardView.discount
    hyperparameters.timeLimit = timeLimit
    var all = Episodes(environmentCount: environments, seed: 1)
    var memory = try ReplayMemory(
      capacity: capacity, observationSize: 2, actionCount: 100, batchSize: rows,
      environmentCount: environments)
    var draws = PCG64(seed: 2)
    var (appended, held, lengths) = (0, 0, Set<Int>())
    while all.finished < 1_000 {
      // Between two checks, the memory is filled by a part that the ring does not divide by.
      all.store(37, in: &memory, of: hyperparameters, after: &appended)
      // Every check takes another number of steps, and each number comes with every rule.
      let steps = 1 + held % 8
      var workspace = try Workspace(steps: steps, rows: rows)
      let states = workspace.fill(from: &memory, using: &draws)
      lengths.formUnion(workspace.batch.lengths)
      for rule in Self.rules {
        var (drawn, expectedDraws) = (PCG64(seed: 3), PCG64(seed: 3))
        rule.evaluate(
          &workspace.batch,
          selecting: rule.selection == .online ? workspace.online : workspace.target,
          valuing: workspace.target, policy: .epsilonGreedy(epsilon: ForwardView.epsilon),
          in: workspace.arena, using: &drawn)
        let view = ForwardView(rule: rule, steps: steps, timeLimit: timeLimit)
        let expected = try states.map { try view.target(of: $0, in: all, using: &expectedDraws) }
        #expect(workspace.batch.targets.map(Double.init) == expected, "\(rule), \(steps) steps")
        #expect(drawn == expectedDraws)
      }
      held += 1
    }
    #expect(held > 100 && lengths == Set(1...8))
  }
}
