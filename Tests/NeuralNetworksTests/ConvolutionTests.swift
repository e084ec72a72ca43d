import SARSAFormats
import SARSALinearAlgebra
import SARSANetworks
import SARSARandomSources
import TestSupport
import Testing

/// A network with room for passes over some rows.
private struct Passes<S: Scalar>: ~Copyable {
  let network: Network
  let block: Region
  let gradient: Region
  let inputs: Region
  let outputs: LayerOutputs
  let deltas: LayerDeltas
  var arena: Arena<S>

  init(_ text: String, rows: Int) throws {
    try self.init(#require(NetworkDescription(text)), rows: rows)
  }

  init(_ description: NetworkDescription, rows: Int) throws {
    let network = Network(description)
    var layout = ArenaLayout()
    let block = try layout.reserve(count: network.parameterCount)
    let gradient = try layout.reserve(count: network.parameterCount)
    let inputs = try layout.reserve(rows: rows, columns: description.inputs)
    let outputs = try network.reserveOutputs(rows: rows, in: &layout)
    let deltas = try network.reserveDeltas(rows: rows, in: &layout)
    arena = try Arena<S>(layout)
    (self.network, self.block, self.gradient) = (network, block, gradient)
    (self.inputs, self.outputs, self.deltas) = (inputs, outputs, deltas)
  }

  mutating func forward() -> [S] {
    let y = network.forward(inputs, parameters: block, into: outputs, in: &arena)
    return arena.values(of: y)
  }

  mutating func backward(_ delta: [S]) -> [S] {
    arena.write(delta, to: deltas.last)
    network.backward(
      inputs, parameters: block, outputs: outputs, deltas: deltas, gradient: gradient, in: &arena)
    return arena.values(of: gradient)
  }
}

/// Sizes of a convolution.
struct Sizes: Hashable, CustomStringConvertible, Sendable {
  var rows, height, width, channels, filters, size, stride: Int

  var outputHeight: Int { (height - size) / stride + 1 }
  var outputWidth: Int { (width - size) / stride + 1 }

  var text: String {
    "\(height)x\(width)x\(channels) > convolution \(filters) \(size) stride \(stride)"
  }
  var description: String { "\(rows) rows of \(text)" }

  /// The indices of a product's factors and place: x, W, y, by the definition.
  func eachTerm(_ body: (_ x: Int, _ w: Int, _ y: Int) -> Void) {
    for b in 0..<rows {
      for i in 0..<outputHeight {
        for j in 0..<outputWidth {
          for f in 0..<filters {
            for u in 0..<size {
              for v in 0..<size {
                for c in 0..<channels {
                  body(
                    ((b * height + i * stride + u) * width + j * stride + v) * channels + c,
                    ((u * size + v) * channels + c) * filters + f,
                    ((b * outputHeight + i) * outputWidth + j) * filters + f)
                }
              }
            }
          }
        }
      }
    }
  }

  static let drawn: [Sizes] = {
    var generator = PCG64(seed: 41)
    return (0..<24).map { _ in
      let size = 1 + generator.integer(below: 4)
      return Sizes(
        rows: 1 + generator.integer(below: 5), height: size + generator.integer(below: 8),
        width: size + generator.integer(below: 8), channels: 1 + generator.integer(below: 9),
        filters: 1 + generator.integer(below: 18), size: size,
        stride: 1 + generator.integer(below: 3))
    }
  }()
}

@Suite("Convolutions")
struct ConvolutionTests {
  @Test("by hand: a diagonal difference of 1 to 9 is −4 everywhere, and its gradients are sums")
  func byHand() throws {
    // The layer before passes numbers on, so that ∂L/∂x is the gradient of its bias.
    var passes = try Passes<Double>(
      "3x3x1 > convolution 1 1 > convolution 1 2", rows: 1)
    passes.arena.write([1, 0, 1, 0, 0, -1, 0], to: passes.block)
    passes.arena.write((1...9).map(Double.init), to: passes.inputs)
    #expect(passes.forward() == [-4, -4, -4, -4])
    let gradient = passes.backward([1, 1, 1, 1])
    #expect(gradient[2...] == [12, 16, 24, 28, 4])
    // ∂L/∂x = (1, 1, 0; 1, 0, −1; 0, −1, −1): its sum, and its sum with x as weights.
    #expect(gradient[1] == 0)
    #expect(gradient[0] == 1 + 2 + 4 - 6 - 8 - 9)

    let patches = Patches(height: 3, width: 3, channels: 1, size: 2)
    var layout = ArenaLayout()
    let columns = try layout.reserve(rows: 4, columns: 4)
    let x = try layout.reserve(rows: 1, columns: 9)
    var arena = try Arena<Double>(layout)
    arena.write([[Double]](repeating: [1, 0, 0, -1], count: 4).flatMap { $0 }, to: columns)
    arena.add(patches, from: columns, into: x)
    #expect(arena.values(of: x) == [1, 1, 0, 1, 0, -1, 0, -1, -1])
  }

