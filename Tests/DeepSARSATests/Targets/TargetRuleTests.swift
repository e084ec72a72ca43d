import DeepSARSA
import Testing

@Suite("Targets")
struct TargetRuleTests {
  /// Targets of two rows with two actions, by hand.
  private func targets(
    _ rule: TargetRule, discounts: [Float], epsilon: Double = 0, seed: UInt64 = 0
  ) throws -> [Float] {
    var layout = ArenaLayout()
    var batch = try Minibatch(count: 2, observationSize: 1, in: &layout)
    let online = try layout.reserve(rows: 2, columns: 2)
    let target = try layout.reserve(rows: 2, columns: 2)
    var arena = try Arena<Float>(layout)
    arena.write([1, 2, 4, 3], to: online)
    arena.write([10, 20, 30, 40], to: target)
    batch.rewards = [-1, 5]
    batch.discounts = discounts
    var generator = PCG64(seed: seed)
    rule.evaluate(
      &batch, selecting: rule.selection == .online ? online : target, valuing: target,
      policy: .epsilonGreedy(epsilon: epsilon), in: arena, using: &generator)
    return batch.targets
  }

  @Test("online selection values the online network's choice with the target network")
  func online() throws {
    let found = try targets(TargetRule(selection: .online), discounts: [0.5, 0.5])
    let expected: [Float] = [9, 20]  // −1 + ½·20, 5 + ½·30
    #expect(found == expected)
  }

  @Test("target selection lets the target network choose and value")
  func target() throws {
    let found = try targets(TargetRule(selection: .target), discounts: [0.5, 0.5])
    let expected: [Float] = [9, 25]  // −1 + ½·20, 5 + ½·40
    #expect(found == expected)
  }

  @Test("the expected target is the mean over the ε-greedy policy of the selecting network")
  func expected() throws {
    // ε = ½ gives the greedy action ¾ and the other ¼: of 10 and 20, and of 30 and 40.
    let online = try targets(
      TargetRule(nextAction: .expected), discounts: [1, 1], epsilon: 0.5)
    let onlineExpected: [Float] = [-1 + 17.5, 5 + 32.5]
    #expect(online == onlineExpected)
    let target = try targets(
      TargetRule(nextAction: .expected, selection: .target), discounts: [1, 0], epsilon: 0.5)
    let targetExpected: [Float] = [-1 + 17.5, 5]
    #expect(target == targetExpected)
  }

  @Test("the greedy target is the selecting network's choice, whatever ε is")
  func greedy() throws {
    for (selection, second) in [(TargetRule.Selection.online, 20 as Float), (.target, 25)] {
      let rule = TargetRule(nextAction: .greedy, selection: selection)
      let found = try targets(rule, discounts: [0.5, 0.5], epsilon: 1)
      let expected: [Float] = [9, second]
      #expect(found == expected)
    }
  }

  @Test("equal values share the greedy mass of an expectation")
  func ties() {
    let (selecting, values): ([Float], [Float]) = ([1, 3, 3, 0], [8, 16, 32, 64])
    let found = Policy.epsilonGreedy(epsilon: 0.5).expectation(
      of: values.span, selecting: selecting.span, row: 0, of: 4)
    // ½ · (8 + 16 + 32 + 64)/4 + ½ · (16 + 32)/2
    let expected: Float = 27
    #expect(found == expected)
    let unknown: [Float] = [.nan, .nan, .nan, .nan]
    let none = Policy.epsilonGreedy(epsilon: 0.5).expectation(
      of: unknown.span, selecting: unknown.span, row: 0, of: 4)
    #expect(none.isNaN)
  }

  @Test("drawn targets have the expected one as their mean")
  func resampledMean() throws {
    var sums: [Float] = [0, 0]
    let draws = 4_000
    for seed in 0..<UInt64(draws) {
      let found = try targets(TargetRule(), discounts: [1, 1], epsilon: 0.5, seed: seed)
      for row in 0..<2 { sums[row] += found[row] }
    }
    // Either of two values 10 apart with probability ¾: four standard errors are 0.28.
    let means = sums.map { $0 / Float(draws) }
    #expect(abs(means[0] - 16.5) < 0.28 && abs(means[1] - 37.5) < 0.28, "\(means)")
  }

  @Test("where nothing follows, the target is the reward")
  func terminal() throws {
    let found = try targets(TargetRule(), discounts: [0, 0.5])
    let expected: [Float] = [-1, 20]
    #expect(found == expected)
  }

