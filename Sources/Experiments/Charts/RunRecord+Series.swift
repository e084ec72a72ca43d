internal import DeepSARSA

extension RunRecord {
  /// The return of each training episode, with exploration, at the step of its end.
  ///
  /// - Throws: `RunError` if the file cannot be read, or is not a run's.
  public func trainingReturns() throws(RunError) -> Series {
    guard let log = try LogTable(reading: folder.path(of: .episodes)) else { return Series([]) }
    return Series(steps: try log.counts(of: "step"), values: try log.measures(of: "return") ?? [])
  }

  /// The mean return of each evaluation.
  ///
  /// A failed run has its score at the steps that it did not reach.
  ///
  /// - Parameter steps: the steps of its group, where failed runs are continued.
  /// - Returns: the evaluations.
  public func evaluations(upTo steps: [Int] = []) -> Series {
    guard case .failed = result.status, result.score != nil, !steps.isEmpty else {
      return Series(
        steps: result.curve.evaluations.map(\.step), values: result.curve.evaluations.map(\.mean))
    }
    return Series(steps: steps, values: result.means(at: steps))
  }

  /// Columns of `learning.csv`, without the rows in which they are empty; a column that is not there, or has no
  /// number, has no points.
  ///
  /// - Throws: `RunError` if the file cannot be read, or is not a run's.
  public func measures(_ columns: [String]) throws(RunError) -> [String: Series] {
    guard let log = try LogTable(reading: folder.path(of: .learning)) else { return [:] }
    let steps = try log.counts(of: "step")
    var series: [String: Series] = [:]
    for column in columns {
      series[column] = Series(steps: steps, values: try log.measures(of: column) ?? [])
    }
    return series
  }
}

extension Series {
  /// A line of the numbers that are there, and finite.
  init(steps: [Int], values: [Double?]) {
    self.init(
      zip(steps, values).compactMap { step, value in
        value.flatMap { $0.isFinite ? Point(step: step, value: $0) : nil }
      })
  }
}
