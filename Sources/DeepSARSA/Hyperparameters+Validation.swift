/// A hyperparameter outside of what is allowed.
public struct HyperparameterError: Error, Hashable, CustomStringConvertible {
  /// The path of the value, such as `\Hyperparameters.replay.batchSize`, dotted.
  public let field: String
  /// What it is.
  public let value: String
  /// What it may be.
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
  /// The bytes that an agent with these hyperparameters takes, in round figures.
  ///
  /// `replay` is for the transitions, `network` for parameters and all that is computed with them.
  ///
  /// - Precondition: the hyperparameters are valid.
  public func memory(
    for specification: EnvironmentSpecification
  ) -> (replay: Double, network: Double) {
    let inputs = specification.observationSize
    let widths = [inputs] + network.hiddenSizes + [specification.actionCount]
    let parameters = zip(widths, widths.dropFirst()).reduce(0.0) {
      $0 + Double($1.0 + 1) * Double($1.1)
    }
    // Parameters: online, target, gradient, two moments; a policy's, and three copies on the way
    // to a file. Rows: online twice, target, deltas.
    let rows = Double(4 * replay.batchSize + environmentCount)
    let activations = widths.reduce(0.0) { $0 + Double($1) } * rows
    let transition = Double(ReplayMemory.bytesPerTransition(observationSize: inputs))
    return (Double(replay.capacity) * transition, (9 * parameters + activations) * 4)
  }

  /// The largest sizes that are taken: beyond them lies a mistake, not a use.
  public enum Limit {
    /// Hidden layers.
    public static let layers = 64
    /// Units of a layer.
    public static let units = 65_536
    /// Transitions in memory: their indices are drawn from 32 bits.
    public static let capacity = Int(Int32.max)
    /// Transitions in a minibatch.
    public static let batchSize = 1 << 20
    /// Environments that step together.
    public static let environments = 1 << 16
    /// Any count of steps or episodes.
    public static let steps = 1 << 53
  }

  /// Checks every value, alone and against the others.
  ///
  /// - Throws: `HyperparameterError` for the first that is not allowed.
  public func validate() throws(HyperparameterError) {
    func require(
      _ holds: Bool, _ field: String, _ value: Any, _ allowed: String
    ) throws(HyperparameterError) {
      if !holds { throw HyperparameterError(field: field, value: "\(value)", allowed: allowed) }
    }
    func requireCount(
      _ value: Int, _ field: String, atMost limit: Int
    ) throws(HyperparameterError) {
      try require((1...limit).contains(value), field, value, "a whole number from 1 to \(limit)")
    }
    func requireSchedule(
      _ schedule: Schedule, _ field: String, _ allowed: String, _ isAllowed: (Double) -> Bool
    ) throws(HyperparameterError) {
      for value in schedule.bounds { try require(isAllowed(value), field, value, allowed) }
      if case .linear(_, _, let steps) = schedule {
        try requireCount(steps, field + ".steps", atMost: Limit.steps)
      }
    }

    try require(
      (0...Limit.layers).contains(network.hiddenSizes.count), "network.hiddenSizes",
      "\(network.hiddenSizes.count) layers", "0 to \(Limit.layers) layers")
    for size in network.hiddenSizes {
      try requireCount(size, "network.hiddenSizes", atMost: Limit.units)
    }

    try requireSchedule(
      optimizer.learningRate, "optimizer.learningRate", "a number from 0 to 1e6, 0 excluded"
    ) { $0 > 0 && $0 <= 1e6 }
    let adamW = optimizer.adamW
    try require(
      adamW.beta1 >= 0 && adamW.beta1 < 1, "optimizer.adamW.beta1", adamW.beta1,
      "a number from 0 to 1, 1 excluded")
    try require(
      adamW.beta2 >= 0 && adamW.beta2 < 1, "optimizer.adamW.beta2", adamW.beta2,
      "a number from 0 to 1, 1 excluded")
    try require(
      adamW.epsilon >= 1e-30 && adamW.epsilon <= 1, "optimizer.adamW.epsilon", adamW.epsilon,
      "a number from 1e-30 to 1")
    try require(
      adamW.weightDecay >= 0 && adamW.weightDecay <= 1e6, "optimizer.adamW.weightDecay",
      adamW.weightDecay, "a number from 0 to 1e6")

    try requireCount(replay.capacity, "replay.capacity", atMost: Limit.capacity)
    try requireCount(
      replay.batchSize, "replay.batchSize", atMost: min(Limit.batchSize, replay.capacity))
    try require(
      replay.learningStarts >= replay.batchSize && replay.learningStarts <= replay.capacity,
      "replay.learningStarts", replay.learningStarts,
      "from the batch size (\(replay.batchSize)) to the capacity (\(replay.capacity))")
    try requireCount(replay.trainFrequency, "replay.trainFrequency", atMost: Limit.steps)

    try requireSchedule(epsilon, "epsilon", "a number from 0 to 1") { $0 >= 0 && $0 <= 1 }
    try require(
      target.discount >= 0 && target.discount <= 1, "target.discount", target.discount,
      "a number from 0 to 1")
    try requireCount(
      target.synchronization.every, "target.synchronization.every", atMost: Limit.steps)

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
  }
}
