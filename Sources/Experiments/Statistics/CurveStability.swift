/// Whether and when a run reaches a threshold, and whether it stays there.
///
/// A network may solve its task and lose that again; the best network hides it. The share of evaluations at
/// the threshold and the worst of them are in `record`.
public struct CurveStability: Hashable, Sendable {
  /// Environment steps until the first evaluation at the threshold, or those of the last evaluation if none is.
  public let steps: TimesToThreshold.Time
  /// The same in seconds; `nil` if they were not measured.
  public let seconds: TimesToThreshold.Time?
  /// The evaluations after the first at the threshold; `nil` if none is.
  public let record: ThresholdRecord?
  /// The mean half-way between threshold and untrained network; `nil` if there is no lower untrained mean.
  public let halfWay: Double?
  /// The step of the first evaluation after those at the threshold that is half-way back or lower; `nil` if
  /// none is.
  public let collapseStep: Int?

  /// Whether the run reached the threshold and lost half or more of what it had learned.
  public var hasCollapsed: Bool { collapseStep != nil }

  /// Follows the curve.
  init(of curve: LearningCurve, threshold: Double, untrained: Double?) {
    let halfWay = untrained.flatMap { $0 < threshold ? $0 + (threshold - $0) / 2 : nil }
    let evaluations = curve.evaluations
    let first = evaluations.firstIndex { $0.mean >= threshold }
    let end = first.map { evaluations[$0] } ?? evaluations.last
    let after = first.map { evaluations[($0 + 1)...] } ?? []
    self.steps = .init(Double(end?.step ?? 0), isReached: first != nil)
    self.seconds = end?.seconds.map { .init($0, isReached: first != nil) }
    self.record = first.map {
      after.reduce(into: ThresholdRecord(threshold: threshold, firstStep: evaluations[$0].step)) {
        $0.append($1.mean)
      }
    }
    self.halfWay = halfWay
    self.collapseStep = halfWay.flatMap { mark in after.first { $0.mean <= mark }?.step }
  }
}
