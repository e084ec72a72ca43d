import DeepSARSA

/// The passes of an update, in an arena of their own.
struct Passes: ~Copyable {
  private let network: Network
  private var optimizer: Optimizer
  private var arena: Arena<Float>
  private let online: Region
  private let target: Region
  private let gradient: Region
  private let inputs: Region
  private let outputs: LayerOutputs
  private let targetOutputs: LayerOutputs
  private let deltas: LayerDeltas
  private let batch: Int

  init(_ shape: Shape) throws {
    let network = shape.network
    let width = network.description.inputs
    var layout = ArenaLayout()
    let online = try layout.reserve(count: network.parameterCount)
    let target = try layout.reserve(count: network.parameterCount)
    let gradient = try layout.reserve(count: network.parameterCount)
    let optimizer = try Optimizer(
      .adamW(), parameterCount: network.parameterCount, in: &layout)
    let inputs = try layout.reserve(rows: 2 * shape.batch, columns: width)
    let outputs = try network.reserveOutputs(rows: 2 * shape.batch, in: &layout)
    let targetOutputs = try network.reserveOutputs(rows: shape.batch, in: &layout)
    let deltas = try network.reserveDeltas(rows: shape.batch, in: &layout)
    var arena = try Arena<Float>(layout)
    var generator = PCG64(seed: 3)
    network.initialize(online, in: &arena, using: &generator)
    arena.copy(online, to: target)
    for row in 0..<2 * shape.batch {
      for column in 0..<width { arena[inputs, row, column] = Float(generator.uniform(-1, 1)) }
    }

    self.network = network
    self.optimizer = optimizer
    self.arena = arena
    (self.online, self.target, self.gradient) = (online, target, gradient)
    (self.inputs, self.outputs, self.targetOutputs) = (inputs, outputs, targetOutputs)
    self.deltas = deltas
    batch = shape.batch
  }

  /// An update without targets: forward and backward pass of a minibatch, and the optimiser's step.
  mutating func update() {
    let inputs = inputs.rows(0..<batch)
    network.forward(inputs, parameters: online, into: outputs, in: &arena)
    arena.fill(deltas.last, with: 1e-3)
    network.backward(
      inputs, parameters: online, outputs: outputs, deltas: deltas, gradient: gradient, in: &arena)
    _ = optimizer.update(online, gradient: gradient, learningRate: 1e-6, in: &arena)
  }

  /// The same with the passes that the targets take, and how long each phase lasts.
  mutating func run(_ record: (Phase, Duration) -> Void) {
    let clock = ContinuousClock()
    let start = clock.now
    network.forward(inputs, parameters: online, into: outputs, in: &arena)
    network.forward(
      inputs.rows(batch..<2 * batch), parameters: target, into: targetOutputs, in: &arena)
    let forward = clock.now
    arena.fill(deltas.last, with: 1e-3)
    let filled = clock.now
    network.backward(
      inputs.rows(0..<batch), parameters: online, outputs: outputs, deltas: deltas,
      gradient: gradient, in: &arena)
    let backward = clock.now
    _ = optimizer.update(online, gradient: gradient, learningRate: 1e-6, in: &arena)
    let optimized = clock.now
    record(.forward, forward - start)
    record(.backward, backward - filled)
    record(.optimize, optimized - backward)
  }
}
