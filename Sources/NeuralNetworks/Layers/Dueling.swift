internal import SARSALinearAlgebra

extension LayerDescription {
  /// A dueling head: q = v + a − mean of a, from a state's value v in column 0 and the advantages a of its
  /// actions in the other columns.
  ///
  /// It has no parameters; the dense layer before it has one unit more than there are actions.
  /// Source: Z. Wang et al. 2016, https://doi.org/10.48550/arXiv.1511.06581.
  public static let dueling = LayerDescription(Dueling())
}

/// A dueling head: q = v + a − mean of a.
struct Dueling: Layer {
  static let name = "dueling"

  init() {}

  init?(_ words: ArraySlice<String>) {
    if !words.isEmpty { return nil }
  }

  var description: String { Self.name }

  func output(for input: InputShape) -> InputShape? {
    guard case .vector(let count) = input, count > 1 else { return nil }
    return .vector(count - 1)
  }

  func operations(for input: InputShape, parameters: [[Float]]) -> [Operation]? { [.dueling] }

  @specialized(where S == Float)
  func forward<S: Scalar>(
    _ x: Region, of input: InputShape, isFirst: Bool, parameters: Region, into y: Region,
    kept: Span<Region>, in arena: inout Arena<S>
  ) {
    arena.dueling(x, into: y)
  }

  @specialized(where S == Float)
  func backward<S: Scalar>(
    _ x: Region, of input: InputShape, y: Region, kept: Span<Region>, delta: Region,
    scratch: Span<Region>, parameters: Region, gradient: Region, inputDelta: Region?,
    in arena: inout Arena<S>
  ) {
    if let inputDelta { arena.duelingGradient(delta: delta, into: inputDelta) }
  }
}
