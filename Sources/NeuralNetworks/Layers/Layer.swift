public import SARSALinearAlgebra
internal import SARSARandomSources

/// One layer of a network, with the offset of its parameters in a block.
enum Layer: Sendable {
  case dense(Dense)
  case normalization(LayerNormalization)
  case dueling(Dueling)

  init(_ description: LayerDescription, inputs: Int, start: Int) {
    switch description {
    case .dense(let units, let activation):
      self = .dense(Dense(inputs: inputs, units: units, activation: activation, start: start))
    case .layerNormalization(let activation):
      self = .normalization(
        LayerNormalization(columns: inputs, activation: activation, start: start))
    case .dueling:
      self = .dueling(Dueling(actions: inputs - 1))
    }
  }

  var outputs: Int {
    switch self {
    case .dense(let dense): dense.units
    case .normalization(let normalization): normalization.columns
    case .dueling(let dueling): dueling.actions
    }
  }

  /// The activation at the layer's end.
  var activation: Activation {
    switch self {
    case .dense(let dense): dense.activation
    case .normalization(let normalization): normalization.activation
    case .dueling: .identity
    }
  }

  var parameterCount: Int {
    switch self {
    case .dense(let dense): dense.parameterCount
    case .normalization(let normalization): normalization.parameterCount
    case .dueling: 0
    }
  }

  func initialize<S: Scalar>(
    _ parameters: Region, by initializer: Initializer, in arena: inout Arena<S>,
    using generator: inout PCG64
  ) {
    switch self {
    case .dense(let dense):
      initializer.initialize(dense, of: parameters, in: &arena, using: &generator)
    case .normalization(let normalization): normalization.initialize(parameters, in: &arena)
    case .dueling: break
    }
  }

  /// The forward pass: x [rows, inputs] → output.y [rows, outputs].
  func forward<S: Scalar>(
    _ x: Region, parameters: Region, into output: LayerOutput, in arena: inout Arena<S>
  ) {
    switch self {
    case .dense(let dense): dense.forward(x, parameters: parameters, into: output, in: &arena)
    case .normalization(let normalization):
      normalization.forward(x, parameters: parameters, into: output, in: &arena)
    case .dueling: arena.dueling(x, into: output.y)
    }
  }

  /// The backward pass: from ∂L/∂y in `delta` to the gradient of the layer's parameters, and to ∂L/∂x if
  /// `inputDelta` is given.
  func backward<S: Scalar>(
    _ x: Region, output: LayerOutput, delta: LayerDelta, parameters: Region, gradient: Region,
    inputDelta: Region?, in arena: inout Arena<S>
  ) {
    switch self {
    case .dense(let dense):
      dense.backward(
        x, output: output, delta: delta, parameters: parameters, gradient: gradient,
        inputDelta: inputDelta, in: &arena)
    case .normalization(let normalization):
      normalization.backward(
        x, output: output, delta: delta.y, parameters: parameters, gradient: gradient,
        inputDelta: inputDelta, in: &arena)
    case .dueling:
      if let inputDelta { arena.duelingGradient(delta: delta.y, into: inputDelta) }
    }
  }
}

/// A dueling head, v + a − mean of a, which has no parameters.
struct Dueling: Sendable {
  let actions: Int
}

/// The regions that a layer's forward pass writes and its backward pass reads.
struct LayerOutput: Hashable, Sendable {
  /// The output [rows, outputs].
  let y: Region
  /// The activation's input [rows, outputs]: the same region as y if the derivative can be computed from
  /// y.
  let z: Region
  /// Mean and scale of each row [rows, 2], for a normalisation.
  let statistics: Region
  /// Scratch memory of the product with the layer's weights; empty if it is not needed.
  let scratch: Region

  func rows(_ range: Range<Int>) -> LayerOutput {
    LayerOutput(
      y: y.rows(range), z: z.rows(range),
      statistics: statistics.rows == 0 ? statistics : statistics.rows(range), scratch: scratch)
  }
}

/// The regions that a layer's backward pass writes.
struct LayerDelta: Hashable, Sendable {
  /// ∂L/∂y [rows, outputs].
  let y: Region
  /// Scratch memory of the product with the layer's weights; empty if it is not needed.
  let scratch: Region

  func rows(_ range: Range<Int>) -> LayerDelta {
    LayerDelta(y: y.rows(range), scratch: scratch)
  }
}

/// The regions that a forward pass writes, for every layer.
public struct LayerOutputs: Hashable, Sendable {
  let layers: [LayerOutput]

  /// The last layer's output.
  public var last: Region { layers[layers.count - 1].y }
}

/// The regions that a backward pass writes, for every layer.
public struct LayerDeltas: Hashable, Sendable {
  let layers: [LayerDelta]

  /// The gradient with respect to the last layer's output.
  public var last: Region { layers[layers.count - 1].y }
}
