internal import DeepSARSA
internal import Foundation

// What a watch looks like on a terminal.

extension Watch {
  /// The picture in a number of columns, and in a number of rows or as many as it needs.
  package func picture(columns: Int, rows: Int? = nil) -> [TerminalLine] {
    if sections.count == 1, sections[0].isRun, let run = sections[0].runs.first {
      return run.picture(columns: columns, rows: rows ?? Self.usualRows)
    }
    var lines: [TerminalLine] = []
    for (index, section) in sections.enumerated() {
      if index > 0 { lines.append(TerminalLine("")) }
      // Each section has its share of the rows that are left.
      let left = rows.map { max(3, ($0 - lines.count) / (sections.count - index)) }
      lines += section.picture(columns: columns, rows: left)
    }
    return Array(lines.prefix(rows ?? lines.count))
  }

  /// The rows of a picture for which there is no terminal.
  fileprivate static let usualRows = 24
}

extension Watch.Section {
  fileprivate func picture(columns: Int, rows: Int?) -> [TerminalLine] {
    if runs.isEmpty { return [TerminalLine("'\(path)': no run has begun").fitted(to: columns)] }
    let all = experiment.map { groups(of: $0.experiment) } ?? table
    let table = all.lines(columns: columns)
    let title = title.fitted(to: columns)
    let lines = [title] + table + reasons.map { $0.fitted(to: columns) }
    let plotRows = min(12, (rows ?? Watch.usualRows) - 1 - lines.count)
    if plotRows >= 5, let plot = plot?.lines(columns: columns, rows: plotRows), !plot.isEmpty {
      let name = TerminalLine("greedy return of the evaluations", tint: .faint).fitted(to: columns)
      return lines + [name] + plot.map { TerminalLine($0) }
    }
    guard let rows, table.count + 1 > rows else { return Array(lines.prefix(rows ?? lines.count)) }
    let shown = max(1, rows - 2)
    return [title] + table.prefix(shown)
      + [TerminalLine("… and \(table.count - shown) more", tint: .faint).fitted(to: columns)]
  }

  private var title: TerminalLine {
    let tally = Tally(of: runs)
    var fields = [
      TerminalLine.Field(path, rank: 5, tint: .title),
      TerminalLine.Field("\(tally.finished) of \(runs.count) runs finished"),
    ]
    if tally.running > 0 { fields.append(.init("\(tally.running) running", rank: 1)) }
    if tally.failed > 0 { fields.append(.init("\(tally.failed) failed", rank: 2, tint: .bad)) }
    if tally.running == 0, tally.finished + tally.failed < runs.count {
      let command =
        experiment == nil
        ? "resume \(path.quotedForShell)/*" : "experiment -o \(path.quotedForShell)"
      let flag = runs.compactMap(\.settings).trustFlag
      fields.append(.init("stopped; deep-sarsa \(command)\(flag)", rank: 3))
    }
    return TerminalLine(fields)
  }

  /// The evaluations of all runs, if they can be compared.
  private var plot: CurvePlot? {
    let begun = runs.filter { $0.settings != nil }
    guard experiment == nil, Set(begun.compactMap(\.settings?.environment)).count == 1 else {
      return nil
    }
    return CurvePlot(begun.map(\.curve), goal: begun.lazy.compactMap(\.threshold).first)
  }

  /// Why the first runs failed that did, a line each.
  private var reasons: [TerminalLine] {
    let prefix = runs.map(\.folder.path).sharedFolderPrefix
    return runs.compactMap { run in
      guard case .failed(let reason) = run.status else { return nil }
      let name = run.folder.path.dropFirst(prefix.count)
      return TerminalLine("\(name): \(reason.onOneLine)", tint: .bad)
    }
    .prefix(Self.reasonLimit).map { $0 }
  }

  /// The most runs of which it is said why they failed.
  private static let reasonLimit = 3

