internal import SARSAPreconditions

/// The part of an agent that acts: a network's values for one observation of every environment, and an
/// action from each row of values.
struct Actor: Sendable {
  private let network: Network
  /// The observations [environments, observationSize].
  private let inputs: Region
  private let outputs: LayerOutputs

  /// Reserves the memory of a forward pass.
  init(_ network: Network, environments: Int, in layout: inout ArenaLayout) throws(ArenaError) {
    self.network = network
    inputs = try layout.reserve(rows: environments, columns: network.description.inputs)
    outputs = try network.reserveOutputs(rows: environments, in: &layout)
  }

  /// Chooses an action for every environment.
  ///
  /// Shapes: observations [environments, observationSize], masks [environments, actions] or empty, actions
  /// [environments].
  ///
  /// - Complexity: one product a layer, no allocation.
  func act(
    on observations: [Float], allowing masks: [Bool], by behavior: Behavior, parameters: Region,
    into actions: inout [Int], in arena: inout Arena<Float>, using generator: inout PCG64
  ) {
    require(
      observations.count == inputs.count,
      "observations has % numbers; allowed: %", observations.count, inputs.count)
    require(
      actions.count == inputs.rows,
      "% actions were given; allowed: %, one for each environment", actions.count, inputs.rows)
    arena.write(observations, to: inputs)
    let values = network.forward(inputs, parameters: parameters, into: outputs, in: &arena)
    let actionCount = values.columns
    require(
      masks.isEmpty || masks.count == actions.count * actionCount,
      "masks has % values; allowed: %, or none", masks.count, actions.count * actionCount)
    let maskSize = masks.isEmpty ? 0 : actionCount
    arena.withSpan(of: values) { values in
      for i in actions.indices {
        actions[i] = behavior.policy(of: i, among: actions.count)
          .action(
            values, row: i, of: actionCount,
            allowing: masks.span.extracting(i * maskSize..<(i + 1) * maskSize), using: &generator)
      }
    }
  }
}
