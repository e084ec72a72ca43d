public import SARSALinearAlgebra

/// What a layer is, without its numbers.
///
/// Every place that must know the kinds of layers switches over this type, so that the compiler
/// lists them when a kind is added.
public enum LayerDescription: Codable, Hashable, Sendable {
  /// y = activation(x·W + b), with W [inputs, units] and b [units].
  case dense(units: Int, activation: Activation = .identity)

  /// The columns of the layer's output.
  var outputs: Int {
    switch self {
    case .dense(let units, _): units
    }
  }
}

/// What a network is, without its numbers: the size of its input and its layers in order.
public struct NetworkDescription: Codable, Hashable, Sendable {
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
  public init(inputs: Int, hidden: [Int], outputs: Int, activation: Activation = .relu) {
    self.inputs = inputs
    self.layers =
      hidden.map { .dense(units: $0, activation: activation) } + [.dense(units: outputs)]
  }

  /// The columns of the output.
  public var outputs: Int {
    layers.last?.outputs ?? inputs
  }
}
