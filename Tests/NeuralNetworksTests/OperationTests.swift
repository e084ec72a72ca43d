import SARSAFormats
import SARSALinearAlgebra
import SARSANetworks
import SARSARandomSources
import Testing

@Suite("A network as operations")
struct OperationTests {
  private static let texts =
    [
      "3 > dense 2", "3 > dense 5 relu > dense 4 > dueling",
      "3 > layer-normalization > dense 4 > layer-normalization relu > dense 2",
      "4 > plain-layer-normalization > dense 6 > plain-layer-normalization tanh > dense 2",
      "2x3x2 > dense 4 leaky-relu > dense 3",
      "2x3x2 > layer-normalization silu > plain-layer-normalization > dense 3",
      "4x5x3 > convolution 6 2 relu > dense 3",
      "6x5x2 > convolution 3 2 stride 2 > layer-normalization by-cell relu > convolution 4 1 tanh > dense 3",
    ] + Activation.allCases.map { "3 > dense 7 \($0 == .identity ? "" : $0.rawValue) > dense 2" }

  /// The definition of each operation, in double precision.
  private func apply(_ operation: Operation, to x: [Double]) -> [Double] {
    switch operation {
    case .subtract(let values): return zip(x, values).map { $0 - Double($1) }
    case .multiply(let values): return zip(x, values).map { $0 * Double($1) }
    case .affine(let weights, let bias):
      return bias.indices.map { unit in
        x.indices.reduce(Double(bias[unit])) { $0 + Double(weights[unit * x.count + $1]) * x[$1] }
      }
    case .convolve(let patches, let weights, let bias):
      return (0..<patches.count * bias.count).map { y in
        let (place, filter) = (y / bias.count, y % bias.count)
        let (i, j) = (
          place / patches.columns * patches.stride, place % patches.columns * patches.stride
        )
        var sum = Double(bias[filter])
        for channel in 0..<patches.channels {
          for u in 0..<patches.size {
            for v in 0..<patches.size {
              let w = ((filter * patches.channels + channel) * patches.size + u) * patches.size + v
              sum +=
                Double(weights[w])
                * x[((i + u) * patches.width + j + v) * patches.channels + channel]
            }
          }
        }
        return sum
      }
    case .normalize(let columns, let epsilon, let affine):
      return stride(from: 0, to: x.count, by: columns).flatMap { start in
        let unit = Array(x[start..<start + columns])
        let mean = unit.reduce(0, +) / Double(columns)
        let variance = unit.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(columns)
        return unit.indices.map { i in
          (unit[i] - mean) / (variance + Double(epsilon)).squareRoot()
            * Double(affine?.gain[i] ?? 1) + Double(affine?.bias[i] ?? 0)
        }
      }
    case .activate(let activation):
      return x.map { z in
        let sigma = 1 / (1 + exponential(-z))
        return switch activation {
        case .identity: z
        case .relu: max(0, z)
        case .leakyReLU: z < 0 ? 0.01 * z : z
        case .tanh: 2 / (1 + exponential(-2 * z)) - 1
        case .silu: z * sigma
        case .dsilu: sigma * (1 + z * (1 - sigma))
        }
      }
    case .dueling:
      let mean = x.dropFirst().reduce(0, +) / Double(x.count - 1)
      return x.dropFirst().map { x[0] + $0 - mean }
    }
  }

  /// e^x by its series, for small numbers.
  private func exponential(_ x: Double) -> Double {
    var (term, sum) = (1.0, 1.0)
    for n in 1..<80 {
      term *= x / Double(n)
      sum += term
    }
    return sum
  }

  @Test(
    "is what its forward pass computes, for every kind of layer and activation", arguments: texts)
  func forward(text: String) throws {
    let network = Network(try #require(NetworkDescription(text)))
    let rows = 5
    var layout = ArenaLayout()
    let block = try layout.reserve(count: network.parameterCount)
    let inputs = try layout.reserve(rows: rows, columns: network.description.inputs)
    let outputs = try network.reserveOutputs(rows: rows, in: &layout)
    var arena = try Arena<Float>(layout)
    var generator = PCG64(seed: 8)
    arena.write((0..<block.count).map { _ in Float(generator.uniform(-1, 1)) }, to: block)
    let x = (0..<inputs.count).map { _ in Float(generator.uniform(-2, 2)) }
    arena.write(x, to: inputs)
    let y = network.forward(inputs, parameters: block, into: outputs, in: &arena)
    let found = arena.values(of: y)

    let operations = try #require(try network.operations(of: network.model(of: block, in: arena)))
    var columns = network.description.inputs
    for operation in operations { columns = operation.outputs(of: columns) }
    #expect(columns == network.description.outputs)
    for row in 0..<rows {
      let start = row * inputs.columns
      let observation = x[start..<start + inputs.columns].map(Double.init)
      let values = operations.reduce(observation) { apply($1, to: $0) }
      for (action, value) in values.enumerated() {
        #expect(abs(Double(found[row * columns + action]) - value) < 1e-5, "row \(row)")
      }
    }
  }

  @Test("needs the network's tensors, and no others")
  func refusals() throws {
    let network = Network(try #require(NetworkDescription("2 > dense 1")))
    let weight = Safetensors.Tensor(name: "a.0.weight", shape: [1, 2], values: [1, 2])
    let bias = Safetensors.Tensor(name: "a.0.bias", shape: [1], values: [3])
    let operations = try network.operations(
      of: Safetensors(tensors: [weight, bias]), prefix: "a.")
    #expect(operations == [.affine(weights: [1, 2], bias: [3])])
    try network.requireTensors(of: Safetensors(tensors: [bias, weight]), prefix: "a.")
    var (infinite, other) = (weight, bias)
    infinite.values[1] = .infinity
    other.name = "a.1.bias"
    for tensors in [[weight], [infinite, bias], [weight, bias, other], [weight, other]] {
      #expect(throws: ModelError.self) {
        try network.requireTensors(of: Safetensors(tensors: tensors), prefix: "a.")
      }
    }
  }
}
