public import SARSALinearAlgebra
internal import SARSARandomSources

extension LayerDescription {
  /// y = activation(x·W + b), with W [inputs, units] and b [units].
  ///
  /// A board is one row of its columns.
  public static func dense(units: Int, activation: Activation = .identity) -> LayerDescription {
    LayerDescription(Dense(units: units, activation: activation))
  }
}

/// A fully connected layer: y = activation(x·W + b).
struct Dense: Layer {
  static let name = "dense"
  static let form = "dense UNITS ACTIVATION"

  let units: Int
  let activation: Activation

  init(units: Int, activation: Activation) {
    self.units = units
    self.activation = activation
  }

  init?(_ words: ArraySlice<String>) {
    guard let units = words.first.flatMap({ Int($0) }),
      let activation = Activation(ending: words.dropFirst())
    else { return nil }
    self.init(units: units, activation: activation)
  }

  init?(weight shape: [Int], activation: Activation) {
    if shape.count != 2 { return nil }
    self.init(units: shape[0], activation: activation)
  }

  var description: String { "\(Self.name) \(units)\(activation.ending)" }

  func output(for input: InputShape) -> InputShape? { .vector(units) }
}

// MARK: - Parameters

extension Dense {
  /// W, then b.
  ///
  /// PyTorch has Wᵀ, after a module `Flatten` if the input is a board; its columns are then in the order
  /// channel, height, width.
  func tensors(for input: InputShape) -> [LayerTensor] {
    let module = flattenCount(input)
    return [
      LayerTensor(
        "weight", module: module, sides: input.sides + [units],
        axes: [input.sides.count] + input.axes, shape: [units, input.count]),
      LayerTensor("bias", module: module, count: units),
    ]
  }

  func moduleCount(for input: InputShape) -> Int {
    flattenCount(input) + 1 + activation.moduleCount
  }

  func operations(for input: InputShape, parameters: [[Float]]) -> [Operation]? {
    let (block, inputs) = (parameters[0], input.count)
    let weights = (0..<units).flatMap { unit in (0..<inputs).map { block[$0 * units + unit] } }
    return [.affine(weights: weights, bias: parameters[1])] + activation.operations
  }

  private func flattenCount(_ input: InputShape) -> Int { input.sides.count > 1 ? 1 : 0 }

  func initialize<S: Scalar>(
    _ parameters: Region, for input: InputShape, by initializer: Initializer,
    in arena: inout Arena<S>, using generator: inout PCG64
  ) {
    let (weights, biases) = initializer.draw(
      inputs: input.count, units: units, before: activation, using: &generator)
    arena.write(weights.map { S($0) }, to: self.weights(of: parameters, inputs: input.count))
    arena.write(biases.map { S($0) }, to: bias(of: parameters))
  }

  /// W [inputs, units].
  private func weights(of parameters: Region, inputs: Int) -> Region {
    parameters.slice(at: 0, rows: inputs, columns: units)
  }

  /// b [units], the end of the parameters.
  private func bias(of parameters: Region) -> Region {
    parameters.slice(at: parameters.count - units, rows: 1, columns: units)
  }
}

// MARK: - Passes

extension Dense {
  /// Scratch memory of the product, and z if the derivative needs it.
  func reserveForward(
    _ input: InputShape, rows: Int, in layout: inout ArenaLayout
  ) throws(ArenaError) -> [Region] {
    let scratch = try layout.reserveScratch(
      rows: rows, columns: units, inner: input.count, transposingSecond: false)
    return [scratch] + (try activation.reserveInputs(rows: rows, columns: units, in: &layout))
  }

  @specialized(where S == Float)
  func forward<S: Scalar>(
    _ x: Region, of input: InputShape, isFirst: Bool, parameters: Region, into y: Region,
    kept: Span<Region>, in arena: inout Arena<S>
  ) {
    let z = activation.inputs(kept, at: 1, y: y)
    let weights = weights(of: parameters, inputs: x.columns)
    if !(isFirst && arena.sparseProduct(x, weights, into: z)) {
      arena.product(x, weights, into: z, scratch: kept[0])
    }
    arena.addBias(bias(of: parameters), to: z, activation: activation, into: y)
  }

  /// Scratch memory of the product with Wᵀ.
  func reserveBackward(
    _ input: InputShape, rows: Int, in layout: inout ArenaLayout
  ) throws(ArenaError) -> [Region] {
    [
      try layout.reserveScratch(
        rows: rows, columns: input.count, inner: units, transposingSecond: true)
    ]
  }

  /// The backward pass; `delta` holds ∂L/∂z afterwards.
  ///
  /// With z = x·W + b: ∂L/∂z = ∂L/∂y ∘ activation′(z), ∂L/∂b = Σ rows of ∂L/∂z, ∂L/∂W = xᵀ·∂L/∂z,
  /// ∂L/∂x = ∂L/∂z·Wᵀ.
  @specialized(where S == Float)
  func backward<S: Scalar>(
    _ x: Region, of input: InputShape, y: Region, kept: Span<Region>, delta: Region,
    scratch: Span<Region>, parameters: Region, gradient: Region, inputDelta: Region?,
    in arena: inout Arena<S>
  ) {
    arena.biasGradient(
      of: activation, at: activation.inputs(kept, at: 1, y: y), delta: delta,
      into: bias(of: gradient))
    let weightGradient = weights(of: gradient, inputs: x.columns)
    let isFirst = inputDelta == nil
    if !(isFirst && arena.sparseProduct(x, delta, into: weightGradient, transposingFirst: true)) {
      arena.product(x, delta, into: weightGradient, transposing: .first)
    }
    if let inputDelta {
      arena.product(
        delta, weights(of: parameters, inputs: x.columns), into: inputDelta,
        transposingSecond: true, scratch: scratch[0])
    }
  }
}
