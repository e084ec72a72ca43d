internal import DeepSARSA

/// A format in which a network can be handed on to other programs.
///
/// A new format is a type in a file of its own, and a line in `ModelExports.all`.
public protocol ModelExport: Sendable {
  /// The word that selects the format, such as `onnx`.
  static var name: String { get }
  /// The ending of a file's name that selects the format, such as `onnx`.
  static var fileExtension: String { get }
  /// What the file is, in a few words for the help.
  static var summary: String { get }

  /// Writes a network, whole or not at all (atomically).
  ///
  /// - Throws: `RunError.system` if the file cannot be written, `RunError.badFile` with the model's path if
  ///   the format cannot hold its network.
  static func write(_ model: borrowing ModelFile, to path: String) throws(RunError)
}

/// The formats in which a network can be handed on.
public enum ModelExports {
  /// All formats.
  public static let all: [any ModelExport.Type] = [
    SafetensorsExport.self,
    ONNXExport.self,
    NPZExport.self,
    CExport.self,
  ]

  /// The format with a name; `nil` if there is none.
  public static func format(named name: String) -> (any ModelExport.Type)? {
    all.first { $0.name == name }
  }

  /// The format that a file's name ends in; `nil` if there is none.
  public static func format(of path: String) -> (any ModelExport.Type)? {
    all.first { path.hasFileEnding($0.fileExtension) }
  }
}

extension ModelFile {
  /// The network, and the scaling of its inputs, as a file with PyTorch's names, float32.
  func tensors() -> Safetensors {
    var model = policy.model()
    model.metadata = metadata
    return model
  }

  /// The network, and the scaling of its inputs, as operations.
  ///
  /// - Throws: `RunError.badFile` if a layer has none.
  func operations() throws(RunError) -> [Operation] {
    let operations = try converting({ .badFile(path, "\($0)") }) { () throws(ModelError) in
      try policy.operations()
    }
    guard let operations else {
      throw .badFile(
        path,
        "a layer of '\(policy.description)' cannot be written as a program; allowed: formats of tensors"
      )
    }
    return operations
  }

  /// What an exported program says about its outputs.
  static let exportNote =
    "Action values of an observation, those of illegal actions too. The greedy action is the first with the "
    + "highest value."
}
