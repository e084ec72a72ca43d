/// A hyperparameter whose value is not allowed.
public struct HyperparameterError: Error, Hashable, CustomStringConvertible {
  /// The path of the value, such as `\Hyperparameters.replay.batchSize`, dotted.
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
  /// `replay` is for the transitions, `network` for parameters, gradients, moments and layer outputs.
  ///
  /// - Precondition: the hyperparameters are valid.
  public func memory(
    for specification: EnvironmentSpecification
  ) -> (replay: Double, network: Double) {
    let network = Network(network.description(for: specification))
    let (batchSize, inputs) = (replay.batchSize, network.description.inputs)
    // The regions of every pass, planned without memory. Beyond what can be addressed, nothing fits.
    var layout = ArenaLayout()
    var passes = Double.infinity
    do throws(ArenaError) {
      for rows in [2 * batchSize, batchSize, environmentCount] {
        _ = try network.reserveOutputs(rows: rows, in: &layout)
      }
      _ = try network.reserveDeltas(rows: batchSize, in: &layout)
      _ = try layout.reserve(rows: 2 * batchSize + environmentCount, columns: inputs)
      passes = Double(layout.count)
    } catch {}
    // Parameters: online, target, gradient, three moments; a policy's; three copies while a file is
    // written, and their order, in 64 bits; the matrices from which they are drawn, which QR copies.
    let copies = 12 + (self.network.initializer == .orthogonal ? 12.0 : 3)
    let transition = Double(ReplayMemory.bytesPerTransition(observationSize: inputs))
    return (
      Double(replay.capacity) * transition, (copies * Double(network.parameterCount) + passes) * 4
    )
  }

  /// The largest allowed sizes; larger ones are probably mistakes.
  public enum Limit {
    /// Hidden layers.
    public static let layers = 64
    /// Units of a layer.
    public static let units = 65_536
    /// Transitions in the replay memory, whose indices are drawn from 32 bits.
    public static let capacity = Int(Int32.max)
    /// Transitions in a minibatch.
    public static let batchSize = 1 << 20
    /// Environments that step together.
    public static let environments = 1 << 16
    /// The spread of ε between environments.
    public static let epsilonSpread = 1e3
    /// Steps of a target.
    public static let targetSteps = 1_024
    /// Any count of steps or episodes.
    public static let steps = 1 << 53
  }

  /// The environment step of the first update.
  ///
  /// It is the first step at which at least `replay.learningStarts` transitions are stored and a multiple
  /// of `replay.trainFrequency` is reached. It is a multiple of `environmentCount`, because environments
  /// step together.
  ///
  /// - Precondition: `replay` and `environmentCount` are valid.
  package var firstUpdateStep: Int {
    let count = environmentCount
    // A step that reaches or passes a multiple makes an update. The first update is at the first multiple
    // after the last step without enough transitions.
    let enough = (replay.learningStarts + count - 1) / count * count
    let multiple = ((enough - count) / replay.trainFrequency + 1) * replay.trainFrequency
    return (multiple + count - 1) / count * count
  }

  /// Checks every value, and that the values fit each other.
  ///
  /// - Throws: `HyperparameterError` for the first value that is not allowed.
  public func validate() throws(HyperparameterError) {
    for setting in Self.settings { try setting.validate(self) }

    try requireExponent(optimizer.learningRate, "optimizer.learningRate")
    if let epsilon = exploration.epsilon { try requireExponent(epsilon, "exploration.epsilon") }
    if case .sgd(let momentum, true, _) = optimizer.method {
      try require(
        momentum > 0, "optimizer.momentum", momentum,
        "a number above 0 and below 1, for Nesterov momentum")
    }
    try require(
      replay.batchSize <= replay.capacity, "replay.batchSize", replay.batchSize,
      "at most the capacity (\(replay.capacity))")
    try require(
      replay.learningStarts >= replay.batchSize && replay.learningStarts <= replay.capacity,
      "replay.learningStarts", replay.learningStarts,
      "from the batch size (\(replay.batchSize)) to the capacity (\(replay.capacity))")
    let behavior = Behavior(exploration.policy(at: 0), spread: epsilonSpread)
    if !behavior.isPossible { throw behavior.error }
    try require(
      environmentCount <= replay.capacity, "environmentCount", environmentCount,
      "at most the capacity (\(replay.capacity))")
    try require(
      budget.steps != nil || budget.episodes != nil, "budget", "unlimited", "steps or episodes")
    // Environments step together, so a run can exceed its budget by all environments but one.
    if let steps = budget.steps {
      let least = firstUpdateStep - environmentCount + 1
      try require(
        steps >= least, "budget.steps", steps,
        "at least \(least), because the first update is at step \(firstUpdateStep) "
          + "(replay.learningStarts \(replay.learningStarts), replay.trainFrequency "
          + "\(replay.trainFrequency), environmentCount \(environmentCount))")
    }
  }
}

extension Hyperparameters {
  /// Checks every value, and that network and number of environments fit a vector environment.
  ///
  /// - Throws: `HyperparameterError` for the first value that is not allowed.
  public func validate(for environment: some VectorEnvironment) throws(HyperparameterError) {
    try validate(for: environment.specification)
    try require(
      environmentCount == environment.count, "environmentCount", environmentCount,
      "\(environment.count), the number of environments in the vector")
  }

  /// Checks every value, and that a network of these sizes is possible.
  ///
  /// - Throws: `HyperparameterError` for the first value that is not allowed.
  public func validate(
    for specification: EnvironmentSpecification
  ) throws(HyperparameterError) {
    try validate()
    let description = network.description(for: specification)
    try require(
      description.isValid, "the network for '\(specification.id)'", "'\(description)'",
      NetworkDescription.allowed)
    try require(
      description.inputs == specification.observationSize
        && description.outputs == specification.actionCount,
      "network.description", "'\(description)'",
      "a network from \(specification.observationSize) inputs to \(specification.actionCount) outputs, "
        + "for '\(specification.id)'")
  }
}

private func require(
  _ holds: Bool, _ field: String, _ value: Any, _ allowed: String
) throws(HyperparameterError) {
  if !holds { throw HyperparameterError(field: field, value: "\(value)", allowed: allowed) }
}

/// Requires that the ratio of an exponential schedule exists.
private func requireExponent(_ schedule: Schedule, _ field: String) throws(HyperparameterError) {
  guard case .exponential(let from, let to, _) = schedule else { return }
  try require(
    from >= 1e-30 && to >= 1e-30, field, "exponential from \(from) to \(to)",
    "an exponential whose first and last values are at least 1e-30")
}
