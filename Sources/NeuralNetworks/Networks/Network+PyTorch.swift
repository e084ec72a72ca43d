public import SARSAFormats
public import SARSALinearAlgebra

extension Network {
  /// The parameters under PyTorch's names, in PyTorch's layout.
  ///
  /// Modules are numbered as in `torch.nn.Sequential(Linear, ReLU, Linear, …)`: activations and a dueling
  /// head have separate numbers. Weights are transposed to [outputs, inputs].
  /// `model.load_state_dict(safetensors.torch.load_file(path))` loads the file.
  ///
  /// - Complexity: O(n), one array per tensor.
  public func tensors(
    of parameters: Region, in arena: borrowing Arena<Float>, prefix: String = "q_network."
  ) -> [Safetensors.Tensor] {
    slots(of: parameters, prefix: prefix).map { slot in
      let values = arena.values(of: slot.region)
      return Safetensors.Tensor(
        name: slot.name, shape: slot.shape,
        values: slot.isMatrix
          ? transposed(values, rows: slot.region.rows, columns: slot.region.columns) : values)
    }
  }

  /// The parameters as a file.
  ///
  /// Its metadata contains the description, which `NetworkDescription(of:)` reads, and the entry
  /// `format: pt`, by which PyTorch programs recognise their files.
  ///
  /// - Complexity: O(n), one array per tensor.
  public func model(
    of parameters: Region, in arena: borrowing Arena<Float>, prefix: String = "q_network."
  ) -> Safetensors {
    Safetensors(
      tensors: tensors(of: parameters, in: arena, prefix: prefix),
      metadata: [NetworkDescription.metadataKey: description.description, "format": "pt"])
  }

  /// Reads parameters that `tensors(of:in:prefix:)` or PyTorch wrote.
  ///
  /// - Throws: `ModelError` if a tensor is missing or unknown, has the wrong shape or number of values, or
  ///   is not finite; then all parameters are unchanged.
  public func load(
    _ file: Safetensors, into parameters: Region, in arena: inout Arena<Float>,
    prefix: String = "q_network."
  ) throws(ModelError) {
    let slots = slots(of: parameters, prefix: prefix)
    var tensors: [Safetensors.Tensor] = []
    for slot in slots {
      guard let tensor = file[slot.name] else { throw .lacking(slot.name, in: file) }
      guard tensor.shape == slot.shape else {
        throw .wrongShape(slot.name, found: tensor.shape, expected: slot.shape)
      }
      guard tensor.isWhole else { throw .incomplete(slot.name, tensor.shape, tensor.values.count) }
      guard tensor.values.allSatisfy(\.isFinite) else { throw .notFinite(slot.name) }
      tensors.append(tensor)
    }
    let names = Set(slots.map(\.name))
    if let unknown = file.tensors.first(where: { !names.contains($0.name) }) {
      throw .unknown(unknown.name)
    }
    for (slot, tensor) in zip(slots, tensors) {
      arena.write(
        slot.isMatrix
          ? transposed(tensor.values, rows: slot.region.columns, columns: slot.region.rows)
          : tensor.values,
        to: slot.region)
    }
  }

  /// A tensor's name and region.
  private struct Slot {
    let name: String
    let region: Region
    /// Whether it is a matrix W [inputs, units], which PyTorch stores as [units, inputs]; otherwise a vector.
    let isMatrix: Bool

    var shape: [Int] { isMatrix ? [region.columns, region.rows] : [region.columns] }
  }

  /// Every tensor of a block of parameters, named as in `torch.nn.Sequential`.
  private func slots(of block: Region, prefix: String) -> [Slot] {
    var number = 0
    return layers.flatMap { layer -> [Slot] in
      let name = "\(prefix)\(number)"
      number += layer.activation == .identity ? 1 : 2
      let (weight, bias): (Region, Region)
      var isMatrix = false
      switch layer {
      case .dense(let dense):
        (weight, bias, isMatrix) = (dense.weights(of: block), dense.bias(of: block), true)
      case .normalization(let normalization):
        (weight, bias) = (normalization.gain(of: block), normalization.bias(of: block))
      case .dueling: return []
      }
      return [
        Slot(name: name + ".weight", region: weight, isMatrix: isMatrix),
        Slot(name: name + ".bias", region: bias, isMatrix: false),
      ]
    }
  }

  private func transposed(_ values: [Float], rows: Int, columns: Int) -> [Float] {
    (0..<(rows * columns)).map { values[$0 % rows * columns + $0 / rows] }
  }
}

extension NetworkDescription {
  /// The key of a file's metadata that holds a network's description as text.
  public static let metadataKey = "network"

