import SARSALinearAlgebra
import SARSARandomSources
import Testing

@Suite("Activations")
struct ActivationTests {
  @Test(
    "smooth activations and derivatives of floats are within 1 ULP, at every exponent",
    arguments: SmoothFunction.all)
  func floats(function: SmoothFunction) throws {
    let arguments = sampledFloats().filter { function.accepts(Double($0)) }
    let found = try function(arguments)
    for (argument, value) in zip(arguments, found) {
      let reference = function.reference(Double(argument))
      let error = (Double(value) - reference).magnitude / Double(Float(reference).ulp)
      #expect(error < 1, "\(value), not \(reference), at \(argument)")
    }
  }

  @Test(
    "smooth activations and derivatives of doubles are within a few ULP of the C library's",
    arguments: SmoothFunction.all)
  func doubles(function: SmoothFunction) throws {
    let arguments = sampledDoubles().filter { function.accepts($0) }
    let found = try function(arguments)
    for (argument, value) in zip(arguments, found) {
      let reference = function.reference(argument)
      let error = ((value - reference) / reference.ulp).magnitude
      #expect(error <= function.doubleULPs, "\(value), not \(reference), at \(argument)")
    }
  }

  @Test("signed zeros, infinities and NaN give each function's limits", arguments: [true, false])
  func specials(isDouble: Bool) throws {
    try isDouble ? checkSpecials(Double.self) : checkSpecials(Float.self)
  }

  private func checkSpecials<Element: Scalar>(_ type: Element.Type) throws {
    let arguments: [Element] = [-.infinity, -0.0, 0, .infinity, .nan]
    let slope: Element = 0.01
    let expected: [Activation: (values: [Element], derivatives: [Element])] = [
      .identity: (arguments, [1, 1, 1, 1, 1]),
      .relu: ([0, -0.0, 0, .infinity, .nan], [0, 0, 0, 1, 1]),
      .leakyReLU: (arguments, [slope, slope, slope, 1, 1]),
      // An output of tanh is never infinite; the formula is.
      .tanh: ([-1, -0.0, 0, 1, .nan], [-.infinity, 1, 1, -.infinity, .nan]),
      .silu: ([-0.0, -0.0, 0, .infinity, .nan], [-0.0, 0.5, 0.5, 1, .nan]),
      .dsilu: ([-0.0, 0.5, 0.5, 1, .nan], [-0.0, 0.5, 0.5, -0.0, .nan]),
    ]
    for activation in Activation.allCases {
      let (values, derivatives) = try #require(expected[activation])
      for tier in KernelTier.available {
        let foundValues = try LinearAlgebraTests.values(
          of: activation, at: arguments, kernels: tier)
        let foundDerivatives = try LinearAlgebraTests.derivatives(
          of: activation, at: arguments, kernels: tier)
        #expect(sameBits(foundValues, values), "\(activation): \(foundValues)")
        #expect(sameBits(foundDerivatives, derivatives), "\(activation)′: \(foundDerivatives)")
      }
    }
  }

  @Test("every tier gives the same bits for every sampled number", arguments: Activation.allCases)
  func tiers(activation: Activation) throws {
    try checkTiers(activation, at: sampledFloats())
    try checkTiers(activation, at: sampledDoubles())
  }

  private func checkTiers<Element: Scalar>(_ activation: Activation, at z: [Element]) throws {
    let values = try values(of: activation, at: z, kernels: .baseline)
    let derivatives = try derivatives(of: activation, at: z, kernels: .baseline)
    for tier in KernelTier.available {
      let otherValues = try LinearAlgebraTests.values(of: activation, at: z, kernels: tier)
      let otherDerivatives = try LinearAlgebraTests.derivatives(
        of: activation, at: z, kernels: tier)
      #expect(sameBits(otherValues, values), "\(tier)")
      #expect(sameBits(otherDerivatives, derivatives), "\(tier)")
    }
  }

  @Test("in place or not, and in rows of any length, an element's bits are the same")
  func inPlace() throws {
    var generator = PCG64(seed: 3)
    for activation in Activation.allCases {
      for columns in [0, 1, 2, 3, 7, 15, 16, 17, 33, 64, 67] {
        let z = NaiveMatrix<Float>.real(3, columns, using: &generator)
        let bias = NaiveMatrix<Float>.real(1, columns, using: &generator)
        let sums = (0..<z.values.count).map { z.values[$0] + bias.values[$0 % columns] }
        let expected = try values(of: activation, at: sums, kernels: .baseline)
        for tier in KernelTier.available {
          var apart = try Operands(z, bias, z, kernels: tier)
          apart.arena.addBias(apart.b, to: apart.a, activation: activation, into: apart.c)
          let (input, output) = (apart.arena.values(of: apart.a), apart.arena.values(of: apart.c))
          #expect(input == sums && output == expected, "\(activation), \(columns), \(tier)")
          var inPlace = try Operands(z, bias, z, kernels: tier)
          inPlace.arena.addBias(inPlace.b, to: inPlace.a, activation: activation)
          let overwritten = inPlace.arena.values(of: inPlace.a)
          #expect(overwritten == expected, "\(activation), \(columns), \(tier)")
        }
      }
    }
  }

