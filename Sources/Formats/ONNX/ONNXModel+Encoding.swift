// The messages of onnx.proto, each with the numbers of its fields.

extension ONNXModel {
  /// The file's bytes, a `ModelProto`.
  ///
  /// Equal models give equal bytes.
  ///
  /// - Complexity: O(n) for n bytes, which are in memory four times while a tensor is written.
  package func encoded() -> [UInt8] {
    var message = ProtobufWriter()
    message.write(Self.formatVersion, to: 1)
    message.write(producer.name, to: 2)
    message.write(producer.version, to: 3)
    message.write(summary, to: 6)
    message.write(to: 7, writeGraph)
    message.write(to: 8) { set in
      // The operators of ONNX itself have no domain.
      set.write("", to: 1)
      set.write(Self.operatorVersion, to: 2)
    }
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      message.write(to: 14) { entry in
        entry.write(key, to: 1)
        entry.write(value, to: 2)
      }
    }
    return message.bytes
  }

  /// A `GraphProto`.
  private func writeGraph(_ message: inout ProtobufWriter) {
    for node in nodes { message.write(to: 1, node.write) }
    message.write("network", to: 2)
    for tensor in tensors { message.write(to: 5, tensor.write) }
    for (value, field) in [(input, 11), (output, 12)] {
      message.write(to: field) { Self.write(value, to: &$0) }
    }
  }

  /// A `ValueInfoProto` of single precision, with a named number of rows.
  private static func write(_ value: Value, to message: inout ProtobufWriter) {
    message.write(value.name, to: 1)
    message.write(to: 2) { type in
      type.write(to: 1) { tensor in
        tensor.write(Tensor.float, to: 1)
        tensor.write(to: 2) { shape in
          shape.write(to: 1) { $0.write("batch", to: 2) }
          shape.write(to: 1) { $0.write(value.columns, to: 1) }
        }
      }
    }
  }
}

extension ONNXModel.Tensor {
  /// The numbers of types in `TensorProto.DataType`.
  fileprivate static let float = 1
  private static let int64 = 7

  /// A `TensorProto`.
  fileprivate func write(to message: inout ProtobufWriter) {
    for side in shape { message.write(side, to: 1) }
    var data = ByteWriter()
    switch numbers {
    case .float(let values):
      message.write(Self.float, to: 2)
      for value in values { data.append(value) }
    case .int64(let values):
      message.write(Self.int64, to: 2)
      for value in values { data.append(value) }
    }
    message.write(name, to: 8)
    message.write(data.bytes, to: 9)
  }
}

extension ONNXNode {
  /// A `NodeProto`.
  fileprivate func write(to message: inout ProtobufWriter) {
    for name in inputs { message.write(name, to: 1) }
    for name in outputs { message.write(name, to: 2) }
    message.write(operation.rawValue, to: 4)
    for (name, value) in attributes {
      message.write(to: 5) { attribute in
        attribute.write(name, to: 1)
        value.write(to: &attribute)
      }
    }
  }
}

extension ONNXNode.Attribute {
  /// The value of an `AttributeProto`, then its type.
  fileprivate func write(to message: inout ProtobufWriter) {
    switch self {
    case .float(let value):
      message.write(value, to: 2)
      message.write(1, to: 20)
    case .integer(let value):
      message.write(value, to: 3)
      message.write(2, to: 20)
    case .integers(let values):
      for value in values { message.write(value, to: 8) }
      message.write(7, to: 20)
    }
  }
}
