import Glibc
import SARSAFiles
import SARSAFormats
import TestSupport
import Testing

@Suite("ONNX models")
struct ONNXModelTests {
  /// A message's field whose value has a length, up to 127 bytes.
  private func field(_ number: UInt8, _ value: [UInt8]) -> [UInt8] {
    [number << 3 | 2, UInt8(value.count)] + value
  }

  private func field(_ number: UInt8, _ text: String) -> [UInt8] {
    field(number, Array(text.utf8))
  }

  /// The type of a value [batch, columns].
  private func value(_ name: String, columns: UInt8) -> [UInt8] {
    let shape = field(1, field(2, "batch")) + field(1, [0x08, columns])
    return field(1, name) + field(2, field(1, [0x08, 1] + field(2, shape)))
  }

  @Test("have the bytes that onnx.proto gives them, field by field")
  func bytes() throws {
    var model = ONNXModel(
      producer: ("p", "1"), summary: "s", metadata: ["b": "2", "a": "1"], input: ("x", columns: 2),
      output: ("y", columns: 1))
    model.add("w", shape: [1, 2], values: [1, -2])
    model.add("n", values: [-1])
    model.add(
      ONNXNode(.gemm, ["x", "w"], outputs: ["z"], attributes: [("transB", .integer(1))]))
    model.add(
      ONNXNode(
        .leakyReLU, ["z"], outputs: ["y"],
        attributes: [("alpha", .float(0.5)), ("axes", .integers([3, 4]))]))

    let gemm =
      field(1, "x") + field(1, "w") + field(2, "z") + field(4, "Gemm")
      + field(5, field(1, "transB") + [0x18, 1, 0xA0, 0x01, 2])
    let leaky =
      field(1, "z") + field(2, "y") + field(4, "LeakyRelu")
      + field(5, field(1, "alpha") + [0x15, 0, 0, 0, 0x3F, 0xA0, 0x01, 1])
      + field(5, field(1, "axes") + [0x40, 3, 0x40, 4, 0xA0, 0x01, 7])
    let weights =
      [0x08, 1, 0x08, 2, 0x10, 1] + field(8, "w") + field(9, [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0])
    let numbers = [0x08, 1, 0x10, 7] + field(8, "n") + field(9, [UInt8](repeating: 0xFF, count: 8))
    let graph =
      field(1, gemm) + field(1, leaky) + field(2, "network") + field(5, weights)
      + field(5, numbers) + field(11, value("x", columns: 2)) + field(12, value("y", columns: 1))
    let expected =
      [0x08, 8] + field(2, "p") + field(3, "1") + field(6, "s")
      + [0x3A, UInt8(graph.count & 0x7F) | 0x80, UInt8(graph.count >> 7)] + graph
      + field(8, field(1, "") + [0x10, 17]) + field(14, field(1, "a") + field(2, "1"))
      + field(14, field(1, "b") + field(2, "2"))
    #expect(model.encoded() == expected)

    let folder = try TemporaryFolder()
    try model.write(to: folder.path("a.onnx"))
    #expect(try TestSupport.bytes(of: folder.path("a.onnx")) == expected)
    #expect(try folder.contents() == ["a.onnx"])
  }
}
