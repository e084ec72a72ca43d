import SARSALinearAlgebra
import SARSANetworks
import SARSARandomSources
import TestSupport
import Testing

@Suite("Optimisers")
struct OptimizerTests {
  /// An optimiser with its parameters and their gradient.
  private struct Descent<S: Scalar>: ~Copyable {
    var arena: Arena<S>
    var optimizer: Optimizer
    let block: Region
    let gradient: Region

    init(
      _ method: Optimizer.Method, _ parameters: [S], kernels: KernelTier = .preferred
    ) throws {
      var layout = ArenaLayout()
      let block = try layout.reserve(count: parameters.count)
      let gradient = try layout.reserve(count: parameters.count)
      let optimizer = try Optimizer(method, parameterCount: parameters.count, in: &layout)
      var arena = try Arena<S>(layout, kernels: kernels)
      arena.write(parameters, to: block)
      self.arena = arena
      self.optimizer = optimizer
      self.block = block
      self.gradient = gradient
    }

    mutating func step(_ g: [S], learningRate: Double) -> Bool {
      arena.write(g, to: gradient)
      return optimizer.update(
        block, gradient: gradient, learningRate: learningRate, in: &arena)
    }

    var parameters: [S] { arena.values(of: block) }
  }

  @Test(
    "given equal gradients, every step of AdamW equals numpy's float32 to the bit, on every tier")
  func againstNumpy() throws {
    let fixture: AdamWFixture = try fixture("kernels.json")
    #expect(!fixture.adamW.isEmpty)
    for tier in KernelTier.available {
      for each in fixture.adamW {
        var descent = try Descent(
          .adamW(
            beta1: each.beta1.double, beta2: each.beta2.double, epsilon: each.epsilon.double,
            weightDecay: each.weightDecay.double), each.p.floats, kernels: tier)
        descent.arena.write(each.m.floats, to: descent.optimizer.moments[0])
        descent.arena.write(each.v.floats, to: descent.optimizer.moments[1])
        descent.optimizer.stepCount = each.firstStep - 1
        for step in each.steps {
          let isFinite = descent.step(step.g.floats, learningRate: each.learningRate.double)
          #expect(isFinite)
          for (region, expected) in [
            (descent.block, step.p), (descent.optimizer.moments[0], step.m),
            (descent.optimizer.moments[1], step.v),
          ] {
            let bits = descent.arena.values(of: region).map(\.bitPattern)
            #expect(bits == expected, "step \(step.t), \(each.size) parameters, \(tier)")
          }
        }
      }
    }
  }

  @Test(
    "the moments of a parameter without gradient come to rest at zero, not among the subnormals")
  func subnormals() throws {
    let methods: [Optimizer.Method] = [
      .sgd(momentum: 0.5), .sgd(momentum: 0.5, isNesterov: true),
      .rmsProp(smoothing: 0.5, momentum: 0.5, isCentered: true), .adam(beta1: 0.5, beta2: 0.5),
      .rAdam(beta1: 0.5, beta2: 0.5), .adamW(beta1: 0.5, beta2: 0.5),
    ]
    for method in methods {
      for tier in KernelTier.available {
        var descent = try Descent(
          method, Array(repeating: 1, count: 21) as [Float], kernels: tier)
        _ = descent.step(Array(repeating: 1, count: 21), learningRate: 1e-3)
        for _ in 0..<400 { _ = descent.step(Array(repeating: 0, count: 21), learningRate: 1e-3) }
        for region in descent.optimizer.moments {
          let moments = descent.arena.values(of: region)
          #expect(moments.allSatisfy { $0 == 0 }, "\(method), \(tier): \(moments[0])")
        }
      }
    }
  }

  @Test("a hundred steps of every method agree with PyTorch, on every tier, with equal bits")
  func againstPyTorch() throws {
    let fixture: TorchOptimizers = try fixture("torch_optimizers.json")
    #expect(fixture.cases.count == 14)
    for each in fixture.cases {
      var bits: Set<[UInt32]> = []
      for tier in KernelTier.available {
        var descent = try Descent(each.method, fixture.initial.floats, kernels: tier)
        var checkpoints = each.parameters[...]
        for (index, gradient) in fixture.gradients.enumerated() {
          let isFinite = descent.step(
            gradient.values.floats, learningRate: each.learningRates[index].double)
          #expect(isFinite)
          guard let next = checkpoints.first, next.steps == index + 1 else { continue }
          checkpoints.removeFirst()
          expectClose(
            descent.parameters, next.values.floats, 2e-6, "\(each.name) after \(next.steps)")
        }
        #expect(checkpoints.isEmpty && descent.optimizer.stepCount == 100)
        #expect(descent.optimizer.moments.count == each.state.count)
        for (name, moment) in zip(each.stateNames, descent.optimizer.moments) {
          let expected = try #require(each.state[name]).values.floats
          expectClose(descent.arena.values(of: moment), expected, 1e-5, "\(each.name): \(name)")
        }
        bits.insert(descent.parameters.map(\.bitPattern))
      }
      #expect(bits.count == 1, "tiers differ in \(each.name)")
    }
  }

