public import DeepSARSA

/// A network in a safetensors file, with what is needed to use it beside the numbers.
public struct ModelFile: ~Copyable, Sendable {
  /// The network, ready to act.
  public var policy: GreedyPolicy
  /// The environment that it was trained in, if the file names it.
  public let environment: String?

  /// Writes a network, whole or not at all.
  ///
  /// - Throws: `SystemError` if it cannot be written; a file that was there is still there then.
  public static func write(
    _ model: Safetensors, environment: String, step: Int, to path: String
  ) throws(SystemError) {
    var file = model
    file.metadata["format"] = "pt"
    file.metadata["environment"] = environment
    file.metadata["step"] = String(step)
    try Files.replace(path, with: file.encoded())
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
    policy = try converting({ .badFile(path, "\($0)") }) { () throws(any Error) in
      try GreedyPolicy(file)
    }
    environment = file.metadata["environment"]
  }
}
