public import SARSALinearAlgebra

/// The kind and size of a layer, without its parameters.
///
/// All code that depends on the kind of layer switches over this type, so that the compiler lists those
/// places when a kind is added.
public enum LayerDescription: Hashable, Sendable {
  /// y = activation(x·W + b), with W [inputs, units] and b [units].
  case dense(units: Int, activation: Activation = .identity)
  /// y = activation((x − mean)/√(variance + 1e-5) ∘ g + b), with mean and variance of each row.
  ///
  /// Source: J. L. Ba et al. 2016, https://doi.org/10.48550/arXiv.1607.06450.
  case layerNormalization(activation: Activation = .identity)
  /// A dueling head: q = v + a − mean of a, from a state's value v in column 0 and the advantages a of its
  /// actions in the other columns.
  ///
  /// It has no parameters; the dense layer before it has one unit more than there are actions.
  /// Source: Z. Wang et al. 2016, https://doi.org/10.48550/arXiv.1511.06581.
  case dueling

  /// The columns of the layer's output for an input of `inputs` columns.
  func outputs(of inputs: Int) -> Int {
    switch self {
    case .dense(let units, _): units
    case .layerNormalization: inputs
    case .dueling: inputs - 1
    }
  }
}

/// The structure of a network, without its parameters: the size of its input, and its layers.
///
/// It can be converted to text and back; it is also encoded as this text:
///
///     4 > dense 128 > layer-normalization relu > dense 3 > dueling
public struct NetworkDescription: Hashable, Sendable {
  /// The columns of the input.
  public var inputs: Int
  /// The layers, first to last.
  public var layers: [LayerDescription]

  /// Describes a network by its layers.
  public init(inputs: Int, layers: [LayerDescription]) {
    self.inputs = inputs
    self.layers = layers
  }

  /// Describes a multilayer perceptron: dense layers, with an activation after each but the last.
  ///
  /// - Parameters:
  ///   - inputs: the columns of the input.
  ///   - hidden: the units of each hidden layer, first to last.
  ///   - outputs: the columns of the output.
  ///   - activation: the activation of the hidden layers.
  ///   - isNormalized: whether hidden layers are normalised before their activation.
  ///   - isDueling: whether the network ends with a dueling head.
  public init(
    inputs: Int, hidden: [Int], outputs: Int, activation: Activation = .relu,
    isNormalized: Bool = false, isDueling: Bool = false
  ) {
    self.inputs = inputs
    layers = hidden.flatMap { units -> [LayerDescription] in
      isNormalized
        ? [.dense(units: units), .layerNormalization(activation: activation)]
        : [.dense(units: units, activation: activation)]
    }
    layers += isDueling ? [.dense(units: outputs + 1), .dueling] : [.dense(units: outputs)]
  }

  /// The columns of the output.
  public var outputs: Int {
    layers.reduce(inputs) { columns, layer in layer.outputs(of: columns) }
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
    guard (1...Self.limits.layers).contains(layers.count) else { return false }
    var columns = inputs
    guard (1...Self.limits.columns).contains(columns) else { return false }
    for layer in layers {
      columns = layer.outputs(of: columns)
      guard (1...Self.limits.columns).contains(columns) else { return false }
    }
    return true
  }
}
