internal import DeepSARSA
internal import SARSAFormats

/// The function from an observation to its action values as an ONNX graph.
///
/// The input is `observations` [batch, inputs] as the environment gives them: their scaling is a part of the
/// graph. The output is `action_values` [batch, actions].
public enum ONNXExport: ModelExport {
  /// The word that selects the format.
  public static let name = "onnx"
  /// The ending of a file's name that selects the format.
  public static let fileExtension = "onnx"
  /// What the file is, for the help.
  public static let summary = "a graph for ONNX Runtime and others"

  /// Writes the graph.
  public static func write(_ model: borrowing ModelFile, to path: String) throws(RunError) {
    let description = model.policy.description
    var graph = ONNXModel(
      producer: ("deep-sarsa", Machine.version), summary: ModelFile.exportNote,
      metadata: model.metadata, input: ("observations", description.inputs),
      output: ("action_values", description.outputs))
    let operations = try model.operations()
    var (columns, input) = (description.inputs, graph.input.name)
    for (number, operation) in operations.enumerated() {
      let isLast = number == operations.count - 1
      let output = isLast ? graph.output.name : "value_\(number)"
      graph.add(operation, of: columns, from: input, to: output)
      (columns, input) = (operation.outputs(of: columns), output)
    }
    try converting(RunError.system) { [graph] () throws(SystemError) in try graph.write(to: path) }
  }
}

extension ONNXModel {
  /// Appends the nodes of an operation; the values within it have the name of its output before theirs.
  fileprivate mutating func add(
    _ operation: Operation, of columns: Int, from input: String, to output: String
  ) {
    func name(_ part: String) -> String { "\(output)/\(part)" }
    switch operation {
    case .subtract(let values):
      add(name("offset"), shape: [columns], values: values)
      add(ONNXNode(.subtract, [input, name("offset")], outputs: [output]))
    case .multiply(let values):
      add(name("scale"), shape: [columns], values: values)
      add(ONNXNode(.multiply, [input, name("scale")], outputs: [output]))
    case .affine(let weights, let bias):
      add(name("weight"), shape: [bias.count, columns], values: weights)
      add(name("bias"), shape: [bias.count], values: bias)
      add(
        ONNXNode(
          .gemm, [input, name("weight"), name("bias")], outputs: [output],
          attributes: [("transB", .integer(1))]))
    case .convolve(let patches, let weights, let bias):
      // The operator has channels first, an observation last.
      add(
        name("weight"), shape: [bias.count, patches.channels, patches.size, patches.size],
        values: weights)
      add(name("bias"), shape: [bias.count], values: bias)
      reshape(
        input, to: [patches.height, patches.width, patches.channels], as: name("board"), name)
      add(
        ONNXNode(
          .transpose, [name("board")], outputs: [name("planes")],
          attributes: [("perm", .integers([0, 3, 1, 2]))]))
      add(
        ONNXNode(
          .convolution, [name("planes"), name("weight"), name("bias")],
          outputs: [name("filtered")],
          attributes: [("strides", .integers([patches.stride, patches.stride]))]))
      add(
        ONNXNode(
          .transpose, [name("filtered")], outputs: [name("cells")],
          attributes: [("perm", .integers([0, 2, 3, 1]))]))
      reshape(name("cells"), to: [operation.outputs(of: columns)], as: output, name)
    case .normalize(let size, let epsilon, let affine):
      // A graph needs a gain, and may lack a bias.
      add(name("gain"), shape: [size], values: affine?.gain ?? Array(repeating: 1, count: size))
      if let affine { add(name("bias"), shape: [size], values: affine.bias) }
      let isWhole = size == columns
      let units = isWhole ? input : name("units")
      if !isWhole { reshape(input, to: [columns / size, size], as: units, name) }
      let normalized = isWhole ? output : name("normalized")
      add(
        ONNXNode(
          .layerNormalization, [units, name("gain")] + (affine == nil ? [] : [name("bias")]),
          outputs: [normalized],
          attributes: [("axis", .integer(-1)), ("epsilon", .float(epsilon))]))
      if !isWhole { reshape(normalized, to: [columns], as: output, name) }
    case .activate(let activation):
      add(activation, from: input, to: output, name)
    case .dueling:
      add(name("sizes"), values: [1, Int64(columns - 1)])
      add(
        ONNXNode(
          .split, [input, name("sizes")], outputs: [name("value"), name("advantages")],
          attributes: [("axis", .integer(-1))]))
      add(
        ONNXNode(
          .reduceMean, [name("advantages")], outputs: [name("mean")],
          attributes: [("axes", .integers([-1])), ("keepdims", .integer(1))]))
      add(ONNXNode(.subtract, [name("advantages"), name("mean")], outputs: [name("centered")]))
      add(ONNXNode(.add, [name("value"), name("centered")], outputs: [output]))
    }
  }

  /// Gives the numbers of each row other sides.
  private mutating func reshape(
    _ input: String, to sides: [Int], as output: String, _ name: (String) -> String
  ) {
    let shape = name("sides of \(output)")
    add(shape, values: [-1] + sides.map(Int64.init))
    add(ONNXNode(.reshape, [input, shape], outputs: [output]))
  }

  private mutating func add(
    _ activation: Activation, from input: String, to output: String, _ name: (String) -> String
  ) {
    switch activation {
    case .identity: add(ONNXNode(.identity, [input], outputs: [output]))
    case .relu: add(ONNXNode(.relu, [input], outputs: [output]))
    case .leakyReLU:
      add(
        ONNXNode(
          .leakyReLU, [input], outputs: [output],
          attributes: [("alpha", .float(Float(Activation.leakyReLUSlope)))]))
    case .tanh: add(ONNXNode(.tanh, [input], outputs: [output]))
    case .silu:
      add(ONNXNode(.sigmoid, [input], outputs: [name("sigmoid")]))
      add(ONNXNode(.multiply, [input, name("sigmoid")], outputs: [output]))
    case .dsilu:
      // σ·(1 + z·(1 − σ)).
      add(name("one"), shape: [], values: [1])
      add(ONNXNode(.sigmoid, [input], outputs: [name("sigmoid")]))
      add(ONNXNode(.subtract, [name("one"), name("sigmoid")], outputs: [name("rest")]))
      add(ONNXNode(.multiply, [input, name("rest")], outputs: [name("product")]))
      add(ONNXNode(.add, [name("one"), name("product")], outputs: [name("sum")]))
      add(ONNXNode(.multiply, [name("sigmoid"), name("sum")], outputs: [output]))
    }
  }
}
