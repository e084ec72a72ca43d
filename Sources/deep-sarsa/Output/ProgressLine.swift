import DeepSARSA
import SARSAExperiments

/// The line that says how far a run has come.
struct ProgressLine {
  private let progress: RunProgress
  private let means: [Double]
  private let label: String?

  /// The progress of a run, with the means of its evaluations, under a name if there are several.
  init(_ progress: RunProgress, means: [Double] = [], label: String? = nil) {
    self.progress = progress
    self.means = means
    self.label = label
  }

  /// All of it, for a reader without a terminal.
  var text: String { TerminalLine(fields(sparkline: nil)).text }

  /// What fits into a number of columns, with the curve of the evaluations.
  func fitted(to columns: Int) -> TerminalLine {
    let (least, most) = (6, 24)
    let line = TerminalLine(fields(sparkline: least)).fitted(to: columns)
    let room = least + columns - line.columns
    // If the curve was left out, it is in neither.
    return TerminalLine(fields(sparkline: min(most, room))).fitted(to: columns)
  }

  private func fields(sparkline columns: Int?) -> [TerminalLine.Field] {
    var fields: [TerminalLine.Field] = []
    if let label { fields.append(.init(label)) }
    fields.append(.init("episode \(progress.episodes)", rank: 10))
    fields.append(.init("step \(progress.steps)", rank: 1))
    if let speed = progress.stepsPerSecond {
      fields.append(.init("\(speed.rounded(0)) steps/s", rank: 7))
    }
    fields.append(.init("return \(progress.recentReturn?.brief ?? "–")", rank: 6))
    if let last = progress.lastMean, let best = progress.bestMean {
      let isReached = progress.threshold.map { last >= $0 } ?? false
      fields.append(.init("greedy \(last.brief)", rank: 2, tint: isReached ? .good : nil))
      if let columns { fields += curve(columns: columns) }
      fields.append(.init("best \(best.brief)", rank: 8))
    }
    switch progress.policy {
    case .epsilonGreedy(let epsilon): fields.append(.init("ε \(epsilon.rounded(3))", rank: 9))
    case .boltzmann(let temperature):
      fields.append(.init("temperature \(temperature.rounded(3))", rank: 9))
    }
    if let left = progress.secondsLeft {
      fields.append(.init("\(left.asTime) left", rank: 3))
    }
    return fields
  }

  /// The curve, and the return at which the task counts as solved.
  private func curve(columns: Int) -> [TerminalLine.Field] {
    let curve = Sparkline(means, columns: columns, upTo: progress.threshold).text
    var fields = [TerminalLine.Field(curve, rank: 5, tint: progress.isSolved ? .good : nil)]
    if let threshold = progress.threshold {
      fields.append(.goal(threshold, isSolved: progress.isSolved))
    }
    return fields
  }
}
