import DeepSARSA
import Foundation

/// Parallel SARSA(λ) as it is defined: arrays, loops, `Double`, nothing shared, returns by the forward view.
///
/// It draws from the same random streams, and must come to the same values.
struct NaiveParallelSARSA {
  typealias Layer = NaiveDeepSARSA.Layer

  struct Row {
    var state: [Double]
    var action: Int
    var reward: Double
    /// The true next state, also after an end.
    var nextState: [Double]
    /// γ, or 0 if nothing follows.
    var discount: Double
    var isLast: Bool
    var target = 0.0
  }

  let hyperparameters: Hyperparameters
  var layers: [Layer]
  var environments: [TimeLimit<CartPole>]
  var states: [[Double]]
  /// The actions that were drawn behind a segment, by environment.
  var drawn: [Int: Int] = [:]
  /// The rows since the last update, by environment, in the order of time.
  var rows: [[Row]]
  var exploration: PCG64
  var resampling: PCG64
  var shuffling: PCG64
  var first: [Layer]
  var second: [Layer]
  var (steps, episodes, terminations, updates) = (0, 0, 0, 0)
  var lastLoss = 0.0
  var lastMeanValue = 0.0
  /// The largest norm of a gradient.
  var largestNorm = 0.0

  init(
    _ hyperparameters: Hyperparameters, _ environment: TimeLimit<CartPole>, seed: UInt64,
    model: Safetensors
  ) {
    self.hyperparameters = hyperparameters
    layers = NaiveDeepSARSA.layers(of: model)
    first = Self.zeros(layers)
    second = first
    let streams = RandomStreams(seed: seed)
    exploration = streams.stream(.exploration)
    resampling = streams.stream(.target)
    shuffling = streams.stream(.shuffling)
    environments = (0..<hyperparameters.environmentCount).map { i in
      var environment = environment
      environment.reset(seed: streams.seed(.environment, index: UInt32(i)))
      return environment
    }
    states = environments.map { $0.observation.map(Double.init) }
    rows = environments.map { _ in [] }
  }

  private static func zeros(_ layers: [Layer]) -> [Layer] {
    layers.map {
      Layer(weights: $0.weights.map { $0.map { _ in 0.0 } }, bias: $0.bias.map { _ in 0.0 })
    }
  }

  private func epsilon(of i: Int, _ base: Double) -> Double {
    let count = environments.count
    if count == 1 { return base }
    return pow(base, 1 + hyperparameters.epsilonSpread * Double(i) / Double(count - 1))
  }

  mutating func advance() {
    guard case .epsilonGreedy(let schedule) = hyperparameters.exploration else { return }
    let epsilon = schedule.value(at: steps)
    let rate = hyperparameters.optimizer.learningRate.value(at: steps)
    let target = hyperparameters.target
    for i in environments.indices {
      let new = NaiveDeepSARSA.policy(
        NaiveDeepSARSA.values(layers, states[i]), epsilon: self.epsilon(of: i, epsilon),
        using: &exploration)
      let action = drawn[i] ?? new
      let step = environments[i].step(action)
      let next = environments[i].observation.map(Double.init)
      let ends = step.isTerminated || (step.isTruncated && target.timeLimit == .terminal)
      rows[i].append(
        Row(
          state: states[i], action: action, reward: step.reward, nextState: next,
          discount: ends ? 0 : target.discount, isLast: step.isLast))
      states[i] = next
      if step.isLast {
        episodes += 1
        terminations += step.isTerminated ? 1 : 0
        environments[i].reset(seed: nil)
        states[i] = environments[i].observation.map(Double.init)
      }
    }
    drawn = [:]
    steps += environments.count
    if rows[0].count == hyperparameters.segment.steps { learn(epsilon: epsilon, rate: rate) }
  }

  private mutating func learn(epsilon: Double, rate: Double) {
    let target = hyperparameters.target
    let (count, length) = (environments.count, hyperparameters.segment.steps)
    if target.rule.nextAction == .stored {
      for i in 0..<count where !rows[i][length - 1].isLast {
        drawn[i] = NaiveDeepSARSA.policy(
          NaiveDeepSARSA.values(layers, states[i]), epsilon: self.epsilon(of: i, epsilon),
          using: &exploration)
      }
    }
    // The value behind every row.
    var behind = rows.map { $0.map { _ in 0.0 } }
    for t in 0..<length {
      for i in 0..<count where rows[i][t].discount != 0 {
        let taken: Int? =
          rows[i][t].isLast ? nil : t + 1 < length ? rows[i][t + 1].action : drawn[i]
        behind[i][t] = value(of: rows[i][t].nextState, taken: taken, epsilon: epsilon)
      }
    }
    for i in 0..<count {
      for t in 0..<length {
        rows[i][t].target = lambdaReturn(rows[i][t...], behind[i][t...], target.lambda)
      }
    }
    // In the order of time, and of the environments in a step.
    let all = (0..<length).flatMap { t in rows.map { $0[t] } }
    rows = rows.map { _ in [] }
    let minibatches = hyperparameters.segment.minibatches
    for _ in 0..<hyperparameters.segment.epochs {
      var order: [Int] = []
      for row in all.indices {
        order.append(row)
        order.swapAt(row, shuffling.integer(below: row + 1))
      }
      for m in 0..<minibatches {
        let share = Double(all.count) / Double(minibatches)
        let (start, end) = (Int(Double(m) * share + 1e-9), Int(Double(m + 1) * share + 1e-9))
        descend(order[start..<end].map { all[$0] }, rate: rate)
      }
    }
  }

