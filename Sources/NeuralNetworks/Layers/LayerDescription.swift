internal import SARSALinearAlgebra

/// The kind and size of a layer, without its parameters.
public struct LayerDescription: Hashable, Sendable {
  /// The kinds of layers; the text form and files without a description know these.
  static let kinds: [any Layer.Type] = [
    Dense.self,
    Convolution.self,
    LayerNormalization.self,
    PlainLayerNormalization.self,
    Dueling.self,
  ]

  /// The text forms of all kinds, for messages.
  package static let forms = kinds.map { $0.form }

  let layer: any Layer

  init(_ layer: any Layer) { self.layer = layer }

  /// Whether two layers have the same kind and size.
  public static func == (left: LayerDescription, right: LayerDescription) -> Bool {
    AnyHashable(left.layer) == AnyHashable(right.layer)
  }

  /// Hashes kind and size.
  public func hash(into hasher: inout Hasher) { layer.hash(into: &hasher) }
}

extension LayerDescription: CustomStringConvertible {
  /// The layer as text, such as `dense 128 relu`.
  public var description: String { layer.description }

  /// Reads the words of a layer's text.
  init?(_ words: [String]) {
    guard let kind = Self.kinds.first(where: { $0.name == words.first }),
      let layer = kind.init(words.dropFirst())
    else { return nil }
    self.init(layer)
  }
}

extension LayerDescription {
  /// The layer whose tensor `weight` has a shape in PyTorch.
  init?(weight shape: [Int], activation: Activation) {
    for kind in Self.kinds {
      if let layer = kind.init(weight: shape, activation: activation) {
        self.init(layer)
        return
      }
    }
    return nil
  }
}