  @Test(
    "whole numbers give exactly what seven loops give, forward and backward",
    arguments: Sizes.drawn)
  func wholeNumbers(sizes: Sizes) throws {
    try check(sizes, as: Float.self)
    try check(sizes, as: Double.self)
  }

  private func check<S: Scalar>(_ sizes: Sizes, as type: S.Type) throws {
    // The layer before has weights of one whole number, so its gradient shows ∂L/∂x.
    var passes = try Passes<S>(sizes.text, rows: sizes.rows)
    var generator = PCG64(seed: 7)
    func draw(_ count: Int) -> [Int] { (0..<count).map { _ in generator.integer(below: 19) - 9 } }
    let x = draw(passes.inputs.count)
    let area = sizes.size * sizes.size * sizes.channels
    let (w, b) = (draw(area * sizes.filters), draw(sizes.filters))
    passes.arena.write((w + b).map { S($0) }, to: passes.block)
    passes.arena.write(x.map { S($0) }, to: passes.inputs)
    let found = passes.forward()
    let places = sizes.rows * sizes.outputHeight * sizes.outputWidth
    #expect(found.count == places * sizes.filters)
    var y = (0..<found.count).map { b[$0 % sizes.filters] }
    sizes.eachTerm { y[$2] += x[$0] * w[$1] }
    #expect(found == y.map { S($0) })

    let delta = draw(found.count)
    let gradient = passes.backward(delta.map { S($0) })
    var (wDelta, bDelta) = (
      [Int](repeating: 0, count: w.count), [Int](repeating: 0, count: b.count)
    )
    sizes.eachTerm { wDelta[$1] += x[$0] * delta[$2] }
    for (i, value) in delta.enumerated() { bDelta[i % sizes.filters] += value }
    #expect(gradient == (wDelta + bDelta).map { S($0) })
  }

  @Test("the gradient of the input is exactly that of seven loops", arguments: Sizes.drawn)
  func inputGradient(sizes: Sizes) throws {
    let patches = Patches(
      height: sizes.height, width: sizes.width, channels: sizes.channels, size: sizes.size,
      stride: sizes.stride)
    #expect(patches.rows == sizes.outputHeight && patches.columns == sizes.outputWidth)
    var layout = ArenaLayout()
    let delta = try layout.reserve(rows: sizes.rows * patches.count, columns: sizes.filters)
    let weights = try layout.reserve(rows: patches.area, columns: sizes.filters)
    let columns = try layout.reserve(rows: delta.rows, columns: patches.area)
    let x = try layout.reserve(
      rows: sizes.rows, columns: sizes.height * sizes.width * sizes.channels)
    var generator = PCG64(seed: 9)
    func draw(_ count: Int) -> [Int] { (0..<count).map { _ in generator.integer(below: 19) - 9 } }
    let (d, w) = (draw(delta.count), draw(weights.count))
    var expected = [Int](repeating: 0, count: x.count)
    sizes.eachTerm { expected[$0] += d[$2] * w[$1] }
    for tier in KernelTier.available {
      var arena = try Arena<Float>(layout, kernels: tier)
      arena.write(d.map(Float.init), to: delta)
      arena.write(w.map(Float.init), to: weights)
      arena.fill(x, with: .nan)
      arena.product(delta, weights, into: columns, transposing: .second)
      arena.add(patches, from: columns, into: x)
      #expect(arena.values(of: x) == expected.map(Float.init), "\(tier)")
    }
  }

