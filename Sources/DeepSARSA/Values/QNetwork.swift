/// The Q-network q(s, ·|θ) and the target network: one network with two blocks of parameters.
struct QNetwork: Sendable {
  let network: Network
  /// θ, the trained parameters, by which actions are chosen.
  let online: Region
  /// θ_target, which evaluates next states and changes only by `synchronize`.
  let target: Region

  init(_ description: NetworkDescription, in layout: inout ArenaLayout) throws(ArenaError) {
    network = Network(description)
    online = try layout.reserve(count: network.parameterCount)
    target = try layout.reserve(count: network.parameterCount)
  }

  /// Draws θ and copies it into θ_target.
  func initialize(
    by initializer: Initializer, in arena: inout Arena<Float>, using generator: inout PCG64
  ) {
    network.initialize(online, by: initializer, in: &arena, using: &generator)
    arena.copy(online, to: target)
  }

  /// Synchronises the target: θ_target ← τθ + (1 − τ)θ_target, a copy if τ is 1.
  func synchronize(rate: Double, in arena: inout Arena<Float>) {
    if rate == 1 {
      arena.copy(online, to: target)
    } else {
      arena.combine(online, into: target, alpha: Float(rate), beta: Float(1 - rate))
    }
  }
}

extension NetworkHyperparameters {
  /// The network for an environment, from an observation to one value per action.
  public func description(for specification: EnvironmentSpecification) -> NetworkDescription {
    description
      ?? NetworkDescription(
        input: filters.isEmpty
          ? .vector(specification.observationSize) : specification.observationSpace.inputShape,
        filters: filters, hidden: hiddenSizes, outputs: specification.actionCount,
        activation: activation, isNormalized: isNormalized, isAffine: isNormalizationAffine,
        isDueling: isDueling)
  }
}

extension ObservationSpace {
  /// The input of a network with convolutions: the board, or a vector if there is none.
  fileprivate var inputShape: InputShape {
    board.map { .board(height: $0.height, width: $0.width, channels: $0.channels) } ?? .vector(size)
  }
}
