internal import DeepSARSA
internal import SARSAFiles

/// The function from an observation to its action values as a C99 header, with the parameters in it.
///
/// | name | content |
/// | --- | --- |
/// | `DEEP_SARSA_OBSERVATIONS`, `DEEP_SARSA_ACTIONS` | the sizes |
/// | `deep_sarsa_q(observation, action_values)` | the action values of an observation |
/// | `deep_sarsa_argmax(action_values)` | the first action with the highest value |
///
/// The functions are reentrant and allocate nothing; layers' outputs are on the stack. A header without
/// normalisation and smooth activations includes nothing; the others include `<math.h>`.
public enum CExport: ModelExport {
  /// The word that selects the format.
  public static let name = "c"
  /// The ending of a file's name that selects the format.
  public static let fileExtension = "h"
  /// What the file is, for the help.
  public static let summary = "a C99 header without dependencies"

  /// The memory that a parameter takes while the text is made: some twelve characters in several copies.
  private static let bytesPerParameter = 64

  /// Writes the header.
  public static func write(_ model: borrowing ModelFile, to path: String) throws(RunError) {
    var header = CHeader(
      columns: model.policy.description.inputs,
      notes: [ModelFile.exportNote]
        + model.metadata.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" })
    let operations = try model.operations()
    let parameters = model.policy.model().tensors.reduce(0) { $0 + $1.values.count }
    let bytes = bytesPerParameter * parameters
    guard Files.hasMemory(bytes) else { throw .memory(.outOfMemory(bytes: bytes)) }
    for operation in operations { header.add(operation) }
    try converting(RunError.system) { [header] () throws(SystemError) in
      try Files.replace(path, with: Array(header.text.utf8))
    }
  }
}