  @Test("clipping scales as PyTorch's clip_grad_norm_")
  func clipping() throws {
    let fixture: TorchOptimizers = try fixture("torch_optimizers.json")
    #expect(fixture.clipping.count == 9)
    for each in fixture.clipping {
      var layout = ArenaLayout()
      let region = try layout.reserve(count: each.input.count)
      var arena = try Arena<Float>(layout)
      arena.write(each.input.floats, to: region)
      let norm = arena.clip(region, toNorm: each.limit.double)
      expectClose([norm], each.norm.floats, 1e-6, "norm of \(each.name)")
      expectClose(arena.values(of: region), each.output.floats, 1e-6, each.name)
    }
  }

  @Test("a gradient whose norm is not finite is not clipped: the divergence must be seen")
  func clippingInfinity() throws {
    var layout = ArenaLayout()
    let region = try layout.reserve(count: 2)
    var arena = try Arena<Float>(layout)
    arena.write([.infinity, 1], to: region)
    arena.clip(region, toNorm: 1)
    let values = arena.values(of: region)
    #expect(values == [.infinity, 1])
  }

  private func expectClose(
    _ found: [Float], _ expected: [Float], _ tolerance: Float, _ what: String
  ) {
    #expect(found.count == expected.count)
    for (a, b) in zip(found, expected) {
      #expect(
        abs(a - b) <= tolerance * (1 + abs(b)), "\(what): \(a), PyTorch has \(b)")
    }
  }

  @Test("the first step of Adam moves every parameter by the learning rate, against its gradient")
  func firstStep() throws {
    for method in [Optimizer.Method.adam(), .adamW(weightDecay: 0)] {
      var descent = try Descent<Double>(method, [0, 0, 0])
      let isFinite = descent.step([1e-3, -5, 0], learningRate: 0.1)
      let moved = descent.parameters
      #expect(isFinite)
      #expect(abs(moved[0] + 0.1) < 1e-5 && abs(moved[1] - 0.1) < 1e-8 && moved[2] == 0)
    }
  }

  @Test(
    "every step of RAdam follows its formula: without the root first, and with it as soon as ρ exceeds 5",
    arguments: [(0.999, 6), (0.9, 6), (0.7, 10), (0.5, nil), (0, nil)] as [(Double, Int?)])
  func rectification(beta2: Double, firstWithRoot: Int?) throws {
    let (beta1, epsilon, rate) = (0.8, 1e-3, 0.05)
    var descent = try Descent<Double>(
      .rAdam(beta1: beta1, beta2: beta2, epsilon: epsilon), [0.5, -1, 2])
    var generator = PCG64(seed: 3)
    var p = [0.5, -1, 2]
    var (m, v) = ([0.0, 0, 0], [0.0, 0, 0])
    var (left1, left2) = (1.0, 1.0)
    var roots: [Int] = []
    for t in 1...60 {
      let g = (0..<3).map { _ in generator.uniform(-2, 2) }
      let isFinite = descent.step(g, learningRate: rate)
      #expect(isFinite)
      left1 *= beta1
      left2 *= beta2
      let longest = 2 / (1 - beta2) - 1
      let length = longest - 2 * Double(t) * left2 / (1 - left2)
      if length > 5 { roots.append(t) }
      for i in 0..<3 {
        m[i] = beta1 * m[i] + (1 - beta1) * g[i]
        v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i]
        let mean = m[i] / (1 - left1)
        if length > 5 {
          let r =
            ((length - 4) / (longest - 4) * ((length - 2) / (longest - 2)) * (longest / length))
            .squareRoot()
          p[i] -= rate * mean * r * (1 - left2).squareRoot() / (v[i].squareRoot() + epsilon)
        } else {
          p[i] -= rate * mean
        }
      }
      for (found, expected) in zip(descent.parameters, p) {
        #expect(abs(found - expected) < 1e-12, "step \(t)")
      }
    }
    #expect(roots.first == firstWithRoot)
    #expect(roots.count == firstWithRoot.map { 61 - $0 } ?? 0)
  }

  @Test("a mean square that overflows is seen in the first steps of RAdam too, which have no root")
  func overflowWithoutRoot() throws {
    for tier in KernelTier.available {
      var descent = try Descent(.rAdam(), [Float](repeating: 1, count: 37), kernels: tier)
      var gradient = [Float](repeating: 0.5, count: 37)
      gradient[16] = 1e21
      let isFinite = descent.step(gradient, learningRate: 1e-3)
      #expect(!isFinite, "\(tier)")
    }
  }

  @Test("the decay of AdamW shrinks parameters without a gradient by 1 − αλ a step")
  func decay() throws {
    var descent = try Descent<Double>(.adamW(), [1])
    for _ in 0..<10 { _ = descent.step([0], learningRate: 0.1) }
    let left = descent.parameters[0]
    let factor = 1 - 0.1 * 0.01
    #expect(abs(left - (0..<10).reduce(1.0) { product, _ in product * factor }) < 1e-15)
  }

  @Test("after ten million steps Adam's bias correction is one, and nothing is lost")
  func manySteps() throws {
    var descent = try Descent<Double>(.adamW(), [0])
    descent.optimizer.stepCount = 10_000_000
    for moment in descent.optimizer.moments { descent.arena.fill(moment, with: 1) }
    let isFinite = descent.step([1], learningRate: 0.1)
    let moved = descent.parameters[0]
    #expect(isFinite && abs(moved + 0.1) < 1e-8)
  }

  @Test(
    "every method says when a parameter is no longer finite, on every tier",
    arguments: [
      Optimizer.Method.sgd(), .sgd(momentum: 0.9), .sgd(momentum: 0.9, isNesterov: true),
      .rmsProp(), .rmsProp(momentum: 0.5, isCentered: true), .adam(), .rAdam(), .adamW(),
    ])
  func divergence(method: Optimizer.Method) throws {
    for tier in KernelTier.available {
      for place in [0, 16, 36] {
        for bad in [Float.nan, .infinity, -.infinity] {
          var parameters = [Float](repeating: 1, count: 37)
          var good = try Descent(method, parameters, kernels: tier)
          let isFinite = good.step(Array(repeating: 0.5, count: 37), learningRate: 0.1)
          #expect(isFinite)
          parameters[place] = bad
          var descent = try Descent(method, parameters, kernels: tier)
          let isStillFinite = descent.step(Array(repeating: 0.5, count: 37), learningRate: 0.1)
          #expect(!isStillFinite, "\(bad) at \(place), \(tier)")
        }
      }
    }
  }

  @Test(
    "every method says when a moment overflows, though parameters stay finite, on every tier",
    arguments: [
      Optimizer.Method.rmsProp(), .rmsProp(momentum: 0.5), .rmsProp(isCentered: true),
      .rmsProp(momentum: 0.5, isCentered: true), .adam(), .adam(beta2: 0), .adamW(),
    ])
  func overflowingMoments(method: Optimizer.Method) throws {
    for tier in KernelTier.available {
      for place in [0, 16, 36] {
        // As a float its square overflows; as a double it does not.
        var gradient = [Float](repeating: 0.5, count: 37)
        gradient[place] = 1e21
        var descent = try Descent(
          method, [Float](repeating: 1, count: 37), kernels: tier)
        let isFinite = descent.step(gradient, learningRate: 1e-3)
        #expect(!isFinite, "at \(place), \(tier)")
        let parameters = descent.parameters
        #expect(parameters.allSatisfy { $0.isFinite })
        var double = try Descent(
          method, [Double](repeating: 1, count: 37), kernels: tier)
        let isDoubleFinite = double.step(gradient.map(Double.init), learningRate: 1e-3)
        #expect(isDoubleFinite)
      }
    }
  }

  @Test("a velocity that overflows is seen in the parameter, even at a learning rate of zero")
  func overflowingVelocity() throws {
    for (isNesterov, tier) in [false, true].flatMap({ each in
      KernelTier.available.map { (each, $0) }
    }) {
      var descent = try Descent(
        .sgd(momentum: 0.9, isNesterov: isNesterov), [1, 1] as [Float], kernels: tier)
      let isFirstFinite = descent.step([1, 1.5e38], learningRate: 0)
      _ = descent.step([1, 1.5e38], learningRate: 0)
      let isThirdFinite = descent.step([1, 1.5e38], learningRate: 0)
      #expect(isFirstFinite && !isThirdFinite)
    }
  }

  @Test("a variance that rounding has made negative is zero, and no number is lost to its root")
  func negativeVariance() throws {
    var descent = try Descent<Float>(.rmsProp(smoothing: 0, isCentered: true), [0, 0])
    for _ in 0..<10 {
      let isFinite = descent.step([0.1, 3e-3], learningRate: 1e-9)
      #expect(isFinite)
    }
  }
}

