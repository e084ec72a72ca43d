import DeepSARSA
import Testing

/// A random episode of a linear learner, by its features; the learner chooses the actions.
private struct RandomEpisode {
  static let (features, actions) = (4, 2)

  /// x of every state, the last one included.
  var observations: [[Float]]
  var rewards: [Double]
  var rates: [Double]

  init(length: Int, using generator: inout PCG64) {
    observations = (0...length).map { _ in
      (0..<Self.features).map { _ in Float(generator.uniform(-1, 1)) }
    }
    rewards = (0..<length).map { _ in generator.uniform(-1, 1) }
    rates = (0..<length).map { _ in generator.uniform(0.02, 0.3) }
  }

  /// The features of a pair: those of the state in the action's block, with 1 for the bias.
  func features(_ state: Int, _ action: Int) -> [Double] {
    let block = Self.features + 1
    var result = [Double](repeating: 0, count: Self.actions * block)
    for (i, x) in observations[state].enumerated() { result[action * block + i] = Double(x) }
    result[action * block + Self.features] = 1
    return result
  }
}

private func dot(_ a: [Double], _ b: [Double]) -> Double {
  zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
}

extension ShownSteps {
  /// θ as one block for each action: weights, then bias.
  fileprivate var theta: [Double] {
    let (weights, biases) = (weights, biases)
    return (0..<actions).flatMap { action -> [Double] in
      let row = weights[action * inputs..<(action + 1) * inputs]
      return row.map(Double.init) + [Double(biases[action])]
    }
  }

  fileprivate mutating func set(theta: [Double]) throws {
    let (block, inputs) = (inputs + 1, inputs)
    try set(
      weights: (0..<actions).flatMap { action -> [Float] in
        theta[action * block..<action * block + inputs].map { Float($0) }
      }, biases: (0..<actions).map { Float(theta[$0 * block + inputs]) })
  }
}

@Suite("Traces against their forward views")
struct ForwardViewTests {
  private static let (discount, lambda) = (0.9, 0.7)

