import SARSAFormats
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
    // Holes, overlaps, a byte too many, a size that disagrees.
    entry("a", "F32", "[1]", "[4,8]"),
    entry("a", "F32", "[1]", "[0,4]") + "," + entry("b", "F32", "[1]", "[2,6]"),
    entry("a", "F32", "[1]", "[0,4]") + "," + entry("b", "F32", "[1]", "[0,4]"),
    entry("a", "F32", "[2]", "[0,8]") + "," + entry("b", "F32", "[1]", "[4,8]"),
    entry("a", "F32", "[1]", "[0,5]"), entry("a", "F32", "[2]", "[0,4]"),
    // Names and fields twice, also in disguise.
    entry("a", "F32", "[1]", "[0,4]") + "," + entry("a", "F32", "[1]", "[4,8]"),
    entry("a", "F32", "[1]", "[0,4]") + "," + entry("\\u0061", "F32", "[1]", "[4,8]"),
    "\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}",
    // Types, numbers and shapes that do not exist.
    entry("a", "F8", "[4]", "[0,4]"), entry("a", "F32", "[-1]", "[0,4]"),
    entry("a", "F64", "[1]", "[0,4]"), entry("a", "F16", "[1]", "[0,4]"),
    entry("a", "I64", "[1]", "[0,8]"), entry("a", "U8", "[1]", "[0,4]"),
    entry("a", "F32", "[1.0]", "[0,4]"), entry("a", "F32", "[-0]", "[0,0]"),
    entry("a", "F32", "[01]", "[0,4]"),
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
    var writer = ByteWriter()
    writer.append(UInt64(header.utf8.count))
    writer.append(header)
    writer.append(contentsOf: repeatElement(0, count: dataCount))
    return writer.bytes
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
      var writer = ByteWriter()
      writer.append(length)
      #expect(throws: SafetensorsError.self) {
        try Safetensors(decoding: writer.bytes + [1, 2])
      }
    }
  }
}
