internal import DeepSARSA
internal import SARSAFormats

/// The tensors for numpy: `numpy.load(path)` reads them, without pickles.
///
/// | array | type | content |
/// | --- | --- | --- |
/// | `q_network.0.weight` and so on | float32 | a parameter, with PyTorch's name and shape |
/// | `input_scaling.offset`, `input_scaling.scale` | float32 [inputs] | of scaled inputs: (x − offset)·scale |
/// | `metadata` | text, no sides | a JSON object; its `network` lists the layers |
public enum NPZExport: ModelExport {
  /// The word that selects the format.
  public static let name = "npz"
  /// The ending of a file's name that selects the format.
  public static let fileExtension = "npz"
  /// What the file is, for the help.
  public static let summary = "arrays for numpy.load"

  /// Writes the arrays.
  public static func write(_ model: borrowing ModelFile, to path: String) throws(RunError) {
    let file = model.tensors()
    var arrays = file.tensors.map { tensor in
      var array = NPZ.Array(name: tensor.name, element: .float32, rowShape: tensor.shape)
      for value in tensor.values { array.append(value) }
      return array
    }
    let text = JSON.text(file.metadata)
    var metadata = NPZ.Array(name: "metadata", element: .text(text.unicodeScalars.count))
    metadata.append(text)
    arrays.append(metadata)
    try converting(RunError.system) { () throws(SystemError) in
      try NPZ.write(arrays, to: path)
    }
  }
}
