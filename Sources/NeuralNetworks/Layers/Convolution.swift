public import SARSALinearAlgebra
internal import SARSARandomSources

extension LayerDescription {
  /// y[i, j, f] = activation(Σ over u, v, c of x[i·stride + u, j·stride + v, c]·W[u, v, c, f] + b[f]): every filter
  /// at every place of a board, without padding.
  ///
  /// It takes a board, and gives one with a channel for each filter. Source: Y. LeCun et al. 1989,
  /// https://doi.org/10.1162/neco.1989.1.4.541.
  public static func convolution(
    filters: Int, size: Int, stride: Int = 1, activation: Activation = .identity
  ) -> LayerDescription {
    LayerDescription(
      Convolution(filters: filters, size: size, stride: stride, activation: activation))
  }
}

/// A convolution: a dense layer of `filters` units over every patch of a board.
///
/// With X the patches of all boards, one a row, Z = X·W + b is one product. Since channels come last, Z is the
/// output's board as it is. X is kept from the forward pass for the backward pass, which is faster than to
/// make it again.
struct Convolution: Layer {
  static let name = "convolution"
  static let form = "convolution FILTERS SIZE stride STRIDE ACTIVATION"

  let filters: Int
  let size: Int
  let stride: Int
  let activation: Activation

  init(filters: Int, size: Int, stride: Int, activation: Activation) {
    self.filters = filters
    self.size = size
    self.stride = stride
    self.activation = activation
  }

  init?(_ words: ArraySlice<String>) {
    guard let filters = words.first.flatMap({ Int($0) }),
      let size = words.dropFirst().first.flatMap({ Int($0) })
    else { return nil }
    var (rest, stride) = (words.dropFirst(2), 1)
    if rest.first == Self.stride {
      guard let given = rest.dropFirst().first.flatMap({ Int($0) }) else { return nil }
      (rest, stride) = (rest.dropFirst(2), given)
    }
    guard let activation = Activation(ending: rest) else { return nil }
    self.init(filters: filters, size: size, stride: stride, activation: activation)
  }

  private static let stride = "stride"

  var description: String {
    "\(Self.name) \(filters) \(size)" + (stride == 1 ? "" : " \(Self.stride) \(stride)")
      + activation.ending
  }

  /// A board with a cell for each patch; `nil` for a vector, or a board that is smaller than a patch.
  func output(for input: InputShape) -> InputShape? {
    guard let patches = patches(of: input), filters > 0 else { return nil }
    return .board(height: patches.rows, width: patches.columns, channels: filters)
  }

  private func patches(of input: InputShape) -> Patches? {
    guard case .board(let height, let width, let channels) = input, stride > 0, size > 0,
      size <= min(height, width), channels > 0
    else { return nil }
    return Patches(height: height, width: width, channels: channels, size: size, stride: stride)
  }

  /// The patches of an input that the network's description has found to fit.
  private func known(_ input: InputShape) -> Patches {
    guard let patches = patches(of: input) else {
      fatalError("'\(self)' does not take an input of \(input)")
    }
    return patches
  }
}

// MARK: - Parameters

extension Convolution {
  /// W [size, size, channels, filters], then b; PyTorch has W in the order filter, channel, row, column.
  func tensors(for input: InputShape) -> [LayerTensor] {
    [
      LayerTensor(
        "weight", sides: [size, size, known(input).channels, filters], axes: [3, 2, 0, 1]),
      LayerTensor("bias", count: filters),
    ]
  }

  func moduleCount(for input: InputShape) -> Int { 1 + activation.moduleCount }

  func operations(for input: InputShape, parameters: [[Float]]) -> [Operation]? {
    let weights = tensors(for: input)[0].exported(parameters[0])
    return [.convolve(known(input), weights: weights, bias: parameters[1])] + activation.operations
  }

  func initialize<S: Scalar>(
    _ parameters: Region, for input: InputShape, by initializer: Initializer,
    in arena: inout Arena<S>, using generator: inout PCG64
  ) {
    let area = known(input).area
    let (weights, biases) = initializer.draw(
      inputs: area, units: filters, before: activation, using: &generator)
    arena.write(weights.map { S($0) }, to: self.weights(of: parameters, area: area))
    arena.write(biases.map { S($0) }, to: bias(of: parameters))
  }

  /// W [area of a patch, filters].
  private func weights(of parameters: Region, area: Int) -> Region {
    parameters.slice(at: 0, rows: area, columns: filters)
  }

