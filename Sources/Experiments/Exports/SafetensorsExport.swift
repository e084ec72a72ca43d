internal import DeepSARSA

/// The tensors for PyTorch: `load_state_dict(safetensors.torch.load_file(path))` takes them.
///
/// They have the names of a `torch.nn.Sequential` called `q_network`. If inputs are scaled, the buffers
/// `input_scaling.offset` and `input_scaling.scale` are there too. It is a model file of this package as well.
public enum SafetensorsExport: ModelExport {
  /// The word that selects the format.
  public static let name = "safetensors"
  /// The ending of a file's name that selects the format.
  public static let fileExtension = "safetensors"
  /// What the file is, for the help.
  public static let summary = "tensors for PyTorch's load_state_dict"

  /// Writes the tensors, all of float32, with the model's metadata.
  public static func write(_ model: borrowing ModelFile, to path: String) throws(RunError) {
    let file = model.tensors()
    let header = try converting({ [path = model.path] in .badFile(path, "\($0)") }) {
      () throws(SafetensorsError) in try file.header()
    }
    try converting(RunError.system) { () throws(SystemError) in
      try file.write(header, replacing: path)
    }
  }
}
