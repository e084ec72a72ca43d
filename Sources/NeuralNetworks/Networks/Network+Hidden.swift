public import SARSALinearAlgebra

// The outputs of hidden layers, for measures of what a network has learned.

extension Network {
  /// The input of the last layer with parameters: the features of which the network's outputs are linear
  /// combinations.
  ///
  /// - Parameter outputs: what a forward pass wrote.
  /// - Returns: the features [rows, units]; `nil` without a hidden layer, where they are the inputs.
  public func features(in outputs: LayerOutputs) -> Region? {
    guard let last = layers.lastIndex(where: { $0.count > 0 }), last > 0 else { return nil }
    return outputs.layers.results[last - 1]
  }

  /// The outputs of the hidden layers that end in an activation, first to last.
  ///
  /// - Parameter outputs: what a forward pass wrote.
  /// - Returns: each layer's output [rows, units].
  public func activations(in outputs: LayerOutputs) -> [Region] {
    let hidden = 0..<(layers.lastIndex { $0.count > 0 } ?? 0)
    return hidden.filter { layers[$0].layer.activation != .identity }.map {
      outputs.layers.results[$0]
    }
  }
}
