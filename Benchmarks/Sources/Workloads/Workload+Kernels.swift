internal import DeepSARSA

extension Workload {
  /// Every elementwise kernel on every tier that the processor has.
  ///
  /// Blocks are a hidden layer's of the notebook's minibatch, 32×128, and optimisers move its network's
  /// 8,835 parameters.
  public static var kernels: [Workload] {
    KernelTier.available.flatMap { tier in
      let activations = Activation.allCases.flatMap { activation in
        [
          Workload("bias and \(activation.rawValue), \(tier.name)") {
            try addBias(activation, on: tier)
          },
          Workload("gradient of \(activation.rawValue), \(tier.name)") {
            try biasGradient(activation, on: tier)
          },
        ]
      }
      let layers = [
        Workload("layer normalisation, \(tier.name)") { try normalize(on: tier) },
        Workload("gradient of layer normalisation, \(tier.name)") {
          try normalizationGradient(on: tier)
        },
        Workload("dueling, \(tier.name)") { try dueling(on: tier) },
        Workload("gradient of dueling, \(tier.name)") { try duelingGradient(on: tier) },
      ]
      return activations + layers + updates(of: notebookNetwork.parameterCount, on: tier)
    }
  }

  private static let rows = 32
  private static let columns = 128

  /// The biases are zero: z would grow without end.
  private static func addBias(_ activation: Activation, on tier: KernelTier) throws -> Body {
    var layout = ArenaLayout()
    let bias = try layout.reserve(count: columns)
    let z = try layout.reserve(rows: rows, columns: columns)
    let y = try layout.reserve(rows: rows, columns: columns)
    var arena = try Arena<Float>(layout, kernels: tier)
    arena.fillWithDraws(z)
    return repeating(arena) { arena in arena.addBias(bias, to: z, activation: activation, into: y) }
  }

  /// The delta, which is scaled in place, is zero: it would shrink until it is subnormal.
  private static func biasGradient(_ activation: Activation, on tier: KernelTier) throws -> Body {
    var layout = ArenaLayout()
    let values = try layout.reserve(rows: rows, columns: columns)
    let delta = try layout.reserve(rows: rows, columns: columns)
    let sums = try layout.reserve(count: columns)
    var arena = try Arena<Float>(layout, kernels: tier)
    arena.fillWithDraws(values)
    return repeating(arena) { arena in
      arena.biasGradient(of: activation, at: values, delta: delta, into: sums)
    }
  }

  private static func normalize(on tier: KernelTier) throws -> Body {
    var layout = ArenaLayout()
    let x = try layout.reserve(rows: rows, columns: columns)
    let gain = try layout.reserve(count: columns)
    let z = try layout.reserve(rows: rows, columns: columns)
    let statistics = try layout.reserve(rows: rows, columns: 2)
    var arena = try Arena<Float>(layout, kernels: tier)
    arena.fillWithDraws(x, gain)
    return repeating(arena) { arena in
      arena.normalize(x, gain: gain, epsilon: 1e-5, into: z, statistics: statistics)
    }
  }

  private static func normalizationGradient(on tier: KernelTier) throws -> Body {
    var layout = ArenaLayout()
    let x = try layout.reserve(rows: rows, columns: columns)
    let gain = try layout.reserve(count: columns)
    let z = try layout.reserve(rows: rows, columns: columns)
    let statistics = try layout.reserve(rows: rows, columns: 2)
    let gainGradient = try layout.reserve(count: columns)
    let inputDelta = try layout.reserve(rows: rows, columns: columns)
    var arena = try Arena<Float>(layout, kernels: tier)
    arena.fillWithDraws(x, gain)
    arena.normalize(x, gain: gain, epsilon: 1e-5, into: z, statistics: statistics)
    return repeating(arena) { arena in
      arena.normalizationGradient(
        x, statistics: statistics, gain: gain, delta: z, intoGain: gainGradient,
        intoInput: inputDelta)
    }
  }

  /// A state's value and three advantages.
  private static func dueling(on tier: KernelTier) throws -> Body {
    var layout = ArenaLayout()
    let x = try layout.reserve(rows: rows, columns: 4)
    let q = try layout.reserve(rows: rows, columns: 3)
    var arena = try Arena<Float>(layout, kernels: tier)
    arena.fillWithDraws(x)
    return repeating(arena) { arena in arena.dueling(x, into: q) }
  }

  private static func duelingGradient(on tier: KernelTier) throws -> Body {
    var layout = ArenaLayout()
    let delta = try layout.reserve(rows: rows, columns: 3)
    let inputDelta = try layout.reserve(rows: rows, columns: 4)
    var arena = try Arena<Float>(layout, kernels: tier)
    arena.fillWithDraws(delta)
    return repeating(arena) { arena in arena.duelingGradient(delta: delta, into: inputDelta) }
  }
}
