import SARSALinearAlgebra
import SARSARandomSources
import TestSupport
import Testing

@Suite("Elementwise kernels")
struct KernelTests {
  @Test("every tier gives the same bits, for every length of tail", arguments: 0...33)
  func tiers(columns: Int) throws {
    try checkTiers(Float.self, columns: columns)
    try checkTiers(Double.self, columns: columns)
  }

  private func checkTiers<Element: Scalar>(_ type: Element.Type, columns: Int) throws {
    var generator = PCG64(seed: UInt64(columns))
    let rows = 3
    let y = NaiveMatrix<Element>.real(rows, columns, using: &generator)
    let bias = NaiveMatrix<Element>.real(1, columns, using: &generator)
    let delta = NaiveMatrix<Element>.real(rows, columns, using: &generator)
    var results: [[Element]] = []
    for tier in KernelTier.available {
      var operands = try Operands(y, bias, delta, kernels: tier)
      #expect(operands.arena.kernels == tier)
      operands.arena.addBias(operands.b, to: operands.a)
      operands.arena.addBias(operands.b, to: operands.a, activation: .relu)
      operands.arena.biasGradient(
        of: .relu, at: operands.a, delta: operands.c, into: operands.b)
      var result = operands.arena.values(of: operands.a) + operands.arena.values(of: operands.b)
      result += operands.arena.values(of: operands.c)
      operands.arena.biasGradient(
        of: .identity, at: operands.a, delta: operands.c, into: operands.b)
      result += operands.arena.values(of: operands.b)
      results.append(result + (try adamW(y, delta, kernels: tier)))
    }
    for result in results { #expect(result == results[0]) }
  }

  @Test(
    "the scaling of columns is a subtraction and a product, in every tier",
    arguments: [1, 2, 7, 33])
  func scaling(columns: Int) throws {
    var generator = PCG64(seed: UInt64(columns))
    let x = NaiveMatrix<Float>.real(5, columns, using: &generator)
    let offset = NaiveMatrix<Float>.real(1, columns, using: &generator)
    let scale = NaiveMatrix<Float>.real(1, columns, using: &generator)
    let expected = x.values.indices.map {
      (x.values[$0] - offset.values[$0 % columns]) * scale.values[$0 % columns]
    }
    for tier in KernelTier.available {
      var operands = try Operands(x, offset, scale, kernels: tier)
      operands.arena.scaleColumns(of: operands.a, offset: operands.b, scale: operands.c)
      #expect(operands.arena.values(of: operands.a) == expected)
    }
  }

  /// Three AdamW steps; parameters and moments.
  private func adamW<Element: Scalar>(
    _ parameters: NaiveMatrix<Element>, _ gradient: NaiveMatrix<Element>, kernels: KernelTier
  ) throws -> [Element] {
    var layout = ArenaLayout()
    let regions = try (0..<4).map { _ in try layout.reserve(count: parameters.values.count) }
    var arena = try Arena<Element>(layout, kernels: kernels)
    arena.write(parameters.values, to: regions[0])
    arena.write(gradient.values, to: regions[1])
    for _ in 0..<3 {
      let step = AdamWStep(
        decay: 1 - 1e-5, firstWeight: 0.1, beta2: 0.999, secondWeight: 1e-3, stepSize: 3e-3,
        inverseRoot: 10, epsilon: 1e-8)
      let isFinite = arena.adamW(
        step, gradient: regions[1], parameters: regions[0], firstMoment: regions[2],
        secondMoment: regions[3])
      #expect(isFinite)
    }
    return regions.flatMap { arena.values(of: $0) }
  }

  @Test("bias and ReLU equal numpy's float32 to the bit, NaN and −0 included")
  func biasAgainstNumpy() throws {
    let fixture: KernelFixture = try fixture("kernels.json")
    #expect(!fixture.biasReLU.isEmpty)
    for each in fixture.biasReLU {
      for (activation, expected) in [
        (Activation.identity, each.sum), (.relu, each.activated),
      ] {
        for tier in KernelTier.available {
          var operands = try Operands(
            .init(rows: each.rows, columns: each.columns, values: each.y.floats),
            .init(rows: 1, columns: each.columns, values: each.bias.floats),
            .init(rows: 0, columns: 0, values: []), kernels: tier)
          operands.arena.addBias(operands.b, to: operands.a, activation: activation)
          let found = operands.arena.values(of: operands.a)
          #expect(sameBits(found, expected.floats), "\(tier) \(activation)")
        }
      }
    }
  }

  @Test("ReLU's gradient and its column sums equal numpy's float32 to the bit")
  func gradientAgainstNumpy() throws {
    let fixture: KernelFixture = try fixture("kernels.json")
    #expect(!fixture.reluBackward.isEmpty)
    for each in fixture.reluBackward {
      for tier in KernelTier.available {
        var operands = try Operands(
          .init(rows: each.rows, columns: each.columns, values: each.activation.floats),
          .init(rows: 1, columns: each.columns, values: each.columnSums.floats.map { _ in .nan }),
          .init(rows: each.rows, columns: each.columns, values: each.delta.floats), kernels: tier)
        operands.arena.biasGradient(
          of: .relu, at: operands.a, delta: operands.c, into: operands.b)
        let masked = operands.arena.values(of: operands.c)
        let sums = operands.arena.values(of: operands.b)
        #expect(sameBits(masked, each.masked.floats), "\(tier)")
        #expect(sameBits(sums, each.columnSums.floats), "\(tier)")
      }
    }
  }

  @Test("an AdamW step tells whether a parameter is no longer finite", arguments: [0, 1, 16, 40])
  func notFinite(position: Int) throws {
    for tier in KernelTier.available {
      var layout = ArenaLayout()
      let regions = try (0..<4).map { _ in try layout.reserve(count: 41) }
      var arena = try Arena<Float>(layout, kernels: tier)
      let step = AdamWStep(
        decay: 1, firstWeight: 0.1, beta2: 0.999, secondWeight: 1e-3, stepSize: 1e-3,
        inverseRoot: 1, epsilon: 1e-8)
      for (value, isFinite) in [(Float.zero, true), (.nan, false), (.infinity, false)] {
        arena[regions[0], 0, position] = value
        let found = arena.adamW(
          step, gradient: regions[1], parameters: regions[0], firstMoment: regions[2],
          secondMoment: regions[3])
        #expect(found == isFinite, "\(value) at \(position), \(tier)")
      }
    }
  }
}

/// Equal bits, or a NaN in both.
private func sameBits(_ a: [Float], _ b: [Float]) -> Bool {
  a.count == b.count
    && zip(a, b).allSatisfy { $0.bitPattern == $1.bitPattern || ($0.isNaN && $1.isNaN) }
}

private struct KernelFixture: Decodable {
  struct BiasReLU: Decodable {
    var rows: Int
    var columns: Int
    var y: [UInt32]
    var bias: [UInt32]
    var sum: [UInt32]
    var activated: [UInt32]

    enum CodingKeys: String, CodingKey {
      case rows, columns
      case y = "y_f32"
      case bias = "bias_f32"
      case sum = "sum_f32"
      case activated = "activated_f32"
    }
  }

  struct ReLUBackward: Decodable {
    var rows: Int
    var columns: Int
    var activation: [UInt32]
    var delta: [UInt32]
    var masked: [UInt32]
    var columnSums: [UInt32]

    enum CodingKeys: String, CodingKey {
      case rows, columns
      case activation = "activation_f32"
      case delta = "delta_f32"
      case masked = "masked_f32"
      case columnSums = "column_sums_f32"
    }
  }

  var biasReLU: [BiasReLU]
  var reluBackward: [ReLUBackward]

  enum CodingKeys: String, CodingKey {
    case biasReLU = "bias_relu"
    case reluBackward = "relu_backward"
  }
}
