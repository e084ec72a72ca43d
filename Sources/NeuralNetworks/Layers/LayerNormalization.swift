internal import SARSALinearAlgebra

/// Normalisation of each row, then a gain and a bias per column: y = activation(x̂ ∘ g + b).
///
/// Its parameters lie in the network's block: gain [columns] first, then bias [columns].
struct LayerNormalization: Sendable {
  let columns: Int
  let activation: Activation
  /// The offset of the layer's parameters in a block.
  let start: Int

  /// Added to the variance, so that the scale of a constant row is finite; PyTorch's default.
  static let epsilon = 1e-5

  var parameterCount: Int { 2 * columns }

  /// g [columns] of a block.
  func gain(of block: Region) -> Region {
    block.slice(at: start, rows: 1, columns: columns)
  }

  /// b [columns] of a block.
  func bias(of block: Region) -> Region {
    block.slice(at: start + columns, rows: 1, columns: columns)
  }

  /// Sets the gain to 1 and the bias to 0.
  func initialize<S: Scalar>(_ parameters: Region, in arena: inout Arena<S>) {
    arena.fill(gain(of: parameters), with: 1)
    arena.fill(bias(of: parameters), with: 0)
  }

  /// The forward pass: x [rows, columns] → y [rows, columns].
  func forward<S: Scalar>(
    _ x: Region, parameters: Region, into output: LayerOutput, in arena: inout Arena<S>
  ) {
    arena.normalize(
      x, gain: gain(of: parameters), epsilon: Self.epsilon, into: output.z,
      statistics: output.statistics)
    arena.addBias(
      bias(of: parameters), to: output.z, activation: activation, into: output.y)
  }

  /// The backward pass: from ∂L/∂y in `delta` [rows, columns] to the gradients of g and b, and to
  /// ∂L/∂x if `inputDelta` is given.
  ///
  /// `delta` holds ∂L/∂z afterwards.
  func backward<S: Scalar>(
    _ x: Region, output: LayerOutput, delta: Region, parameters: Region, gradient: Region,
    inputDelta: Region?, in arena: inout Arena<S>
  ) {
    arena.biasGradient(
      of: activation, at: activation.derivativeTakesInput ? output.z : output.y, delta: delta,
      into: bias(of: gradient))
    arena.normalizationGradient(
      x, statistics: output.statistics, gain: gain(of: parameters), delta: delta,
      intoGain: gain(of: gradient), intoInput: inputDelta)
  }
}
