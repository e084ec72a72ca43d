import DeepSARSA
import TestSupport
import Testing

@Suite("Streaming against a port in numpy")
struct StreamingFixtureTests {
  @Test("actions, errors, values and parameters are those of numpy, step by step")
  func steps() throws {
    let fixture: Fixture = try fixture("streaming.json")
    var hyperparameters = Hyperparameters.streaming
    hyperparameters.network.hiddenSizes = Array(fixture.sizes[1...2])
    let (inputs, actions) = (fixture.sizes[0], fixture.sizes[3])
    var shown = try ShownSteps(hyperparameters, inputs: inputs, actions: actions, isBinary: false)
    try shown.agent.load(fixture.model)

    let (firsts, nexts) = (fixture.firsts.floats, fixture.observations.floats)
    func row(_ numbers: [Float], _ t: Int) -> [Float] {
      Array(numbers[t * inputs..<(t + 1) * inputs])
    }
    // Rounding in another order: float32 may be as far from float64 as numpy's is, times four.
    let losses = Pair(fixture.float32.losses, fixture.float64.losses)
    let values = Pair(fixture.float32.values, fixture.float64.values)
    let parameters = Pair(fixture.float32.parameters, fixture.float64.parameters)
    for pair in [losses, values, parameters] { #expect(pair.tolerance < 1e-4) }

    var state = row(firsts, 0)
    for t in fixture.ends.indices {
      let action = shown.act(on: state)
      #expect(action == fixture.actions[t], "step \(t)")
      let next = row(nexts, t)
      let update = try shown.show(
        state, action, reward: fixture.rewards[t * actions + action].double, next,
        isTerminated: fixture.ends[t] == 1, isTruncated: fixture.ends[t] == 2, learningRate: 1)
      #expect(abs(Double(update.loss) - losses.exact[t]) <= losses.tolerance, "step \(t)")
      #expect(abs(Double(update.meanValue) - values.exact[t]) <= values.tolerance, "step \(t)")
      state = fixture.ends[t] > 0 ? row(firsts, t + 1) : next
      guard (t + 1) % 50 == 0 else { continue }
      let tensors = shown.agent.model().tensors.filter { $0.name.hasPrefix("q_network") }
      let found = tensors.flatMap(\.values)
      let start = t / 50 * found.count
      for (i, number) in found.enumerated() {
        #expect(
          abs(Double(number) - parameters.exact[start + i]) <= parameters.tolerance,
          "parameter \(i) after step \(t)")
      }
    }
    #expect(shown.steps == 300 && Set(fixture.actions) == [0, 1, 2])
  }

  /// Exact numbers, and four times the largest distance of numpy's float32 from them.
  private struct Pair {
    let exact: [Double]
    let tolerance: Double

    init(_ single: [UInt32], _ double: [String]) {
      exact = double.map(\.double)
      tolerance = 4 * (zip(single.floats, exact).map { abs(Double($0) - $1) }.max() ?? 0)
    }
  }

  private struct Fixture: Decodable {
    struct Float32: Decodable {
      var losses: [UInt32]
      var values: [UInt32]
      var parameters: [UInt32]

      enum CodingKeys: String, CodingKey {
        case losses = "losses_f32"
        case values = "values_f32"
        case parameters = "parameters_f32"
      }
    }

    struct Float64: Decodable {
      var losses: [String]
      var values: [String]
      var parameters: [String]

      enum CodingKeys: String, CodingKey {
        case losses = "losses_f64"
        case values = "values_f64"
        case parameters = "parameters_f64"
      }
    }

    var sizes: [Int]
    var weights: [[UInt32]]
    var firsts: [UInt32]
    var observations: [UInt32]
    var rewards: [String]
    var ends: [Int]
    var actions: [Int]
    var float32: Float32
    var float64: Float64

    enum CodingKeys: String, CodingKey {
      case sizes, ends, actions, float32, float64
      case weights = "weights_f32"
      case firsts = "firsts_f32"
      case observations = "observations_f32"
      case rewards = "rewards_f64"
    }

    /// The initial network, with statistics of inputs that have seen nothing.
    var model: Safetensors {
      var tensors: [Safetensors.Tensor] = []
      for (i, weights) in weights.enumerated() {
        let name = "q_network.\(3 * i)."
        tensors.append(
          Safetensors.Tensor(
            name: name + "weight", shape: [sizes[i + 1], sizes[i]], values: weights.floats))
        tensors.append(
          Safetensors.Tensor(
            name: name + "bias", shape: [sizes[i + 1]],
            values: Array(repeating: 0, count: sizes[i + 1])))
      }
      for (name, value) in [("offset", 0), ("scale", 1)] as [(String, Float)] {
        tensors.append(
          Safetensors.Tensor(
            name: "input_scaling." + name, shape: [sizes[0]],
            values: Array(repeating: value, count: sizes[0])))
      }
      return Safetensors(tensors: tensors, metadata: ["input_scaling.count": "0"])
    }
  }
}
