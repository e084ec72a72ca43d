import DeepSARSA

/// Online SARSA(λ) by its formulas: arrays, loops, `Double`, nothing shared.
///
/// Hidden layers are normalised without gain and bias and have leaky ReLUs. It draws from the same random
/// streams as the agent, and must come to the same values.
struct NaiveStreamingSARSA {
  typealias Layer = NaiveDeepSARSA.Layer

  /// Welford's statistics of one number.
  struct Statistics {
    var (count, mean, sum) = (0.0, 0.0, 0.0)

    mutating func add(_ x: Double) {
      count += 1
      let before = mean
      mean += (x - mean) / count
      sum += (x - before) * (x - mean)
    }

    var deviation: Double { ((count < 2 ? 1 : sum / (count - 1)) + 1e-8).squareRoot() }
  }

  let hyperparameters: Hyperparameters
  var layers: [Layer]
  var traces: [Layer]
  var environment: TimeLimit<CartPole>
  /// x̂ of the present state.
  var state: [Double] = []
  var nextAction: Int?
  var inputs = Array(repeating: Statistics(), count: 4)
  var reward = Statistics()
  var discountedReward = 0.0
  var exploration: PCG64
  var resampling: PCG64
  var (steps, episodes, truncations, cuts, bounded) = (0, 0, 0, 0, 0)

  init(
    _ hyperparameters: Hyperparameters, seed: UInt64, model: Safetensors,
    environment: TimeLimit<CartPole>
  ) {
    self.hyperparameters = hyperparameters
    let tensors = model.tensors.filter { $0.name.hasPrefix("q_network.") }
    layers = stride(from: 0, to: tensors.count, by: 2).map { i in
      let (weights, bias) = (tensors[i], tensors[i + 1])
      let inputs = weights.shape[1]
      return Layer(
        weights: (0..<weights.shape[0]).map { unit in
          weights.values[unit * inputs..<(unit + 1) * inputs].map(Double.init)
        },
        bias: bias.values.map(Double.init))
    }
    traces = layers.map { Self.scaled($0, by: 0) }
    let streams = RandomStreams(seed: seed)
    exploration = streams.stream(.exploration)
    resampling = streams.stream(.target)
    self.environment = environment
    self.environment.reset(seed: streams.seed(.environment))
    state = normalized(self.environment.observation)
  }

  private static func scaled(_ layer: Layer, by factor: Double) -> Layer {
    Layer(
      weights: layer.weights.map { $0.map { $0 * factor } }, bias: layer.bias.map { $0 * factor })
  }

  /// Counts an observation, and scales it.
  private mutating func normalized(_ observation: [Float]) -> [Double] {
    observation.indices.map { i in
      inputs[i].add(Double(observation[i]))
      return (Double(observation[i]) - inputs[i].mean) / inputs[i].deviation
    }
  }

  /// The inputs of every layer, and q; z̄, x̂ and 1/σ of every hidden layer.
  private func forward(_ x: [Double]) -> (inputs: [[Double]], q: [Double], scales: [Double]) {
    var (inputs, scales, x) = ([[Double]](), [Double](), x)
    for (i, layer) in layers.enumerated() {
      inputs.append(x)
      let z = zip(layer.weights, layer.bias).map { weights, bias in
        zip(weights, x).reduce(bias) { $0 + $1.0 * $1.1 }
      }
      if i == layers.count - 1 { return (inputs, z, scales) }
      let mean = z.reduce(0, +) / Double(z.count)
      let variance = z.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(z.count)
      let scale = 1 / (variance + 1e-5).squareRoot()
      scales.append(scale)
      x = z.map { ($0 - mean) * scale }.map { $0 < 0 ? 0.01 * $0 : $0 }
    }
    return (inputs, x, scales)
  }

  func values(_ observation: [Float]) -> [Double] {
    forward(
      observation.indices.map { i in
        (Double(observation[i]) - inputs[i].mean) / inputs[i].deviation
      }
    ).q
  }

