import Foundation
import SARSALinearAlgebra
import Testing

/// A smooth function that a kernel computes, beside the same by the C library in double precision.
struct SmoothFunction: Sendable, CustomTestStringConvertible {
  let activation: Activation
  let isDerivative: Bool
  /// What `Double` kernels keep to; `Float` ones are within 1.
  let doubleULPs: Double
  let reference: @Sendable (Double) -> Double

  var testDescription: String { "\(activation)\(isDerivative ? ", backward" : "")" }

  static let all: [SmoothFunction] = [
    .init(activation: .tanh, isDerivative: false, doubleULPs: 3) { tanh($0) },
    .init(activation: .silu, isDerivative: false, doubleULPs: 3) { silu($0) },
    .init(activation: .dsilu, isDerivative: false, doubleULPs: 10) { dsilu($0) },
    // As a function of y = tanh(z).
    .init(activation: .tanh, isDerivative: true, doubleULPs: 3) { (1 - $0) * (1 + $0) },
    .init(activation: .silu, isDerivative: true, doubleULPs: 10) { dsilu($0) },
    .init(activation: .dsilu, isDerivative: true, doubleULPs: 10) { dsiluDerivative($0) },
  ]

  /// What the kernel makes of arguments, by itself: no bias, and a gradient of ones.
  func callAsFunction<Element: Scalar>(
    _ arguments: [Element], kernels: KernelTier = .preferred
  ) throws -> [Element] {
    isDerivative
      ? try derivatives(of: activation, at: arguments, kernels: kernels)
      : try values(of: activation, at: arguments, kernels: kernels)
  }

  /// Whether the argument can occur: no output of tanh is beyond 1.
  func accepts(_ argument: Double) -> Bool {
    !(activation == .tanh && isDerivative && argument.magnitude > 1)
  }
}

/// activation(z), with a bias of −0, which leaves every z as it is.
func values<Element: Scalar>(
  of activation: Activation, at z: [Element], kernels: KernelTier = .preferred
) throws -> [Element] {
  var operands = try Operands<Element>(
    .init(rows: 1, columns: z.count, values: z),
    .init(rows: 1, columns: z.count, values: z.map { _ in -0.0 }),
    .init(rows: 0, columns: 0, values: []), kernels: kernels)
  operands.arena.addBias(operands.b, to: operands.a, activation: activation)
  return operands.arena.values(of: operands.a)
}

/// activation′, read off the values that it takes.
func derivatives<Element: Scalar>(
  of activation: Activation, at values: [Element], kernels: KernelTier = .preferred
) throws -> [Element] {
  let ones = NaiveMatrix<Element>(rows: 1, columns: values.count, values: values.map { _ in 1 })
  var operands = try Operands(
    .init(rows: 1, columns: values.count, values: values), ones, ones, kernels: kernels)
  operands.arena.biasGradient(
    of: activation, at: operands.a, delta: operands.b, into: operands.c)
  return operands.arena.values(of: operands.b)
}

// MARK: - References

/// x·e^z, rounded to a denormal only once.
private func product(_ x: Double, exp z: Double) -> Double {
  z < -700 ? x * exp(z / 2) * exp(z / 2) : x * exp(z)
}

private func silu(_ z: Double) -> Double {
  z < 0 ? product(z / (1 + exp(z)), exp: z) : z / (1 + exp(-z))
}

/// Where dSiLU is zero, 1 + z + e^z = 0, in two parts.
let dsiluZero = (high: -1.2784645427610737, low: -1.0946994183093437e-16)

/// Where its derivative is zero, 2 − a + (2 + a)·e^−a = 0 with a = |z|, in two parts.
let dsiluPeak = (high: 2.3993572805154675, low: 1.8464872855353363e-16)

private func dsilu(_ z: Double) -> Double {
  let w = exp(-z.magnitude)
  if z >= 0 { return (1 + w + z * w) / (1 + w) / (1 + w) }
  // Next to the zero, what z and e^z differ by from theirs there.
  let distance = (z - dsiluZero.high) - dsiluZero.low
  let sum =
    distance.magnitude < 0.1 ? distance + exp(dsiluZero.high) * expm1(distance) : 1 + z + w
  return product(sum / (1 + w) / (1 + w), exp: z)
}

private func dsiluDerivative(_ z: Double) -> Double {
  let a = z.magnitude
  let v = exp(-a)
  let distance = (a - dsiluPeak.high) - dsiluPeak.low
  let sum =
    distance.magnitude < 0.1
    ? (dsiluPeak.high - 2) * expm1(-distance) - distance * (1 - v) : 2 - a + (2 + a) * v
  return product(sum / ((1 + v) * (1 + v) * (1 + v)), exp: -a)
}
