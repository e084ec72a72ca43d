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
    try require(
      (0...Limit.layers).contains(network.hiddenSizes.count), "network.hiddenSizes",
      "\(network.hiddenSizes.count) layers", "0 to \(Limit.layers) layers")
    for size in network.hiddenSizes {
      try requireCount(size, "network.hiddenSizes", atMost: Limit.units)
    }

    let rate = optimizer.learningRate
    try requireSchedule(
      rate, "optimizer.learningRate", "a number from 1e-30 to 1e6, or 0 at the end of a schedule"
    ) { $0 <= 1e6 && ($0 >= 1e-30 || ($0 == 0 && rate.value(at: 0) > 0)) }
    try validateMethod()
    if case .huber(let threshold) = optimizer.loss {
      try require(
        threshold >= 1e-30 && threshold <= 1e6, "optimizer.loss.threshold", threshold,
        "a number from 1e-30 to 1e6")
    }
    if let limit = optimizer.gradientNormLimit {
      try require(
        limit >= 1e-30 && limit <= 1e12, "optimizer.gradientNormLimit", limit,
        "a number from 1e-30 to 1e12")
    }

    try requireCount(replay.capacity, "replay.capacity", atMost: Limit.capacity)
    try requireCount(
      replay.batchSize, "replay.batchSize", atMost: min(Limit.batchSize, replay.capacity))
    try require(
      replay.learningStarts >= replay.batchSize && replay.learningStarts <= replay.capacity,
      "replay.learningStarts", replay.learningStarts,
      "from the batch size (\(replay.batchSize)) to the capacity (\(replay.capacity))")
    try requireCount(replay.trainFrequency, "replay.trainFrequency", atMost: Limit.steps)

    switch exploration {
    case .epsilonGreedy(let epsilon):
      try requireSchedule(epsilon, "exploration.epsilon", "a number from 0 to 1") {
        $0 >= 0 && $0 <= 1
      }
    case .boltzmann(let temperature):
      try requireSchedule(
        temperature, "exploration.temperature", "a number from 1e-6 to 1e6"
      ) { $0 >= 1e-6 && $0 <= 1e6 }
    }
    try require(
      target.discount >= 0 && target.discount <= 1, "target.discount", target.discount,
      "a number from 0 to 1")
    try requireCount(
      target.synchronization.every, "target.synchronization.every", atMost: Limit.steps)
    try require(
      target.synchronization.rate > 0 && target.synchronization.rate <= 1,
      "target.synchronization.rate", target.synchronization.rate,
      "a number from 0 to 1, 0 excluded")

    try require(
      (1...min(Limit.environments, replay.capacity)).contains(environmentCount),
      "environmentCount", environmentCount,
      "from 1 to \(min(Limit.environments, replay.capacity))")
    try require(
      budget.steps != nil || budget.episodes != nil, "budget", "unlimited", "steps or episodes")
    if let steps = budget.steps { try requireCount(steps, "budget.steps", atMost: Limit.steps) }
    if let episodes = budget.episodes {
      try requireCount(episodes, "budget.episodes", atMost: Limit.steps)
    }
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
  }

  private func validateMethod() throws(HyperparameterError) {
    func requireShare(_ value: Double, _ name: String) throws(HyperparameterError) {
      try require(
        value >= 0 && value < 1, "optimizer.\(name)", value, "a number from 0 to 1, 1 excluded")
    }
    func requireEpsilon(_ value: Double) throws(HyperparameterError) {
      try require(
        value >= 1e-30 && value <= 1, "optimizer.epsilon", value, "a number from 1e-30 to 1")
    }
    func requireDecay(_ value: Double) throws(HyperparameterError) {
      try require(
        value >= 0 && value <= 1e6, "optimizer.weightDecay", value, "a number from 0 to 1e6")
    }
    switch optimizer.method {
    case .sgd(let momentum, let isNesterov, let weightDecay):
      try requireShare(momentum, "momentum")
      try require(
        momentum > 0 || !isNesterov, "optimizer.momentum", momentum,
        "a number above 0 and below 1, for Nesterov momentum")
      try requireDecay(weightDecay)
    case .rmsProp(let smoothing, let epsilon, let momentum, _):
      try requireShare(smoothing, "smoothing")
      try requireEpsilon(epsilon)
      try requireShare(momentum, "momentum")
    case .adam(let beta1, let beta2, let epsilon):
      try requireShare(beta1, "beta1")
      try requireShare(beta2, "beta2")
      try requireEpsilon(epsilon)
    case .adamW(let beta1, let beta2, let epsilon, let weightDecay):
      try requireShare(beta1, "beta1")
      try requireShare(beta2, "beta2")
      try requireEpsilon(epsilon)
      try requireDecay(weightDecay)
    }
  }
}

private func require(
  _ holds: Bool, _ field: String, _ value: Any, _ allowed: String
) throws(HyperparameterError) {
  if !holds { throw HyperparameterError(field: field, value: "\(value)", allowed: allowed) }
}

private func requireCount(
  _ value: Int, _ field: String, atMost limit: Int
) throws(HyperparameterError) {
  try require((1...limit).contains(value), field, value, "a whole number from 1 to \(limit)")
}

private func requireSchedule(
  _ schedule: Schedule, _ field: String, _ allowed: String, _ isAllowed: (Double) -> Bool
) throws(HyperparameterError) {
  for value in schedule.bounds { try require(isAllowed(value), field, value, allowed) }
  guard let curve = schedule.curve else { return }
  try requireCount(curve.steps, field + ".steps", atMost: Hyperparameters.Limit.steps)
  try require(
    curve.shape != .exponential || (curve.from >= 1e-30 && curve.to >= 1e-30), field,
    "exponential from \(curve.from) to \(curve.to)",
    "an exponential whose first and last values are at least 1e-30")
}