  /// ∇q(s, a).
  private func gradient(_ state: [Double], _ action: Int) -> [Layer] {
    let pass = forward(state)
    var delta = pass.q.indices.map { $0 == action ? 1.0 : 0 }
    var result: [Layer] = []
    for l in layers.indices.reversed() {
      result.insert(
        Layer(weights: delta.map { d in pass.inputs[l].map { d * $0 } }, bias: delta), at: 0)
      if l == 0 { break }
      // Through the weights, the leaky ReLU, and the normalisation.
      let y = pass.inputs[l]
      let d = y.indices.map { i in
        delta.indices.reduce(0) { $0 + delta[$1] * layers[l].weights[$1][i] }
          * (y[i] > 0 ? 1 : 0.01)
      }
      let normal = y.map { $0 < 0 ? $0 / 0.01 : $0 }
      let mean = d.reduce(0, +) / Double(d.count)
      let slope = zip(d, normal).reduce(0) { $0 + $1.0 * $1.1 } / Double(d.count)
      delta = d.indices.map { pass.scales[l - 1] * (d[$0] - mean - normal[$0] * slope) }
    }
    return result
  }

  mutating func advance() {
    guard case .epsilonGreedy(let schedule) = hyperparameters.exploration else { return }
    let epsilon = schedule.value(at: steps)
    let q = forward(state).q
    let action =
      nextAction ?? NaiveDeepSARSA.policy(q, epsilon: epsilon, using: &exploration)
    let step = environment.step(action)
    let isBootstrapped = hyperparameters.target.timeLimit == .bootstrap
    let next = normalized(environment.observation)

    // r̂.
    discountedReward = hyperparameters.target.discount * discountedReward + step.reward
    reward.add(discountedReward)
    let scaledReward = step.reward / reward.deviation

    // δ.
    nextAction = nil
    var target = scaledReward
    if !step.isTerminated && (!step.isTruncated || isBootstrapped) {
      let values = forward(next).q
      let best = values.max() ?? 0
      let value: Double
      switch hyperparameters.target.rule.nextAction {
      case .stored where !step.isLast:
        let drawn = NaiveDeepSARSA.policy(values, epsilon: epsilon, using: &exploration)
        nextAction = drawn
        value = values[drawn]
      case .stored, .resampled:
        value = values[NaiveDeepSARSA.policy(values, epsilon: epsilon, using: &resampling)]
      case .expected:
        value = epsilon * values.reduce(0, +) / Double(values.count) + (1 - epsilon) * best
      case .greedy: value = best
      }
      target += hyperparameters.target.discount * value
    }
    let error = target - q[action]

    // z, and θ along it.
    let settings = hyperparameters.traces
    let isCut = settings.cut == .exploratory && q[action] < (q.max() ?? 0)
    if isCut { cuts += 1 }
    let decay = isCut ? 0 : hyperparameters.target.discount * hyperparameters.target.lambda
    let gradient = gradient(state, action)
    traces = zip(traces, gradient).map { trace, gradient in
      Layer(
        weights: zip(trace.weights, gradient.weights).map { row, other in
          zip(row, other).map { decay * $0 + $1 }
        },
        bias: zip(trace.bias, gradient.bias).map { decay * $0 + $1 })
    }
    let norm = traces.reduce(0) { sum, layer in
      sum + layer.weights.reduce(0) { $0 + $1.reduce(0) { $0 + abs($1) } }
        + layer.bias.reduce(0) { $0 + abs($1) }
    }
    let rate = hyperparameters.optimizer.learningRate.value(at: steps)
    let length = rate * settings.kappa * max(abs(error), 1) * norm
    if length > 1 { bounded += 1 }
    let factor = rate * error / max(1, length)
    layers = zip(layers, traces).map { layer, trace in
      Layer(
        weights: zip(layer.weights, trace.weights).map { zip($0, $1).map { $0 + factor * $1 } },
        bias: zip(layer.bias, trace.bias).map { $0 + factor * $1 })
    }

    steps += 1
    state = next
    if step.isLast {
      traces = layers.map { Self.scaled($0, by: 0) }
      discountedReward = 0
      episodes += 1
      if step.isTruncated { truncations += 1 }
      environment.reset(seed: nil)
      state = normalized(environment.observation)
    }
  }
}
