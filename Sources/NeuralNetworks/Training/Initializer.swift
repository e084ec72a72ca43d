internal import SARSALinearAlgebra
internal import SARSARandomSources

/// An initialisation of the weights of dense layers.
///
/// A gain compensates for the activation's effect on the variance, with the values of PyTorch's
/// `calculate_gain`: √2 for ReLU, √(2/(1 + 0.01²)) for leaky ReLU, 5/3 for tanh, 1 without activation.
/// PyTorch has no value for SiLU and dSiLU; they have the gains √2 and 1.
/// Normalisations start with a gain of one and a bias of zero for every initialiser.
public enum Initializer: String, Codable, CaseIterable, Hashable, Sendable {
  /// PyTorch's default: weights and biases from U(−1/√inputs, 1/√inputs).
  ///
  /// It is the uniform form of K. He et al. 2015 with the a = √5 that `torch.nn.Linear` passes.
  case pytorch
  /// Weights from N(0, gain²/inputs), biases zero.
  ///
  /// Source: K. He et al. 2015, https://doi.org/10.1109/ICCV.2015.123.
  case he
  /// Weights from U(±gain·√(6/(inputs + units))), biases zero.
  ///
  /// Source: X. Glorot, Y. Bengio 2010, https://proceedings.mlr.press/v9/glorot10a.html.
  case xavier
  /// Weights with orthonormal rows or columns, whichever are fewer, times the gain; biases zero.
  ///
  /// The Q factor of a matrix from N(0, 1), with the signs that make R's diagonal positive. It is then
  /// uniformly distributed over all such matrices. Source: A. M. Saxe et al. 2014,
  /// https://doi.org/10.48550/arXiv.1312.6120.
  case orthogonal
  /// A tenth of each unit's weights (rounded down, but at least one) is drawn from U(±1/√inputs); the
  /// other weights and the biases are zero.
  ///
  /// Source: M. Elsayed et al. 2024, https://doi.org/10.48550/arXiv.2410.14606.
  case sparse
  /// As `sparse`, with the rounding of the authors' program: a tenth, rounded down, which leaves all weights
  /// of a layer of up to 9 inputs at zero.
  case streamingDRL = "streaming-drl"
}

extension Initializer {
  /// Draws weights [inputs, units], row by row, and biases [units].
  func draw(
    inputs: Int, units: Int, before activation: Activation, using generator: inout PCG64
  ) -> (weights: [Double], biases: [Double]) {
    let (fanIn, fanOut) = (Double(inputs), Double(units))
    let gain = activation.gain
    var biases = [Double](repeating: 0, count: units)
    let weights: [Double]
    switch self {
    case .pytorch:
      let bound = 1 / fanIn.squareRoot()
      weights = (0..<inputs * units).map { _ in generator.uniform(-bound, bound) }
      biases = biases.map { _ in generator.uniform(-bound, bound) }
    case .he:
      let deviation = gain / fanIn.squareRoot()
      weights = (0..<inputs * units).map { _ in deviation * generator.normal() }
    case .xavier:
      let bound = gain * (6 / (fanIn + fanOut)).squareRoot()
      weights = (0..<inputs * units).map { _ in generator.uniform(-bound, bound) }
    case .orthogonal:
      weights = orthogonal(rows: inputs, columns: units, using: &generator).map { gain * $0 }
    case .sparse:
      weights = sparse(
        inputs: inputs, units: units, kept: max(1, inputs / 10), using: &generator)
    case .streamingDRL:
      weights = sparse(inputs: inputs, units: units, kept: inputs / 10, using: &generator)
    }
    return (weights, biases)
  }

  /// A matrix with orthonormal columns, or rows if it is wide, row by row.
  private func orthogonal(
    rows: Int, columns: Int, using generator: inout PCG64
  ) -> [Double] {
    let (long, short) = (max(rows, columns), min(rows, columns))
    let normal = Matrix<Double>(
      rows: long, columns: short, scalars: (0..<long * short).map { _ in generator.normal() })
    let qr: QRDecomposition<Double>
    do {
      qr = try QRDecomposition(normal)
    } catch {
      fatalError("finite numbers have a QR decomposition: \(error)")
    }
    var q = qr.q
    for column in 0..<short where qr.r[column, column] < 0 {
      for row in 0..<long { q[row, column] = -q[row, column] }
    }
    return (rows >= columns ? q : q.transposed()).scalars
  }

  /// Weights [inputs, units], row by row, all but `kept` of each unit zero.
  private func sparse(
    inputs: Int, units: Int, kept: Int, using generator: inout PCG64
  ) -> [Double] {
    let bound = 1 / Double(inputs).squareRoot()
    var weights = [Double](repeating: 0, count: inputs * units)
    for unit in 0..<units {
      // The first elements of a shuffle: all sets of inputs have the same probability.
      var order = Array(0..<inputs)
      for place in 0..<kept {
        order.swapAt(place, place + generator.integer(below: inputs - place))
        weights[order[place] * units + unit] = generator.uniform(-bound, bound)
      }
    }
    return weights
  }
}

extension Activation {
  /// The factor of the weights that keeps the variance of a layer's outputs near that of its inputs.
  fileprivate var gain: Double {
    switch self {
    case .identity, .dsilu: 1
    case .relu, .silu: 2.0.squareRoot()
    case .leakyReLU: (2 / (1 + Activation.leakyReLUSlope * Activation.leakyReLUSlope)).squareRoot()
    case .tanh: 5.0 / 3
    }
  }
}
