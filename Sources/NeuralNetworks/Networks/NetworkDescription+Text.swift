internal import SARSALinearAlgebra

extension NetworkDescription: LosslessStringConvertible {
  /// The network as text, such as `2 > dense 128 relu > dense 64 relu > dense 3`.
  public var description: String {
    ([String(inputs)] + layers.map(\.description)).joined(separator: " > ")
  }

  /// Reads the text that `description` gives.
  ///
  /// - Returns: `nil` for a text with an unknown word or a size that is not allowed.
  public init?(_ description: String) {
    let parts = description.split(separator: ">", omittingEmptySubsequences: false)
      .map { $0.split(separator: " ").map(String.init) }
    guard let first = parts.first, first.count == 1, let inputs = Int(first[0]) else { return nil }
    var layers: [LayerDescription] = []
    for words in parts.dropFirst() {
      guard let layer = LayerDescription(words) else { return nil }
      layers.append(layer)
    }
    self.init(inputs: inputs, layers: layers)
    if !isValid { return nil }
  }
}

extension LayerDescription: CustomStringConvertible {
  /// The layer as text, such as `dense 128 relu`.
  public var description: String {
    switch self {
    case .dense(let units, let activation): "dense \(units)" + suffix(activation)
    case .layerNormalization(let activation): "layer-normalization" + suffix(activation)
    case .dueling: "dueling"
    }
  }

  private func suffix(_ activation: Activation) -> String {
    activation == .identity ? "" : " \(activation.rawValue)"
  }

  fileprivate init?(_ words: [String]) {
    func activation(after count: Int) -> Activation? {
      words.count == count
        ? .identity : words.count == count + 1 ? Activation(rawValue: words[count]) : nil
    }
    switch words.first {
    case "dense":
      guard words.count >= 2, let units = Int(words[1]), let activation = activation(after: 2)
      else { return nil }
      self = .dense(units: units, activation: activation)
    case "layer-normalization":
      guard let activation = activation(after: 1) else { return nil }
      self = .layerNormalization(activation: activation)
    case "dueling" where words.count == 1:
      self = .dueling
    default: return nil
    }
  }
}

extension NetworkDescription: Codable {
  /// Reads the text.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let network = NetworkDescription(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "'\(text)' is not a valid network description")
    }
    self = network
  }

  /// Writes the text.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