  /// The weighted mean of the n-step returns of all n, whose longest takes the rest of the weight.
  private func lambdaReturn(
    _ rows: ArraySlice<Row>, _ behind: ArraySlice<Double>, _ lambda: Double
  ) -> Double {
    let end = rows.firstIndex { $0.isLast } ?? rows.endIndex - 1
    var (result, weight) = (0.0, 1.0)
    var (rewards, factor) = (0.0, 1.0)
    for t in rows.startIndex...end {
      rewards += factor * rows[t].reward
      factor *= rows[t].discount
      let nStepReturn = rewards + factor * behind[t]
      result += (t == end ? weight : weight * (1 - lambda)) * nStepReturn
      weight *= lambda
    }
    return result
  }

  private mutating func value(of state: [Double], taken: Int?, epsilon: Double) -> Double {
    let values = NaiveDeepSARSA.values(layers, state)
    switch hyperparameters.target.rule.nextAction {
    case .stored where taken != nil: return values[taken ?? 0]
    case .stored, .resampled:
      return values[NaiveDeepSARSA.policy(values, epsilon: epsilon, using: &resampling)]
    case .greedy: return values.max() ?? 0
    case .expected:
      return epsilon * values.reduce(0, +) / Double(values.count)
        + (1 - epsilon) * (values.max() ?? 0)
    }
  }

  private mutating func descend(_ batch: [Row], rate: Double) {
    var gradients = Self.zeros(layers)
    (lastLoss, lastMeanValue) = (0, 0)
    for row in batch {
      let outputs = NaiveDeepSARSA.forward(layers, row.state)
      let q = outputs[layers.count][row.action]
      lastLoss += (row.target - q) * (row.target - q) / Double(batch.count)
      lastMeanValue += q / Double(batch.count)
      var delta = outputs[layers.count].map { _ in 0.0 }
      delta[row.action] = 2 * (q - row.target) / Double(batch.count)
      for l in layers.indices.reversed() {
        for unit in delta.indices {
          gradients[l].bias[unit] += delta[unit]
          for i in outputs[l].indices {
            gradients[l].weights[unit][i] += delta[unit] * outputs[l][i]
          }
        }
        delta = outputs[l].indices.map { i in
          outputs[l][i] > 0
            ? delta.indices.reduce(0) { $0 + delta[$1] * layers[l].weights[$1][i] } : 0
        }
      }
    }
    let squares = gradients.flatMap { layer in
      (layer.weights.flatMap { $0 } + layer.bias).map { $0 * $0 }
    }
    let norm = squares.reduce(0, +).squareRoot()
    largestNorm = max(largestNorm, norm)
    let scale = min(1, (hyperparameters.optimizer.gradientNormLimit ?? .infinity) / (norm + 1e-6))
    updates += 1
    for l in layers.indices {
      for unit in layers[l].bias.indices {
        descend(
          &layers[l].bias[unit], scale * gradients[l].bias[unit], &first[l].bias[unit],
          &second[l].bias[unit], rate: rate)
        for i in layers[l].weights[unit].indices {
          descend(
            &layers[l].weights[unit][i], scale * gradients[l].weights[unit][i],
            &first[l].weights[unit][i], &second[l].weights[unit][i], rate: rate)
        }
      }
    }
  }

  /// A step of RAdam.
  private func descend(
    _ p: inout Double, _ g: Double, _ m: inout Double, _ v: inout Double, rate: Double
  ) {
    guard case .rAdam(let beta1, let beta2, let epsilon) = hyperparameters.optimizer.method else {
      return
    }
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    let t = Double(updates)
    let (left1, left2) = (pow(beta1, t), pow(beta2, t))
    let longest = 2 / (1 - beta2) - 1
    let length = longest - 2 * t * left2 / (1 - left2)
    let mean = m / (1 - left1)
    if length <= 5 {
      p -= rate * mean
    } else {
      let r =
        ((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length))
        .squareRoot()
      p -= rate * mean * r * (1 - left2).squareRoot() / (v.squareRoot() + epsilon)
    }
  }
}