  /// With θ fixed over an episode, traces make the updates of its λ-returns:
  /// Σ δ_t·z_t = Σ (G_t − q_t)·x_t, with G_t = r_t + γ·(v_{t+1} + c_{t+1}·(G_{t+1} − q_{t+1})), v the value
  /// of the rule, and c = λ, or 0 where the trace is cut.
  @Test(
    "accumulating traces make the updates of λ-returns while θ is fixed",
    arguments: TargetRule.NextAction.allCases, [true, false])
  func offline(nextAction: TargetRule.NextAction, cuts: Bool) throws {
    var generator = PCG64(seed: 5)
    for length in [1, 2, 5, 12] {
      for isTerminated in [true, false] {
        let episode = RandomEpisode(length: length, using: &generator)
        let start = (0..<10).map { _ in Double(Float(generator.uniform(-1, 1))) }
        let hyperparameters = linearStreaming(
          nextAction, discount: Self.discount, lambda: Self.lambda
        ) { $0.traces.cut = cuts ? .exploratory : .never }
        var shown = try ShownSteps(hyperparameters, inputs: 4, actions: 2, isBinary: false)
        try shown.set(theta: start)

        // Policies by the rule: at the last state, and where actions are not taken, the greedy action.
        var (taken, found) = ([generator.integer(below: 2)], start.map { _ in 0.0 })
        for t in 0..<length {
          let isLast = t == length - 1
          try shown.show(
            episode.observations[t], taken[t], reward: episode.rewards[t],
            episode.observations[t + 1], isTerminated: isLast && isTerminated,
            isTruncated: isLast && !isTerminated,
            epsilon: nextAction == .stored && !isLast ? 1 : 0, learningRate: 1)
          let moved = shown.theta
          for i in found.indices { found[i] += moved[i] - start[i] }
          try shown.set(theta: start)
          taken.append(
            nextAction == .stored
              ? shown.act(on: episode.observations[t + 1]) : generator.integer(below: 2))
        }

        func q(_ t: Int, _ action: Int) -> Double { dot(start, episode.features(t, action)) }
        func greedy(_ t: Int) -> Int { q(t, 1) > q(t, 0) ? 1 : 0 }
        var (expected, next) = (start.map { _ in 0.0 }, 0.0)
        for t in (0..<length).reversed() {
          var value = 0.0
          if t == length - 1 {
            value = isTerminated ? 0 : q(t + 1, greedy(t + 1))
          } else {
            let taken = taken[t + 1]
            value = q(t + 1, nextAction == .stored ? taken : greedy(t + 1))
            let trace = cuts && taken != greedy(t + 1) ? 0 : Self.lambda
            value += trace * (next - q(t + 1, taken))
          }
          next = episode.rewards[t] + Self.discount * value
          let (x, error) = (episode.features(t, taken[t]), next - q(t, taken[t]))
          for i in expected.indices { expected[i] += error * x[i] }
        }
        // Each of at most 12 updates is a difference of Floats of a few units: 2⁻²⁴·4·12 < 3e-6.
        for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-5, "\(a), not \(b)") }
        #expect((expected.map(abs).max() ?? 0) > 0.1)
      }
    }
  }

  /// θ after an episode by the online forward view: at every step, all updates so far are made again from the
  /// episode's start, with the λ-returns that end at the present step.
  ///
  /// The value of an n-step return is by the θ with which its last state was reached.
  private func onlineForwardView(
    _ episode: RandomEpisode, _ actions: [Int], from start: [Double], isTerminated: Bool
  ) -> [Double] {
    let length = episode.rewards.count
    var history = [start]
    for horizon in 1...length {
      // nStep[k][n − 1]: the return of n steps from k.
      func nStep(_ k: Int, _ n: Int) -> Double {
        var (sum, factor) = (0.0, 1.0)
        for t in k..<k + n {
          sum += factor * episode.rewards[t]
          factor *= Self.discount
        }
        if k + n == length && isTerminated { return sum }
        return sum + factor
          * dot(history[k + n - 1], episode.features(k + n, actions[k + n]))
      }
      var theta = start
      for k in 0..<horizon {
        var (target, weight) = (0.0, 1.0)
        for n in 1..<max(1, horizon - k) {
          target += (1 - Self.lambda) * weight * nStep(k, n)
          weight *= Self.lambda
        }
        target += weight * nStep(k, horizon - k)
        let x = episode.features(k, actions[k])
        let step = episode.rates[k] * (target - dot(theta, x))
        for i in theta.indices { theta[i] += step * x[i] }
      }
      history.append(theta)
    }
    return history[length]
  }

  @Test(
    "dutch traces equal the online forward view, also while α changes", arguments: [true, false])
  func online(isTerminated: Bool) throws {
    var generator = PCG64(seed: 6)
    var largest = 0.0
    for episodes in 0..<8 {
      var shown = try ShownSteps(
        linearStreaming(discount: Self.discount, lambda: Self.lambda) { $0.traces.kind = .dutch },
        inputs: 4, actions: 2, isBinary: false)
      try shown.set(theta: (0..<10).map { _ in generator.uniform(-1, 1) })
      // Three episodes one after another: nothing is carried over.
      for _ in 0..<3 {
        let episode = RandomEpisode(length: 3 + 2 * episodes, using: &generator)
        let start = shown.theta
        var actions = [shown.act(on: episode.observations[0], epsilon: 1)]
        for t in episode.rewards.indices {
          let (isLast, before) = (t == episode.rewards.count - 1, shown.theta)
          try shown.show(
            episode.observations[t], actions[t], reward: episode.rewards[t],
            episode.observations[t + 1], isTerminated: isLast && isTerminated,
            isTruncated: isLast && !isTerminated, epsilon: isLast ? 0 : 1,
            learningRate: episode.rates[t])
          if !isLast {
            actions.append(shown.act(on: episode.observations[t + 1]))
          } else {
            // The last action is drawn by the parameters before the update; it is the greedy one.
            let q = (0..<2).map { dot(before, episode.features(t + 1, $0)) }
            actions.append(q[1] > q[0] ? 1 : 0)
          }
        }
        let expected = onlineForwardView(
          episode, actions, from: start, isTerminated: isTerminated)
        for (a, b) in zip(shown.theta, expected) {
          // At most 17 updates of a few roundings each, of numbers up to 2: 17·4·2·2⁻²⁴ < 1e-5.
          #expect(abs(a - b) < 1e-5, "\(a), not \(b)")
        }
        largest = max(largest, zip(start, expected).map { abs($0 - $1) }.max() ?? 0)
      }
    }
    #expect(largest > 0.3)
  }

  @Test("accumulating traces do not equal the online forward view")
  func accumulating() throws {
    var generator = PCG64(seed: 7)
    let episode = RandomEpisode(length: 9, using: &generator)
    var shown = try ShownSteps(
      linearStreaming(discount: Self.discount, lambda: Self.lambda), inputs: 4, actions: 2,
      isBinary: false)
    let start = shown.theta
    var actions = [0]
    for t in episode.rewards.indices {
      try shown.show(
        episode.observations[t], actions[t], reward: episode.rewards[t],
        episode.observations[t + 1], isTerminated: t == 8, epsilon: 1,
        learningRate: episode.rates[t])
      actions.append(shown.act(on: episode.observations[t + 1]))
    }
    let expected = onlineForwardView(episode, actions, from: start, isTerminated: true)
    let difference = zip(shown.theta, expected).map { abs($0 - $1) }.max() ?? 0
    #expect(difference > 1e-3)
  }
}
