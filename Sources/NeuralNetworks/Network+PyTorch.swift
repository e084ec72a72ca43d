public import SARSALinearAlgebra

extension Network {
  /// The parameters under PyTorch's names, in PyTorch's layout.
  ///
  /// Modules are numbered as in `torch.nn.Sequential(Linear, ReLU, Linear, …)`: an activation and a
  /// dueling head take a number of their own. Weights are transposed to [outputs, inputs].
  /// `model.load_state_dict(safetensors.torch.load_file(path))` takes the file as it is.
  ///
  /// - Complexity: O(n), one array a tensor.
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

  /// The parameters as a file, with the metadata from which `NetworkDescription(of:)` rebuilds the
  /// network, and that by which PyTorch's programs know their own files.
  ///
  /// - Complexity: O(n), one array a tensor.
  public func model(
    of parameters: Region, in arena: borrowing Arena<Float>, prefix: String = "q_network."
  ) -> Safetensors {
    Safetensors(
      tensors: tensors(of: parameters, in: arena, prefix: prefix),
      metadata: [NetworkDescription.metadataKey: description.description, "format": "pt"])
  }

  /// Reads the parameters that `tensors(of:in:prefix:)` wrote, or PyTorch.
  ///
  /// - Throws: `ModelError` if a tensor is missing, unknown, of another shape, without as many values
  ///   as its shape says, or not finite; then nothing was read.
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

  /// A tensor's name, and where its numbers lie.
  private struct Slot {
    let name: String
    let region: Region
    /// Whether it is W [inputs, units], which PyTorch has as [units, inputs]; else it is a vector.
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

  /// The network that a file's tensors belong to.
  ///
  /// A file of this package says it in its metadata. Of any other, dense layers and normalisations are
  /// read off the tensors' names and shapes; where the numbers leave one out, it was an activation.
  /// Which one is not in the tensors: that is the caller's word.
  ///
  /// - Throws: `ModelError` if the description or the tensors are no network's.
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

/// Why a file's tensors are not a network's parameters.
public enum ModelError: Error, Hashable, CustomStringConvertible {
  /// A tensor that the network needs is not there, beside those that are.
  case missing(String, found: [String])
  /// A tensor is there that the network does not have.
  case unknown(String)
  /// A tensor has other sides than the network's; −1 stands for any.
  case wrongShape(String, found: [Int], expected: [Int])
  /// A tensor has another number of values than its shape says.
  case incomplete(String, [Int], Int)
  /// A tensor holds an infinity or NaN.
  case notFinite(String)
  /// A description that no network has.
  case unknownNetwork(String)
  /// A network for other numbers of inputs and outputs than an environment has.
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
    case .unknownNetwork(let text): "'\(text)' describes no network"
    case .wrongSizes(let network, let id, let inputs, let outputs):
      "its network takes \(network.inputs) numbers and values \(network.outputs) actions; "
        + "\(id) has \(inputs) and \(outputs)"
    }
  }

  /// The names that are there, the first of them if they are many.
  private static func listing(_ names: [String]) -> String {
    if names.isEmpty { return "the file has no tensors" }
    let limit = 10
    let rest = names.count > limit ? " and \(names.count - limit) more" : ""
    return "the file has " + names.prefix(limit).map { "'\($0)'" }.joined(separator: ", ") + rest
  }
}
