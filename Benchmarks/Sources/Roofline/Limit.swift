import CProducts
import DeepSARSA
import SARSALinearAlgebra

/// The phases of a training step, in their order.
enum Phase: String, CaseIterable, Encodable {
  case act, environment, remember
  /// Sampling, targets and loss: a program cannot time them apart from outside.
  case sample
  case forward, backward, optimize, synchronize
}

/// The best time of every phase by itself, in microseconds a step of one environment: each product in
/// its fastest layout, each kernel on its fastest tier, all data near.
struct Limit {
  let shape: Shape

  func time(of phase: Phase) throws -> Double {
    switch phase {
    case .act: try forward(rows: shape.environments) / Double(shape.environments)
    case .environment: environment()
    case .remember: try copying(rows: shape.environments) / Double(shape.environments)
    case .sample: try drawing() + copying(rows: shape.batch) + targets()
    case .forward: try forward(rows: 2 * shape.batch) + forward(rows: shape.batch)
    case .backward: try backward()
    case .optimize: try optimizer()
    // Ten episodes of at most 200 steps lie between two copies.
    case .synchronize: try copyingParameters() / 2_000
    }
  }

  /// The parts of an update without targets.
  func update() throws -> [Phase: Double] {
    [
      .forward: try forward(rows: shape.batch), .backward: try backward(),
      .optimize: try optimizer(),
    ]
  }

  /// Patches, products, bias and activation of every layer.
  private func forward(rows: Int) throws -> Double {
    var sum = 0.0
    for (i, layer) in shape.layers.enumerated() {
      let rows = rows * layer.places
      if let patches = layer.patches {
        sum += try moving(patches, rows: rows) { $0.copy(patches, of: $1, into: $2) }
      }
      sum += product(rows, layer.units, layer.inputs)
      sum += try fastestTier { tier in
        let block = try Block(rows: rows, columns: layer.units, kernels: tier)
        return block.time {
          $0.arena.addBias(
            $0.vector, to: $0.a, activation: i + 1 < shape.layers.count ? .relu : .identity)
        }
      }
    }
    return sum
  }

  private func backward() throws -> Double {
    var sum = 0.0
    for (i, layer) in shape.layers.enumerated() {
      let rows = shape.batch * layer.places
      sum += product(layer.inputs, layer.units, rows)
      if i > 0 { sum += product(rows, layer.inputs, layer.units) }
      if i > 0, let patches = layer.patches {
        sum += try moving(patches, rows: rows) { $0.add(patches, from: $2, into: $1) }
      }
      sum += try fastestTier { tier in
        let block = try Block(rows: rows, columns: layer.units, kernels: tier)
        return block.time {
          $0.arena.biasGradient(
            of: i + 1 < shape.layers.count ? .relu : .identity, at: $0.b, delta: $0.a,
            into: $0.vector)
        }
      }
    }
    return sum
  }

  /// Numbers between boards and the rows of their patches.
  private func moving(
    _ patches: Patches, rows: Int, _ move: (inout Arena<Float>, Region, Region) -> Void
  ) throws -> Double {
    try fastestTier { tier in
      var layout = ArenaLayout()
      let boards = try layout.reserve(
        rows: rows / patches.count, columns: patches.height * patches.width * patches.channels)
      let columns = try layout.reserve(rows: rows, columns: patches.area)
      var arena = try Arena<Float>(layout, kernels: tier)
      return leastTime { move(&arena, boards, columns) }
    }
  }

  private func optimizer() throws -> Double {
    try fastestTier { tier in
      let block = try Block(rows: 1, columns: shape.parameters, kernels: tier)
      let step = AdamWStep(
        decay: 1 - 1e-5, firstWeight: 0.1, beta2: 0.999, secondWeight: 1e-3, stepSize: 1e-3,
        inverseRoot: 1, epsilon: 1e-8)
      return block.time {
        _ = $0.arena.adamW(
          step, gradient: $0.vector, parameters: $0.a, firstMoment: $0.b, secondMoment: $0.c)
      }
    }
  }

  /// The greedy action of every row, and the loss with its gradient.
  private func targets() throws -> Double {
    let block = try Block(rows: shape.batch, columns: 3)
    let chosen = Array(repeating: 1, count: shape.batch)
    let zeros = Array(repeating: Float.zero, count: shape.batch)
    var errors = zeros
    var actions = chosen
    return block.time { block in
      block.arena.withSpan(of: block.a) { values in
        for row in 0..<actions.count {
          actions[row] = Policy.greedy(values, row: row, of: 3)
        }
      }
      _ = Loss.meanSquaredError.evaluate(
        outputs: block.a, chosen: actions, targets: zeros, weights: zeros, errors: &errors,
        gradient: block.b, in: &block.arena)
    }
  }

  private func environment() -> Double {
    var car = TimeLimit(MountainCar(), maximumSteps: 200)
    var observation: [Float] = [0, 0]
    car.reset(seed: 1)
    var action = 0
    return leastTime {
      let step = car.step(action)
      if step.isLast { car.reset(seed: nil) }
      action = step.isTruncated ? 0 : 2 - action
      var span = observation.mutableSpan
      car.observe(into: &span)
    }
  }

  /// Records of eight floats from one table to another, both near.
  private func copying(rows: Int) throws -> Double {
    var from = Array(repeating: SIMD8<Float>(repeating: 1), count: 512)
    var to = Array(repeating: SIMD8<Float>.zero, count: rows)
    var start = 0
    return leastTime {
      for row in 0..<to.count { to[row] = from[(start &+ row &* 37) & 511] }
      start &+= 1
      from[start & 511] = to[0]
    }
  }

  private func drawing() throws -> Double {
    var generator = PCG64(seed: 1)
    var slots = Array(repeating: 0, count: shape.batch)
    return leastTime {
      for row in 0..<slots.count { slots[row] = generator.integer(below: 1_000_000) }
    }
  }

  private func copyingParameters() throws -> Double {
    let block = try Block(rows: 1, columns: shape.parameters)
    return block.time { $0.arena.copy($0.a, to: $0.b) }
  }

  /// A product into m rows and n columns with an inner side k, in the fastest of the four layouts.
  private func product(_ m: Int, _ n: Int, _ k: Int) -> Double {
    products_least_time(Int32(m), Int32(n), Int32(k))
  }

  private func fastestTier(_ time: (KernelTier) throws -> Double) rethrows -> Double {
    var least = Double.infinity
    for tier in KernelTier.available { least = min(least, try time(tier)) }
    return least
  }
}

/// Three matrices of a size and a vector as long as one, or as wide if there are several rows.
private struct Block: ~Copyable {
  var arena: Arena<Float>
  let a: Region
  let b: Region
  let c: Region
  let vector: Region

  init(rows: Int, columns: Int, kernels: KernelTier = .preferred) throws {
    var layout = ArenaLayout()
    let a = try layout.reserve(rows: rows, columns: columns)
    let b = try layout.reserve(rows: rows, columns: columns)
    let c = try layout.reserve(rows: rows, columns: columns)
    let vector = try layout.reserve(count: columns)
    var arena = try Arena<Float>(layout, kernels: kernels)
    for region in [a, b, c, vector] { arena.fill(region, with: 0.5) }
    self.arena = arena
    (self.a, self.b, self.c, self.vector) = (a, b, c, vector)
  }

  consuming func time(_ body: (inout Block) -> Void) -> Double {
    var block = self
    return leastTime { body(&block) }
  }
}
