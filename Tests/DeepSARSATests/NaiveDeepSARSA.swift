import DeepSARSA

/// Deep SARSA as the lecture has it: arrays, loops, `Double`, one environment, nothing shared.
///
/// It draws from the same random streams, and must come to the same values.
struct NaiveDeepSARSA {
  struct Layer {
    var weights: [[Double]]
    var bias: [Double]
  }

  struct Transition {
    var state: [Double]
    var action: Int
    var reward: Double
    var nextState: [Double]
    var discount: Double
    var isLast: Bool
    /// What was done in the next state, once it is done.
    var nextAction: Int?
  }

  let hyperparameters: Hyperparameters
  var online: [Layer]
  var target: [Layer]
  var memory: [Transition] = []
  var oldest = 0
  var newest: Int?
  var environment: TimeLimit<MountainCar>
  var state: [Double]
  var exploration: PCG64
  var resampling: PCG64
  var replay: PCG64
  var first: [Layer]
  var second: [Layer]
  var steps = 0
  var episodes = 0
  var updates = 0
  var rate = 0.0

  init(_ hyperparameters: Hyperparameters, seed: UInt64, model: Safetensors) {
    self.hyperparameters = hyperparameters
    online = stride(from: 0, to: model.tensors.count, by: 2).map { i in
      let (weights, bias) = (model.tensors[i], model.tensors[i + 1])
      let inputs = weights.shape[1]
      return Layer(
        weights: (0..<weights.shape[0]).map { unit in
          weights.values[unit * inputs..<(unit + 1) * inputs].map(Double.init)
        },
        bias: bias.values.map(Double.init))
    }
    target = online
    first = online.map {
      Layer(weights: $0.weights.map { $0.map { _ in 0.0 } }, bias: $0.bias.map { _ in 0.0 })
    }
    second = first
    let streams = RandomStreams(seed: seed)
    exploration = streams.stream(.exploration)
    resampling = streams.stream(.target)
    replay = streams.stream(.replay)
    environment = mountainCar()
    environment.reset(seed: streams.seed(.environment))
    state = environment.observation.map(Double.init)
  }

  /// The output of every layer, the input first.
  static func forward(_ layers: [Layer], _ input: [Double]) -> [[Double]] {
    var outputs = [input]
    for (i, layer) in layers.enumerated() {
      let x = outputs[i]
      let z = zip(layer.weights, layer.bias).map { weights, bias in
        zip(weights, x).reduce(bias) { $0 + $1.0 * $1.1 }
      }
      outputs.append(i == layers.count - 1 ? z : z.map { max(0, $0) })
    }
    return outputs
  }

  static func values(_ layers: [Layer], _ input: [Double]) -> [Double] {
    forward(layers, input)[layers.count]
  }

  static func policy(_ values: [Double], epsilon: Double, using generator: inout PCG64) -> Int {
    if generator.random() < epsilon { return generator.integer(below: values.count) }
    return values.firstIndex(of: values.max() ?? 0) ?? 0
  }

  mutating func advance() {
    guard case .epsilonGreedy(let schedule) = hyperparameters.exploration else { return }
    advance(
      epsilon: schedule.value(at: steps),
      learningRate: hyperparameters.optimizer.learningRate.value(at: steps))
  }

  mutating func advance(epsilon: Double, learningRate: Double) {
    rate = learningRate
    let action = Self.policy(
      Self.values(online, state), epsilon: epsilon, using: &exploration)
    let step = environment.step(action)
    let next = environment.observation.map(Double.init)
    let ends =
      step.isTerminated || (step.isTruncated && hyperparameters.target.timeLimit == .terminal)
    let transition = Transition(
      state: state, action: action, reward: step.reward, nextState: next,
      discount: ends ? 0 : hyperparameters.target.discount, isLast: step.isLast)
    if let newest, !memory[newest].isLast { memory[newest].nextAction = action }
    newest = memory.count < hyperparameters.replay.capacity ? memory.count : oldest
    if memory.count < hyperparameters.replay.capacity {
      memory.append(transition)
    } else {
      memory[oldest] = transition
      oldest = (oldest + 1) % memory.count
    }
    state = next
    steps += 1
    if step.isLast {
      episodes += 1
      environment.reset(seed: nil)
      state = environment.observation.map(Double.init)
    }
    if memory.count >= hyperparameters.replay.learningStarts { learn(epsilon: epsilon) }
    if step.isLast && episodes % hyperparameters.target.synchronization.every == 0 {
      target = online
    }
  }

  mutating func learn(epsilon: Double) {
    let count = hyperparameters.replay.batchSize
    var chosen: [Int] = []
    for last in memory.count - count..<memory.count {
      let drawn = replay.integer(below: last + 1)
      chosen.append(chosen.contains(drawn) ? last : drawn)
    }
    var gradients = online.map {
      Layer(weights: $0.weights.map { $0.map { _ in 0.0 } }, bias: $0.bias.map { _ in 0.0 })
    }
    for index in chosen {
      let row = memory[index]
      let select = hyperparameters.target.rule.selection == .online ? online : target
      let y =
        row.reward
        + row.discount
        * nextValue(
          row, selecting: Self.values(select, row.nextState),
          valuing: Self.values(target, row.nextState), epsilon: epsilon)
      let outputs = Self.forward(online, row.state)
      var delta = outputs[online.count].map { _ in 0.0 }
      delta[row.action] = 2 * (outputs[online.count][row.action] - y) / Double(count)
      for l in online.indices.reversed() {
        for unit in delta.indices {
          gradients[l].bias[unit] += delta[unit]
          for i in outputs[l].indices {
            gradients[l].weights[unit][i] += delta[unit] * outputs[l][i]
          }
        }
        delta = outputs[l].indices.map { i in
          outputs[l][i] > 0
            ? delta.indices.reduce(0) { $0 + delta[$1] * online[l].weights[$1][i] } : 0
        }
      }
    }
    updates += 1
    for l in online.indices {
      for unit in online[l].bias.indices {
        descend(
          &online[l].bias[unit], gradients[l].bias[unit], &first[l].bias[unit],
          &second[l].bias[unit])
        for i in online[l].weights[unit].indices {
          descend(
            &online[l].weights[unit][i], gradients[l].weights[unit][i],
            &first[l].weights[unit][i], &second[l].weights[unit][i])
        }
      }
    }
  }

  private mutating func nextValue(
    _ row: Transition, selecting: [Double], valuing: [Double], epsilon: Double
  ) -> Double {
    switch hyperparameters.target.rule.nextAction {
    case .stored where row.nextAction != nil: return valuing[row.nextAction ?? 0]
    case .resampled, .stored:
      return valuing[Self.policy(selecting, epsilon: epsilon, using: &resampling)]
    case .greedy: return valuing[selecting.firstIndex(of: selecting.max() ?? 0) ?? 0]
    case .expected:
      let greedy = valuing[selecting.firstIndex(of: selecting.max() ?? 0) ?? 0]
      return epsilon * valuing.reduce(0, +) / Double(valuing.count) + (1 - epsilon) * greedy
    }
  }

  private func descend(_ p: inout Double, _ g: Double, _ m: inout Double, _ v: inout Double) {
    guard
      case .adamW(let beta1, let beta2, let adamEpsilon, let decay) =
        hyperparameters.optimizer.method
    else { return }
    func power(_ beta: Double) -> Double {
      (0..<updates).reduce(1) { product, _ in product * beta }
    }
    p -= rate * decay * p
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    let (mean, square) = (m / (1 - power(beta1)), v / (1 - power(beta2)))
    p -= rate * mean / (square.squareRoot() + adamEpsilon)
  }
}
