/// A hyperparameter whose value is not allowed.
public struct HyperparameterError: Error, Hashable, CustomStringConvertible {
  /// The value's path, such as `replay.batchSize`, or its name in words.
  public let field: String
  /// The value.
  public let value: String
  /// The allowed values.
  public let allowed: String

  /// Makes an error.
  public init(field: String, value: String, allowed: String) {
    self.field = field
    self.value = value
    self.allowed = allowed
  }

  /// One line with all three.
  public var description: String { "\(field) is \(value); allowed: \(allowed)" }
}

extension Hyperparameters {
  /// The approximate number of bytes that an agent with these hyperparameters allocates.
  ///
  /// `experience` is for the transitions, `network` for parameters, gradients, moments and layer outputs.
  ///
  /// - Precondition: the hyperparameters are valid.
  public func memory(
    for specification: EnvironmentSpecification
  ) -> (experience: Double, network: Double) {
    let network = Network(network.description(for: specification))
    let sizes = algorithm.agent.sizes(self, for: specification)
    // The regions of every pass, planned without memory. Beyond what can be addressed, nothing fits.
    var layout = ArenaLayout()
    var passes = Double.infinity
    do throws(ArenaError) {
      for rows in sizes.passRows + [environmentCount] {
        _ = try network.reserveOutputs(rows: rows, in: &layout)
      }
      _ = try network.reserveDeltas(rows: sizes.batchRows, in: &layout)
      // The inputs of the largest pass contain those of the others.
      let inputRows = (sizes.passRows.max() ?? 0) + environmentCount
      _ = try layout.reserve(rows: inputRows, columns: network.description.inputs)
      passes = Double(layout.count)
    } catch {}
    // Parameters: online, target, gradient, three moments; a policy's; three copies while a file is
    // written, and their order, in 64 bits; the matrices from which they are drawn, which QR copies.
    let copies = 12 + (self.network.initializer == .orthogonal ? 12.0 : 3)
    return (sizes.experienceBytes, (copies * Double(network.parameterCount) + passes) * 4)
  }

  /// The largest allowed sizes; larger ones are probably mistakes.
  public enum Limit {
    /// Hidden layers.
    public static let layers = 64
    /// Units of a layer.
    public static let units = 65_536
    /// Numbers of an observation for which bounds can be given.
    public static let inputs = 65_536
    /// Transitions in the replay memory, whose places are numbers of 32 bits.
    public static let capacity = Int(Int32.max)
    /// Transitions in a minibatch.
    public static let batchSize = 1 << 20
    /// Steps of each environment in a segment.
    public static let segmentSteps = 1 << 16
    /// Rows of a segment: its steps times the environments.
    public static let segmentRows = 1 << 22
    /// Passes over a segment's rows.
    public static let epochs = 1 << 16
    /// Environments that step together.
    public static let environments = 1 << 16
    /// The spread of ε between environments.
    public static let epsilonSpread = 1e3
    /// Steps of a target.
    public static let targetSteps = 1_024
    /// Any count of steps or episodes.
    public static let steps = 1 << 53
  }

  /// Checks every value, and that the values fit each other and the algorithm.
  ///
  /// - Throws: `HyperparameterError` for the first value that is not allowed.
  public func validate() throws(HyperparameterError) {
    try validate(by: algorithm.agent, for: nil)
  }

  /// Checks every value, and that the values fit each other, the algorithm, and an environment.
  ///
  /// - Throws: `HyperparameterError` for the first value that is not allowed.
  public func validate(
    for specification: EnvironmentSpecification
  ) throws(HyperparameterError) {
    try validate(by: algorithm.agent, for: specification)
  }

  /// Checks every value, and that the values fit each other, the algorithm, and a vector environment.
  ///
  /// - Throws: `HyperparameterError` for the first value that is not allowed.
  public func validate(for environment: some VectorEnvironment) throws(HyperparameterError) {
    try validate(by: algorithm.agent, for: environment)
  }

