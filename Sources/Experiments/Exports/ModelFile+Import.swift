public import DeepSARSA

extension ModelFile {
  /// Reads a network of another program from a safetensors file.
  ///
  /// The network is a `torch.nn.Sequential` of `Linear` and activations, and of `LayerNorm` if there are any:
  /// its tensors are named `<prefix>0.weight`, `<prefix>0.bias`, `<prefix>2.weight` and so on. Tensors without
  /// the prefix are not read.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - prefix: the beginning of the names; `nil` for the only one that there is.
  ///   - activation: the function of every module without tensors, which the file does not have.
  /// - Throws: `RunError.system` if the file cannot be read, `RunError.badFile` if it is not such a network.
  public init(
    importing path: String, prefix: String? = nil, activation: Activation = .relu
  ) throws(RunError) {
    let file = try TensorFile(path, copies: Self.copies)
    guard file.header.metadata[NetworkDescription.metadataKey] == nil else {
      throw .badFile(path, "it is a model file of this program; allowed: a file of another")
    }
    let start: String
    if let prefix { start = prefix } else { start = try Self.onlyPrefix(in: file) }
    var tensors: [Safetensors.Tensor] = []
    for entry in file.header.entries where entry.name.hasPrefix(start) {
      tensors.append(try file.tensor(entry))
    }
    let all = Safetensors(tensors: tensors)
    let policy = try converting({ RunError(ofModel: $0, in: path) }) { () throws(any Error) in
      let network = try NetworkDescription(of: all, activation: activation, prefix: start)
      try Network(network).requireTensors(of: all, prefix: start)
      return try GreedyPolicy(all.renaming(start), activation: activation)
    }
    let metadata = policy.model().metadata
    self.init(
      path: path, policy: policy, environment: nil, environmentArguments: [:], metadata: metadata)
  }

  /// Writes the network as a model file, whole or not at all.
  ///
  /// - Throws: as `write(_:environment:environmentArguments:step:to:)`.
  public borrowing func write(
    environment: String?, environmentArguments: [String: ArgumentValue] = [:], to path: String
  ) throws(RunError) {
    try Self.write(
      policy.model(), environment: environment, environmentArguments: environmentArguments,
      step: nil, to: path)
  }

  /// The only beginning of names that a first layer has.
  private static func onlyPrefix(in file: borrowing TensorFile) throws(RunError) -> String {
    let (path, ending) = (file.path, "0.weight")
    let found = file.header.entries.map(\.name).filter { $0.hasSuffix(ending) }
      .map { $0.dropLast(ending.count) }
      // Not of a tenth layer.
      .filter { !($0.last?.isNumber ?? false) }.map(String.init).sorted()
    switch found.count {
    case 1: return found[0]
    case 0:
      throw .badFile(path, "no tensor is the weight of a first layer, such as 'network.0.weight'")
    default:
      let list = found.map { "'\($0)'" }.joined(separator: ", ")
      throw .badFile(path, "its tensors have several prefixes; allowed with --prefix: \(list)")
    }
  }
}

extension Safetensors {
  /// The same tensors, with the names of a model file.
  fileprivate func renaming(_ prefix: String) -> Safetensors {
    Safetensors(
      tensors: tensors.map {
        Tensor(
          name: "q_network." + $0.name.dropFirst(prefix.count), shape: $0.shape, values: $0.values)
      })
  }
}
