/// One operation of a graph.
package struct ONNXNode: Sendable {
  /// The operators that are used, under their names in a file.
  package enum Operator: String, Sendable {
    /// Sum, difference and product, number by number.
    case add = "Add"
    case subtract = "Sub"
    case multiply = "Mul"
    /// x·Wᵀ + b.
    case gemm = "Gemm"
    /// A convolution of boards whose channels come first.
    case convolution = "Conv"
    /// Mean and variance of each row to 0 and 1, then a gain and a bias.
    case layerNormalization = "LayerNormalization"
    /// The mean of each row.
    case reduceMean = "ReduceMean"
    /// Some columns, and the others.
    case split = "Split"
    /// The same numbers with other sides, and with their sides in another order.
    case reshape = "Reshape"
    case transpose = "Transpose"
    /// Functions of one number.
    case identity = "Identity"
    case leakyReLU = "LeakyRelu"
    case relu = "Relu"
    case sigmoid = "Sigmoid"
    case tanh = "Tanh"
  }

  /// A constant that belongs to the node.
  package enum Attribute: Sendable {
    case float(Float)
    case integer(Int)
    case integers([Int])
  }

  let operation: Operator
  let inputs: [String]
  let outputs: [String]
  let attributes: [(name: String, value: Attribute)]

  /// Makes a node.
  package init(
    _ operation: Operator, _ inputs: [String], outputs: [String],
    attributes: [(name: String, value: Attribute)] = []
  ) {
    self.operation = operation
    self.inputs = inputs
    self.outputs = outputs
    self.attributes = attributes
  }
}
