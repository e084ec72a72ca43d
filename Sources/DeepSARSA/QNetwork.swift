/// The Q-network q(s, ·|θ) and its replica with θ_target: one arithmetic, two blocks of parameters.
struct QNetwork: Sendable {
  let network: Network
  /// θ, which is trained and acts.
  let online: Region
  /// θ_target, which values next states and changes only by `synchronize`.
  let target: Region

  init(_ description: NetworkDescription, in layout: inout ArenaLayout) throws(ArenaError) {
    network = Network(description)
    online = try layout.reserve(count: network.parameterCount)
    target = try layout.reserve(count: network.parameterCount)
  }

  /// Draws θ and copies it into θ_target.
  func initialize(in arena: inout Arena<Float>, using generator: inout PCG64) {
    network.initialize(online, in: &arena, using: &generator)
    synchronize(in: &arena)
  }

  /// θ_target ← θ.
  func synchronize(in arena: inout Arena<Float>) {
    arena.copy(online, to: target)
  }
}

extension NetworkHyperparameters {
  /// The network for an environment: its observation in, a value per action out.
  public func description(for specification: EnvironmentSpecification) -> NetworkDescription {
    NetworkDescription(
      inputs: specification.observationSize, hidden: hiddenSizes,
      outputs: specification.actionCount, activation: activation)
  }
}
