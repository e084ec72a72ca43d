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

  let layers: [PlacedLayer]

  /// Makes the network of a description.
  ///
  /// - Precondition: the description is valid.
  public init(_ description: NetworkDescription) {
    require(
      description.isValid, "the network is '\(description)'; allowed: \(NetworkDescription.allowed)"
    )
    var (input, start) = (description.input, 0)
    layers = description.layers.map { description in
      let placed = PlacedLayer(description.layer, input: input, start: start)
      (input, start) = (placed.output, start + placed.count)
      return placed
    }
    self.description = description
    self.parameterCount = start
  }
}

/// A layer at its place in a network.
///
/// It is a class because a pass would copy a struct with an existential at every layer.
final class PlacedLayer: Sendable {
  let layer: any Layer
  let input: InputShape
  let output: InputShape
  /// The offset and the number of its parameters in a block.
  let start: Int
  let count: Int

  init(_ layer: any Layer, input: InputShape, start: Int) {
    guard let output = layer.output(for: input) else {
      fatalError("'\(layer)' does not take an input of \(input)")
    }
    self.layer = layer
    self.input = input
    self.output = output
    self.start = start
    count = layer.tensors(for: input).reduce(0) { $0 + $1.count }
  }

  /// The layer's part of a block of parameters, or of their gradient.
  func part(of block: Region) -> Region { block.slice(at: start, rows: 1, columns: count) }

  /// The layer's forward pass, with the parameters of the whole network.
  @inline(__always)
  func forward<S: Scalar>(
    _ x: Region, isFirst: Bool, parameters: Region, into y: Region, kept: Span<Region>,
    in arena: inout Arena<S>
  ) {
    layer.forward(
      x, of: input, isFirst: isFirst, parameters: part(of: parameters), into: y, kept: kept,
      in: &arena)
  }

  /// The layer's backward pass, with parameters and gradient of the whole network.
  @inline(__always)
  func backward<S: Scalar>(
    _ x: Region, y: Region, kept: Span<Region>, delta: Region, scratch: Span<Region>,
    parameters: Region, gradient: Region, inputDelta: Region?, in arena: inout Arena<S>
  ) {
    layer.backward(
      x, of: input, y: y, kept: kept, delta: delta, scratch: scratch,
      parameters: part(of: parameters), gradient: part(of: gradient), inputDelta: inputDelta,
      in: &arena)
  }
}

extension Network {
  /// Reserves the regions that a forward pass of `rows` rows writes, for every layer.
  ///
  /// - Throws: `ArenaError.tooLarge`.
  public func reserveOutputs(
    rows: Int, in layout: inout ArenaLayout
  ) throws(ArenaError) -> LayerOutputs {
    var outputs = LayerOutputs()
    for placed in layers {
      outputs.layers.append(
        try layout.reserve(rows: rows, columns: placed.output.count),
        try placed.layer.reserveForward(placed.input, rows: rows, in: &layout))
    }
    return outputs
  }

  /// Reserves the gradients with respect to every layer's output, for a backward pass of `rows` rows.
  ///
  /// - Throws: `ArenaError.tooLarge`.
  public func reserveDeltas(
    rows: Int, in layout: inout ArenaLayout
  ) throws(ArenaError) -> LayerDeltas {
    var deltas = LayerDeltas()
    for placed in layers {
      deltas.layers.append(
        try layout.reserve(rows: rows, columns: placed.output.count),
        try placed.layer.reserveBackward(placed.input, rows: rows, in: &layout))
    }
    return deltas
  }

  /// Draws new parameters.
  public func initialize<S: Scalar>(
    _ parameters: Region, by initializer: Initializer = .pytorch, in arena: inout Arena<S>,
    using generator: inout PCG64
  ) {
    for placed in layers {
      placed.layer.initialize(
        placed.part(of: parameters), for: placed.input, by: initializer, in: &arena,
        using: &generator)
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
    let rows = 0..<inputs.rows
    let (layers, kept) = (layers.span, outputs.layers.others.span)
    var x = inputs
    for i in layers.indices {
      let y = outputs.layers.results[i].rows(rows)
      layers[i].forward(
        x, isFirst: i == 0, parameters: parameters, into: y,
        kept: kept.extracting(outputs.layers.ranges[i]), in: &arena)
      x = y
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
    let layers = layers.span
    let (kept, scratch) = (outputs.layers.others.span, deltas.layers.others.span)
    var i = layers.count
    while i > 0 {
      i -= 1
      layers[i].backward(
        i == 0 ? inputs : outputs.layers.results[i - 1].rows(rows),
        y: outputs.layers.results[i].rows(rows),
        kept: kept.extracting(outputs.layers.ranges[i]),
        delta: deltas.layers.results[i].rows(rows),
        scratch: scratch.extracting(deltas.layers.ranges[i]),
        parameters: parameters, gradient: gradient,
        inputDelta: i == 0 ? nil : deltas.layers.results[i - 1].rows(rows), in: &arena)
    }
  }
}
