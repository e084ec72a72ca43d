import Foundation
import SARSAFormats
import SARSALinearAlgebra
import SARSANetworks
import SARSARandomSources
import Testing

@Suite("Boards as input")
struct BoardTests {
  @Test("the text form has the sides, and reads back")
  func text() {
    let network = NetworkDescription(
      input: .board(height: 10, width: 9, channels: 4),
      layers: [.dense(units: 8, activation: .relu), .dense(units: 3)])
    #expect(network.description == "10x9x4 > dense 8 relu > dense 3")
    #expect(NetworkDescription(network.description) == network)
    #expect(network.inputs == 360)
    #expect(network.outputs == 3)
    #expect(Network(network).parameterCount == 361 * 8 + 9 * 3)
  }

  @Test(
    "a board that makes no sense is refused",
    arguments: [
      "2x3 > dense 3", "2x3x > dense 3", "x > dense 3", "2x3x4x5 > dense 3", "2xax4 > dense 3",
      "0x3x4 > dense 3", "2x-3x-4 > dense 3", "4096x4096x2 > dense 3", "1x1x2 > dueling",
      "4294967296x4294967296x1 > dense 3", "16777216x16777216x16777216 > dense 3",
    ])
  func nonsense(text: String) {
    #expect(NetworkDescription(text) == nil)
  }

  /// A network with drawn parameters, all different.
  private struct Drawn: ~Copyable {
    let network: Network
    let block: Region
    let other: Region
    let inputs: Region
    let outputs: LayerOutputs
    var arena: Arena<Float>

    init(_ text: String, rows: Int = 1) throws {
      let network = Network(try #require(NetworkDescription(text)))
      var layout = ArenaLayout()
      let block = try layout.reserve(count: network.parameterCount)
      let other = try layout.reserve(count: network.parameterCount)
      let inputs = try layout.reserve(rows: rows, columns: network.description.inputs)
      let outputs = try network.reserveOutputs(rows: rows, in: &layout)
      var arena = try Arena<Float>(layout)
      var generator = PCG64(seed: 5)
      arena.write((0..<block.count).map { _ in Float(generator.uniform(-1, 1)) }, to: block)
      arena.write((0..<inputs.count).map { _ in Float(generator.uniform(-1, 1)) }, to: inputs)
      (self.network, self.block, self.other) = (network, block, other)
      (self.inputs, self.outputs) = (inputs, outputs)
      self.arena = arena
    }
  }

  @Test("the weights of a dense layer are written as PyTorch flattens: channel, height, width")
  func dense() throws {
    let (height, width, channels, units) = (2, 3, 4, 5)
    var drawn = try Drawn("\(height)x\(width)x\(channels) > dense \(units) tanh > dense 2")
    let tensors = drawn.network.tensors(of: drawn.block, in: drawn.arena, prefix: "")
    // Flatten, Linear, Tanh, Linear.
    #expect(tensors.map(\.name) == ["1.weight", "1.bias", "3.weight", "3.bias"])
    #expect(tensors.map(\.shape) == [[5, 24], [5], [2, 5], [2]])

    // What PyTorch computes from the file, and from the board with its channels first.
    let board = drawn.arena.values(of: drawn.inputs)
    var hidden = tensors[1].values
    for unit in 0..<units {
      for channel in 0..<channels {
        for i in 0..<height {
          for j in 0..<width {
            let column = (channel * height + i) * width + j
            hidden[unit] +=
              board[(i * width + j) * channels + channel]
              * tensors[0].values[unit * height * width * channels + column]
          }
        }
      }
    }
    let expected = (0..<2).map { output in
      (0..<units).reduce(tensors[3].values[output]) {
        $0 + Float(tanh(Double(hidden[$1]))) * tensors[2].values[output * units + $1]
      }
    }
    let q = drawn.network.forward(
      drawn.inputs, parameters: drawn.block, into: drawn.outputs, in: &drawn.arena)
    for (found, expected) in zip(drawn.arena.values(of: q), expected) {
      #expect(abs(found - expected) < 1e-5, "\(found), PyTorch would have \(expected)")
    }
  }

  @Test(
    "what is written is read back",
    arguments: [
      "2x3x4 > dense 5 tanh > dense 2", "3x2x2 > layer-normalization relu > dense 3",
      "3x2x2 > plain-layer-normalization relu > dense 3",
      "3x4x2 > convolution 3 2 relu > layer-normalization by-cell tanh > dense 2",
    ])
  func roundTrip(text: String) throws {
    var drawn = try Drawn(text)
    let file = drawn.network.model(of: drawn.block, in: drawn.arena)
    #expect(try NetworkDescription(of: file).description == text)
    try drawn.network.load(file, into: drawn.other, in: &drawn.arena)
    let (written, read) = (
      drawn.arena.values(of: drawn.block), drawn.arena.values(of: drawn.other)
    )
    #expect(written == read)
  }

  @Test("a gain per cell and channel is written with its channels first")
  func normalization() throws {
    let drawn = try Drawn("2x3x2 > layer-normalization > dense 1")
    let tensors = drawn.network.tensors(of: drawn.block, in: drawn.arena, prefix: "")
    #expect(tensors.map(\.name) == ["0.weight", "0.bias", "2.weight", "2.bias"])
    #expect(tensors[0].shape == [2, 2, 3])
    let gain = drawn.arena.values(of: drawn.block)
    #expect(tensors[0].values == [0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11].map { gain[$0] })
  }
}
