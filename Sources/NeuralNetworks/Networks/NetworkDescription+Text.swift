extension NetworkDescription: LosslessStringConvertible {
  /// The network as text, such as `2 > dense 128 relu > dense 64 relu > dense 3`.
  public var description: String {
    ([input.description] + layers.map(\.description)).joined(separator: " > ")
  }

  /// Reads the text that `description` gives.
  ///
  /// - Returns: `nil` for a text with an unknown word or a size that is not allowed.
  public init?(_ description: String) {
    let parts = description.split(separator: ">", omittingEmptySubsequences: false)
      .map { $0.split(separator: " ").map(String.init) }
    guard let first = parts.first, first.count == 1, let input = InputShape(first[0])
    else { return nil }
    var layers: [LayerDescription] = []
    for words in parts.dropFirst() {
      guard let layer = LayerDescription(words) else { return nil }
      layers.append(layer)
    }
    self.init(input: input, layers: layers)
    if !isValid { return nil }
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
