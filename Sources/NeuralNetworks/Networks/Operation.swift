package import SARSALinearAlgebra

/// A step of a network's forward pass, with its numbers: x [columns] → y, for one row.
///
/// A list of operations is a network that other programs can compute: a format of programs writes each kind of
/// operation, and knows nothing of layers.
package enum Operation: Hashable, Sendable {
  /// y = x − c, column by column.
  case subtract([Float])
  /// y = x ∘ c, column by column.
  case multiply([Float])
  /// y = W·x + b, with W [outputs, inputs] row by row and b [outputs].
  case affine(weights: [Float], bias: [Float])
  /// For every patch of x, a board whose channels come last, and every filter: the sum of products with the filter's
  /// weights, plus its bias. y is the board of these sums, with a channel for each filter.
  ///
  /// The weights are in the order filter, channel, row, column.
  case convolve(Patches, weights: [Float], bias: [Float])
  /// y = (x − mean)/√(variance + epsilon), then ∘ gain + bias, if there are any: for every `columns` columns on their
  /// own.
  case normalize(columns: Int, epsilon: Float, affine: Affine?)
  /// y = f(x), number by number.
  case activate(Activation)
  /// y = v + a − mean of a, with v in column 0 of x and a in the others.
  case dueling

  /// The gain and the bias of a normalisation, one number for each column that is normalised.
  package struct Affine: Hashable, Sendable {
    /// What a column is multiplied by.
    package let gain: [Float]
    /// What is added then.
    package let bias: [Float]
  }

  /// The columns of y, from those of x.
  package func outputs(of columns: Int) -> Int {
    switch self {
    case .subtract, .multiply, .normalize, .activate: columns
    case .affine(_, let bias): bias.count
    case .convolve(let patches, _, let bias): patches.count * bias.count
    case .dueling: columns - 1
    }
  }
}

extension Activation {
  /// The operation at the end of a layer; none for the identity.
  var operations: [Operation] { self == .identity ? [] : [.activate(self)] }
}
