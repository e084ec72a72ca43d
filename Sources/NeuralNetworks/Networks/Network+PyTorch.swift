public import SARSAFormats
public import SARSALinearAlgebra

extension Network {
  /// The parameters under PyTorch's names, in PyTorch's layout.
  ///
  /// Modules are numbered as in `torch.nn.Sequential(Linear, ReLU, Linear, …)`: activations and a dueling
  /// head have separate numbers, and so has the `Flatten` before a dense layer that takes a board. Weights
  /// are transposed to [outputs, inputs], and a board's columns are in the order channel, height, width.
  /// `model.load_state_dict(safetensors.torch.load_file(path))` loads the file.
  ///
  /// - Complexity: O(n), one array per tensor.
  public func tensors(
    of parameters: Region, in arena: borrowing Arena<Float>, prefix: String = "q_network."
  ) -> [Safetensors.Tensor] {
    slots(prefix: prefix).map { slot in
      Safetensors.Tensor(
        name: slot.name, shape: slot.tensor.shape,
        values: slot.tensor.exported(arena.values(of: slot.region(of: parameters))))
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
    let values = try values(of: file, prefix: prefix)
    for (slot, values) in zip(slots(prefix: prefix), values) {
      arena.write(values, to: slot.region(of: parameters))
    }
  }

  /// Checks that a file has the tensors of this network, and no others.
  ///
  /// - Throws: `ModelError` as `load`.
  package func requireTensors(
    of file: Safetensors, prefix: String = "q_network."
  ) throws(ModelError) {
    _ = try tensors(of: file, prefix: prefix)
  }

  /// The forward pass as operations, with the parameters of a file.
  ///
  /// - Returns: the operations, first to last; `nil` if a layer has none.
  /// - Throws: `ModelError` as `load`.
  /// - Complexity: O(n), some arrays per tensor.
  package func operations(
    of file: Safetensors, prefix: String = "q_network."
  ) throws(ModelError) -> [Operation]? {
    var rest = try values(of: file, prefix: prefix)[...]
    var operations: [Operation] = []
    for placed in layers {
      let parameters = Array(rest.prefix(placed.layer.tensors(for: placed.input).count))
      guard let next = placed.layer.operations(for: placed.input, parameters: parameters) else {
        return nil
      }
      operations += next
      rest = rest.dropFirst(parameters.count)
    }
    return operations
  }

  /// The values of a file's tensors, each in the order of a block.
  private func values(of file: Safetensors, prefix: String) throws(ModelError) -> [[Float]] {
    zip(slots(prefix: prefix), try tensors(of: file, prefix: prefix)).map {
      $0.tensor.imported($1.values)
    }
  }

  /// The tensors of a file in the order of a block, after a check that it has these and no others.
  private func tensors(
    of file: Safetensors, prefix: String
  ) throws(ModelError) -> [Safetensors.Tensor] {
    let slots = slots(prefix: prefix)
    var tensors: [Safetensors.Tensor] = []
    for slot in slots {
      guard let tensor = file[slot.name] else { throw .lacking(slot.name, in: file) }
      guard tensor.shape == slot.tensor.shape else {
        throw .wrongShape(slot.name, found: tensor.shape, expected: slot.tensor.shape)
      }
      guard tensor.isWhole else { throw .incomplete(slot.name, tensor.shape, tensor.values.count) }
      guard tensor.values.allSatisfy(\.isFinite) else { throw .notFinite(slot.name) }
      tensors.append(tensor)
    }
    let names = Set(slots.map(\.name))
    if let unknown = file.tensors.first(where: { !names.contains($0.name) }) {
      throw .unknown(unknown.name)
    }
    return tensors
  }

  /// A tensor with its name in a file and its place in a block.
  private struct Slot {
    let name: String
    let tensor: LayerTensor
    let start: Int

    func region(of block: Region) -> Region {
      block.slice(at: start, rows: 1, columns: tensor.count)
    }
  }

  /// Every tensor of a block of parameters, named as in `torch.nn.Sequential`.
  private func slots(prefix: String) -> [Slot] {
    var (number, start) = (0, 0)
    return layers.flatMap { placed -> [Slot] in
      defer { number += placed.layer.moduleCount(for: placed.input) }
      return placed.layer.tensors(for: placed.input).map { tensor in
        defer { start += tensor.count }
        return Slot(
          name: "\(prefix)\(number + tensor.module).\(tensor.name)", tensor: tensor, start: start)
      }
    }
  }
}

extension NetworkDescription {
  /// The key of a file's metadata that holds a network's description as text.
  public static let metadataKey = "network"

  /// The network of a file's tensors.
  ///
  /// A file of this package has the description in its metadata. For other files, dense layers and
  /// normalisations of a vector are inferred from the names and shapes of the tensors, and a gap in the
  /// numbering is an activation. The tensors do not say which one; the caller chooses it.
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
      // The last side of a weight is that of the input.
      let side = tensor.shape.last ?? 0
      guard tensor.shape.allSatisfy({ $0 > 0 }), [0, side].contains(columns),
        let layer = LayerDescription(weight: tensor.shape, activation: ending),
        let output = layer.layer.output(for: .vector(side))
      else {
        throw .wrongShape(name, found: tensor.shape, expected: [-1, columns == 0 ? -1 : columns])
      }
      if columns == 0 { inputs = side }
      columns = output.count
      layers.append(layer)
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
  /// A tensor has another shape than the network needs; −1 stands for any side of 1 or more.
  case wrongShape(String, found: [Int], expected: [Int])
  /// The number of a tensor's values does not fit its shape.
  case incomplete(String, [Int], Int)
  /// A tensor holds an infinity or NaN.
  case notFinite(String)
  /// A tensor of scales holds a number that is not positive.
  case notPositive(String)
  /// An entry of the metadata is not a count.
  case notACount(String, String)
  /// The network's inputs are scaled otherwise than the agent's; the values of `input.scaling`.
  case otherInputScaling(found: String, expected: String)
  /// A description of a network is not valid.
  case unknownNetwork(String)
  /// The network's inputs or outputs do not fit the environment.
  case wrongSizes(NetworkDescription, environment: String, inputs: Int, outputs: Int)

  package static func lacking(_ name: String, in file: Safetensors) -> ModelError {
    .missing(name, found: file.tensors.map(\.name))
  }

  /// One line that names the tensor and what is wrong.
  public var description: String {
    switch self {
    case .missing(let name, let found): "tensor '\(name)' is missing; " + Self.listing(found)
    case .unknown(let name): "tensor '\(name)' belongs to no layer of the network"
    case .wrongShape(let name, let found, let expected):
      "tensor '\(name)' has shape \(found), not "
        + "[\(expected.map { $0 < 0 ? "1 or more" : "\($0)" }.joined(separator: ", "))]"
    case .incomplete(let name, let shape, let count):
      "tensor '\(name)' has shape \(shape) and \(count) values"
    case .notFinite(let name): "tensor '\(name)' holds a value that is not finite"
    case .notPositive(let name): "tensor '\(name)' holds a value that is not positive"
    case .notACount(let key, let text):
      "'\(key)' of the metadata is '\(text)'; allowed: a whole number, 0 or more"
    case .otherInputScaling(let found, let expected):
      "its network was trained with input.scaling \(found); the settings have \(expected)"
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
