import SARSALinearAlgebra
import SARSANetworks
import TestSupport
import Testing

@Suite("AdamW")
struct AdamWTests {
  @Test("given equal gradients, every step equals numpy's float32 to the bit, on every tier")
  func againstNumpy() throws {
    let fixture: AdamWFixture = try fixture("kernels.json")
    #expect(fixture.adamW.count >= 8)
    for each in fixture.adamW {
      for tier in KernelTier.available {
        var parameters = AdamW.Parameters()
        parameters.beta1 = each.beta1.double
        parameters.beta2 = each.beta2.double
        parameters.epsilon = each.epsilon.double
        parameters.weightDecay = each.weightDecay.double
        var layout = ArenaLayout()
        let block = try layout.reserve(count: each.size)
        let gradient = try layout.reserve(count: each.size)
        var adamW = try AdamW(parameterCount: each.size, parameters: parameters, in: &layout)
        var arena = try Arena<Float>(layout, kernels: tier)
        arena.write(each.p.floats, to: block)
        arena.write(each.m.floats, to: adamW.firstMoment)
        arena.write(each.v.floats, to: adamW.secondMoment)
        adamW.stepCount = each.firstStep - 1
        for step in each.steps {
          arena.write(step.g.floats, to: gradient)
          let isFinite = adamW.update(
            block, gradient: gradient, learningRate: each.learningRate.double, in: &arena)
          #expect(isFinite)
          for (region, expected) in [
            (block, step.p), (adamW.firstMoment, step.m), (adamW.secondMoment, step.v),
          ] {
            let bits = arena.values(of: region).map(\.bitPattern)
            #expect(bits == expected, "step \(step.t), \(each.size) parameters, \(tier)")
          }
        }
      }
    }
  }

  @Test("the first step moves every parameter by the learning rate, against its gradient's sign")
  func firstStep() throws {
    var parameters = AdamW.Parameters()
    parameters.weightDecay = 0
    var layout = ArenaLayout()
    let block = try layout.reserve(count: 3)
    let gradient = try layout.reserve(count: 3)
    var adamW = try AdamW(parameterCount: 3, parameters: parameters, in: &layout)
    var arena = try Arena<Double>(layout)
    arena.write([1e-3, -5, 0], to: gradient)
    let isFinite = adamW.update(block, gradient: gradient, learningRate: 0.1, in: &arena)
    let moved = arena.values(of: block)
    #expect(isFinite)
    #expect(abs(moved[0] + 0.1) < 1e-5 && abs(moved[1] - 0.1) < 1e-8 && moved[2] == 0)
  }

  @Test("the decay shrinks parameters without a gradient by 1 − αλ a step")
  func decay() throws {
    var layout = ArenaLayout()
    let block = try layout.reserve(count: 1)
    let gradient = try layout.reserve(count: 1)
    var adamW = try AdamW(parameterCount: 1, in: &layout)
    var arena = try Arena<Double>(layout)
    arena.fill(block, with: 1)
    for _ in 0..<10 {
      _ = adamW.update(block, gradient: gradient, learningRate: 0.1, in: &arena)
    }
    let left = arena[block, 0, 0]
    let factor = 1 - 0.1 * 0.01
    #expect(abs(left - (0..<10).reduce(1.0) { product, _ in product * factor }) < 1e-15)
  }

  @Test("after ten million steps the bias correction is one, and nothing is lost")
  func manySteps() throws {
    var layout = ArenaLayout()
    let block = try layout.reserve(count: 1)
    let gradient = try layout.reserve(count: 1)
    var adamW = try AdamW(parameterCount: 1, in: &layout)
    var arena = try Arena<Double>(layout)
    adamW.stepCount = 10_000_000
    arena.fill(gradient, with: 1)
    arena.fill(adamW.firstMoment, with: 1)
    arena.fill(adamW.secondMoment, with: 1)
    let isFinite = adamW.update(block, gradient: gradient, learningRate: 0.1, in: &arena)
    let moved = arena[block, 0, 0]
    #expect(isFinite && abs(moved + 0.1) < 1e-8)
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