  /// A row for each run, first those that are trained.
  private var table: TerminalTable {
    let prefix = runs.map(\.folder.path).sharedFolderPrefix
    let rows = runs.filter { $0.status == .running } + runs.filter { $0.status != .running }
    return TerminalTable(
      [
        .init("run", rank: 0, narrowest: 24, isCutInside: true), .init("", rank: 1),
        .init("step", rank: 4, isNumeric: true), .init("done", rank: 3, isNumeric: true),
        .init("greedy", rank: 2, isNumeric: true), .init("", rank: 5),
        .init("steps/s", rank: 7, isNumeric: true), .init("left", rank: 6, isNumeric: true),
      ],
      rows: rows.map { run in
        [
          .init(String(run.folder.path.dropFirst(prefix.count))), run.statusField,
          .init("\(run.steps)"), .init("\((100 * run.share).rounded(0)) %"),
          .init(run.lastMean?.brief ?? "–"),
          .init(Sparkline(run.evaluations["mean"], columns: 12, upTo: run.threshold).text),
          .init(run.stepsPerSecond?.rounded(0) ?? "–"), .init(run.secondsLeft?.asTime ?? "–"),
        ]
      })
  }

  /// A row for each setting on each task.
  private func groups(of experiment: Experiment) -> TerminalTable {
    let seeds = experiment.seeds.count
    return TerminalTable(
      [
        .init("setting", rank: 0, narrowest: 8), .init("environment", rank: 1, narrowest: 8),
        .init("done", rank: 3, isNumeric: true), .init("running", rank: 5, isNumeric: true),
        .init("failed", rank: 4, isNumeric: true), .init("last", rank: 2, isNumeric: true),
      ],
      rows: experiment.groups.enumerated().map { index, group in
        let runs = runs[(index * seeds)..<((index + 1) * seeds)]
        let tally = Tally(of: runs)
        let means = runs.compactMap(\.lastMean)
        return [
          .init(group.setting), .init(group.task),
          .init("\(tally.finished)/\(seeds)", tint: tally.finished == seeds ? .good : nil),
          .init("\(tally.running)"),
          .init("\(tally.failed)", tint: tally.failed > 0 ? .bad : nil),
          .init(
            means.isEmpty ? "–" : (means.reduce(0, +) / Double(means.count)).brief),
        ]
      })
  }
}

/// How many runs are finished, are trained, or failed.
private struct Tally {
  var (finished, running, failed) = (0, 0, 0)

  init(of runs: some Sequence<WatchedRun>) {
    for run in runs {
      switch run.status {
      case .finished: finished += 1
      case .running: running += 1
      case .failed: failed += 1
      case .notBegun, .stopped: break
      }
    }
  }
}

extension WatchedRun {
  fileprivate var statusField: TerminalLine.Field {
    switch status {
    case .notBegun: .init("not begun", tint: .faint)
    case .running: .init("running")
    case .stopped: .init("stopped", tint: .bad)
    case .finished: .init("finished", tint: .good)
    case .failed: .init("failed", tint: .bad)
    }
  }

  fileprivate var curve: [CurvePlot.Point] { points(evaluations, "mean") }

  private func points(_ log: GrowingLog, _ column: String) -> [CurvePlot.Point] {
    zip(log["step"], log[column]).map { CurvePlot.Point(x: $0, y: $1) }
  }

