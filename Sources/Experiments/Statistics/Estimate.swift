/// A number that was measured over runs, with the interval in which it would be expected with other seeds.
public struct Estimate: Hashable, Sendable {
  /// The number for the scores themselves.
  public let value: Double
  /// The lower end of the interval.
  public let lower: Double
  /// The upper end of the interval.
  public let upper: Double
  /// The number of runs of the task, or of the side of a comparison, that has the fewest.
  public let runs: Int

  /// The number of runs below which an interval is marked: it is then too narrow.
  ///
  /// A nominal 95 % interval of five runs contains the true value in some 80 to 90 % of all experiments; the
  /// table in docs/statistics.md is of this package's intervals.
  public static let enoughRuns = 10

  /// Whether there are so few runs that the interval is to be marked where it is shown.
  public var isMarked: Bool { runs < Self.enoughRuns }
}