  /// The network of a file's tensors.
  ///
  /// A file of this package has the description in its metadata. For other files, dense layers and
  /// normalisations are inferred from the names and shapes of the tensors, and a gap in the numbering is an
  /// activation. The tensors do not say which one; the caller chooses it.
  ///
  /// - Throws: `ModelError` if the description or the tensors do not belong to a network.
  public init(
    of file: Safetensors, activation: Activation = .relu, prefix: String = "q_network."
  ) throws(ModelError) {
    if let text = file.metadata[Self.metadataKey] {
      guard let network = NetworkDescription(text) else { throw .unknownNetwork(text) }
      self = network
      return
    }
    let numbers = file.tensors.compactMap { tensor -> Int? in
      guard tensor.name.hasPrefix(prefix), tensor.name.hasSuffix(".weight") else { return nil }
      return Int(tensor.name.dropFirst(prefix.count).dropLast(".weight".count))
    }.filter { (0..<2 * Self.limits.layers).contains($0) }.sorted()
    guard numbers.first == 0 else { throw .lacking("\(prefix)0.weight", in: file) }
    var (inputs, columns) = (0, 0)
    var layers: [LayerDescription] = []
    for (number, next) in zip(numbers, numbers.dropFirst() + [(numbers.last ?? 0) + 1]) {
      let name = "\(prefix)\(number).weight"
      guard let tensor = file[name], next - number <= 2 else {
        throw .lacking("\(prefix)\(number + 2).weight", in: file)
      }
      let ending = next - number == 2 ? activation : .identity
      switch tensor.shape.count {
      case 2
      where tensor.shape[0] > 0 && tensor.shape[1] > 0 && [0, tensor.shape[1]].contains(columns):
        if columns == 0 { inputs = tensor.shape[1] }
        columns = tensor.shape[0]
        layers.append(.dense(units: columns, activation: ending))
      case 1 where tensor.shape[0] > 0 && [0, tensor.shape[0]].contains(columns):
        if columns == 0 { inputs = tensor.shape[0] }
        columns = tensor.shape[0]
        layers.append(.layerNormalization(activation: ending))
      default:
        throw .wrongShape(name, found: tensor.shape, expected: [-1, columns == 0 ? -1 : columns])
      }
    }
    self.init(inputs: inputs, layers: layers)
    if !isValid { throw .unknownNetwork(description) }
  }
}

/// An error in the tensors of a model file.
public enum ModelError: Error, Hashable, CustomStringConvertible {
  /// A tensor that the network needs is missing; the tensors of the file.
  case missing(String, found: [String])
  /// The network does not have this tensor.
  case unknown(String)
  /// A tensor has another shape than the network needs; −1 stands for any side.
  case wrongShape(String, found: [Int], expected: [Int])
  /// The number of a tensor's values does not fit its shape.
  case incomplete(String, [Int], Int)
  /// A tensor holds an infinity or NaN.
  case notFinite(String)
  /// A description of a network is not valid.
  case unknownNetwork(String)
  /// The network's inputs or outputs do not fit the environment.
  case wrongSizes(NetworkDescription, environment: String, inputs: Int, outputs: Int)

  static func lacking(_ name: String, in file: Safetensors) -> ModelError {
    .missing(name, found: file.tensors.map(\.name))
  }

  /// One line that names the tensor and what is wrong.
  public var description: String {
    switch self {
    case .missing(let name, let found): "tensor '\(name)' is missing; " + Self.listing(found)
    case .unknown(let name): "tensor '\(name)' belongs to no layer of the network"
    case .wrongShape(let name, let found, let expected):
      "tensor '\(name)' has shape \(found), not "
        + "[\(expected.map { $0 < 0 ? "any" : "\($0)" }.joined(separator: ", "))]"
    case .incomplete(let name, let shape, let count):
      "tensor '\(name)' has shape \(shape) and \(count) values"
    case .notFinite(let name): "tensor '\(name)' holds a value that is not finite"
    case .unknownNetwork(let text): "'\(text)' is not a valid network description"
    case .wrongSizes(let network, let id, let inputs, let outputs):
      "its network has \(network.inputs) inputs and \(network.outputs) outputs; "
        + "\(id) needs \(inputs) inputs and \(outputs) outputs"
    }
  }

  /// The names of the file's tensors, up to a limit.
  private static func listing(_ names: [String]) -> String {
    if names.isEmpty { return "the file has no tensors" }
    let limit = 10
    let rest = names.count > limit ? " and \(names.count - limit) more" : ""
    return "the file has " + names.prefix(limit).map { "'\($0)'" }.joined(separator: ", ") + rest
  }
}
