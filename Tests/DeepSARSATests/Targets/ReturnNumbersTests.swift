import DeepSARSA
import Testing

/// Returns of a few transitions whose numbers can be checked by hand, and those of programs that got them wrong.
///
/// Transitions are stored in a replay memory and gathered as windows. γ is 0.9.
@Suite("Returns by hand")
struct ReturnNumbersTests {
  /// A transition, with the values of both actions in its next state.
  private struct Row {
    var reward: Double
    var values: [Float]
    var isTerminated = false
    var isTruncated = false
    /// Whether the policy prefers the second action in the next state.
    var prefersSecond = true
  }

  private struct Found {
    var returns: [Float]
    var lengths: [Int]
  }

  /// The returns of the windows that begin with each row; every action is the first one, taken with the
  /// probability `behavior`, and the policy is ε-greedy with ε = ½.
  private func returns(
    _ rows: [Row], _ kind: ReturnKind, steps: Int, lambda: Double = 0.5, sigma: Double = 0.5,
    behavior: Float = 0.25, capacity: Int? = nil, from oldest: Int = 0
  ) throws -> Found {
    var settings = TargetHyperparameters()
    settings.rule = TargetRule(nextAction: .expected)
    (settings.returns, settings.steps) = (kind, steps)
    (settings.lambda, settings.sigma, settings.discount) = (lambda, sigma, 0.9)
    var memory = try ReplayMemory(
      capacity: capacity ?? rows.count, observationSize: 1, actionCount: 2, batchSize: 1,
      hasProbabilities: true)
    for (number, row) in rows.enumerated() {
      memory.append(
        observations: [0], action: 0, reward: row.reward, nextObservations: [Float(number)],
        discount: settings.discount(after: row.isTerminated, row.isTruncated),
        isLast: row.isTerminated || row.isTruncated, probability: behavior)
    }
    var layout = ArenaLayout()
    var batch = try Minibatch(
      count: rows.count - oldest, steps: steps, hasEveryState: kind != .nStep,
      hasProbabilities: true, observationSize: 1, in: &layout)
    let valuing = try layout.reserve(rows: batch.nextObservations.rows, columns: 2)
    let selecting = try layout.reserve(rows: batch.nextObservations.rows, columns: 2)
    var arena = try Arena<Float>(layout)
    batch.slots = (oldest..<rows.count).map { $0 % (capacity ?? rows.count) }
    memory.gather(&batch, in: &arena)
    let numbers = arena.values(of: batch.nextObservations).map { Int($0) }
    arena.write(numbers.flatMap { rows[$0].values }, to: valuing)
    arena.write(numbers.flatMap { rows[$0].prefersSecond ? [0, 1] : [1, 0] }, to: selecting)
    var generator = PCG64(seed: 1)
    settings.evaluate(
      &batch, selecting: selecting, valuing: valuing, policy: .epsilonGreedy(epsilon: 0.5),
      in: arena, using: &generator)
    return Found(returns: batch.targets, lengths: batch.lengths)
  }

