internal import Glibc
package import SARSAFiles

/// A neural network in the Open Neural Network Exchange format, of single precision.
///
/// The graph is a list of nodes, each of which computes values from earlier ones. Values have names: those of
/// the input, of constant tensors, and of the nodes' outputs.
///
/// ```swift
/// var model = ONNXModel(producer: "mine", version: "1.0", input: ("x", 2), output: ("y", 2))
/// model.add(ONNXNode(.relu, ["x"], outputs: ["y"]))
/// let bytes = model.encoded()
/// ```
///
/// Source: onnx.proto and the operators' specifications, https://onnx.ai/onnx/.
package struct ONNXModel: Sendable {
  /// A value with a symbolic number of rows.
  package typealias Value = (name: String, columns: Int)

  /// A constant.
  struct Tensor: Sendable {
    let name: String
    let shape: [Int]
    let numbers: Numbers
  }

  /// The numbers of a constant.
  enum Numbers: Sendable {
    case float([Float])
    case int64([Int64])
  }

  /// The version of the format, of 2022.
  static let formatVersion = 8
  /// The version of the operators: the first with `LayerNormalization`.
  static let operatorVersion = 17

  /// The program that wrote the model.
  let producer: (name: String, version: String)
  /// What the model computes, in words.
  let summary: String
  /// Further text by keys.
  let metadata: [String: String]
  /// The only input of the graph.
  package let input: Value
  /// Its only output.
  package let output: Value
  private(set) var nodes: [ONNXNode] = []
  private(set) var tensors: [Tensor] = []

  /// A graph without nodes.
  package init(
    producer: (name: String, version: String), summary: String = "",
    metadata: [String: String] = [:], input: Value, output: Value
  ) {
    self.producer = producer
    self.summary = summary
    self.metadata = metadata
    self.input = input
    self.output = output
  }

  /// Appends a node.
  ///
  /// - Precondition: its inputs are the graph's input, tensors, or outputs of earlier nodes.
  package mutating func add(_ node: ONNXNode) { nodes.append(node) }

  /// Adds a constant.
  ///
  /// - Parameters:
  ///   - name: a name that no other value has.
  ///   - shape: the sides; empty for a single number.
  ///   - values: the numbers, row-major.
  package mutating func add(_ name: String, shape: [Int], values: [Float]) {
    tensors.append(Tensor(name: name, shape: shape, numbers: .float(values)))
  }

  /// Adds a constant vector of whole numbers, such as sizes.
  package mutating func add(_ name: String, values: [Int64]) {
    tensors.append(Tensor(name: name, shape: [values.count], numbers: .int64(values)))
  }

  /// The largest file in bytes: readers of Protocol Buffers take less than 2 GiB.
  private static let limit = Int(Int32.max)

  /// Writes the file, whole or not at all (atomically).
  ///
  /// - Throws: `SystemError`, with the code `EFBIG` for 2 GiB or more.
  package func write(to path: String) throws(SystemError) {
    let bytes = encoded()
    guard bytes.count <= Self.limit else { throw SystemError(.write, path, code: EFBIG) }
    try Files.replace(path, with: bytes)
  }
}
