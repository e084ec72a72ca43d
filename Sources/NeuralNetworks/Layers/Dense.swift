internal import SARSALinearAlgebra

/// A fully connected layer: y = activation(x·W + b).
///
/// Its parameters lie in the network's block: weights [inputs, units] first, then biases [units]. The
/// block of a gradient has the same order.
struct Dense: Sendable {
  let inputs: Int
  let units: Int
  let activation: Activation
  /// The offset of the layer's parameters in a block.
  let start: Int

  var parameterCount: Int { inputs * units + units }

  /// W [inputs, units] of a block.
  func weights(of block: Region) -> Region {
    block.slice(at: start, rows: inputs, columns: units)
  }

  /// b [units] of a block.
  func bias(of block: Region) -> Region {
    block.slice(at: start + inputs * units, rows: 1, columns: units)
  }

  /// The forward pass: x [batch, inputs] → y [batch, units].
  func forward<S: Scalar>(
    _ x: Region, parameters: Region, into output: LayerOutput, in arena: inout Arena<S>
  ) {
    arena.product(x, weights(of: parameters), into: output.z, scratch: output.scratch)
    arena.addBias(
      bias(of: parameters), to: output.z, activation: activation, into: output.y)
  }

  /// The backward pass: from ∂L/∂y in `delta.y` [batch, units] to the gradients of W and b, and to ∂L/∂x
  /// if `inputDelta` is given.
  ///
  /// With z = x·W + b: ∂L/∂z = ∂L/∂y ∘ activation′(z), ∂L/∂b = Σ rows of ∂L/∂z, ∂L/∂W = xᵀ·∂L/∂z,
  /// ∂L/∂x = ∂L/∂z·Wᵀ. `delta.y` holds ∂L/∂z afterwards.
  func backward<S: Scalar>(
    _ x: Region, output: LayerOutput, delta: LayerDelta, parameters: Region, gradient: Region,
    inputDelta: Region?, in arena: inout Arena<S>
  ) {
    arena.biasGradient(
      of: activation, at: activation.derivativeTakesInput ? output.z : output.y, delta: delta.y,
      into: bias(of: gradient))
    arena.product(x, delta.y, into: weights(of: gradient), transposing: .first)
    if let inputDelta {
      arena.product(
        delta.y, weights(of: parameters), into: inputDelta, transposingSecond: true,
        scratch: delta.scratch)
    }
  }
}