private struct TorchOptimizers: Decodable {
  struct Values: Decodable {
    var values: [UInt32]

    enum CodingKeys: String, CodingKey {
      case values = "values_f32"
    }
  }

  struct Checkpoint: Decodable {
    var steps: Int
    var values: [UInt32]

    enum CodingKeys: String, CodingKey {
      case steps
      case values = "values_f32"
    }
  }

  struct Hyperparameters: Decodable {
    var momentum: String?
    var weightDecay: String?
    var isNesterov: Bool?
    var smoothing: String?
    var epsilon: String?
    var isCentered: Bool?
    var beta1: String?
    var beta2: String?

    enum CodingKeys: String, CodingKey {
      case momentum = "momentum_f64"
      case weightDecay = "weight_decay_f64"
      case isNesterov = "nesterov"
      case smoothing = "alpha_f64"
      case epsilon = "epsilon_f64"
      case isCentered = "centered"
      case beta1 = "beta1_f64"
      case beta2 = "beta2_f64"
    }
  }

  struct Case: Decodable {
    var name: String
    var optimizer: String
    var hyperparameters: Hyperparameters
    var learningRates: [String]
    var parameters: [Checkpoint]
    var state: [String: Values]

    enum CodingKeys: String, CodingKey {
      case name, optimizer, hyperparameters, parameters, state
      case learningRates = "learning_rates_f64"
    }