  /// b [filters], the end of the parameters.
  private func bias(of parameters: Region) -> Region {
    parameters.slice(at: parameters.count - filters, rows: 1, columns: filters)
  }
}

// MARK: - Passes

extension Convolution {
  /// The patches X, scratch memory of the product, and z if the derivative needs it.
  func reserveForward(
    _ input: InputShape, rows: Int, in layout: inout ArenaLayout
  ) throws(ArenaError) -> [Region] {
    let patches = known(input)
    let places = try places(of: patches, rows: rows)
    let columns = try layout.reserve(
      rows: patches.areCells ? 0 : places, columns: patches.area)
    let scratch = try layout.reserveScratch(
      rows: places, columns: filters, inner: patches.area, transposingSecond: false)
    return [columns, scratch]
      + (try activation.reserveInputs(
        rows: rows, columns: patches.count * filters, in: &layout))
  }

  @specialized(where S == Float)
  func forward<S: Scalar>(
    _ x: Region, of input: InputShape, isFirst: Bool, parameters: Region, into y: Region,
    kept: Span<Region>, in arena: inout Arena<S>
  ) {
    let patches = known(input)
    let columns = columns(patches, of: x, kept)
    if !patches.areCells { arena.copy(patches, of: x, into: columns) }
    let z = byPlace(activation.inputs(kept, at: 2, y: y))
    arena.product(
      columns, weights(of: parameters, area: patches.area), into: z, scratch: kept[1])
    arena.addBias(bias(of: parameters), to: z, activation: activation, into: byPlace(y))
  }

  /// ∂L/∂X, and scratch memory of the product with Wᵀ.
  func reserveBackward(
    _ input: InputShape, rows: Int, in layout: inout ArenaLayout
  ) throws(ArenaError) -> [Region] {
    let patches = known(input)
    let places = try places(of: patches, rows: rows)
    let columns = try layout.reserve(
      rows: patches.areCells ? 0 : places, columns: patches.area)
    let scratch = try layout.reserveScratch(
      rows: places, columns: patches.area, inner: filters, transposingSecond: true)
    return [columns, scratch]
  }

  /// The backward pass; `delta` holds ∂L/∂Z afterwards.
  ///
  /// With Z = X·W + b: ∂L/∂b = Σ rows of ∂L/∂Z, ∂L/∂W = Xᵀ·∂L/∂Z, ∂L/∂X = ∂L/∂Z·Wᵀ; and ∂L/∂x has for each
  /// number the sum over its places in X.
  @specialized(where S == Float)
  func backward<S: Scalar>(
    _ x: Region, of input: InputShape, y: Region, kept: Span<Region>, delta: Region,
    scratch: Span<Region>, parameters: Region, gradient: Region, inputDelta: Region?,
    in arena: inout Arena<S>
  ) {
    let patches = known(input)
    let delta = byPlace(delta)
    arena.biasGradient(
      of: activation, at: byPlace(activation.inputs(kept, at: 2, y: y)), delta: delta,
      into: bias(of: gradient))
    arena.product(
      columns(patches, of: x, kept), delta, into: weights(of: gradient, area: patches.area),
      transposing: .first)
    guard let inputDelta else { return }
    let columnsDelta = columns(patches, of: inputDelta, scratch)
    arena.product(
      delta, weights(of: parameters, area: patches.area), into: columnsDelta,
      transposingSecond: true, scratch: scratch[1])
    if !patches.areCells { arena.add(patches, from: columnsDelta, into: inputDelta) }
  }

  /// The patches [rows·count, area]: the board's own memory, or as much of the first region as its rows need.
  private func columns(_ patches: Patches, of board: Region, _ regions: Span<Region>) -> Region {
    (patches.areCells ? board : regions[0]).slice(
      at: 0, rows: board.rows * patches.count, columns: patches.area)
  }

  /// A board's memory with a row for each of its places [rows·places, filters].
  private func byPlace(_ board: Region) -> Region {
    board.slice(at: 0, rows: board.count / filters, columns: filters)
  }

  /// The number of places of all boards.
  private func places(of patches: Patches, rows: Int) throws(ArenaError) -> Int {
    let (places, overflow) = rows.multipliedReportingOverflow(by: patches.count)
    if overflow { throw .tooLarge(rows: rows, columns: patches.count) }
    return places
  }
}
