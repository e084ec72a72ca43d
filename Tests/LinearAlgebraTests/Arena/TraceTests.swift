import SARSALinearAlgebra
import SARSARandomSources
import Testing

@Suite("Eligibility traces")
struct TraceTests {
  /// A trace, its gradient and parameters in an arena.
  private struct Operands<Element: Scalar>: ~Copyable {
    var arena: Arena<Element>
    let trace: Region
    let gradient: Region
    let parameters: Region

    init(_ values: [[Element]], kernels: KernelTier = .preferred) throws {
      var layout = ArenaLayout()
      let regions = try values.map { try layout.reserve(count: $0.count) }
      var arena = try Arena<Element>(layout, kernels: kernels)
      for (region, values) in zip(regions, values) { arena.write(values, to: region) }
      self.arena = arena
      (trace, gradient, parameters) = (regions[0], regions[1], regions[2])
    }

    /// A trace of each kind and a step of each, one after the other.
    mutating func results() -> [Element] {
      var results: [Element] = []
      for (replaces, correction) in [(false, 0), (true, -0.25)] {
        results.append(
          arena.updateTrace(trace, gradient: gradient, decay: 0.72, weight: 1.5, replaces: replaces)
        )
        let isFinite = arena.followTrace(
          trace, parameters: parameters, factor: 0.3, gradient: gradient, correction: correction)
        #expect(isFinite)
        results += arena.values(of: trace) + arena.values(of: parameters)
      }
      return results
    }
  }

  private static func values<Element: Scalar>(_ count: Int, as type: Element.Type) -> [[Element]] {
    var generator = PCG64(seed: UInt64(count))
    return (0..<3).map { i in
      (0..<count).map { j in
        // Every third number of the gradient is zero.
        i == 1 && j % 3 == 0 ? 0 : Element(generator.uniform(-1, 1))
      }
    }
  }

  @Test("every tier gives the same bits, for every length of tail", arguments: 0...49)
  func tiers(count: Int) throws {
    try checkTiers(count, as: Float.self)
    try checkTiers(count, as: Double.self)
  }

  private func checkTiers<Element: Scalar>(_ count: Int, as type: Element.Type) throws {
    var results: [[Element]] = []
    for tier in KernelTier.available {
      var operands = try Operands(Self.values(count, as: type), kernels: tier)
      results.append(operands.results())
    }
    for result in results { #expect(result == results[0]) }
  }

  @Test("numbers are those of the formulas, each operation rounded", arguments: [0, 1, 16, 37])
  func formulas(count: Int) throws {
    let values = Self.values(count, as: Double.self)
    var (z, p) = (values[0], values[2])
    var operands = try Operands(values)
    for (replaces, correction) in [(false, 0), (true, -0.25)] {
      let sum = operands.arena.updateTrace(
        operands.trace, gradient: operands.gradient, decay: 0.72, weight: 1.5, replaces: replaces)
      for (i, g) in values[1].enumerated() {
        z[i] = replaces ? (g != 0 ? g : 0.72 * z[i]) : 0.72 * z[i] + 1.5 * g
        p[i] = (p[i] + 0.3 * z[i]) + correction * g
      }
      #expect(operands.arena.values(of: operands.trace) == z)
      #expect(abs(sum - z.reduce(0) { $0 + abs($1) }) < 1e-13)
      _ = operands.arena.followTrace(
        operands.trace, parameters: operands.parameters, factor: 0.3, gradient: operands.gradient,
        correction: correction)
      #expect(operands.arena.values(of: operands.parameters) == p)
    }
  }

  @Test("a trace that decays is zero before it is subnormal, and a NaN stays one")
  func flushing() throws {
    for tier in KernelTier.available {
      var operands = try Operands<Float>(
        [[1e-30, 1, .nan], [0, 0, 0], [0, 0, 0]], kernels: tier)
      for _ in 0..<200 {
        _ = operands.arena.updateTrace(operands.trace, gradient: operands.gradient, decay: 0.5)
        let smallest = operands.arena.values(of: operands.trace)
        #expect(smallest.allSatisfy { $0 == 0 || $0.isNaN || $0.isNormal })
      }
      let sum = operands.arena.updateTrace(operands.trace, gradient: operands.gradient, decay: 0.5)
      #expect(operands.arena.values(of: operands.trace)[..<2] == [0, 0] && sum.isNaN)
    }
  }

  @Test("a step tells whether a parameter is no longer finite", arguments: [0, 15, 16, 40])
  func notFinite(position: Int) throws {
    for tier in KernelTier.available {
      for value in [Float.nan, .infinity, -.infinity, 1e38] {
        let numbers = [Float](repeating: 1, count: 41)
        var operands = try Operands([numbers, numbers, numbers], kernels: tier)
        operands.arena[operands.trace, 0, position] = value
        for (factor, correction) in [(1.0, 0.0), (1, 1), (10, 0)] {
          operands.arena.fill(operands.parameters, with: 1)
          let isFinite = operands.arena.followTrace(
            operands.trace, parameters: operands.parameters, factor: factor,
            gradient: operands.gradient, correction: correction)
          #expect(isFinite == (value == 1e38 && factor == 1), "\(value)·\(factor), \(tier)")
        }
      }
    }
  }
}
