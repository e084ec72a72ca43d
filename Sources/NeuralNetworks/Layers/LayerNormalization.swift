public import SARSALinearAlgebra
internal import SARSARandomSources

extension LayerDescription {
  /// y = activation((x − mean)/√(variance + 1e-5) ∘ g + b), with mean and variance of each row.
  ///
  /// After a convolution, programs differ in what they normalise: PyTorch's `LayerNorm` of a whole board takes all
  /// of a row, and has a gain for each of its numbers; flax's takes the channels of each cell, and has a gain for
  /// each channel. The first is the default, the second is `byCell`, which takes boards only.
  ///
  /// Source: J. L. Ba et al. 2016, https://doi.org/10.48550/arXiv.1607.06450.
  public static func layerNormalization(
    byCell isByCell: Bool = false, activation: Activation = .identity
  ) -> LayerDescription {
    LayerDescription(LayerNormalization(isByCell: isByCell, activation: activation))
  }
}

/// Normalisation of each row, or of each cell's channels, then a gain and a bias: y = activation(x̂ ∘ g + b).
struct LayerNormalization: Layer {
  static let name = "layer-normalization"
  static let form = "layer-normalization by-cell ACTIVATION"

  /// Added to the variance, so that the scale of a constant row is finite; PyTorch's default.
  static let epsilon = 1e-5

  let isByCell: Bool
  let activation: Activation

  init(isByCell: Bool, activation: Activation) {
    self.isByCell = isByCell
    self.activation = activation
  }

  private static let byCell = "by-cell"

  init?(_ words: ArraySlice<String>) {
    let isByCell = words.first == Self.byCell
    guard let activation = Activation(ending: words.dropFirst(isByCell ? 1 : 0)) else { return nil }
    self.init(isByCell: isByCell, activation: activation)
  }

  init?(weight shape: [Int], activation: Activation) {
    if shape.count != 1 { return nil }
    self.init(isByCell: false, activation: activation)
  }

  var description: String {
    Self.name + (isByCell ? " " + Self.byCell : "") + activation.ending
  }

  func output(for input: InputShape) -> InputShape? {
    if case .vector = input, isByCell { nil } else { input }
  }

  /// What is normalised together: a row, or each of its cells.
  private func unit(of input: InputShape) -> InputShape {
    if case .board(_, _, let channels) = input, isByCell { .vector(channels) } else { input }
  }
}

// MARK: - Parameters

extension LayerNormalization {
  /// g, then b.
  func tensors(for input: InputShape) -> [LayerTensor] {
    let unit = unit(of: input)
    return ["weight", "bias"].map { LayerTensor($0, sides: unit.sides, axes: unit.axes) }
  }

  func moduleCount(for input: InputShape) -> Int { 1 + activation.moduleCount }

  func operations(for input: InputShape, parameters: [[Float]]) -> [Operation]? {
    let affine = Operation.Affine(gain: parameters[0], bias: parameters[1])
    let columns = unit(of: input).count
    return [.normalize(columns: columns, epsilon: Float(Self.epsilon), affine: affine)]
      + activation.operations
  }

  /// Sets the gain to 1 and the bias to 0.
  func initialize<S: Scalar>(
    _ parameters: Region, for input: InputShape, by initializer: Initializer,
    in arena: inout Arena<S>, using generator: inout PCG64
  ) {
    arena.fill(gain(of: parameters), with: 1)
    arena.fill(bias(of: parameters), with: 0)
  }

  /// g [columns of a unit], the first half of the parameters.
  private func gain(of parameters: Region) -> Region {
    parameters.slice(at: 0, rows: 1, columns: parameters.count / 2)
  }

  /// b [columns of a unit], the second half.
  private func bias(of parameters: Region) -> Region {
    let columns = parameters.count / 2
    return parameters.slice(at: columns, rows: 1, columns: columns)
  }
}

// MARK: - Passes

extension LayerNormalization {
  /// Mean and scale of each unit [units, 2], and z if the derivative needs it.
  func reserveForward(
    _ input: InputShape, rows: Int, in layout: inout ArenaLayout
  ) throws(ArenaError) -> [Region] {
    let (units, overflow) = rows.multipliedReportingOverflow(
      by: input.count / unit(of: input).count)
    if overflow { throw .tooLarge(rows: rows, columns: input.count) }
    let statistics = try layout.reserve(rows: units, columns: 2)
    return [statistics]
      + (try activation.reserveInputs(rows: rows, columns: input.count, in: &layout))
  }

  @specialized(where S == Float)
  func forward<S: Scalar>(
    _ x: Region, of input: InputShape, isFirst: Bool, parameters: Region, into y: Region,
    kept: Span<Region>, in arena: inout Arena<S>
  ) {
    let columns = parameters.count / 2
    let x = byUnit(x, columns)
    let z = byUnit(activation.inputs(kept, at: 1, y: y), columns)
    arena.normalize(
      x, gain: gain(of: parameters), epsilon: Self.epsilon, into: z,
      statistics: kept[0].rows(0..<x.rows))
    arena.addBias(
      bias(of: parameters), to: z, activation: activation, into: byUnit(y, columns))
  }

  /// `delta` holds ∂L/∂z afterwards.
  @specialized(where S == Float)
  func backward<S: Scalar>(
    _ x: Region, of input: InputShape, y: Region, kept: Span<Region>, delta: Region,
    scratch: Span<Region>, parameters: Region, gradient: Region, inputDelta: Region?,
    in arena: inout Arena<S>
  ) {
    let columns = parameters.count / 2
    let (x, delta) = (byUnit(x, columns), byUnit(delta, columns))
    arena.biasGradient(
      of: activation, at: byUnit(activation.inputs(kept, at: 1, y: y), columns), delta: delta,
      into: bias(of: gradient))
    arena.normalizationGradient(
      x, statistics: kept[0].rows(0..<x.rows), gain: gain(of: parameters), delta: delta,
      intoGain: gain(of: gradient), intoInput: inputDelta.map { byUnit($0, columns) })
  }

  /// A region's memory with a row for each unit.
  private func byUnit(_ region: Region, _ columns: Int) -> Region {
    region.columns == columns
      ? region : region.slice(at: 0, rows: region.count / columns, columns: columns)
  }
}
