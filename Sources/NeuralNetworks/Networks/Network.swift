public import SARSALinearAlgebra
public import SARSARandomSources
internal import SARSAPreconditions

/// A network: its forward and backward passes over regions of an arena.
///
/// A network stores no numbers. Its parameters are one contiguous block that the caller passes to each
/// call. So one network serves both an online and a target block, and an optimiser step, a copy, a norm
/// or a file each need one call.
///
/// ```swift
/// let network = Network(NetworkDescription(inputs: 2, hidden: [128, 64], outputs: 3))
/// var layout = ArenaLayout()
/// let parameters = try layout.reserve(count: network.parameterCount)
/// let inputs = try layout.reserve(rows: 32, columns: 2)
/// let outputs = try network.reserveOutputs(rows: 32, in: &layout)
/// var arena = try Arena<Float>(layout)
/// network.initialize(parameters, in: &arena, using: &generator)
/// let q = network.forward(inputs, parameters: parameters, into: outputs, in: &arena)
/// ```
public struct Network: Sendable {
  /// The network's description.
  public let description: NetworkDescription

  /// The number of scalars in a block of parameters.
  public let parameterCount: Int

  let layers: [Layer]

  /// Makes the network of a description.
  ///
  /// - Precondition: the description is valid.
  public init(_ description: NetworkDescription) {
    require(
      description.isValid, "the network is '\(description)'; allowed: \(NetworkDescription.allowed)"
    )
    var inputs = description.inputs
    var start = 0
    layers = description.layers.map { layer in
      let made = Layer(layer, inputs: inputs, start: start)
      inputs = made.outputs
      start += made.parameterCount
      return made
    }
    self.description = description
    self.parameterCount = start
  }
}

extension Network {
  /// Reserves the regions that a forward pass of `rows` rows writes, for every layer.
  ///
  /// - Throws: `ArenaError.tooLarge`.
  public func reserveOutputs(
    rows: Int, in layout: inout ArenaLayout
  ) throws(ArenaError) -> LayerOutputs {
    var outputs: [LayerOutput] = []
    var inputs = description.inputs
    for layer in layers {
      let y = try layout.reserve(rows: rows, columns: layer.outputs)
      let z =
        layer.activation.derivativeTakesInput
        ? try layout.reserve(rows: rows, columns: layer.outputs) : y
      var statistics = Region.empty
      if case .normalization = layer { statistics = try layout.reserve(rows: rows, columns: 2) }
      var scratch = Region.empty
      if case .dense = layer {
        scratch = try layout.reserveScratch(
          rows: rows, columns: layer.outputs, inner: inputs, transposingSecond: false)
      }
      outputs.append(LayerOutput(y: y, z: z, statistics: statistics, scratch: scratch))
      inputs = layer.outputs
    }
    return LayerOutputs(layers: outputs)
  }

  /// Reserves the gradients with respect to every layer's output, for a backward pass of `rows` rows.
  ///
  /// - Throws: `ArenaError.tooLarge`.
  public func reserveDeltas(
    rows: Int, in layout: inout ArenaLayout
  ) throws(ArenaError) -> LayerDeltas {
    var deltas: [LayerDelta] = []
    var inputs = description.inputs
    for layer in layers {
      deltas.append(
        LayerDelta(
          y: try layout.reserve(rows: rows, columns: layer.outputs),
          scratch: try layout.reserveScratch(
            rows: rows, columns: inputs, inner: layer.outputs, transposingSecond: true)))
      inputs = layer.outputs
    }
    return LayerDeltas(layers: deltas)
  }

  /// Draws new parameters.
  public func initialize<S: Scalar>(
    _ parameters: Region, by initializer: Initializer = .pytorch, in arena: inout Arena<S>,
    using generator: inout PCG64
  ) {
    for layer in layers {
      layer.initialize(parameters, by: initializer, in: &arena, using: &generator)
    }
  }

  /// The forward pass: inputs [rows, inputs] → outputs [rows, outputs], for up to the reserved rows.
  ///
  /// It writes every layer's output to `outputs`, which `backward` reads.
  ///
  /// - Returns: the rows of the last layer's region that were written.
  /// - Complexity: one product per dense layer, no allocation.
  @discardableResult
  @specialized(where S == Float)
  public func forward<S: Scalar>(
    _ inputs: Region, parameters: Region, into outputs: LayerOutputs, in arena: inout Arena<S>
  ) -> Region {
    var x = inputs
    for i in layers.indices {
      let output = outputs.layers[i].rows(0..<inputs.rows)
      layers[i].forward(x, parameters: parameters, into: output, in: &arena)
      x = output.y
    }
    return x
  }

  /// The backward pass: from ∂L/∂outputs to the gradient with respect to every parameter.
  ///
  /// Before the call, the first rows of `deltas.last` hold ∂L/∂outputs [rows, outputs], and `outputs` holds
  /// the results of `forward` for the same inputs and parameters. `deltas` is overwritten.
  ///
  /// - Complexity: two products per dense layer, one for the first layer; no allocation.
  @specialized(where S == Float)
  public func backward<S: Scalar>(
    _ inputs: Region, parameters: Region, outputs: LayerOutputs, deltas: LayerDeltas,
    gradient: Region, in arena: inout Arena<S>
  ) {
    let rows = 0..<inputs.rows
    var i = layers.count
    while i > 0 {
      i -= 1
      layers[i].backward(
        i == 0 ? inputs : outputs.layers[i - 1].y.rows(rows),
        output: outputs.layers[i].rows(rows), delta: deltas.layers[i].rows(rows),
        parameters: parameters, gradient: gradient,
        inputDelta: i == 0 ? nil : deltas.layers[i - 1].y.rows(rows), in: &arena)
    }
  }
}
