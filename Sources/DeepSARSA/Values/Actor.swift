internal import SARSAPreconditions

/// The part of an agent that acts: a network's values for one observation of every environment, and an
/// action from each row of values.
struct Actor: Sendable {
  private let network: Network
  /// The observations of the last forward pass [environments, observationSize].
  let inputs: Region
  private let outputs: LayerOutputs
  /// Their values, q [environments, actions].
  var values: Region { outputs.last }

  /// Reserves the memory of a forward pass.
  init(_ network: Network, environments: Int, in layout: inout ArenaLayout) throws(ArenaError) {
    self.network = network
    inputs = try layout.reserve(rows: environments, columns: network.description.inputs)
    outputs = try network.reserveOutputs(rows: environments, in: &layout)
  }

  /// Computes `values` of an observation of every environment [environments, observationSize].
  ///
  /// - Complexity: one product a layer, no allocation.
  func evaluate(
    _ observations: [Float], scaledBy scaling: InputScaling, parameters: Region,
    in arena: inout Arena<Float>
  ) {
    require(
      observations.count == inputs.count,
      "observations has % numbers; allowed: %", observations.count, inputs.count)
    arena.write(observations, to: inputs)
    scaling.apply(to: inputs, in: &arena)
    network.forward(inputs, parameters: parameters, into: outputs, in: &arena)
  }

  /// Chooses an action for every environment.
  ///
  /// Shapes: observations [environments, observationSize], masks [environments, actions] or empty, actions
  /// [environments].
  ///
  /// - Complexity: one product a layer, no allocation.
  func act(
    on observations: [Float], scaledBy scaling: InputScaling, allowing masks: [Bool],
    by behavior: Behavior, parameters: Region, into actions: inout [Int],
    in arena: inout Arena<Float>, using generator: inout PCG64
  ) {
    require(
      actions.count == inputs.rows,
      "% actions were given; allowed: %, one for each environment", actions.count, inputs.rows)
    evaluate(observations, scaledBy: scaling, parameters: parameters, in: &arena)
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

  /// The probabilities with which the last call of `act` chose its actions [environments].
  ///
  /// - Complexity: O(environments·actions), no allocation.
  func probabilities(
    of actions: [Int], allowing masks: [Bool], by behavior: Behavior,
    into probabilities: inout [Float], in arena: borrowing Arena<Float>
  ) {
    let maskSize = masks.isEmpty ? 0 : values.columns
    arena.withSpan(of: values) { span in
      for i in actions.indices {
        let probability = behavior.policy(of: i, among: actions.count).probability(
          of: actions[i], span, row: i, of: values.columns,
          allowing: masks.span.extracting(i * maskSize..<(i + 1) * maskSize), ties: .first)
        probabilities[i] = behaviorProbability(probability)
      }
    }
  }
}

/// The probability with which an action was chosen, as it is stored: a ratio divides by it, so it is never 0.
func behaviorProbability(_ probability: Double) -> Float {
  max(Float(probability), .leastNormalMagnitude)
}