  @Test("a gradient is multiplied by the derivative, and its columns are summed from the first row")
  func gradients() throws {
    var generator = PCG64(seed: 4)
    for activation in Activation.allCases {
      for columns in [0, 1, 3, 16, 33, 67] {
        let values = NaiveMatrix<Double>.real(5, columns, using: &generator)
        let delta = NaiveMatrix<Double>.real(5, columns, using: &generator)
        let nan = NaiveMatrix<Double>(
          rows: 1, columns: columns, values: .init(repeating: .nan, count: columns))
        let derivative = try derivatives(of: activation, at: values.values)
        let products = zip(delta.values, derivative).map { $0 * $1 }
        var sums = [Double](repeating: 0, count: columns)
        for i in products.indices { sums[i % columns] += products[i] }
        for tier in KernelTier.available {
          var operands = try Operands(values, delta, nan, kernels: tier)
          operands.arena.biasGradient(
            of: activation, at: operands.a, delta: operands.b, into: operands.c)
          let (found, foundSums) = (
            operands.arena.values(of: operands.b), operands.arena.values(of: operands.c)
          )
          #expect(found == products && foundSums == sums, "\(activation), \(columns), \(tier)")
        }
      }
    }
  }

  @Test("derivatives equal central differences", arguments: Activation.allCases)
  func centralDifferences(activation: Activation) throws {
    let step = 0x1p-17
    let z = stride(from: -8, through: 8, by: 0.125).map { $0 + 0.03 }
    let above = try values(of: activation, at: z.map { $0 + step })
    let below = try values(of: activation, at: z.map { $0 - step })
    let at = activation.derivativeTakesInput ? z : try values(of: activation, at: z)
    let found = try derivatives(of: activation, at: at)
    for i in z.indices {
      let difference = (above[i] - below[i]) / (2 * step)
      #expect((found[i] - difference).magnitude < 1e-9, "at \(z[i])")
    }
  }

  @Test("leaky ReLU's slope is PyTorch's: 0.01, rounded to the scalar's type")
  func slope() throws {
    let floats: [Float] = [-3, -1e-3, 5]
    let doubles: [Double] = [-3, -1e-3, 5]
    #expect(try values(of: .leakyReLU, at: floats) == [-3 * 0.01, -1e-3 * 0.01, 5])
    #expect(try values(of: .leakyReLU, at: doubles) == [-3 * 0.01, -1e-3 * 0.01, 5])
  }

  @Test("activations have the names that files and the command line give them")
  func names() {
    #expect(
      Activation.allCases.map(\.rawValue) == [
        "identity", "relu", "leaky-relu", "tanh", "silu", "dsilu",
      ])
  }
}

// MARK: - Arguments

/// Every exponent with both signs and some significands, denormals among them, and the floats
/// around the zeros of dSiLU and of its derivative.
private func sampledFloats() -> [Float] {
  var generator = PCG64(seed: 1)
  var result: [Float] = []
  for exponent in 0..<(255 as UInt32) {
    var significands: [UInt32] = [0, 1, 0x40_0000, 0x7F_FFFF]
    for _ in 0..<4 { significands.append(UInt32(generator.integer(below: 1 << 23))) }
    for significand in significands {
      let value = Float(bitPattern: exponent << 23 | significand)
      result += [value, -value]
    }
  }
  for zero in [dsiluZero.high, dsiluPeak.high, -dsiluPeak.high] {
    let bits = Float(zero).bitPattern
    result += (bits - 300...bits + 300).map { Float(bitPattern: $0) }
  }
  // Where no function is yet at its limit.
  for _ in 0..<2000 { result.append(Float(generator.uniform(-110, 20))) }
  return result
}

/// The same for doubles, with steps away from the zeros that grow from the smallest.
private func sampledDoubles() -> [Double] {
  var generator = PCG64(seed: 2)
  var result: [Double] = []
  for exponent in stride(from: 0, to: 2047, by: 3) as StrideTo<UInt64> {
    for significand in [0, generator.next() >> 12] {
      let value = Double(bitPattern: exponent << 52 | significand)
      result += [value, -value]
    }
  }
  for zero in [dsiluZero.high, dsiluPeak.high, -dsiluPeak.high] {
    for shift in 0..<50 as Range<UInt64> {
      result.append(Double(bitPattern: zero.bitPattern + (1 << shift)))
      result.append(Double(bitPattern: zero.bitPattern - (1 << shift)))
    }
    result.append(zero)
  }
  for _ in 0..<1000 { result.append(generator.uniform(-760, 60)) }
  for _ in 0..<1000 { result.append(generator.uniform(-5, 5)) }
  return result
}

/// Equal bits, or a NaN in both.
private func sameBits<Element: Scalar>(_ a: [Element], _ b: [Element]) -> Bool {
  a.count == b.count
    && zip(a, b).allSatisfy { x, y in
      (x == y && x.sign == y.sign) || (x.isNaN && y.isNaN)
    }
}