  private func expectEqual(
    _ found: [Float], _ right: [Float], not wrong: [[Float]], location: SourceLocation
  ) {
    #expect(found.count == right.count, sourceLocation: location)
    for (found, right) in zip(found, right) {
      #expect(abs(found - right) < 1e-5, sourceLocation: location)
    }
    for wrong in wrong {
      #expect(
        zip(found, wrong).contains { abs($0 - $1) > 0.1 }, "\(wrong)", sourceLocation: location)
    }
  }

  private func expectReturns(
    _ rows: [Row], _ kind: ReturnKind, steps: Int, lambda: Double = 0.5, are right: [Float],
    not wrong: [Float]..., location: SourceLocation = #_sourceLocation
  ) throws {
    let found = try returns(rows, kind, steps: steps, lambda: lambda)
    expectEqual(found.returns, right, not: wrong, location: location)
  }

  /// V behind each of three transitions with the rewards 1, 2 and 3.
  private static let three = [
    Row(reward: 1, values: [10, 10]), Row(reward: 2, values: [20, 20]),
    Row(reward: 3, values: [30, 30]),
  ]

  /// λ-returns as purejaxql#12 found them computed: the value behind the last row is also used for the row
  /// before it.
  private static func lastValueTwice(_ r: [Float], _ v: [Float]) -> [Float] {
    var (result, value) = (r, v[v.count - 1])
    result[r.count - 1] += 0.9 * value
    for t in (0..<r.count - 1).reversed() {
      result[t] += 0.9 * value + 0.9 * 0.5 * (result[t + 1] - value)
      if t > 0 { value = v[t - 1] }
    }
    return result
  }

  @Test("λ-returns use the value behind their own transition, not the later one (purejaxql#12)")
  func lambda() throws {
    let wrong = Self.lastValueTwice([1, 2, 3], [10, 20, 30])
    expectEqual(wrong, [18.55, 29, 30], not: [], location: #_sourceLocation)
    try expectReturns(Self.three, .lambda, steps: 3, are: [16.525, 24.5, 30], not: wrong)
  }

  @Test("λ-returns end at a termination (CleanRL before #494 went on into the next episode)")
  func terminated() throws {
    var rows = Self.three
    rows[1].isTerminated = true
    // There, the flag cut the value but not the return of the next row.
    let second: Float = 2 + 0.9 * 0.5 * 30
    let wrong = [1 + 0.9 * (0.5 * 10 + 0.5 * second), second, 30]
    expectEqual(wrong, [12.475, 15.5, 30], not: [], location: #_sourceLocation)
    try expectReturns(rows, .lambda, steps: 3, are: [6.4, 2, 30], not: wrong)
  }

  @Test("λ-returns use the value of a truncated episode's last state (CleanRL takes it for an end)")
  func truncated() throws {
    var rows = Self.three
    rows[1].isTruncated = true
    rows[1].values = [7, 7]
    try expectReturns(rows, .lambda, steps: 3, are: [9.235, 8.3, 30], not: [6.4, 2, 30])
  }

  @Test("a window that is cut short has γ to the number of its steps (ray#4626: γ³; FastTD3#6: γ)")
  func powerOfTheDiscount() throws {
    let rows = [
      Row(reward: 1, values: [5, 5]), Row(reward: 2, values: [10, 10], isTruncated: true),
    ]
    let found = try returns(rows, .nStep, steps: 3)
    #expect(found.lengths == [2, 1])
    let rewards: Float = 1 + 0.9 * 2
    let cubed: Float = rewards + 0.9 * 0.9 * 0.9 * 10
    let once: Float = rewards + 0.9 * 10
    expectEqual([cubed, once], [10.09, 11.8], not: [], location: #_sourceLocation)
    expectEqual(
      found.returns, [10.9, 11], not: [[cubed, 11], [once, 11]], location: #_sourceLocation)
    // With λ = 1, λ-returns are these.
    try expectReturns(rows, .lambda, steps: 3, lambda: 1, are: [10.9, 11])
  }

  @Test("a window does not continue over a time limit (tf-agents#939)")
  func overTheTimeLimit() throws {
    let rows = [
      Row(reward: 1, values: [5, 5]), Row(reward: 2, values: [10, 10], isTruncated: true),
      Row(reward: 4, values: [10, 10]),
    ]
    let spilled: Float = 1 + 0.9 * 2 + 0.81 * 4 + 0.729 * 10
    expectEqual([spilled], [13.33], not: [], location: #_sourceLocation)
    try expectReturns(rows, .nStep, steps: 3, are: [10.9, 11, 13], not: [spilled, 11, 13])
  }

  @Test("every transition begins a window (CleanRL's Rainbow: only full windows, three of five)")
  func windowsOfFiveSteps() throws {
    for isTerminated in [true, false] {
      var rows = (1...5).map { Row(reward: Double($0), values: [Float($0), Float($0)]) }
      (rows[4].isTerminated, rows[4].isTruncated) = (isTerminated, !isTerminated)
      for kind in ReturnKind.allCases {
        let lengths = try returns(rows, kind, steps: 3).lengths
        #expect(lengths == [3, 3, 3, 2, 1])
        #expect(lengths != lengths.filter { $0 == 3 })
      }
    }
  }

  @Test("a window does not continue over the write head into older episodes (FastTD3#7)")
  func overTheWriteHead() throws {
    // Six rows in four slots: they hold rows 4, 5, 2 and 3. From row 5, slot 1, slot 2 is the oldest.
    let rows = (0..<6).map { Row(reward: Double($0), values: [Float($0), Float($0)]) }
    for kind in ReturnKind.allCases {
      let found = try returns(rows, kind, steps: 3, capacity: 4, from: 2)
      #expect(found.lengths == [3, 3, 2, 1])
      #expect(abs(found.returns[3] - (5 + 0.9 * 5)) < 1e-5)
    }
  }

  @Test("expected, tree backup, Q(σ) and two steps of one path are five different numbers")
  func corrected() throws {
    // q(s₁, ·) is 2 and 4, π is ¼ and ¾, and the first action was taken.
    let rows = [Row(reward: 1, values: [2, 4]), Row(reward: 3, values: [10, 10])]
    func first(
      _ kind: ReturnKind, steps: Int = 2, lambda: Double = 1, sigma: Double = 0.5,
      behavior: Float = 0.25
    ) throws -> Float {
      try returns(
        rows, kind, steps: steps, lambda: lambda, sigma: sigma, behavior: behavior
      ).returns[0]
    }
    for (found, right) in [
      (try first(.nStep, steps: 1), 4.15), (try first(.treeBackup), 6.4),
      (try first(.qSigma, sigma: 0.5), 9.775), (try first(.qSigma, sigma: 1), 13.15),
      (try first(.qSigma, sigma: 0), 6.4), (try first(.nStep), 11.8),
      // Retrace with λ = 1: a ratio of 1, one of ½, and one of 2 that counts as 1.
      (try first(.retrace), 13.15), (try first(.retrace, behavior: 0.5), 8.65),
      (try first(.retrace, behavior: 0.125), 13.15),
      (try first(.retrace, lambda: 0.5, behavior: 0.5), 6.4),
      (try first(.qPiLambda), 13.15), (try first(.qPiLambda, lambda: 0.5), 8.65),
      // Q(1) does not bound the ratio.
      (try first(.qSigma, sigma: 1, behavior: 0.125), 22.15),
    ] as [(Float, Float)] {
      #expect(abs(found - right) < 1e-5, "\(found), \(right)")
    }
    // One step of a corrected return is Expected SARSA's.
    for kind in ReturnKind.allCases {
      #expect(abs(try first(kind, steps: 1) - 4.15) < 1e-5)
    }
  }

  @Test("a behaviour's probability is used only where a ratio needs it")
  func ratios() throws {
    let rows = [Row(reward: 1, values: [2, 4]), Row(reward: 3, values: [10, 10])]
    for kind in ReturnKind.allCases {
      let usual = try returns(rows, kind, steps: 2, behavior: 0.5).returns
      let other = try returns(rows, kind, steps: 2, behavior: 0.75).returns
      #expect((usual == other) == ![.qSigma, .retrace].contains(kind), "\(kind)")
    }
  }
}