  /// The run alone: what it is, how far it has come, and its curves.
  fileprivate func picture(columns: Int, rows: Int) -> [TerminalLine] {
    guard let settings else {
      return [TerminalLine("'\(folder.path)': it has not begun").fitted(to: columns)]
    }
    var lines = [
      TerminalLine([
        .init(settings.environment, tint: .title), statusField,
        .init("seed \(settings.seed)", rank: 1),
        .init(settings.experimentName, rank: 2, tint: .faint),
      ]), numbers(of: settings.hyperparameters.budget), TerminalLine(returns),
    ]
    lines = lines.map { $0.fitted(to: columns) }
    switch status {
    case .stopped:
      // A command is never cut.
      let command = "deep-sarsa resume \(folder.path.quotedForShell)\([settings].trustFlag)"
      lines += command.wrapped(after: "stopped; ", toTerminalColumns: columns)
        .map { TerminalLine($0) }
    case .failed(let reason):
      lines += reason.onOneLine.wrapped(after: "", toTerminalColumns: columns).prefix(5)
        .map { TerminalLine($0, tint: .bad) }
    case .notBegun, .running, .finished: break
    }
    let span = settings.hyperparameters.budget.steps.map { 0...Double($0) }
    let plots = [
      ("greedy return of the evaluations", CurvePlot([curve], goal: threshold, span: span)),
      ("return of the episodes", CurvePlot([points(episodes, "return")], span: span)),
      ("loss", CurvePlot([points(learning, "loss")], span: span)),
    ]
    // A title, an axis, and at least three rows of dots.
    let count = max(1, min(plots.count, (rows - lines.count) / 5))
    let height = (rows - lines.count) / count - 1
    for (title, plot) in plots.prefix(count) {
      let drawn = plot.lines(columns: columns, rows: min(height, 16))
      if drawn.isEmpty { continue }
      lines.append(TerminalLine(title, tint: .faint).fitted(to: columns))
      lines += drawn.map { TerminalLine($0) }
    }
    return lines
  }

  private func numbers(of budget: Budget) -> TerminalLine {
    let whole = budget.steps.map { " of \($0)" } ?? ""
    var fields = [
      TerminalLine.Field("step \(steps)\(whole)"),
      TerminalLine.Field("\((100 * share).rounded(0)) %", rank: 2),
    ]
    if let speed = stepsPerSecond { fields.append(.init("\(speed.rounded(0)) steps/s", rank: 3)) }
    if let left = secondsLeft { fields.append(.init("\(left.asTime) left", rank: 1)) }
    return TerminalLine(fields)
  }

  private var returns: [TerminalLine.Field] {
    var fields: [TerminalLine.Field] = []
    if let lastMean {
      let isReached = threshold.map { lastMean >= $0 } ?? false
      fields.append(.init("greedy \(lastMean.brief)", tint: isReached ? .good : nil))
    }
    if let bestMean { fields.append(.init("best \(bestMean.brief)", rank: 1)) }
    if let threshold {
      fields.append(.goal(threshold, isSolved: bestMean ?? -.infinity >= threshold))
    }
    if let recentReturn { fields.append(.init("return \(recentReturn.brief)", rank: 5)) }
    for (name, column) in [("ε", "epsilon"), ("temperature", "temperature")] {
      if let value = learning[column].last, value.isFinite {
        fields.append(.init("\(name) \(value.rounded(3))", rank: 7))
      }
    }
    if let loss = learning["loss"].last, loss.isFinite {
      fields.append(.init("loss \(loss.compact)", rank: 6))
    }
    return fields
  }
}

extension TerminalLine.Field {
  /// The threshold, with a mark once it was reached.
  package static func goal(_ threshold: Double, isSolved: Bool) -> Self {
    isSolved
      ? Self("✓ \(threshold.shortened(2))", rank: 4, tint: .good)
      : Self("goal \(threshold.shortened(2))", rank: 4)
  }
}

extension Double {
  /// A return: with one decimal place, or two if it is below 10, because returns may lie between 0 and 1.
  package var brief: String { rounded(abs(self) < 10 ? 2 : 1) }

  /// Seconds as `1:05` or `2:00:00`.
  package var asTime: String {
    let whole = Int(Swift.max(0, Swift.min(self, 1e9)).rounded())
    let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, (whole % 60).digits(2))
    return hours > 0 ? "\(hours):\(minutes.digits(2)):\(seconds)" : "\(minutes):\(seconds)"
  }
}
