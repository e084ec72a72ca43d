import SARSAFormats
import SARSALinearAlgebra
import SARSANetworks
import SARSARandomSources
import Testing

@Suite("Initialisers")
struct InitializerTests {
  /// Weights [inputs, units], row by row, and biases of one dense layer.
  private func draw(
    _ initializer: Initializer, inputs: Int, units: Int, activation: Activation = .relu
  ) throws -> (weights: Matrix<Double>, biases: [Double]) {
    let network = Network(
      NetworkDescription(
        inputs: inputs, layers: [.dense(units: units, activation: activation)]))
    var layout = ArenaLayout()
    let block = try layout.reserve(count: network.parameterCount)
    var arena = try Arena<Double>(layout)
    var generator = PCG64(seed: 8)
    network.initialize(block, by: initializer, in: &arena, using: &generator)
    let values = arena.values(of: block)
    return (
      Matrix(rows: inputs, columns: units, scalars: Array(values[..<(inputs * units)])),
      Array(values[(inputs * units)...])
    )
  }

  private func variance(_ values: [Double]) -> Double {
    let mean = values.reduce(0, +) / Double(values.count)
    return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
  }

  @Test("uniform ones stay within their bounds and fill them")
  func uniform() throws {
    for (initializer, bound) in [
      (Initializer.pytorch, 0.1), (.xavier, (2 * 6 / 300.0).squareRoot()),
    ] {
      let (weights, biases) = try draw(initializer, inputs: 100, units: 200)
      let largest = weights.scalars.map(abs).max() ?? 0
      #expect(largest <= bound && largest > 0.999 * bound)
      // A uniform distribution's variance is a third of its bound's square; 20,000 draws leave 2 %.
      #expect(abs(variance(weights.scalars) / (bound * bound / 3) - 1) < 0.03)
      let hasBiases = biases.contains { $0 != 0 }
      #expect(hasBiases == (initializer == .pytorch))
    }
  }

  @Test("He's are normal with the variance that keeps a layer's output as wide as its input")
  func he() throws {
    for (activation, gain) in [(Activation.relu, 2.0), (.identity, 1), (.tanh, 25.0 / 9)] {
      let (weights, biases) = try draw(.he, inputs: 100, units: 200, activation: activation)
      #expect(abs(variance(weights.scalars) / (gain / 100) - 1) < 0.03)
      // Of a normal distribution 68.27 % lie within one deviation, 95.45 % within two.
      let deviation = (gain / 100).squareRoot()
      let shares = [1.0, 2].map { width in
        Double(weights.scalars.count { abs($0) < width * deviation }) / 20_000
      }
      #expect(abs(shares[0] - 0.6827) < 0.01 && abs(shares[1] - 0.9545) < 0.005, "\(shares)")
      #expect(biases.allSatisfy { $0 == 0 })
    }
  }

  @Test("orthogonal ones have orthonormal rows or columns, times the gain")
  func orthogonal() throws {
    for (inputs, units) in [(5, 5), (20, 7), (7, 20), (1, 3), (3, 1)] {
      let (weights, biases) = try draw(.orthogonal, inputs: inputs, units: units)
      let product =
        inputs >= units ? weights.transposed() * weights : weights * weights.transposed()
      let error = (product - 2 * Matrix<Double>.identity(min(inputs, units))).maximumNorm
      #expect(error < 1e-14, "\(inputs)×\(units)")
      #expect(biases.allSatisfy { $0 == 0 })
    }
  }

  @Test("orthogonal ones are spread over all rotations: each sign of each entry is as likely")
  func orthogonalSigns() throws {
    var generator = PCG64(seed: 1)
    let network = Network(NetworkDescription(inputs: 2, layers: [.dense(units: 2)]))
    var layout = ArenaLayout()
    let block = try layout.reserve(count: network.parameterCount)
    var arena = try Arena<Double>(layout)
    var positive = [0, 0, 0, 0]
    for _ in 0..<2_000 {
      network.initialize(block, by: .orthogonal, in: &arena, using: &generator)
      let values = arena.values(of: block)
      for i in 0..<4 where values[i] > 0 { positive[i] += 1 }
    }
    // Four standard deviations of 2,000 coins are 90.
    #expect(positive.allSatisfy { abs($0 - 1_000) < 90 }, "\(positive)")
  }

  @Test("sparse ones give each unit a tenth of its inputs, and at least one")
  func sparse() throws {
    for (inputs, units, kept) in [(64, 30, 6), (2, 8, 1), (10, 5, 1), (100, 3, 10)] {
      let (weights, biases) = try draw(.sparse, inputs: inputs, units: units)
      let bound = 1 / Double(inputs).squareRoot()
      for unit in 0..<units {
        let column = (0..<inputs).map { weights[$0, unit] }
        #expect(column.count { $0 != 0 } == kept)
        #expect(column.allSatisfy { abs($0) <= bound })
      }
      #expect(biases.allSatisfy { $0 == 0 })
    }
    // The rounding of the authors' program leaves nothing of up to nine inputs.
    for (inputs, kept) in [(1, 0), (9, 0), (10, 1), (19, 1), (64, 6)] {
      let (weights, _) = try draw(.streamingDRL, inputs: inputs, units: 4)
      for unit in 0..<4 {
        #expect((0..<inputs).count { weights[$0, unit] != 0 } == kept)
      }
    }
    // Every input is chosen by someone.
    let (weights, _) = try draw(.sparse, inputs: 20, units: 200)
    for input in 0..<20 {
      #expect((0..<200).contains { weights[input, $0] != 0 })
    }
  }

  @Test("a normalisation starts with gains of one and biases of zero, whatever the initialiser")
  func normalization() throws {
    for initializer in Initializer.allCases {
      let network = Network(NetworkDescription(inputs: 3, layers: [.layerNormalization()]))
      var layout = ArenaLayout()
      let block = try layout.reserve(count: network.parameterCount)
      var arena = try Arena<Float>(layout)
      var generator = PCG64(seed: 1)
      network.initialize(block, by: initializer, in: &arena, using: &generator)
      let values = arena.values(of: block)
      #expect(values == [1, 1, 1, 0, 0, 0])
    }
  }

  @Test("new parameters lie within 1/√fan_in, fill that range, and follow the seed")
  func initialization() throws {
    let network = Network(NetworkDescription(inputs: 4, hidden: [256], outputs: 2))
    var layout = ArenaLayout()
    let blocks = try (0..<3).map { _ in try layout.reserve(count: network.parameterCount) }
    var arena = try Arena<Float>(layout)
    for (block, seed) in zip(blocks, [1, 1, 2] as [UInt64]) {
      var generator = PCG64(seed: seed)
      network.initialize(block, in: &arena, using: &generator)
    }
    for (tensor, bound) in zip(
      network.tensors(of: blocks[0], in: arena), [0.5, 0.5, 0.0625, 0.0625] as [Float])
    {
      #expect(tensor.values.allSatisfy { abs($0) <= bound })
      if tensor.values.count > 100 {
        #expect((tensor.values.max() ?? 0) > 0.9 * bound)
        #expect((tensor.values.min() ?? 0) < -0.9 * bound)
      }
    }
    let values = blocks.map { arena.values(of: $0) }
    #expect(values[0] == values[1] && values[0] != values[2])
  }
}