  @Test("the text form has filters, size and stride, and reads back")
  func text() throws {
    let network = NetworkDescription(
      input: .board(height: 10, width: 10, channels: 4),
      layers: [
        .convolution(filters: 16, size: 3, activation: .relu),
        .layerNormalization(byCell: true),
        .convolution(filters: 32, size: 2, stride: 2),
        .layerNormalization(activation: .silu), .dense(units: 6),
      ])
    #expect(
      network.description == """
        10x10x4 > convolution 16 3 relu > layer-normalization by-cell > convolution 32 2 stride 2 \
        > layer-normalization silu > dense 6
        """)
    #expect(NetworkDescription(network.description) == network)
    #expect(network.outputs == 6)
    // 4·4 places of 32 channels, each with a gain and a bias.
    #expect(
      Network(network).parameterCount == (36 + 1) * 16 + 2 * 16 + (64 + 1) * 32 + 2 * 512 + 513 * 6)
    #expect(
      NetworkDescription("4x4x1 > convolution 2 2 stride 1 > dense 1")?.description
        == "4x4x1 > convolution 2 2 > dense 1")
  }

  @Test(
    "a convolution that makes no sense is refused",
    arguments: [
      "4 > convolution 2 2", "4x4x1 > convolution", "4x4x1 > convolution 2",
      "3x4x1 > convolution 2 4",
      "4x3x1 > convolution 2 4", "4x4x1 > convolution 0 2", "4x4x1 > convolution 2 0",
      "4x4x1 > convolution 2 -1", "4x4x1 > convolution 2 2 stride",
      "4x4x1 > convolution 2 2 stride 0",
      "4x4x1 > convolution 2 2 stride x", "4x4x1 > convolution 2 2 relu stride 2",
      "4x4x1 > convolution 2 2 stride 2 stride 2", "4x4x1 > convolution 9223372036854775807 1",
      "4x4x1 > convolution 2 9223372036854775807", "4x4x1 > dense 3 > convolution 2 1",
      "4 > layer-normalization by-cell", "4x4x1 > layer-normalization relu by-cell",
    ])
  func nonsense(text: String) {
    #expect(NetworkDescription(text) == nil)
  }

  @Test("a stride as large as an integer is one patch")
  func largeStride() throws {
    var passes = try Passes<Float>(
      "2x2x1 > convolution 1 2 stride 9223372036854775807", rows: 1)
    passes.arena.write([1, 1, 1, 1, 0], to: passes.block)
    passes.arena.write([1, 2, 3, 4], to: passes.inputs)
    #expect(passes.forward() == [10])
  }

  @Test("filters are written as PyTorch's Conv2d has them, without a module for flattening")
  func tensors() throws {
    var passes = try Passes<Float>("3x3x2 > convolution 2 2 relu > dense 1", rows: 1)
    passes.arena.write((0..<passes.block.count).map { Float($0) }, to: passes.block)
    let tensors = passes.network.tensors(of: passes.block, in: passes.arena, prefix: "")
    // Conv2d, ReLU, Flatten, Linear.
    #expect(tensors.map(\.name) == ["0.weight", "0.bias", "3.weight", "3.bias"])
    #expect(tensors.map(\.shape) == [[2, 2, 2, 2], [2], [1, 8], [1]])
    // From the order row, column, channel, filter.
    #expect(tensors[0].values == [0, 4, 8, 12, 2, 6, 10, 14, 1, 5, 9, 13, 3, 7, 11, 15])
  }

  @Test("passes with fewer rows than reserved use the first ones, and allocate nothing")
  func fewerRows() throws {
    var passes = try Passes<Float>(
      "5x5x3 > convolution 4 3 silu > layer-normalization by-cell relu > dense 2", rows: 6)
    var generator = PCG64(seed: 1)
    passes.network.initialize(passes.block, in: &passes.arena, using: &generator)
    passes.arena.write(
      (0..<passes.inputs.count).map { _ in Float(generator.uniform(-1, 1)) }, to: passes.inputs)
    let all = passes.forward()
    _ = passes.backward(Array(repeating: 1, count: 12))
    let some = passes.inputs.rows(0..<2)
    let count = allocations {
      passes.network.forward(
        some, parameters: passes.block, into: passes.outputs, in: &passes.arena)
      passes.network.backward(
        some, parameters: passes.block, outputs: passes.outputs, deltas: passes.deltas,
        gradient: passes.gradient, in: &passes.arena)
    }
    #expect(count == 0 || !countsAllocations)
    let y = passes.network.forward(
      some, parameters: passes.block, into: passes.outputs, in: &passes.arena)
    for (found, expected) in zip(passes.arena.values(of: y), all) {
      #expect(abs(found - expected) < 1e-6)
    }
  }
}

