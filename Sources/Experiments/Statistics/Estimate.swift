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
  /// Of five runs, a nominal 95 % interval contains the true interquartile mean in 90 % of all experiments, and
  /// the true mean in 65 to 84 %: see the table in docs/statistics.md.
  public static let enoughRuns = 10

  /// Whether there are several runs.
  ///
  /// With one, both ends are the number itself, which says nothing of other seeds.
  public var hasInterval: Bool { runs > 1 }

  /// Whether there are so few runs that the interval is to be marked where it is shown.
  public var isMarked: Bool { runs < Self.enoughRuns }
}
