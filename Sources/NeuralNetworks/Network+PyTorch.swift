public import SARSALinearAlgebra

extension Network {
  /// The parameters under PyTorch's names, in PyTorch's layout.
  ///
  /// Modules are numbered as in `torch.nn.Sequential(Linear, ReLU, Linear, …)`: an activation takes
  /// a number of its own. Weights are transposed to [outputs, inputs].
  /// `model.load_state_dict(safetensors.torch.load_file(path))` takes the file as it is.
  ///
  /// - Complexity: O(n), one array a tensor.
  public func tensors(
    of parameters: Region, in arena: borrowing Arena<Float>, prefix: String = "q_network."
  ) -> [Safetensors.Tensor] {
    namedLayers(prefix: prefix).flatMap { name, layer -> [Safetensors.Tensor] in
      switch layer {
      case .dense(let dense):
        let weights = arena.values(of: dense.weights(of: parameters))
        return [
          .init(
            name: name + ".weight", shape: [dense.units, dense.inputs],
            values: transposed(weights, rows: dense.inputs, columns: dense.units)),
          .init(
            name: name + ".bias", shape: [dense.units],
            values: arena.values(of: dense.bias(of: parameters))),
        ]
      }
    }
  }

  /// Reads the parameters that `tensors(of:in:prefix:)` wrote, or PyTorch.
  ///
  /// - Throws: `ModelError` if a tensor is missing, unknown, of another shape, or not finite.
  public func load(
    _ file: Safetensors, into parameters: Region, in arena: inout Arena<Float>,
    prefix: String = "q_network."
  ) throws(ModelError) {
    var expected: Set<String> = []
    func tensor(_ name: String, shape: [Int]) throws(ModelError) -> [Float] {
      expected.insert(name)
      guard let tensor = file[name] else { throw .missing(name) }
      guard tensor.shape == shape else {
        throw .wrongShape(name, found: tensor.shape, expected: shape)
      }
      guard tensor.values.allSatisfy(\.isFinite) else { throw .notFinite(name) }
      return tensor.values
    }
    for (name, layer) in namedLayers(prefix: prefix) {
      switch layer {
      case .dense(let dense):
        let weights = try tensor(name + ".weight", shape: [dense.units, dense.inputs])
        let bias = try tensor(name + ".bias", shape: [dense.units])
        arena.write(
          transposed(weights, rows: dense.units, columns: dense.inputs),
          to: dense.weights(of: parameters))
        arena.write(bias, to: dense.bias(of: parameters))
      }
    }
    if let unknown = file.tensors.first(where: { !expected.contains($0.name) }) {
      throw .unknown(unknown.name)
    }
  }

  /// The layers with their names in `torch.nn.Sequential`.
  private func namedLayers(prefix: String) -> [(name: String, layer: Layer)] {
    var number = 0
    return layers.map { layer in
      defer {
        switch layer {
        case .dense(let dense): number += modules(of: dense.activation)
        }
      }
      return ("\(prefix)\(number)", layer)
    }
  }

  private func transposed(_ values: [Float], rows: Int, columns: Int) -> [Float] {
    (0..<(rows * columns)).map { values[$0 % rows * columns + $0 / rows] }
  }
}

/// The modules of `torch.nn.Sequential` that a dense layer takes: its activation is one, if it has one.
private func modules(of activation: Activation) -> Int {
  activation == .identity ? 1 : 2
}

extension NetworkDescription {
  /// The multilayer perceptron that a file's tensors belong to, read off their names and shapes.
  ///
  /// The activation is not in the tensors: it is the caller's word.
  ///
  /// - Throws: `ModelError` if they are no chain of dense layers.
  public init(
    inferredFrom file: Safetensors, activation: Activation = .relu, prefix: String = "q_network."
  ) throws(ModelError) {
    var widths: [(inputs: Int, units: Int)] = []
    while let tensor = file["\(prefix)\(modules(of: activation) * widths.count).weight"] {
      guard tensor.shape.count == 2, tensor.shape.allSatisfy({ $0 > 0 }),
        widths.last.map({ $0.units == tensor.shape[1] }) ?? true
      else {
        throw .wrongShape(
          tensor.name, found: tensor.shape, expected: [-1, widths.last?.units ?? -1])
      }
      widths.append((tensor.shape[1], tensor.shape[0]))
    }
    guard let first = widths.first, let last = widths.last else {
      throw .missing("\(prefix)0.weight")
    }
    self.init(
      inputs: first.inputs, hidden: widths.dropLast().map(\.units), outputs: last.units,
      activation: activation)
  }
}

/// Why a file's tensors are not a network's parameters.
public enum ModelError: Error, Hashable, CustomStringConvertible {
  /// A tensor that the network needs is not there.
  case missing(String)
  /// A tensor is there that the network does not have.
  case unknown(String)
  /// A tensor has other sides than the network's; −1 stands for any.
  case wrongShape(String, found: [Int], expected: [Int])
  /// A tensor holds an infinity or no number.
  case notFinite(String)

  /// One line that names the tensor and what is wrong.
  public var description: String {
    switch self {
    case .missing(let name): "tensor '\(name)' is missing"
    case .unknown(let name): "tensor '\(name)' belongs to no layer of the network"
    case .wrongShape(let name, let found, let expected):
      "tensor '\(name)' has shape \(found), not "
        + "[\(expected.map { $0 < 0 ? "any" : "\($0)" }.joined(separator: ", "))]"
    case .notFinite(let name): "tensor '\(name)' holds a value that is not finite"
    }
  }
}
