public import SARSALinearAlgebra
internal import SARSARandomSources

extension LayerDescription {
  /// y = activation((x − mean)/√(variance + 1e-5) ∘ g + b), with mean and variance of each row.
  ///
  /// Source: J. L. Ba et al. 2016, https://doi.org/10.48550/arXiv.1607.06450.
  public static func layerNormalization(activation: Activation = .identity) -> LayerDescription {
    LayerDescription(LayerNormalization(activation: activation))
  }
}

/// Normalisation of each row, then a gain and a bias per column: y = activation(x̂ ∘ g + b).
struct LayerNormalization: Layer {
  static let name = "layer-normalization"
  static let form = "layer-normalization ACTIVATION"

  /// Added to the variance, so that the scale of a constant row is finite; PyTorch's default.
  static let epsilon = 1e-5

  let activation: Activation

  init(activation: Activation) { self.activation = activation }

  init?(_ words: ArraySlice<String>) {
    guard let activation = Activation(ending: words) else { return nil }
    self.init(activation: activation)
  }

  init?(weight shape: [Int], activation: Activation) {
    if shape.count != 1 { return nil }
    self.init(activation: activation)
  }

  var description: String { Self.name + activation.ending }

  func output(for input: InputShape) -> InputShape? { input }
}

// MARK: - Parameters

extension LayerNormalization {
  /// g, then b.
  func tensors(for input: InputShape) -> [LayerTensor] {
    ["weight", "bias"].map { LayerTensor($0, sides: input.sides, axes: input.axes) }
  }

  func moduleCount(for input: InputShape) -> Int { 1 + activation.moduleCount }

  func operations(for input: InputShape, parameters: [[Float]]) -> [Operation]? {
    let affine = Operation.Affine(gain: parameters[0], bias: parameters[1])
    return [.normalize(epsilon: Float(Self.epsilon), affine: affine)] + activation.operations
  }

  /// Sets the gain to 1 and the bias to 0.
  func initialize<S: Scalar>(
    _ parameters: Region, for input: InputShape, by initializer: Initializer,
    in arena: inout Arena<S>, using generator: inout PCG64
  ) {
    arena.fill(gain(of: parameters), with: 1)
    arena.fill(bias(of: parameters), with: 0)
  }

  /// g [columns], the first half of the parameters.
  private func gain(of parameters: Region) -> Region {
    parameters.slice(at: 0, rows: 1, columns: parameters.count / 2)
  }

  /// b [columns], the second half.
  private func bias(of parameters: Region) -> Region {
    let columns = parameters.count / 2
    return parameters.slice(at: columns, rows: 1, columns: columns)
  }
}

// MARK: - Passes

extension LayerNormalization {
  /// Mean and scale of each row [rows, 2], and z if the derivative needs it.
  func reserveForward(
    _ input: InputShape, rows: Int, in layout: inout ArenaLayout
  ) throws(ArenaError) -> [Region] {
    let statistics = try layout.reserve(rows: rows, columns: 2)
    return [statistics]
      + (try activation.reserveInputs(rows: rows, columns: input.count, in: &layout))
  }

  @specialized(where S == Float)
  func forward<S: Scalar>(
    _ x: Region, of input: InputShape, parameters: Region, into y: Region, kept: Span<Region>,
    in arena: inout Arena<S>
  ) {
    let z = activation.inputs(kept, at: 1, y: y)
    arena.normalize(
      x, gain: gain(of: parameters), epsilon: Self.epsilon, into: z,
      statistics: kept[0].rows(0..<x.rows))
    arena.addBias(bias(of: parameters), to: z, activation: activation, into: y)
  }

  /// `delta` holds ∂L/∂z afterwards.
  @specialized(where S == Float)
  func backward<S: Scalar>(
    _ x: Region, of input: InputShape, y: Region, kept: Span<Region>, delta: Region,
    scratch: Span<Region>, parameters: Region, gradient: Region, inputDelta: Region?,
    in arena: inout Arena<S>
  ) {
    arena.biasGradient(
      of: activation, at: activation.inputs(kept, at: 1, y: y), delta: delta,
      into: bias(of: gradient))
    arena.normalizationGradient(
      x, statistics: kept[0].rows(0..<x.rows), gain: gain(of: parameters), delta: delta,
      intoGain: gain(of: gradient), intoInput: inputDelta)
  }
}
