internal import SARSALinearAlgebra
internal import SARSARandomSources

/// A kind of layer, with its size.
///
/// A kind is one type in one file, and one entry of `LayerDescription.kinds`. A layer stores no parameters and
/// does not know its place in a network: its input's shape and its own parameters are passed to it.
protocol Layer: Hashable, Sendable, CustomStringConvertible {
  /// The activation at its end; the identity by default.
  var activation: Activation { get }

  /// The first word of the text form.
  static var name: String { get }

  /// The text form in messages, such as `dense UNITS ACTIVATION`; the name by default.
  static var form: String { get }

  /// Reads the words after the name; `nil` if one is unknown.
  init?(_ words: ArraySlice<String>)

  /// The layer whose tensor `weight` has a shape in PyTorch; `nil` if the shape does not tell.
  init?(weight shape: [Int], activation: Activation)

  /// The shape of the output; `nil` for an input that does not fit.
  func output(for input: InputShape) -> InputShape?

  /// The parameters, in the order in which they lie in the layer's part of a block.
  func tensors(for input: InputShape) -> [LayerTensor]

  /// The number of modules in PyTorch's `Sequential`.
  func moduleCount(for input: InputShape) -> Int

  /// The forward pass as operations, for programs in other languages; `nil` if there are none for it.
  ///
  /// `parameters` has the values of each of `tensors`, in the order of a block.
  func operations(for input: InputShape, parameters: [[Float]]) -> [Operation]?

  /// Reserves what the forward pass of `rows` rows writes besides its output.
  func reserveForward(
    _ input: InputShape, rows: Int, in layout: inout ArenaLayout
  ) throws(ArenaError) -> [Region]

  /// Reserves what the backward pass of `rows` rows writes besides its gradients.
  func reserveBackward(
    _ input: InputShape, rows: Int, in layout: inout ArenaLayout
  ) throws(ArenaError) -> [Region]

  /// Sets the parameters to where training starts.
  func initialize<S: Scalar>(
    _ parameters: Region, for input: InputShape, by initializer: Initializer,
    in arena: inout Arena<S>, using generator: inout PCG64)

  /// The forward pass: x [rows, inputs] → y [rows, outputs].
  ///
  /// `kept` is what `reserveForward` reserved, for at least as many rows. The first layer's x is an observation, of
  /// which most numbers may be zeros.
  func forward<S: Scalar>(
    _ x: Region, of input: InputShape, isFirst: Bool, parameters: Region, into y: Region,
    kept: Span<Region>, in arena: inout Arena<S>)

  /// The backward pass: from ∂L/∂y in `delta` to the gradient of the parameters, and to ∂L/∂x if
  /// `inputDelta` is given.
  ///
  /// `kept` holds what the forward pass wrote; `scratch` is what `reserveBackward` reserved. `delta` may be
  /// overwritten.
  func backward<S: Scalar>(
    _ x: Region, of input: InputShape, y: Region, kept: Span<Region>, delta: Region,
    scratch: Span<Region>, parameters: Region, gradient: Region, inputDelta: Region?,
    in arena: inout Arena<S>)
}

// What a layer without parameters, or without memory of its own, need not say.
extension Layer {
  var activation: Activation { .identity }

  static var form: String { name }

  init?(weight shape: [Int], activation: Activation) { return nil }

  func tensors(for input: InputShape) -> [LayerTensor] { [] }

  func moduleCount(for input: InputShape) -> Int { 1 }

  func operations(for input: InputShape, parameters: [[Float]]) -> [Operation]? { nil }

  func reserveForward(
    _ input: InputShape, rows: Int, in layout: inout ArenaLayout
  ) throws(ArenaError) -> [Region] { [] }

  func reserveBackward(
    _ input: InputShape, rows: Int, in layout: inout ArenaLayout
  ) throws(ArenaError) -> [Region] { [] }

  func initialize<S: Scalar>(
    _ parameters: Region, for input: InputShape, by initializer: Initializer,
    in arena: inout Arena<S>, using generator: inout PCG64
  ) {}
}

// An activation ends the layer before it: in the text form, in PyTorch's numbering and in memory.
extension Activation {
  /// Reads the words at the end of a layer's text: none for the identity, or one.
  init?(ending words: ArraySlice<String>) {
    switch words.count {
    case 0: self = .identity
    case 1: self.init(rawValue: words[words.startIndex])
    default: return nil
    }
  }

  /// The end of a layer's text.
  var ending: String { self == .identity ? "" : " \(rawValue)" }

  /// The number of modules in PyTorch's `Sequential`.
  var moduleCount: Int { self == .identity ? 0 : 1 }

  /// Reserves the inputs z [rows, columns], if the derivative needs them.
  func reserveInputs(
    rows: Int, columns: Int, in layout: inout ArenaLayout
  ) throws(ArenaError) -> [Region] {
    derivativeTakesInput ? [try layout.reserve(rows: rows, columns: columns)] : []
  }

  /// The inputs z: the region at an index of `kept`, or y itself, which the activation then overwrites.
  func inputs(_ kept: Span<Region>, at index: Int, y: Region) -> Region {
    derivativeTakesInput ? kept[index].rows(0..<y.rows) : y
  }
}
