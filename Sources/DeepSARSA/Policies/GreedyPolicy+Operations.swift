package import SARSANetworks

extension GreedyPolicy {
  /// The action values as operations on an observation as the environment gives it: the scaling of inputs, if
  /// there is one, then the network.
  ///
  /// - Returns: the operations, first to last; `nil` if a layer has none.
  /// - Complexity: O(parameters), some arrays per tensor.
  package func operations() throws(ModelError) -> [Operation]? {
    let model = model()
    let network = try Network(description).operations(of: model.network)
    let (offset, scale) = (model[InputScaling.names.offset], model[InputScaling.names.scale])
    guard let network, let offset, let scale else { return network }
    return [.subtract(offset.values), .multiply(scale.values)] + network
  }
}
