internal import DeepSARSA

/// A model file of this package, or one of PyTorch with tensors named `q_network.0.weight` and so on.
///
/// | fact | content |
/// | --- | --- |
/// | `problem` | why the other verbs refuse the file; null if they do not |
/// | `network` | the layers |
/// | `parameters` | the numbers that are trained |
/// | `environment`, `environment_arguments` | where it was trained |
/// | `step` | after how many environment steps |
/// | `input_scaling` | `none`, `bounds` for any fixed scaling, or `running` |
///
/// The facts of `TensorInspection` follow.
enum ModelInspection: InspectedKind {
  static func inspection(of path: String) throws(RunError) -> Inspection? {
    let file = try TensorFile(path)
    let (metadata, names) = (file.header.metadata, file.header.entries.map(\.name))
    guard metadata[NetworkDescription.metadataKey] != nil || names.contains("q_network.0.weight")
    else { return nil }

    var network = metadata[NetworkDescription.metadataKey].flatMap { NetworkDescription($0) }
    var (problem, scaling): (String?, InputHyperparameters.Scaling?) = (nil, nil)
    do {
      let model = try ModelFile(reading: path)
      (network, scaling) = (model.policy.description, model.policy.inputScaling)
    } catch .badFile(_, let what) {
      problem = what
    }

    var inspection = Inspection(of: "model")
    inspection.add("problem", problem.map(ArgumentValue.text))
    inspection.add("network", network.map { .text($0.description) })
    inspection.add("parameters", network.map { .integer(Network($0).parameterCount) })
    inspection.add("environment", metadata["environment"].map(ArgumentValue.text))
    inspection.add(
      "environment_arguments",
      metadata["environment_arguments"].map { (try? ArgumentValue(json: $0)) ?? .text($0) })
    inspection.add(
      "step", metadata["step"].map { text in Int(text).map(ArgumentValue.integer) ?? .text(text) })
    inspection.add("input_scaling", scaling.map { .text($0.rawValue) })
    try file.addTensors(to: &inspection)
    return inspection
  }
}
