import Foundation
import SARSAFormats
import TestSupport
import Testing

/// What is refused at writing, and what is said of files that are something else.
@Suite("safetensors: mistakes")
struct SafetensorsFileTests {
  private static let tensor = Safetensors.Tensor(name: "a", shape: [2], values: [1, 2])

  private static func changed(_ change: (inout Safetensors.Tensor) -> Void) -> Safetensors {
    var other = tensor
    change(&other)
    return Safetensors(tensors: [tensor, other])
  }

  @Test(
    "what no reader would take is not written",
    arguments: [
      (changed { $0.name = "__metadata__" }, "a tensor has the name of the metadata, '__meta"),
      (changed { _ in }, "two tensors are named 'a'"),
      (changed { ($0.name, $0.shape) = ("b", [3]) }, "tensor 'b' has shape [3] and 2 values"),
      (changed { ($0.name, $0.shape) = ("b", [-1, -2]) }, "tensor 'b' has shape [-1, -2] and 2"),
      (changed { ($0.name, $0.shape) = ("b", [1 << 62, 4, 0]) }, "tensor 'b' has shape ["),
      (
        Safetensors(
          tensors: [tensor], metadata: ["x": String(repeating: "y", count: Safetensors.headerLimit)]
        ),
        "names, shapes and metadata take 1048656 bytes; allowed: 1048576"
      ),
    ])
  func unwritable(file: Safetensors, message: String) throws {
    let folder = try TemporaryFolder()
    let writes: [() throws -> Void] = [
      { _ = try file.encoded() }, { try file.write(to: folder.path("model")) },
    ]
    for write in writes {
      let error = #expect(throws: SafetensorsError.self) { try write() }
      #expect(error?.description.hasPrefix(message) == true)
    }
    #expect(try folder.contents() == [])
  }

  @Test("the largest metadata that are written are read again")
  func largestMetadata() throws {
    var file = Safetensors(tensors: [Self.tensor], metadata: ["x": ""])
    let header = try file.encoded().count - 16
    file.metadata["x"] = String(repeating: "y", count: Safetensors.headerLimit - header)
    #expect(try Safetensors(decoding: file.encoded()) == file)
    file.metadata["x"]?.append("yyyyyyyy")
    #expect(throws: SafetensorsError.self) { try file.encoded() }
  }

  private static let texts = [
    ("", "the file is empty"),
    ("\u{1}\u{2}\u{3}", "it has 3 bytes; allowed: 8 bytes or more"),
    ("PK\u{3}\u{4}\u{0}\u{0}\u{8}\u{8}archive/data.pkl", "a zip archive, as torch.save writes"),
    (
      "PK\u{3}\u{4}" + String(repeating: "\u{0}", count: 26) + "weight.npy",
      "arrays of numpy (.npz): save with safetensors.numpy.save_file"
    ),
    ("{\"a\": [1, 2, 3]}", "it looks like JSON"), ("[1, 2, 3, 4]", "it looks like JSON"),
    ("# Deep SARSA on OpenBLAS\n", "it looks like text"), ("text\n", "it looks like text"),
    ("<!DOCTYPE html>\n<html>", "it looks like a web page"),
    (
      "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
      "a pointer of Git LFS: `git lfs pull` fetches the file itself"
    ),
  ]
  private static let binaries: [([UInt8], String)] = [
    ([0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20], "it looks like a pickle"),
    (
      [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0], "it looks like HDF5, as Keras writes"
    ),
    ([0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 0, 3], "it looks like a gzip archive"),
    ([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 0x76, 0], "an array of numpy (.npy)"),
    ([8, 7, 0x12, 7, 0x70, 0x79, 0x74, 0x6f, 0x72, 0x63, 0x68], "it looks like an ONNX model"),
    ([UInt8](repeating: 0xff, count: 20), "its header would have 18446744073709551615 bytes"),
  ]
  private static let kinds = texts.map { (Array($0.0.utf8), $0.1) } + binaries

  @Test("a file of another kind is told by its kind", arguments: kinds)
  func otherKinds(bytes: [UInt8], message: String) throws {
    let folder = try TemporaryFolder()
    let path = folder.path("model")
    try Data(bytes).write(to: URL(filePath: path))
    let error = #expect(throws: SafetensorsError.self) { try Safetensors(contentsOf: path) }
    let description = try #require(error?.description)
    let reason = bytes.isEmpty ? "" : "not a safetensors file: "
    #expect(description.hasPrefix("'\(path)': " + reason))
    #expect(description.contains(message))
  }

  @Test("a file that ends within its header is one that was cut, whatever it begins with")
  func cut() throws {
    let bytes = try Safetensors(tensors: [Self.tensor]).encoded()
    let error = #expect(throws: SafetensorsError.self) {
      try Safetensors(decoding: Array(bytes.prefix(20)))
    }
    #expect(
      error?.description
        == "the file ends within its header: the header has \(bytes.count - 16) bytes, "
        + "the file 12 of them")
  }
}
