import Foundation
import SARSAFormats
import SARSALinearAlgebra
import SARSANetworks
import SARSARandomSources
import TestSupport
import Testing

@Suite("A network's description")
struct DescriptionTests {
  private static let networks = [
    NetworkDescription(inputs: 2, hidden: [128, 64], outputs: 3),
    NetworkDescription(inputs: 4, hidden: [], outputs: 2),
    NetworkDescription(
      inputs: 4, hidden: [32], outputs: 2, activation: .leakyReLU, isNormalized: true,
      isDueling: true),
    NetworkDescription(
      inputs: 3,
      layers: [
        .layerNormalization(), .dense(units: 5, activation: .dsilu),
        .dense(units: 2, activation: .tanh),
      ]),
    NetworkDescription(
      inputs: 4, hidden: [5, 3], outputs: 2, activation: .leakyReLU, isNormalized: true,
      isAffine: false),
    NetworkDescription(
      input: .board(height: 5, width: 4, channels: 3),
      layers: [
        .convolution(filters: 6, size: 2, stride: 2),
        .layerNormalization(byCell: true, activation: .relu),
        .dense(units: 2),
      ]),
  ]

  @Test("is text that reads like the network, and reads back", arguments: networks)
  func text(network: NetworkDescription) throws {
    #expect(NetworkDescription(network.description) == network)
    let json = try JSONEncoder().encode([network])
    #expect(try JSONDecoder().decode([NetworkDescription].self, from: json) == [network])
  }

  @Test("names layers in a few words")
  func words() {
    #expect(Self.networks[0].description == "2 > dense 128 relu > dense 64 relu > dense 3")
    #expect(
      Self.networks[2].description
        == "4 > dense 32 > layer-normalization leaky-relu > dense 3 > dueling")
    #expect(
      Self.networks[4].description == """
        4 > dense 5 > plain-layer-normalization leaky-relu > dense 3 > plain-layer-normalization \
        leaky-relu > dense 2
        """)
  }

  @Test(
    "that makes no sense is refused",
    arguments: [
      "", "2", "2 >", "> dense 3", "x > dense 3", "2 > dense", "2 > dense 0", "2 > dense -1",
      "2 > dense 3 sigmoid", "2 > dense 3 relu relu", "2 > conv 3", "2 > dueling 3",
      "1 > dueling", "0 > dense 3", "2 > dense 99999999999", "2 > dense 3 > > dense 2",
      "2 > Dense 3", "2 > dense 16777217",
    ])
  func nonsense(text: String) throws {
    #expect(NetworkDescription(text) == nil)
    let json = try JSONEncoder().encode([text])
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([NetworkDescription].self, from: json)
    }
  }

  @Test("travels with a file, and the network is rebuilt from it", arguments: networks)
  func file(description: NetworkDescription) throws {
    let network = Network(description)
    var layout = ArenaLayout()
    let block = try layout.reserve(count: network.parameterCount)
    let other = try layout.reserve(count: network.parameterCount)
    var arena = try Arena<Float>(layout)
    var generator = PCG64(seed: 4)
    network.initialize(block, in: &arena, using: &generator)
    let folder = try TemporaryFolder()
    let path = folder.path + "/model.safetensors"
    try Safetensors(
      tensors: network.tensors(of: block, in: arena),
      metadata: [NetworkDescription.metadataKey: description.description]
    ).write(to: path)

    let file = try Safetensors(contentsOf: path)
    let found = try NetworkDescription(of: file)
    #expect(found == description)
    try Network(found).load(file, into: other, in: &arena)
    let (written, read) = (arena.values(of: block), arena.values(of: other))
    #expect(read == written)
  }

  @Test("is read off PyTorch's tensors where nothing says it")
  func inferred() throws {
    func tensor(_ name: String, _ shape: Int...) -> Safetensors.Tensor {
      .init(
        name: "q_network." + name, shape: shape,
        values: Array(repeating: 0, count: shape.reduce(1, *)))
    }
    // Linear(3, 8), LayerNorm(8), Tanh, Linear(8, 2)
    let file = Safetensors(tensors: [
      tensor("0.weight", 8, 3), tensor("0.bias", 8), tensor("1.weight", 8), tensor("1.bias", 8),
      tensor("3.weight", 2, 8), tensor("3.bias", 2),
    ])
    #expect(
      try NetworkDescription(of: file, activation: .tanh).description
        == "3 > dense 8 > layer-normalization tanh > dense 2")
    for (tensors, error) in [
      (
        [tensor("1.weight", 8, 3)],
        ModelError.missing("q_network.0.weight", found: ["q_network.1.weight"])
      ),
      ([], .missing("q_network.0.weight", found: [])),
      (
        [tensor("0.weight", 8, 3), tensor("2.weight", 2, 7)],
        .wrongShape("q_network.2.weight", found: [2, 7], expected: [-1, 8])
      ),
      (
        [tensor("0.weight", 8, 3), tensor("5.weight", 2, 8)],
        .missing("q_network.2.weight", found: ["q_network.0.weight", "q_network.5.weight"])
      ),
      (
        [tensor("0.weight", 8, 3, 1)],
        .wrongShape("q_network.0.weight", found: [8, 3, 1], expected: [-1, -1])
      ),
    ] {
      #expect(throws: error) { try NetworkDescription(of: Safetensors(tensors: tensors)) }
    }
    // A number that no network has is no layer's; loading finds it unknown.
    let strange = Safetensors(tensors: [
      tensor("0.weight", 2, 3), tensor("9223372036854775807.weight", 2, 2),
      tensor("-1.weight", 2, 2),
    ])
    #expect(try NetworkDescription(of: strange).description == "3 > dense 2")
    let foreign = Safetensors(tensors: [], metadata: ["network": "3 > conv 2"])
    #expect(throws: ModelError.unknownNetwork("3 > conv 2")) {
      try NetworkDescription(of: foreign)
    }
  }
}
