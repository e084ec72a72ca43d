/// What shows whether learning is stable: measures of an agent's values, gradient and features over the
/// minibatch of its last update.
///
/// A measure is `nil` if an agent has no such quantity. Values and features are those before the update.
public struct LearningMeasurements: Hashable, Sendable {
  /// The largest |q(s, a|θ)| over all rows and actions.
  public var largestValue: Double?
  /// The largest magnitude of a reward so far, as the agent learns from it: scaled and clipped.
  ///
  /// No discounted return is larger than this over 1 − γ.
  public var largestReward: Double?
  /// The action gap: the mean over rows of the highest value minus the second highest.
  public var actionGap: Double?
  /// The target drift: the mean of |q(s, a|θ) − q(s, a|θ_target)| over all rows and actions.
  ///
  /// If the target was synchronised after the update, it is what the update itself has changed.
  public var targetDrift: Double?
  /// The share of rows whose target does not bootstrap, because the episode ends.
  public var terminalShare: Double?
  /// The norm of the gradient over all parameters, before it is limited.
  public var gradientNorm: Double?
  /// The effective rank of the last hidden layer's outputs [rows, units]: the smallest number of largest
  /// singular values that have 0.99 of the sum of all.
  ///
  /// Source: A. Kumar, R. Agarwal, D. Ghosh, S. Levine, "Implicit Under-Parameterization Inhibits
  /// Data-Efficient Deep Reinforcement Learning", 2021, https://doi.org/10.48550/arXiv.2010.14498, with
  /// δ = 0.01.
  public var effectiveRank: Int?
  /// The share of hidden units behind an activation that are 0 in all rows.
  ///
  /// Source: G. Sokar, R. Agarwal, P. S. Castro, U. Evci, "The Dormant Neuron Phenomenon in Deep
  /// Reinforcement Learning", 2023, https://doi.org/10.48550/arXiv.2302.12902, with τ = 0.
  public var deadUnits: Double?

  /// No measures; each can be set.
  public init() {}
}

extension LearningMeasurements {
  /// Measures values and hidden layers of a forward pass.
  ///
  /// - Parameters:
  ///   - network: the network.
  ///   - outputs: what its forward pass wrote.
  ///   - rows: the number of rows to measure, from the first on.
  ///   - arena: the arena of the outputs.
  /// - Complexity: a singular value decomposition of the last hidden layer's outputs; it allocates.
  init(
    of network: Network, outputs: LayerOutputs, rows: Int, in arena: borrowing Arena<Float>
  ) {
    self.init(ofValues: outputs.last.rows(0..<rows), in: arena)
    if let features = network.features(in: outputs) {
      effectiveRank = Self.effectiveRank(of: features.rows(0..<rows), in: arena)
    }
    deadUnits = Self.deadUnits(in: network.activations(in: outputs), rows: rows, in: arena)
  }

  /// Measures action values [rows, actions].
  ///
  /// - Complexity: O(rows·actions), no allocation.
  init(ofValues values: Region, in arena: borrowing Arena<Float>) {
    let (rows, actions) = (values.rows, values.columns)
    arena.withSpan(of: values) { values in
      var (largest, gaps) = (0 as Float, 0.0)
      for row in 0..<rows {
        var (first, second) = (-Float.infinity, -Float.infinity)
        for action in 0..<actions {
          let value = values[row * actions + action]
          largest = max(largest, abs(value))
          if value > first { (first, second) = (value, first) } else { second = max(second, value) }
        }
        gaps += Double(first) - Double(second)
      }
      largestValue = Double(largest)
      actionGap = actions > 1 ? gaps / Double(rows) : nil
    }
  }

  /// The effective rank; `nil` if a feature is not finite.
  private static func effectiveRank(
    of features: Region, in arena: borrowing Arena<Float>
  ) -> Int? {
    let matrix = Matrix(
      rows: features.rows, columns: features.columns,
      scalars: arena.values(of: features).map(Double.init))
    return try? SingularValueDecomposition(matrix).effectiveRank()
  }

  /// The share of columns that are 0 in all rows; `nil` without columns.
  private static func deadUnits(
    in layers: [Region], rows: Int, in arena: borrowing Arena<Float>
  ) -> Double? {
    var (dead, all) = (0, 0)
    for layer in layers {
      let units = layer.columns
      arena.withSpan(of: layer.rows(0..<rows)) { outputs in
        for unit in 0..<units where (0..<rows).allSatisfy({ outputs[$0 * units + unit] == 0 }) {
          dead += 1
        }
      }
      all += units
    }
    return all == 0 ? nil : Double(dead) / Double(all)
  }

  /// The mean magnitude of the difference of two regions of the same shape.
  static func meanDifference(
    _ a: Region, _ b: Region, in arena: borrowing Arena<Float>
  ) -> Double {
    arena.withSpan(of: a) { a in
      arena.withSpan(of: b) { b in
        var sum = 0.0
        for i in a.indices { sum += abs(Double(a[i]) - Double(b[i])) }
        return sum / Double(a.count)
      }
    }
  }
}
