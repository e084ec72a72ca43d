/// The evaluations of one run during its training.
public struct LearningCurve: Hashable, Sendable {
  /// An evaluation of the network as it was after a number of steps.
  public struct Evaluation: Hashable, Sendable {
    /// Environment steps of training before it.
    public var step: Int
    /// Seconds of training before it, if they were measured.
    public var seconds: Double?
    /// The mean return.
    public var mean: Double

    /// Makes an evaluation.
    public init(step: Int, seconds: Double? = nil, mean: Double) {
      self.step = step
      self.seconds = seconds
      self.mean = mean
    }
  }

  /// The evaluations in the order of their steps.
  public var evaluations: [Evaluation]

  /// Makes a curve.
  public init(_ evaluations: [Evaluation]) {
    self.evaluations = evaluations
  }

  /// The mean of the untrained network: that of an evaluation before the first step, if there is one.
  public var untrained: Double? {
    evaluations.first.flatMap { $0.step == 0 ? $0.mean : nil }
  }

  /// The first evaluation with the highest mean, whose network is kept as the best; `nil` without any.
  var best: Evaluation? {
    evaluations.reduce(nil) { best, next in best.map { next.mean > $0.mean ? next : $0 } ?? next }
  }

  /// Whether and when the curve reaches a threshold, and whether it stays there.
  ///
  /// - Parameters:
  ///   - threshold: the mean that counts as solved.
  ///   - untrained: the mean of the untrained network; without one it is that of the curve, if it has one.
  /// - Returns: the times to the threshold, the evaluations after it, and whether the run collapsed.
  /// - Complexity: O(n) for n evaluations.
  public func stability(threshold: Double, untrained: Double? = nil) -> CurveStability {
    CurveStability(of: self, threshold: threshold, untrained: untrained ?? self.untrained)
  }
}
