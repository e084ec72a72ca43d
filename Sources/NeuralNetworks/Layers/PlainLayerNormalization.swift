public import SARSALinearAlgebra
internal import SARSARandomSources

extension LayerDescription {
  /// y = activation((x − mean)/√(variance + 1e-5)), with mean and variance of each row.
  ///
  /// It is a layer normalisation without gain and bias, PyTorch's `LayerNorm` with
  /// `elementwise_affine=False`, and has no parameters. Source: J. L. Ba et al. 2016,
  /// https://doi.org/10.48550/arXiv.1607.06450.
  public static func plainLayerNormalization(
    activation: Activation = .identity
  ) -> LayerDescription {
    LayerDescription(PlainLayerNormalization(activation: activation))
  }
}

/// Normalisation of each row, without gain and bias: y = activation(x̂).
struct PlainLayerNormalization: Layer {
  static let name = "plain-layer-normalization"
  static let form = "plain-layer-normalization ACTIVATION"

  let activation: Activation

  init(activation: Activation) { self.activation = activation }

  init?(_ words: ArraySlice<String>) {
    guard let activation = Activation(ending: words) else { return nil }
    self.init(activation: activation)
  }

  var description: String { Self.name + activation.ending }

  func output(for input: InputShape) -> InputShape? { input }

  func moduleCount(for input: InputShape) -> Int { 1 + activation.moduleCount }

  func operations(for input: InputShape, parameters: [[Float]]) -> [Operation]? {
    let operation = Operation.normalize(
      columns: input.count, epsilon: Float(LayerNormalization.epsilon), affine: nil)
    return [operation] + activation.operations
  }
}

// MARK: - Passes

extension PlainLayerNormalization {
  /// Mean and scale of each row [rows, 2], biases that stay zero [1, columns], and z if the derivative needs
  /// it.
  func reserveForward(
    _ input: InputShape, rows: Int, in layout: inout ArenaLayout
  ) throws(ArenaError) -> [Region] {
    let statistics = try layout.reserve(rows: rows, columns: 2)
    let biases = try layout.reserve(rows: 1, columns: input.count)
    return [statistics, biases]
      + (try activation.reserveInputs(rows: rows, columns: input.count, in: &layout))
  }

  @specialized(where S == Float)
  func forward<S: Scalar>(
    _ x: Region, of input: InputShape, isFirst: Bool, parameters: Region, into y: Region,
    kept: Span<Region>, in arena: inout Arena<S>
  ) {
    let z = activation.inputs(kept, at: 2, y: y)
    arena.normalize(
      x, gain: nil, epsilon: LayerNormalization.epsilon, into: z,
      statistics: kept[0].rows(0..<x.rows))
    if activation == .identity { return }
    arena.addBias(kept[1], to: z, activation: activation, into: y)
  }

  /// Memory for sums that are not used: there is no bias.
  func reserveBackward(
    _ input: InputShape, rows: Int, in layout: inout ArenaLayout
  ) throws(ArenaError) -> [Region] {
    [try layout.reserve(rows: 1, columns: input.count)]
  }

  /// `delta` holds ∂L/∂z afterwards.
  @specialized(where S == Float)
  func backward<S: Scalar>(
    _ x: Region, of input: InputShape, y: Region, kept: Span<Region>, delta: Region,
    scratch: Span<Region>, parameters: Region, gradient: Region, inputDelta: Region?,
    in arena: inout Arena<S>
  ) {
    guard let inputDelta else { return }
    if activation != .identity {
      arena.biasGradient(
        of: activation, at: activation.inputs(kept, at: 2, y: y), delta: delta, into: scratch[0])
    }
    arena.normalizationGradient(
      x, statistics: kept[0].rows(0..<x.rows), gain: nil, delta: delta, intoGain: nil,
      intoInput: inputDelta)
  }
}