  /// The same for a given type of agent, whatever the algorithm is.
  func validate(
    by agent: any (Agent & ~Copyable).Type, for environment: some VectorEnvironment
  ) throws(HyperparameterError) {
    try validate(by: agent, for: environment.specification)
    try require(
      environmentCount == environment.count, "environmentCount", environmentCount,
      "\(environment.count), the number of environments in the vector")
  }

  /// The same for a given type of agent, whatever the algorithm is, with or without an environment.
  func validate(
    by agent: any (Agent & ~Copyable).Type, for specification: EnvironmentSpecification?
  ) throws(HyperparameterError) {
    for setting in Self.settings { try setting.validate(self) }
    try requireExponent(optimizer.learningRate, "optimizer.learningRate")
    if let epsilon = exploration.epsilon { try requireExponent(epsilon, "exploration.epsilon") }
    if case .sgd(let momentum, true, _) = optimizer.method {
      try require(
        momentum > 0, "optimizer.momentum", momentum,
        "a number above 0 and below 1, for Nesterov momentum")
    }
    try Behavior(exploration.policy(at: 0), spread: epsilonSpread).validate()
    if repeatsExploration && exploration.epsilon == nil { throw RepeatedExploration.error }
    try require(
      budget.steps != nil || budget.episodes != nil, "budget", "unlimited", "steps or episodes")
    try agent.validate(self)
    guard let specification else { return }
    try validateInputs(for: specification)
    try validateNetwork(for: specification)
    try agent.validate(self, for: specification)
  }

  /// Requires that the algorithm is the one of trainers that are made without a type of agent.
  func requireReplay() throws(HyperparameterError) {
    try require(
      algorithm == .replay, "algorithm", algorithm.rawValue,
      "replay, or an agent's type as the trainer's first argument")
  }

  private func validateInputs(
    for specification: EnvironmentSpecification
  ) throws(HyperparameterError) {
    let (low, high, size) = (input.low ?? [], input.high ?? [], specification.observationSize)
    try require(
      low.count == high.count, "input.high", "of length \(high.count)",
      "\(low.count), as many as input.low has")
    try require(
      [0, size].contains(low.count), "input.low", "of length \(low.count)",
      "\(size), one for each number of an observation of '\(specification.id)'")
    for i in low.indices {
      try require(
        high[i] - low[i] >= InputHyperparameters.leastWidth, "input.high[\(i)]", high[i].plainText,
        "a number above input.low[\(i)] (\(low[i].plainText)), by "
          + "\(InputHyperparameters.leastWidth.plainText) or more")
    }
  }

  private func validateNetwork(
    for specification: EnvironmentSpecification
  ) throws(HyperparameterError) {
    if network.description == nil {
      // Each convolution takes a cell from every side.
      let space = specification.observationSpace
      let limit = space.board.map { (min($0.height, $0.width) - 1) / 2 } ?? 0
      try require(
        network.filters.count <= limit, "network.filters",
        network.filters.map(String.init).joined(separator: ","),
        (limit == 0 ? "none" : "at most \(limit) convolutions")
          + " for '\(specification.id)', whose "
          + (space.board.map { "boards have \($0.height) by \($0.width) cells" }
            ?? "observations are no boards, but have the shape \(space.shape)"))
    }
    let description = network.description(for: specification)
    try require(
      description.isValid, "the network for '\(specification.id)'", "'\(description)'",
      NetworkDescription.allowed)
    try require(
      description.inputs == specification.observationSize
        && description.outputs == specification.actionCount,
      "network.description", description,
      "a network from \(specification.observationSize) inputs to \(specification.actionCount) outputs, "
        + "for '\(specification.id)'")
  }
}

func require(
  _ holds: Bool, _ field: String, _ value: Any, _ allowed: String
) throws(HyperparameterError) {
  if !holds { throw HyperparameterError(field: field, value: "\(value)", allowed: allowed) }
}

/// Requires that the ratio of an exponential schedule exists.
private func requireExponent(_ schedule: Schedule, _ field: String) throws(HyperparameterError) {
  guard case .exponential(let from, let to, _) = schedule else { return }
  let allowed = "at least 1e-30, for an exponential schedule"
  try require(from >= 1e-30, field, from.plainText, allowed)
  try require(to >= 1e-30, field + ".to", to.plainText, allowed)
}
