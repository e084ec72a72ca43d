internal import SARSAPreconditions

/// A network that acts: the action of the highest value, always.
///
/// It has an arena of its own, so that evaluating it never touches a training run.
public struct GreedyPolicy: ~Copyable, Sendable {
  /// Its network.
  public let description: NetworkDescription

  private let network: Network
  private let parameters: Region
  private let inputs: Region
  private let outputs: LayerOutputs
  private var arena: Arena<Float>

  /// Makes a policy whose parameters are all zero.
  ///
  /// - Throws: `ArenaError` if there is not enough memory.
  public init(_ description: NetworkDescription) throws(ArenaError) {
    var layout = ArenaLayout()
    let network = Network(description)
    let parameters = try layout.reserve(count: network.parameterCount)
    let inputs = try layout.reserve(rows: 1, columns: description.inputs)
    let outputs = try network.reserveOutputs(rows: 1, in: &layout)
    let arena = try Arena<Float>(layout)

    self.description = description
    self.network = network
    self.parameters = parameters
    self.inputs = inputs
    self.outputs = outputs
    self.arena = arena
  }

  /// Makes the policy of a model file, whatever its network is.
  ///
  /// - Parameters:
  ///   - model: a file of this package, or PyTorch's with tensors named `q_network.0.weight` and so on.
  ///   - activation: what ends a hidden layer, where the file does not say it.
  /// - Throws: `ModelError` if there is no such network in it, `ArenaError` if there is not enough
  ///   memory.
  public init(_ model: Safetensors, activation: Activation = .relu) throws {
    var policy = try GreedyPolicy(NetworkDescription(of: model, activation: activation))
    try policy.load(model)
    self = policy
  }

  /// Takes the parameters of a model file.
  ///
  /// - Throws: `ModelError` if they are not this network's.
  public mutating func load(_ model: Safetensors) throws(ModelError) {
    try network.load(model, into: parameters, in: &arena)
  }

  /// Checks that the network takes an environment's observations, and values its actions.
  ///
  /// - Throws: `ModelError.wrongSizes` if it does not.
  public func requireSizes(of specification: EnvironmentSpecification) throws(ModelError) {
    guard description.inputs == specification.observationSize,
      description.outputs == specification.actionCount
    else {
      throw .wrongSizes(
        description, environment: specification.id, inputs: specification.observationSize,
        outputs: specification.actionCount)
    }
  }

  /// The parameters as a file: PyTorch's names and layout.
  public func model() -> Safetensors {
    network.model(of: parameters, in: arena)
  }

  mutating func replaceParameters(with values: Span<Float>) {
    arena.withMutableSpan(of: parameters) { parameters in
      for i in parameters.indices { parameters[i] = values[i] }
    }
  }

  /// The action for an observation of `description.inputs` numbers.
  ///
  /// - Complexity: one matrix-vector product a layer, no allocation.
  public mutating func action(for observation: [Float]) -> Int {
    require(
      observation.count == inputs.count,
      "the observation has % numbers; allowed: %", observation.count, inputs.count)
    arena.write(observation, to: inputs)
    let values = network.forward(inputs, parameters: parameters, into: outputs, in: &arena)
    return arena.withSpan(of: values) { BehaviorPolicy.greedy($0, row: 0, of: values.columns) }
  }

  /// The action values for an observation, as a new array.
  public mutating func values(for observation: [Float]) -> [Float] {
    require(
      observation.count == inputs.count,
      "the observation has % numbers; allowed: %", observation.count, inputs.count)
    arena.write(observation, to: inputs)
    return arena.values(
      of: network.forward(inputs, parameters: parameters, into: outputs, in: &arena))
  }
}