  @Test("beyond an end the value is nobody's, not even if it is infinite or no number")
  func infiniteBeyondTheEnd() throws {
    for value in [Float.infinity, .nan] {
      for nextAction in TargetRule.NextAction.allCases {
        var layout = ArenaLayout()
        var batch = try Minibatch(count: 1, observationSize: 1, in: &layout)
        let values = try layout.reserve(rows: 1, columns: 2)
        var arena = try Arena<Float>(layout)
        arena.write([value, value], to: values)
        batch.rewards = [-1]
        batch.discounts = [0]
        var generator = PCG64(seed: 0)
        TargetRule(nextAction: nextAction).evaluate(
          &batch, selecting: values, valuing: values, policy: .epsilonGreedy(epsilon: 0.5),
          in: arena,
          using: &generator)
        #expect(batch.targets == [-1])
      }
    }
  }

  @Test("ε is tossed for each row: rows explore one without the other")
  func perRow() throws {
    var seen: Set<[Float]> = []
    for seed in 0..<200 as Range<UInt64> {
      seen.insert(try targets(TargetRule(), discounts: [1, 1], epsilon: 0.5, seed: seed))
    }
    // Both greedy, either one off, both off.
    #expect(seen == [[19, 35], [9, 35], [19, 45], [9, 45]])
  }

  @Test("a termination ends the value, a truncation only if the time limit says so")
  func discounts() {
    var target = TargetHyperparameters()
    target.discount = 0.9
    let cases: [(TimeLimitRule, Bool, Bool, Double)] = [
      (.bootstrap, false, false, 0.9), (.bootstrap, true, false, 0),
      (.bootstrap, false, true, 0.9), (.bootstrap, true, true, 0),
      (.terminal, false, false, 0.9), (.terminal, true, false, 0),
      (.terminal, false, true, 0), (.terminal, true, true, 0),
    ]
    for (rule, isTerminated, isTruncated, expected) in cases {
      target.timeLimit = rule
      #expect(target.discount(after: isTerminated, isTruncated) == expected)
    }
  }

  /// What an agent learns of the chain A → B → end, with rewards 1 and 2 and γ = ½.
  private func chainValues(
    isTerminated: Bool, timeLimit: TimeLimitRule
  ) throws -> (a: Float, b: Float) {
    var hyperparameters = Hyperparameters()
    hyperparameters.network.hiddenSizes = []
    hyperparameters.optimizer.method = .adam()
    hyperparameters.replay.capacity = 2
    hyperparameters.replay.batchSize = 2
    hyperparameters.replay.learningStarts = 2
    hyperparameters.target.discount = 0.5
    hyperparameters.target.timeLimit = timeLimit
    let specification = EnvironmentSpecification(id: "Chain", observationSize: 2, actionCount: 1)
    var agent = try ReplaySARSA(hyperparameters, for: specification, seed: 1)
    var step = VectorStep(count: 1, observationSize: 2)
    step.rewards = [1]
    step.nextObservations = [0, 1]
    agent.remember([1, 0], [0], step)
    // B leads to itself, and there the episode ends or is cut.
    step.rewards = [2]
    step.isTerminated = [isTerminated]
    step.isTruncated = [!isTerminated]
    agent.remember([0, 1], [0], step)
    for i in 0..<6_000 {
      try agent.learn(for: .epsilonGreedy(epsilon: 0), learningRate: i < 3_000 ? 1e-2 : 1e-4)
      agent.synchronize()
    }
    var policy = try GreedyPolicy(agent.description)
    agent.copyParameters(into: &policy)
    return (policy.values(for: [1, 0])[0], policy.values(for: [0, 1])[0])
  }

  @Test("a two-state chain is learned to its own exact values, terminated and truncated apart")
  func chain() throws {
    // Q(B) = 2 where it ends, else Q(B) = 2 + Q(B)/2; Q(A) = 1 + Q(B)/2.
    for (isTerminated, timeLimit, b) in [
      (true, TimeLimitRule.bootstrap, 2 as Float), (true, .terminal, 2), (false, .bootstrap, 4),
      (false, .terminal, 2),
    ] {
      let found = try chainValues(isTerminated: isTerminated, timeLimit: timeLimit)
      #expect(abs(found.b - b) < 1e-3, "\(isTerminated) \(timeLimit)")
      #expect(abs(found.a - (1 + b / 2)) < 1e-3, "\(isTerminated) \(timeLimit)")
    }
  }
}
