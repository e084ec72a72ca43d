public import SARSALinearAlgebra
public import SARSARandomSources

/// A network's arithmetic: forward and backward over regions of an arena.
///
/// A network holds no numbers. Its parameters are one contiguous block that the caller names at each
/// call, so that one network serves an online and a target block, and so that optimiser, copy, norm
/// and file are one call each.
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
  /// What the network is.
  public let description: NetworkDescription

  /// The scalars of a block of parameters.
  public let parameterCount: Int

  let layers: [Layer]

  /// One layer, with its place in the block of parameters.
  enum Layer: Sendable {
    case dense(Dense)

    var parameterCount: Int {
      switch self {
      case .dense(let dense): dense.parameterCount
      }
    }

    var outputs: Int {
      switch self {
      case .dense(let dense): dense.units
      }
    }
  }

  /// Makes the network of a description.
  ///
  /// - Precondition: at least one layer, and no size below one.
  public init(_ description: NetworkDescription) {
    precondition(!description.layers.isEmpty && description.inputs > 0, "a network without layers")
    var inputs = description.inputs
    var start = 0
    self.layers = description.layers.map { layer in
      let made: Layer
      switch layer {
      case .dense(let units, let activation):
        precondition(units > 0, "a dense layer of \(units) units")
        made = .dense(Dense(inputs: inputs, units: units, activation: activation, start: start))
      }
      inputs = made.outputs
      start += made.parameterCount
      return made
    }
    self.description = description
    self.parameterCount = start
  }
}

/// One region per layer: what a forward pass leaves behind, or what a backward pass fills.
public struct LayerRegions: Hashable, Sendable {
  let regions: [Region]

  /// The last layer's region.
  public var last: Region { regions[regions.count - 1] }
}

extension Network {
  /// Reserves a region [rows, outputs] for every layer.
  ///
  /// - Throws: `ArenaError.tooLarge`.
  public func reserveOutputs(
    rows: Int, in layout: inout ArenaLayout
  ) throws(ArenaError) -> LayerRegions {
    var regions: [Region] = []
    for layer in layers { regions.append(try layout.reserve(rows: rows, columns: layer.outputs)) }
    return LayerRegions(regions: regions)
  }

  /// Draws new parameters, as PyTorch's layers do by default.
  public func initialize<S: Scalar>(
    _ parameters: Region, in arena: inout Arena<S>, using generator: inout PCG64
  ) {
    for layer in layers {
      switch layer {
      case .dense(let dense): dense.initialize(parameters, in: &arena, using: &generator)
      }
    }
  }

  /// inputs [rows, inputs] → outputs [rows, outputs], for any number of rows up to those reserved.
  ///
  /// Every layer's output stays in `outputs`, for `backward`.
  ///
  /// - Returns: the rows of the last layer's region that were written.
  /// - Complexity: one product a layer, no allocation.
  @discardableResult
  public func forward<S: Scalar>(
    _ inputs: Region, parameters: Region, into outputs: LayerRegions, in arena: inout Arena<S>
  ) -> Region {
    var x = inputs
    for i in layers.indices {
      let y = outputs.regions[i].rows(0..<inputs.rows)
      switch layers[i] {
      case .dense(let dense): dense.forward(x, parameters: parameters, into: y, in: &arena)
      }
      x = y
    }
    return x
  }

  /// From ∂L/∂outputs to the gradient by every parameter.
  ///
  /// The caller has written ∂L/∂outputs [rows, outputs] into the first rows of `deltas.last`, and
  /// `outputs` holds what `forward` left for the same inputs and parameters. `deltas` is overwritten.
  ///
  /// - Complexity: two products a layer, one for the first; no allocation.
  public func backward<S: Scalar>(
    _ inputs: Region, parameters: Region, outputs: LayerRegions, deltas: LayerRegions,
    gradient: Region, in arena: inout Arena<S>
  ) {
    let rows = 0..<inputs.rows
    var i = layers.count
    while i > 0 {
      i -= 1
      let x = i == 0 ? inputs : outputs.regions[i - 1].rows(rows)
      let inputDelta = i == 0 ? nil : deltas.regions[i - 1].rows(rows)
      switch layers[i] {
      case .dense(let dense):
        dense.backward(
          x, output: outputs.regions[i].rows(rows), delta: deltas.regions[i].rows(rows),
          parameters: parameters, gradient: gradient, inputDelta: inputDelta, in: &arena)
      }
    }
  }
}