    var method: Optimizer.Method {
      let h = hyperparameters
      func value(_ text: String?) -> Double { text?.double ?? .nan }
      return switch optimizer {
      case "sgd":
        .sgd(
          momentum: value(h.momentum), isNesterov: h.isNesterov ?? false,
          weightDecay: value(h.weightDecay))
      case "rmsprop":
        .rmsProp(
          smoothing: value(h.smoothing), epsilon: value(h.epsilon), momentum: value(h.momentum),
          isCentered: h.isCentered ?? false)
      case "radam": .rAdam(beta1: value(h.beta1), beta2: value(h.beta2), epsilon: value(h.epsilon))
      case "adam": .adam(beta1: value(h.beta1), beta2: value(h.beta2), epsilon: value(h.epsilon))
      default:
        .adamW(
          beta1: value(h.beta1), beta2: value(h.beta2), epsilon: value(h.epsilon),
          weightDecay: value(h.weightDecay))
      }
    }

    /// PyTorch's names of what is remembered, in the order of `Optimizer.moments`.
    var stateNames: [String] {
      switch method {
      case .sgd(let momentum, _, _): momentum == 0 ? [] : ["momentum_buffer"]
      case .rmsProp(_, _, let momentum, let isCentered):
        ["square_avg"] + (isCentered ? ["grad_avg"] : [])
          + (momentum == 0 ? [] : ["momentum_buffer"])
      case .adam, .rAdam, .adamW: ["exp_avg", "exp_avg_sq"]
      }
    }
  }

  struct Clipping: Decodable {
    var name: String
    var limit: String
    var input: [UInt32]
    var norm: [UInt32]
    var output: [UInt32]

    enum CodingKeys: String, CodingKey {
      case name
      case limit = "limit_f64"
      case input = "input_f32"
      case norm = "norm_f32"
      case output = "output_f32"
    }
  }

  var initial: [UInt32]
  var gradients: [Values]
  var cases: [Case]
  var clipping: [Clipping]

  enum CodingKeys: String, CodingKey {
    case gradients, cases, clipping
    case initial = "initial_f32"
  }
}

private struct AdamWFixture: Decodable {
  struct Step: Decodable {
    var t: Int
    var g: [UInt32]
    var p: [UInt32]
    var m: [UInt32]
    var v: [UInt32]

    enum CodingKeys: String, CodingKey {
      case t
      case g = "g_f32"
      case p = "p_f32"
      case m = "m_f32"
      case v = "v_f32"
    }
  }

  struct Case: Decodable {
    var size: Int
    var firstStep: Int
    var learningRate: String
    var beta1: String
    var beta2: String
    var epsilon: String
    var weightDecay: String
    var p: [UInt32]
    var m: [UInt32]
    var v: [UInt32]
    var steps: [Step]

    enum CodingKeys: String, CodingKey {
      case size, steps
      case firstStep = "first_step"
      case learningRate = "learning_rate_f64"
      case beta1 = "beta1_f64"
      case beta2 = "beta2_f64"
      case epsilon = "epsilon_f64"
      case weightDecay = "weight_decay_f64"
      case p = "p_f32"
      case m = "m_f32"
      case v = "v_f32"
    }
  }

  var adamW: [Case]

  enum CodingKeys: String, CodingKey {
    case adamW = "adamw"
  }
}
