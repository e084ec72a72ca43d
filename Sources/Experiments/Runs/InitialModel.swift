public import DeepSARSA

/// A trained network from which a run can start.
public struct InitialModel: ~Copyable, Sendable {
  /// The path of the model file.
  public let path: String
  private let model: ModelFile

  /// Reads the last network of a run folder, or a model file.
  ///
  /// - Throws: `RunError` as `ModelFile` does.
  public init(reading path: String) throws(RunError) {
    self.path = RunFolder(existing: path)?.path(of: .model) ?? path
    model = try ModelFile(reading: self.path)
  }

  /// The network's description.
  public var network: NetworkDescription { model.policy.description }

  /// How the network's inputs are scaled.
  public var inputScaling: InputHyperparameters.Scaling { model.policy.inputScaling }

  /// Checks that the network fits an environment.
  ///
  /// - Throws: `RunError.badFile` if it does not.
  public borrowing func requireSizes(of specification: EnvironmentSpecification) throws(RunError) {
    try model.requireSizes(of: specification, path: path)
  }

  /// Copies the parameters into the networks of a trainer.
  ///
  /// - Throws: `RunError.badFile` if the networks differ.
  borrowing func load<World, Learner: ~Copyable>(
    into trainer: inout Trainer<World, Learner>
  ) throws(RunError) {
    guard network == trainer.agent.description else {
      throw .badFile(
        path, "its network is '\(network)', but the run's is '\(trainer.agent.description)'")
    }
    try converting({ .badFile(path, "\($0)") }) { () throws(ModelError) in
      try trainer.load(model.policy.model())
    }
  }
}
