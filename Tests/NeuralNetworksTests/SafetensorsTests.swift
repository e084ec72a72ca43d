import SARSALinearAlgebra
import SARSANetworks
import SARSARandomSources
import Testing

@Suite("safetensors")
struct SafetensorsTests {
  private let file = Safetensors(
    tensors: [
      .init(
        name: "b", shape: [2, 3],
        values: [1, -0.0, .pi, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 6]),
      .init(name: "a \"quoted\" \\ näme\n", shape: [], values: [7]),
      .init(name: "empty", shape: [0, 4], values: []),
    ], metadata: ["key": "välue", "other": "\u{1}"])

  @Test("what is written is read again, bit for bit")
  func roundTrip() throws {
    let bytes = try file.encoded()
    let read = try Safetensors(decoding: bytes)
    #expect(read.metadata == file.metadata)
    for tensor in file.tensors {
      let found = try #require(read[tensor.name])
      #expect(found.shape == tensor.shape)
      #expect(found.values.map(\.bitPattern) == tensor.values.map(\.bitPattern))
    }
    #expect(try read.encoded() == bytes)
    let headerLength = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    #expect(headerLength % 8 == 0)
  }

  @Test("every prefix of a file is refused")
  func prefixes() throws {
    let bytes = try file.encoded()
    for count in 0..<bytes.count {
      #expect(throws: SafetensorsError.self, "\(count) bytes") {
        try Safetensors(decoding: Array(bytes.prefix(count)))
      }
    }
  }

  @Test("a file with any one byte changed is refused or read, and never traps")
  func flips() throws {
    let bytes = try file.encoded()
    var refused = 0
    for i in bytes.indices {
      for bit in 0..<8 {
        var flipped = bytes
        flipped[i] ^= 1 << bit
        if (try? Safetensors(decoding: flipped)) == nil { refused += 1 }
      }
    }
    #expect(refused > bytes.count)
  }

  private static let headers = [
    "", "[]", "{", "{}x", "{\"a\":1}", "{\"a\":{}}",
    // A hole, an overlap, a byte too many, a size that disagrees.
    entry("a", "F32", "[1]", "[4,8]"),
    entry("a", "F32", "[1]", "[0,4]") + "," + entry("b", "F32", "[1]", "[2,6]"),
    entry("a", "F32", "[1]", "[0,5]"), entry("a", "F32", "[2]", "[0,4]"),
    // Names and fields twice, also in disguise.
    entry("a", "F32", "[1]", "[0,4]") + "," + entry("a", "F32", "[1]", "[4,8]"),
    entry("a", "F32", "[1]", "[0,4]") + "," + entry("\\u0061", "F32", "[1]", "[4,8]"),
    "\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}",
    // Types, numbers and shapes that do not exist.
    entry("a", "F16", "[2]", "[0,4]"), entry("a", "F32", "[-1]", "[0,4]"),
    entry("a", "F32", "[1.0]", "[0,4]"), entry("a", "F32", "[01]", "[0,4]"),
    entry("a", "F32", "[18446744073709551616]", "[0,4]"),
    entry("a", "F32", "[4294967296,4294967296]", "[0,0]"),
    entry("a", "F32", "[4294967296,4294967296,0]", "[0,0]"),
    entry("a", "F32", "[1]", "[4,0]"), entry("a", "F32", "[1]", "[0]"),
    "\"__metadata__\":{\"a\":1}", "\"__metadata__\":{\"a\":null}", "\"__metadata__\":nul",
    "\"__metadata__\":null,\"__metadata__\":null", "\"__metadata__\":[]", "\"__metadata__\":\"\"",
    "\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}",
    "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"more\":1}",
    "\"\\ud800\":{}", "\"\\x\":{}",
  ]

  private static func entry(
    _ name: String, _ type: String, _ shape: String, _ offsets: String
  ) -> String {
    "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
  }

  /// A file of a header and as many bytes of data.
  private func bytes(header: String, dataCount: Int) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> (8 * $0)) } + Array(header.utf8)
      + Array(repeating: 0, count: dataCount)
  }

  @Test("metadata that are null are none")
  func nullMetadata() throws {
    let entry = Self.entry("a", "F32", "[1]", "[0,4]")
    for metadata in ["null", " null ", "{}", " { } "] {
      let file = try Safetensors(
        decoding: bytes(header: "{\"__metadata__\":\(metadata),\(entry)}", dataCount: 4))
      #expect(file.metadata.isEmpty && file.tensors.map(\.name) == ["a"])
    }
  }

  @Test("headers that lie are refused", arguments: headers)
  func badHeaders(header: String) {
    let text = header.hasPrefix("\"") ? "{\(header)}" : header
    for dataCount in [0, 4, 8] {
      #expect(throws: SafetensorsError.self) {
        try Safetensors(decoding: bytes(header: text, dataCount: dataCount))
      }
    }
  }

  @Test("a header's length beyond the file or the limit is refused before anything is read")
  func lengths() {
    for length in [UInt64.max, 1 << 63, 1 << 40, 100] {
      let bytes = (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * UInt64($0))) } + [1, 2]
      #expect(throws: SafetensorsError.self) { try Safetensors(decoding: bytes) }
    }
  }

  @Test("a model with a tensor missing, unknown, of another shape or not finite is refused")
  func badModels() throws {
    let network = Network(NetworkDescription(inputs: 2, hidden: [3], outputs: 2))
    var layout = ArenaLayout()
    let block = try layout.reserve(count: network.parameterCount)
    var arena = try Arena<Float>(layout)
    var generator = PCG64(seed: 1)
    network.initialize(block, in: &arena, using: &generator)
    let good = Safetensors(tensors: network.tensors(of: block, in: arena))
    #expect(
      good.tensors.map(\.name) == [
        "q_network.0.weight", "q_network.0.bias", "q_network.2.weight", "q_network.2.bias",
      ])
    #expect(good.tensors.map(\.shape) == [[3, 2], [3], [2, 3], [2]])
    try network.load(good, into: block, in: &arena)

    var missing = good
    missing.tensors.removeLast()
    var unknown = good
    unknown.tensors.append(.init(name: "extra", shape: [1], values: [0]))
    var shaped = good
    shaped.tensors[0].shape = [2, 3]
    var short = good
    short.tensors[3].values.removeLast()
    var infinite = good
    infinite.tensors[1].values[2] = .infinity
    for bad in [missing, unknown, shaped, short, infinite] {
      #expect(throws: ModelError.self) { try network.load(bad, into: block, in: &arena) }
    }
  }

  @Test("a message about tensors lists those that are there, or says both shapes")
  func modelMessages() throws {
    let tensors = (0..<13).map { Safetensors.Tensor(name: "fc\($0)", shape: [1], values: [0]) }
    func message(_ tensors: [Safetensors.Tensor]) -> String? {
      do {
        _ = try NetworkDescription(of: Safetensors(tensors: tensors))
      } catch {
        return error.description
      }
      return nil
    }
    let missing = "tensor 'q_network.0.weight' is missing; the file has "
    #expect(message([]) == missing + "no tensors")
    #expect(message(Array(tensors.prefix(2))) == missing + "'fc0', 'fc1'")
    let ten = (0..<10).map { "'fc\($0)'" }.joined(separator: ", ")
    #expect(message(Array(tensors.prefix(10))) == missing + ten)
    #expect(message(tensors) == missing + ten + " and 3 more")
    let shapes = ModelError.wrongShape("a", found: [2, 3], expected: [-1, 2])
    #expect(shapes.description == "tensor 'a' has shape [2, 3], not [any, 2]")
  }

  @Test("new parameters lie within 1/√fan_in, fill that range, and follow the seed")
  func initialization() throws {
    let network = Network(NetworkDescription(inputs: 4, hidden: [256], outputs: 2))
    var layout = ArenaLayout()
    let blocks = try (0..<3).map { _ in try layout.reserve(count: network.parameterCount) }
    var arena = try Arena<Float>(layout)
    for (block, seed) in zip(blocks, [1, 1, 2] as [UInt64]) {
      var generator = PCG64(seed: seed)
      network.initialize(block, in: &arena, using: &generator)
    }
    for (tensor, bound) in zip(
      network.tensors(of: blocks[0], in: arena), [0.5, 0.5, 0.0625, 0.0625] as [Float])
    {
      #expect(tensor.values.allSatisfy { abs($0) <= bound })
      if tensor.values.count > 100 {
        #expect((tensor.values.max() ?? 0) > 0.9 * bound)
        #expect((tensor.values.min() ?? 0) < -0.9 * bound)
      }
    }
    let values = blocks.map { arena.values(of: $0) }
    #expect(values[0] == values[1] && values[0] != values[2])
  }
}
