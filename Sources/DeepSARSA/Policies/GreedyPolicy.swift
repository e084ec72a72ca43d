internal import SARSAPreconditions

/// A network that always chooses the action with the highest value.
///
/// It has a separate arena, so that an evaluation does not change a training run.
public struct GreedyPolicy: ~Copyable, Sendable {
  /// The network's description.
  public let description: NetworkDescription

  /// How observations are scaled: `bounds` for any fixed scaling.
  public var inputScaling: InputHyperparameters.Scaling { scaling.currentKind }

  private let network: Network
  private let parameters: Region
  private let inputs: Region
  private let outputs: LayerOutputs
  private var scaling: InputScaling
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
    let scaling = try InputScaling(columns: description.inputs, in: &layout)
    let arena = try Arena<Float>(layout)

    self.description = description
    self.network = network
    self.parameters = parameters
    self.inputs = inputs
    self.outputs = outputs
    self.scaling = scaling
    self.arena = arena
  }

  /// Makes the policy of a model file, with the network that the file describes.
  ///
  /// - Parameters:
  ///   - model: a file of this package, or PyTorch's with tensors named `q_network.0.weight` and so on.
  ///   - activation: the activation of the hidden layers, used if the file does not have it.
  /// - Throws: `ModelError` if the file does not hold such a network, `ArenaError` if there is not enough
  ///   memory.
  public init(_ model: Safetensors, activation: Activation = .relu) throws {
    let description = try NetworkDescription(of: model, activation: activation)
    // Before memory is reserved: a few words describe a network of any size.
    try Network(description).requireTensors(of: model.network)
    var policy = try GreedyPolicy(description)
    try policy.load(model)
    self = policy
  }

  /// Reads the parameters of a model file.
  ///
  /// - Throws: `ModelError` if they do not fit this network.
  public mutating func load(_ model: Safetensors) throws(ModelError) {
    let stored = try scaling.stored(in: model)
    try network.load(model.network, into: parameters, in: &arena)
    scaling.use(stored, in: &arena)
  }

  /// Checks that the network's inputs and outputs match an environment's observations and actions.
  ///
  /// - Throws: `ModelError.wrongSizes` if they do not.
  public func requireSizes(of specification: EnvironmentSpecification) throws(ModelError) {
    guard description.inputs == specification.observationSize,
      description.outputs == specification.actionCount
    else {
      throw .wrongSizes(
        description, environment: specification.id, inputs: specification.observationSize,
        outputs: specification.actionCount)
    }
  }

  /// The parameters as a file: PyTorch's names and layout, and the scaling of inputs, if there is one.
  public func model() -> Safetensors {
    var model = network.model(of: parameters, in: arena)
    scaling.add(to: &model, in: arena)
    return model
  }

  /// Copies a network's parameters, and the scaling of its inputs, from another arena.
  ///
  /// - Precondition: this policy's network has the same description.
  /// - Complexity: O(parameters), no allocation.
  mutating func copy(
    _ source: Region, of sourceNetwork: Network, scaling sourceScaling: InputScaling,
    from sourceArena: borrowing Arena<Float>
  ) {
    require(
      description == sourceNetwork.description,
      "the policy's network is '\(description)'; allowed: '\(sourceNetwork.description)'")
    sourceArena.withSpan(of: source) { source in
      arena.withMutableSpan(of: parameters) { parameters in
        for i in parameters.indices { parameters[i] = source[i] }
      }
    }
    sourceScaling.copy(from: sourceArena, into: &scaling, in: &arena)
  }

  /// The action for an observation of `description.inputs` numbers.
  ///
  /// - Parameters:
  ///   - observation: the observation.
  ///   - mask: whether each action is legal; if it is empty, all are.
  /// - Precondition: an action is legal.
  /// - Returns: the legal action with the highest value.
  /// - Complexity: one matrix-vector product a layer, no allocation.
  public mutating func action(for observation: [Float], allowing mask: [Bool] = []) -> Int {
    require(
      mask.isEmpty || mask.count == description.outputs,
      "the mask has % values; allowed: %, or none", mask.count, description.outputs)
    let values = forward(observation)
    return arena.withSpan(of: values) {
      Policy.greedy($0, row: 0, of: values.columns, allowing: mask.span)
    }
  }

  /// The action values for an observation, as a new array; those of illegal actions too.
  public mutating func values(for observation: [Float]) -> [Float] {
    let values = forward(observation)
    return arena.values(of: values)
  }

  /// The action values for an observation [1, actions], in the arena.
  private mutating func forward(_ observation: [Float]) -> Region {
    require(
      observation.count == inputs.count,
      "the observation has % numbers; allowed: %", observation.count, inputs.count)
    arena.write(observation, to: inputs)
    scaling.apply(to: inputs, in: &arena)
    return network.forward(inputs, parameters: parameters, into: outputs, in: &arena)
  }
}