@Suite("A convolution as a dense layer with tied weights")
struct TiedWeightTests {
  private static let sizes = Sizes(
    rows: 16, height: 5, width: 4, channels: 2, filters: 3, size: 3, stride: 1)

  /// The dense layer's parameters that do what a convolution's do: W [inputs, outputs], then b.
  private func untie(_ block: [Double], _ s: Sizes) -> [Double] {
    let (inputs, outputs) = (
      s.height * s.width * s.channels, s.outputHeight * s.outputWidth * s.filters
    )
    var result = [Double](repeating: 0, count: (inputs + 1) * outputs)
    var one = s
    one.rows = 1
    one.eachTerm { result[$0 * outputs + $2] = block[$1] }
    for y in 0..<outputs {
      result[inputs * outputs + y] = block[block.count - s.filters + y % s.filters]
    }
    return result
  }

  /// The gradient of a convolution's parameters, from that of the dense layer: sums over what is tied.
  private func tie(_ gradient: [Double], _ s: Sizes) -> [Double] {
    let (inputs, outputs) = (
      s.height * s.width * s.channels, s.outputHeight * s.outputWidth * s.filters
    )
    let weights = s.size * s.size * s.channels * s.filters
    var result = [Double](repeating: 0, count: weights + s.filters)
    var one = s
    one.rows = 1
    one.eachTerm { result[$1] += gradient[$0 * outputs + $2] }
    for y in 0..<outputs { result[weights + y % s.filters] += gradient[inputs * outputs + y] }
    return result
  }

  @Test("has the same values, and the same losses over 1,000 updates")
  func sameCurve() throws {
    let s = Self.sizes
    let outputs = s.outputHeight * s.outputWidth * s.filters
    var convolution = try Passes<Double>(s.text + " tanh > dense 2", rows: s.rows)
    var dense = try Passes<Double>(
      "\(s.height * s.width * s.channels) > dense \(outputs) tanh > dense 2", rows: s.rows)
    var generator = PCG64(seed: 12)
    convolution.network.initialize(
      convolution.block, in: &convolution.arena, using: &generator)
    let tied = (s.size * s.size * s.channels + 1) * s.filters
    var block = convolution.arena.values(of: convolution.block)
    var twin = block
    let x = (0..<convolution.inputs.count).map { _ in generator.uniform(-1, 1) }
    let targets = (0..<2 * s.rows).map { _ in generator.uniform(-1, 1) }
    convolution.arena.write(x, to: convolution.inputs)
    dense.arena.write(x, to: dense.inputs)
    var losses: [Double] = []
    for update in 0..<1_000 {
      convolution.arena.write(block, to: convolution.block)
      dense.arena.write(untie(Array(twin[..<tied]), s) + twin[tied...], to: dense.block)
      let (a, b) = (convolution.forward(), dense.forward())
      for (a, b) in zip(a, b) where !(abs(a - b) <= 1e-9) {
        Issue.record("update \(update): \(a) and \(b)")
        return
      }
      let (errors, others) = (zip(a, targets).map { $0 - $1 }, zip(b, targets).map { $0 - $1 })
      losses.append(errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count))
      let step = convolution.backward(errors)
      let whole = dense.backward(others)
      let start = whole.count - (step.count - tied)
      let twinStep = tie(Array(whole[..<start]), s) + whole[start...]
      for i in block.indices {
        block[i] -= 0.01 * step[i]
        twin[i] -= 0.01 * twinStep[i]
      }
    }
    // It learns: an equal curve that stays where it is would show little.
    #expect(losses[999] < 0.05 * losses[0], "\(losses[0]) to \(losses[999])")
  }
}
