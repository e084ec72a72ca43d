import DeepSARSA
import Foundation

/// Deep SARSA as the lecture has it: arrays, loops, `Double`, nothing shared.
///
/// Every environment's transitions are kept for ever, so that what follows a transition is the next one.
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
    /// The probability with which the action was taken.
    var probability: Double
  }

  let hyperparameters: Hyperparameters
  var online: [Layer]
  var target: [Layer]
  /// The transitions of every environment, in the order of time.
  var histories: [[Transition]]
  /// The replay memory: the environment and the index of every stored transition.
  var memory: [(environment: Int, index: Int)] = []
  var oldest = 0
  /// The priorities of all stored transitions, and the largest that there has been.
  var priorities: [Double] = []
  var largestPriority = 1.0
  var environments: [TimeLimit<MountainCar>]
  var states: [[Double]]
  var exploration: PCG64
  var resampling: PCG64
  var replay: PCG64
  var first: [Layer]
  var second: [Layer]
  var steps = 0
  var episodes = 0
  var updates = 0
  var rate = 0.0
  /// β₁ and β₂ to the power of the number of updates.
  var powers = (beta1: 1.0, beta2: 1.0)

  init(_ hyperparameters: Hyperparameters, seed: UInt64, model: Safetensors) {
    self.hyperparameters = hyperparameters
    online = Self.layers(of: model)
    target = online
    first = online.map {
      Layer(weights: $0.weights.map { $0.map { _ in 0.0 } }, bias: $0.bias.map { _ in 0.0 })
    }
    second = first
    let streams = RandomStreams(seed: seed)
    exploration = streams.stream(.exploration)
    resampling = streams.stream(.target)
    replay = streams.stream(.replay)
    environments = (0..<hyperparameters.environmentCount).map { i in
      var environment = mountainCar()
      environment.reset(seed: streams.seed(.environment, index: UInt32(i)))
      return environment
    }
    states = environments.map { $0.observation.map(Double.init) }
    histories = environments.map { _ in [] }
  }

  /// The dense layers of a model file.
  static func layers(of model: Safetensors) -> [Layer] {
    stride(from: 0, to: model.tensors.count, by: 2).map { i in
      let (weights, bias) = (model.tensors[i], model.tensors[i + 1])
      let inputs = weights.shape[1]
      return Layer(
        weights: (0..<weights.shape[0]).map { unit in
          weights.values[unit * inputs..<(unit + 1) * inputs].map(Double.init)
        },
        bias: bias.values.map(Double.init))
    }
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
    var chosen: [(action: Int, probability: Double)] = []
    for (i, state) in states.enumerated() {
      let values = Self.values(online, state)
      let spread = hyperparameters.epsilonSpread * Double(i) / Double(max(1, states.count - 1))
      let own = pow(epsilon, 1 + spread)
      let action = Self.policy(values, epsilon: own, using: &exploration)
      let isGreedy = action == values.firstIndex(of: values.max() ?? 0)
      chosen.append((action, own / Double(values.count) + (isGreedy ? 1 - own : 0)))
    }
    let (stepsBefore, episodesBefore) = (steps, episodes)
    for (i, one) in chosen.enumerated() { advance(i, one.action, one.probability) }
    if memory.count >= hyperparameters.replay.learningStarts {
      for step in stepsBefore + 1...steps
      where step % hyperparameters.replay.trainFrequency == 0 {
        learn(epsilon: epsilon)
      }
    }
    let period = hyperparameters.target.synchronization.every
    if episodes / period > episodesBefore / period { target = online }
  }

  /// Takes an action in an environment, and stores the transition.
  private mutating func advance(_ i: Int, _ action: Int, _ probability: Double) {
    let step = environments[i].step(action)
    let next = environments[i].observation.map(Double.init)
    let ends =
      step.isTerminated || (step.isTruncated && hyperparameters.target.timeLimit == .terminal)
    histories[i].append(
      Transition(
        state: states[i], action: action, reward: step.reward, nextState: next,
        discount: ends ? 0 : hyperparameters.target.discount, isLast: step.isLast,
        probability: probability))
    if memory.count < hyperparameters.replay.capacity {
      memory.append((i, histories[i].count - 1))
      priorities.append(largestPriority)
    } else {
      memory[oldest] = (i, histories[i].count - 1)
      priorities[oldest] = largestPriority
      oldest = (oldest + 1) % memory.count
    }
    states[i] = next
    steps += 1
    if step.isLast {
      episodes += 1
      environments[i].reset(seed: nil)
      states[i] = environments[i].observation.map(Double.init)
    }
  }

  mutating func learn(epsilon: Double) {
    let count = hyperparameters.replay.batchSize
    var chosen: [Int] = []
    var weights = [Double](repeating: 1, count: count)
    if hyperparameters.replay.priority.exponent > 0 {
      (chosen, weights) = drawByPriority(count)
    } else {
      for last in memory.count - count..<memory.count {
        let drawn = replay.integer(below: last + 1)
        chosen.append(chosen.contains(drawn) ? last : drawn)
      }
    }
    var errors: [Double] = []
    var gradients = online.map {
      Layer(weights: $0.weights.map { $0.map { _ in 0.0 } }, bias: $0.bias.map { _ in 0.0 })
    }
    for (place, weight) in zip(chosen, weights) {
      let (environment, index) = memory[place]
      let row = histories[environment][index]
      let following = histories[environment][index...]
      let y =
        switch hyperparameters.target.returns {
        case .nStep: targetValue(following, epsilon: epsilon)
        case .lambda:
          lambdaReturn(following, steps: hyperparameters.target.steps, epsilon: epsilon)
        default: correctedReturn(following, steps: hyperparameters.target.steps, epsilon: epsilon)
        }
      let outputs = Self.forward(online, row.state)
      var delta = outputs[online.count].map { _ in 0.0 }
      errors.append(y - outputs[online.count][row.action])
      delta[row.action] = 2 * weight * (outputs[online.count][row.action] - y) / Double(count)
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
    if hyperparameters.replay.priority.exponent > 0 {
      for (place, error) in zip(chosen, errors) {
        priorities[place] = abs(error) + 1e-6
        largestPriority = max(largestPriority, priorities[place])
      }
    }
    updates += 1
    if case .adamW(let beta1, let beta2, _, _) = hyperparameters.optimizer.method {
      powers = (powers.beta1 * beta1, powers.beta2 * beta2)
    }
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

  /// Draws places in proportion to p^α, one from each of equal parts, with their weights (N·P)^−β.
  private mutating func drawByPriority(_ count: Int) -> ([Int], [Double]) {
    let settings = hyperparameters.replay.priority
    let masses = priorities.map { pow($0, settings.exponent) }
    let total = masses.reduce(0, +)
    let chosen = (0..<count).map { i in
      var (rest, place) = ((Double(i) + replay.random()) / Double(count) * total, 0)
      while place < masses.count - 1 && rest >= masses[place] {
        rest -= masses[place]
        place += 1
      }
      return place
    }
    let share = min(1, Double(steps) / Double(hyperparameters.budget.steps ?? 1))
    let correction = settings.correction + (1 - settings.correction) * share
    let weights = chosen.map { pow(Double(masses.count) * masses[$0] / total, -correction) }
    let largest = weights.max() ?? 1
    return (chosen, weights.map { $0 / largest })
  }

  /// y = r + γ·r′ + … + γⁿ·q, from a transition and all that followed it in its environment.
  private mutating func targetValue(
    _ transitions: ArraySlice<Transition>, epsilon: Double
  ) -> Double {
    var (sum, factor) = (0.0, 1.0)
    var last = transitions.startIndex
    while true {
      sum += factor * transitions[last].reward
      factor *= transitions[last].discount
      let count = last - transitions.startIndex + 1
      if count == hyperparameters.target.steps || transitions[last].isLast
        || last == transitions.endIndex - 1
      {
        break
      }
      last += 1
    }
    let hasNext = !transitions[last].isLast && last < transitions.endIndex - 1
    let state = transitions[last].nextState
    let select = hyperparameters.target.rule.selection == .online ? online : target
    return sum + factor
      * nextValue(
        hasNext ? transitions[last + 1].action : nil, selecting: Self.values(select, state),
        valuing: Self.values(target, state), epsilon: epsilon)
  }

  /// r + γ·[(1 − λ)·B + λ·G], from a transition and all that followed it in its environment.
  private mutating func lambdaReturn(
    _ transitions: ArraySlice<Transition>, steps: Int, epsilon: Double
  ) -> Double {
    let (row, rest) = (transitions[transitions.startIndex], transitions.dropFirst())
    let hasNext = !row.isLast && !rest.isEmpty
    let select = hyperparameters.target.rule.selection == .online ? online : target
    let value = nextValue(
      hasNext ? rest[rest.startIndex].action : nil, selecting: Self.values(select, row.nextState),
      valuing: Self.values(target, row.nextState), epsilon: epsilon)
    let lambda = hasNext && steps > 1 ? hyperparameters.target.lambda : 0
    let next = lambda == 0 ? 0 : lambdaReturn(rest, steps: steps - 1, epsilon: epsilon)
    return row.reward + row.discount * ((1 - lambda) * value + lambda * next)
  }

  /// r + γ·[V + c·(G − q)], from a transition and all that followed it in its environment.
  private func correctedReturn(
    _ transitions: ArraySlice<Transition>, steps: Int, epsilon: Double
  ) -> Double {
    let (row, rest) = (transitions[transitions.startIndex], transitions.dropFirst())
    let settings = hyperparameters.target
    let selecting = Self.values(settings.rule.selection == .online ? online : target, row.nextState)
    let valuing = Self.values(target, row.nextState)
    let epsilon = settings.rule.nextAction == .greedy ? 0 : epsilon
    let best = selecting.firstIndex(of: selecting.max() ?? 0)
    let policy = selecting.indices.map {
      epsilon / Double(selecting.count) + ($0 == best ? 1 - epsilon : 0)
    }
    let mean = zip(policy, valuing).reduce(0) { $0 + $1.0 * $1.1 }
    guard !row.isLast, steps > 1, let next = rest.first else {
      return row.reward + row.discount * mean
    }
    let ratio = policy[next.action] / next.probability
    let trace =
      switch settings.returns {
      case .treeBackup: policy[next.action]
      case .qSigma: settings.sigma * ratio + (1 - settings.sigma) * policy[next.action]
      case .retrace: settings.lambda * min(1, ratio)
      default: settings.lambda
      }
    let later = correctedReturn(rest, steps: steps - 1, epsilon: epsilon)
    return row.reward + row.discount * (mean + trace * (later - valuing[next.action]))
  }

  private mutating func nextValue(
    _ stored: Int?, selecting: [Double], valuing: [Double], epsilon: Double
  ) -> Double {
    switch hyperparameters.target.rule.nextAction {
    case .stored where stored != nil: return valuing[stored ?? 0]
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
    p -= rate * decay * p
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    let (mean, square) = (m / (1 - powers.beta1), v / (1 - powers.beta2))
    p -= rate * mean / (square.squareRoot() + adamEpsilon)
  }
}
