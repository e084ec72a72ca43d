internal import SARSAPreconditions

/// A vector of copies of one environment, stepped one after the other.
///
/// ```swift
/// var vector = ReplicatedEnvironment(TimeLimit(MountainCar(), maximumSteps: 200), count: 8)
/// ```
public struct ReplicatedEnvironment<Base: Environment>: VectorEnvironment {
  /// The copies.
  public private(set) var environments: [Base]

  /// The specification of each copy.
  public private(set) var specification: EnvironmentSpecification

  /// Replicates an environment; the copies differ by the seeds that they are reset with.
  ///
  /// - Precondition: the count is positive.
  public init(_ environment: Base, count: Int = 1) {
    require(count > 0, "count is %; allowed: 1 environment or more", count)
    environments = Array(repeating: environment, count: count)
    specification = environment.specification
  }

  /// The number of copies.
  public var count: Int { environments.count }

  /// The states, one per copy.
  public var state: [Base.State] {
    get { environments.map(\.state) }
    set {
      require(
        newValue.count == count,
        "% states were given; allowed: %, one for each environment", newValue.count, count)
      for i in environments.indices { environments[i].state = newValue[i] }
      specification = environments[0].specification
    }
  }

  /// Whether there is a state for each copy, and each copy accepts its own.
  public func accepts(_ state: [Base.State]) -> Bool {
    state.count == count && zip(environments, state).allSatisfy { $0.accepts($1) }
  }

  /// Starts an episode in each copy.
  public mutating func reset(
    seeds: [UInt64], into result: inout VectorStep
  ) throws(Base.Failure) {
    require(
      seeds.count == count,
      "% seeds were given; allowed: %, one for each environment", seeds.count, count)
    for i in environments.indices {
      try environments[i].reset(seed: seeds[i])
      write(i, into: &result.observations)
    }
    // An environment of Gymnasium shows only now whether it has masks.
    specification = environments[0].specification
    guard specification.hasActionMasks else { return }
    result.prepareMasks(for: specification)
    for i in environments.indices { writeMask(i, into: &result.masks) }
  }

  /// Takes an action in each copy, and resets those whose episode ends.
  public mutating func step(
    _ actions: [Int], into result: inout VectorStep
  ) throws(Base.Failure) {
    require(
      actions.count == count,
      "% actions were given; allowed: %, one for each environment", actions.count, count)
    var i = 0
    while i < environments.count {
      let step = try environments[i].step(actions[i])
      result.rewards[i] = step.reward
      result.isTerminated[i] = step.isTerminated
      result.isTruncated[i] = step.isTruncated
      write(i, into: &result.nextObservations)
      if specification.hasActionMasks {
        writeMask(i, isTerminal: step.isTerminated, into: &result.nextMasks)
      }
      if step.isLast { try environments[i].reset(seed: nil) }
      write(i, into: &result.observations)
      if specification.hasActionMasks { writeMask(i, into: &result.masks) }
      i += 1
    }
  }

  /// Writes an environment's observation into its row.
  private func write(_ i: Int, into rows: inout [Float]) {
    let size = rows.count / environments.count
    var all = rows.mutableSpan
    // The standard library deprecates `extracting` for this name, and slices of an array allocate.
    var row = all._mutatingExtracting(i * size..<(i + 1) * size)
    environments[i].observe(into: &row)
  }

  /// Writes an environment's mask into its row; nothing is chosen in a terminal state, so all is legal there.
  private func writeMask(_ i: Int, isTerminal: Bool = false, into rows: inout [Bool]) {
    let count = specification.actionCount
    var all = rows.mutableSpan
    var row = all._mutatingExtracting(i * count..<(i + 1) * count)
    if isTerminal {
      for action in row.indices { row[action] = true }
    } else {
      environments[i].writeActionMask(into: &row)
    }
  }
}
