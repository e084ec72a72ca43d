import DeepSARSA
import SARSAExperiments
import SARSAFormats
import TestSupport
import Testing

@Suite("Networks for other programs")
struct ModelExportTests {
  /// A field of a message: its number, and its bytes if it has a length.
  private struct Field {
    var number: Int
    var bytes: [UInt8]

    var text: String { String(decoding: bytes, as: UTF8.self) }
  }

  /// The fields of a message of Protocol Buffers.
  private func fields(of bytes: [UInt8]) throws -> [Field] {
    var reader = ByteReader(bytes)
    func varint() throws -> Int {
      var (value, shift) = (0, 0)
      while true {
        let byte: UInt8 = try reader.integer()
        value |= Int(truncatingIfNeeded: UInt64(byte & 0x7F) << shift)
        if byte < 0x80 { return value }
        shift += 7
      }
    }
    var fields: [Field] = []
    while !reader.isAtEnd {
      let tag = try varint()
      var content: [UInt8] = []
      switch tag & 7 {
      case 0: _ = try varint()
      case 2: content = Array(try reader.bytes(varint()))
      default: content = Array(try reader.bytes(tag & 7 == 5 ? 4 : 8))
      }
      fields.append(Field(number: tag >> 3, bytes: content))
    }
    return fields
  }

  @Test(
    "a graph computes every value before it uses it, once, and ends with the action values",
    arguments: [
      ("3 > dense 2", ["Gemm"]),
      (
        "4 > dense 3 > layer-normalization leaky-relu > plain-layer-normalization tanh > dense 3 > dueling",
        [
          "Gemm", "LayerNormalization", "LeakyRelu", "LayerNormalization", "Tanh", "Gemm", "Split",
          "ReduceMean", "Sub", "Add",
        ]
      ),
      (
        "2x1x2 > dense 4 relu > dense 3 silu > dense 2 dsilu",
        [
          "Gemm", "Relu", "Gemm", "Sigmoid", "Mul", "Gemm", "Sigmoid", "Sub", "Mul", "Add", "Mul",
        ]
      ),
    ])
  func graph(text: String, operators: [String]) throws {
    let folder = try TemporaryFolder()
    for isScaled in [false, true] {
      try ModelFile.write(
        drawnModel(text, isScaled: isScaled), environment: "CartPole-v1", step: 7,
        to: folder.path("m"))
      try ONNXExport.write(ModelFile(reading: folder.path("m")), to: folder.path("m.onnx"))
      let model = try fields(of: bytes(of: folder.path("m.onnx")))
      let graph = try fields(of: #require(model.first { $0.number == 7 }).bytes)
      let nodes = try graph.filter { $0.number == 1 }.map { try fields(of: $0.bytes) }
      let found = nodes.map { node in node.filter { $0.number == 4 }.map(\.text).joined() }
      #expect(found == (isScaled ? ["Sub", "Mul"] : []) + operators)

      var known: Set<String> = ["observations"]
      for tensor in graph where tensor.number == 5 {
        let name = try fields(of: tensor.bytes).filter { $0.number == 8 }.map(\.text).joined()
        #expect(known.insert(name).inserted, "\(name)")
      }
      for node in nodes {
        #expect(node.allSatisfy { $0.number != 1 || known.contains($0.text) })
        for output in node where output.number == 2 {
          #expect(known.insert(output.text).inserted, "\(output.text)")
        }
      }
      #expect(nodes.last?.first { $0.number == 2 }?.text == "action_values")
      let entries = try model.filter { $0.number == 14 }.map {
        try fields(of: $0.bytes).map(\.text)
      }
      #expect(entries.contains(["step", "7"]) && entries.contains(["network", text]))
    }
  }

  @Test("the formats of tensors have every number of the model file, and its metadata")
  func tensors() throws {
    let folder = try TemporaryFolder()
    let original = try drawnModel("2x1x2 > dense 4 relu > dense 3", isScaled: true)
    try ModelFile.write(original, environment: "CartPole-v1", step: 7, to: folder.path("m"))
    let model = try ModelFile(reading: folder.path("m"))
    try SafetensorsExport.write(model, to: folder.path("copy"))
    #expect(try bytes(of: folder.path("copy")) == bytes(of: folder.path("m")))

    try NPZExport.write(model, to: folder.path("m.npz"))
    let archive = try bytes(of: folder.path("m.npz"))
    for tensor in original.tensors {
      var values = ByteWriter()
      for value in tensor.values { values.append(value) }
      let name = Array("\(tensor.name).npy".utf8)
      let start = try #require(place(of: name, in: archive)) + name.count
      let header: UInt16 = archive.span.littleEndian(at: start + 8)
      let first = start + 10 + Int(header)
      #expect(Array(archive[first..<first + values.count]) == values.bytes, "\(tensor.name)")
    }
    let metadata = Array(#""step":"7""#.utf8).flatMap { [$0, 0, 0, 0] as [UInt8] }
    #expect(place(of: metadata, in: archive) != nil)
  }

  /// Where some bytes are first.
  private func place(of pattern: [UInt8], in bytes: [UInt8]) -> Int? {
    bytes.indices.dropLast(pattern.count - 1).first {
      bytes[$0] == pattern[0] && bytes[$0..<$0 + pattern.count].elementsEqual(pattern)
    }
  }

  @Test("a format is found by its name and by the ending of a file, and none has another's")
  func formats() {
    let all = ModelExports.all
    for format in all {
      #expect(ModelExports.format(named: format.name) == format)
      #expect(ModelExports.format(of: "a.b.\(format.fileExtension)") == format)
      #expect(ModelExports.format(of: "A.\(format.fileExtension.uppercased())") == format)
    }
    #expect(Set(all.map { $0.name }).count == all.count)
    #expect(ModelExports.format(named: "") == nil && ModelExports.format(of: "onnx") == nil)
  }
}
