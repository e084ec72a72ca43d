public import DeepSARSA

/// A network in a safetensors file, with what is needed to use it beside the numbers.
public struct ModelFile: ~Copyable, Sendable {
  /// The network, ready to act.
  public var policy: GreedyPolicy
  /// The environment that it was trained in, if the file names it.
  public let environment: String?
  /// What the environment was made with, by name.
  public let environmentArguments: [String: ArgumentValue]

  /// Writes a network, whole or not at all.
  ///
  /// - Throws: `RunError.system` if it cannot be written, `RunError.badFile` for what no model's file can
  ///   hold, such as arguments beyond `Safetensors.headerLimit`; a file that was there is still there then.
  public static func write(
    _ model: Safetensors, environment: String,
    environmentArguments: [String: ArgumentValue] = [:], step: Int, to path: String
  ) throws(RunError) {
    var file = model
    file.metadata["environment"] = environment
    if !environmentArguments.isEmpty {
      file.metadata["environment_arguments"] =
        ArgumentValue.object(environmentArguments).description
    }
    file.metadata["step"] = String(step)
    let bytes = try converting({ .badFile(path, "\($0)") }) { () throws(SafetensorsError) in
      try file.encoded()
    }
    try converting(RunError.system) { () throws(SystemError) in
      try Files.replace(path, with: bytes)
    }
  }

  /// Reads a network.
  ///
  /// Files of PyTorch are taken too, if their tensors are those of dense layers and normalisations with
  /// ReLU, named `q_network.0.weight` and so on.
  ///
  /// - Throws: `RunError` if there is no such file, or no such network in it.
  public init(reading path: String) throws(RunError) {
    let bytes = try converting(RunError.system) { () throws(SystemError) in
      try Files.read(path, limit: Machine.availableMemory)
    }
    let file = try converting({ .badFile(path, "\($0)") }) { () throws(SafetensorsError) in
      try Safetensors(decoding: bytes)
    }
    let text = file.metadata["environment_arguments"] ?? "{}"
    guard case .object(let arguments) = ArgumentValue(json: text) else {
      throw .badFile(path, "its environment_arguments are no JSON object")
    }
    policy = try converting({ .badFile(path, "\($0)") }) { () throws(any Error) in
      try GreedyPolicy(file)
    }
    environment = file.metadata["environment"]
    environmentArguments = arguments
  }

  /// Checks that the network takes an environment's observations, and values its actions.
  ///
  /// - Throws: `RunError.badFile`, with this path, if it does not.
  public borrowing func requireSizes(
    of specification: EnvironmentSpecification, path: String
  ) throws(RunError) {
    do {
      try policy.requireSizes(of: specification)
    } catch {
      throw .badFile(path, "\(error)")
    }
  }
}
