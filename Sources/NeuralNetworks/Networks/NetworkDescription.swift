public import SARSALinearAlgebra

/// The structure of a network, without its parameters: the shape of its input, and its layers.
///
/// It can be converted to text and back; it is also encoded as this text:
///
///     4 > dense 128 > layer-normalization relu > dense 3 > dueling
///     10x10x4 > dense 128 relu > dense 6
public struct NetworkDescription: Hashable, Sendable {
  /// The shape of the input.
  public var input: InputShape
  /// The layers, first to last.
  public var layers: [LayerDescription]

  /// Describes a network by its layers.
  public init(input: InputShape, layers: [LayerDescription]) {
    self.input = input
    self.layers = layers
  }

  /// Describes a network by its layers, with a vector as input.
  public init(inputs: Int, layers: [LayerDescription]) {
    self.init(input: .vector(inputs), layers: layers)
  }

  /// Describes a multilayer perceptron: dense layers, with an activation after each but the last.
  ///
  /// - Parameters:
  ///   - inputs: the columns of the input.
  ///   - hidden: the units of each hidden layer, first to last.
  ///   - outputs: the columns of the output.
  ///   - activation: the activation of the hidden layers.
  ///   - isNormalized: whether hidden layers are normalised before their activation.
  ///   - isAffine: whether a normalisation has a gain and a bias.
  ///   - isDueling: whether the network ends with a dueling head.
  public init(
    inputs: Int, hidden: [Int], outputs: Int, activation: Activation = .relu,
    isNormalized: Bool = false, isAffine: Bool = true, isDueling: Bool = false
  ) {
    self.init(
      input: .vector(inputs), filters: [], hidden: hidden, outputs: outputs, activation: activation,
      isNormalized: isNormalized, isAffine: isAffine, isDueling: isDueling)
  }

  /// Describes the same behind convolutions of 3 by 3 cells, with an activation after each.
  ///
  /// - Parameters:
  ///   - input: the shape of the input: a board, if there are filters.
  ///   - filters: the filters of each convolution, first to last. Their normalisation is that of each cell's
  ///     channels, or without gain and bias that of the whole board.
  ///   - hidden: as for a perceptron, and so on.
  public init(
    input: InputShape, filters: [Int], hidden: [Int], outputs: Int, activation: Activation = .relu,
    isNormalized: Bool = false, isAffine: Bool = true, isDueling: Bool = false
  ) {
    func layers(
      _ layer: (Activation) -> LayerDescription, byCell: Bool
    ) -> [LayerDescription] {
      if !isNormalized { return [layer(activation)] }
      return [
        layer(.identity),
        isAffine
          ? .layerNormalization(byCell: byCell, activation: activation)
          : .plainLayerNormalization(activation: activation),
      ]
    }
    self.input = input
    self.layers =
      filters.flatMap { filters in
        layers({ .convolution(filters: filters, size: 3, activation: $0) }, byCell: true)
      }
      + hidden.flatMap { units in
        layers({ .dense(units: units, activation: $0) }, byCell: false)
      }
      + (isDueling ? [.dense(units: outputs + 1), .dueling] : [.dense(units: outputs)])
  }

  /// The columns of the input.
  public var inputs: Int { input.count }

  /// The columns of the output; 0 if a layer does not take its input.
  public var outputs: Int { shapes?.last?.count ?? 0 }

  /// The shapes of the input and of every layer's output; `nil` if a layer does not take its input.
  private var shapes: [InputShape]? {
    var shapes = [input]
    for description in layers {
      guard let output = description.layer.output(for: shapes[shapes.count - 1]) else { return nil }
      shapes.append(output)
    }
    return shapes
  }
}

extension NetworkDescription {
  /// The largest allowed numbers of layers and columns; larger ones are probably mistakes.
  static let limits = (layers: 1_024, columns: 1 << 24)

  /// The conditions of `isValid`, in words.
  package static let allowed =
    "1 to \(limits.layers) layers, of 1 to \(limits.columns) columns each"

  /// Whether the network has at least one layer, and every size is allowed.
  public var isValid: Bool {
    (1...Self.limits.layers).contains(layers.count) && shapes?.allSatisfy(\.isValid) ?? false
  }
}
