public import DeepSARSA
internal import SARSAFormats

/// A network in a safetensors file, with the metadata that is needed to use it.
public struct ModelFile: ~Copyable, Sendable {
  /// The file's path.
  public let path: String
  /// The greedy policy of the network.
  public var policy: GreedyPolicy
  /// The id of the training environment, if the file names it.
  public let environment: String?
  /// The keyword arguments of the training environment, by name.
  public let environmentArguments: [String: ArgumentValue]
  /// All of the file's metadata, and the network's description also if the file lacks it.
  public let metadata: [String: String]

  /// Writes a network, whole or not at all.
  ///
  /// - Throws: `RunError.system` if it cannot be written; `RunError.badFile` for content that a model file
  ///   cannot hold, such as arguments longer than `Safetensors.headerLimit`. After an error, an existing
  ///   file is unchanged.
  public static func write(
    _ model: Safetensors, environment: String?,
    environmentArguments: [String: ArgumentValue] = [:], step: Int?, to path: String
  ) throws(RunError) {
    var file = model
    file.metadata["environment"] = environment
    if !environmentArguments.isEmpty {
      file.metadata["environment_arguments"] =
        ArgumentValue.object(environmentArguments).description
    }
    file.metadata["step"] = step.map { String($0) }
    let header = try converting({ .badFile(path, "\($0)") }) { () throws(SafetensorsError) in
      try file.header()
    }
    try converting(RunError.system) { () throws(SystemError) in
      try file.write(header, replacing: path)
    }
  }

  init(
    path: String, policy: consuming GreedyPolicy, environment: String?,
    environmentArguments: [String: ArgumentValue], metadata: [String: String]
  ) {
    self.path = path
    self.policy = policy
    self.environment = environment
    self.environmentArguments = environmentArguments
    self.metadata = metadata
  }

  /// How often the numbers of a network are in memory while it is read or written in another format.
  static let copies = 8

  /// Reads a network.
  ///
  /// It also reads files of PyTorch whose tensors belong to dense layers and normalisations with ReLU and
  /// are named `q_network.0.weight` and so on.
  ///
  /// - Throws: `RunError` if the file cannot be read, or does not hold such a network.
  public init(reading path: String) throws(RunError) {
    let file: Safetensors
    do {
      file = try Safetensors(reading: path, limit: Machine.availableMemory, copies: Self.copies)
    } catch {
      throw RunError(error, in: path)
    }
    guard file.metadata["format"] != Checkpoint.format else {
      throw .badFile(
        path, "it is a checkpoint; allowed: a network, such as model.safetensors of the same run")
    }
    let text = file.metadata["environment_arguments"] ?? "{}"
    let value = try converting({ .badFile(path, "its environment_arguments are not JSON: \($0)") })
    {
      () throws(JSONError) in try ArgumentValue(json: text)
    }
    guard case .object(let arguments) = value else {
      throw .badFile(path, "its environment_arguments are \(value); allowed: a JSON object")
    }
    policy = try converting({ RunError(ofModel: $0, in: path) }) { () throws(any Error) in
      try GreedyPolicy(file)
    }
    self.path = path
    metadata = file.metadata.merging(
      [NetworkDescription.metadataKey: policy.description.description]
    ) { old, _ in old }
    environment = file.metadata["environment"]
    environmentArguments = arguments
  }

  /// Reads the last network of a run folder, or a model file.
  ///
  /// - Throws: `RunError`, as `init(reading:)`.
  public init(readingRunOrFile path: String) throws(RunError) {
    try self.init(reading: RunFolder(existing: path)?.path(of: .model) ?? path)
  }

  /// The factor by which rewards were multiplied in training: values divided by it are in the units of returns.
  ///
  /// It is 1 where the file names none, or one that no training has.
  public var rewardFactor: Double {
    guard let text = metadata["reward_factor"], let factor = Double(text), factor.isFinite,
      factor > 0
    else { return 1 }
    return factor
  }

  /// Checks that the network's inputs and outputs match an environment's observations and actions.
  ///
  /// - Throws: `RunError.badFile` if they do not.
  public borrowing func requireSizes(of specification: EnvironmentSpecification) throws(RunError) {
    do {
      try policy.requireSizes(of: specification)
    } catch {
      throw .badFile(path, "\(error)")
    }
  }
}
