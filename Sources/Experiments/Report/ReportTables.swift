internal import DeepSARSA

/// A section of a report with tables and sentences.
struct ReportTables: Sendable {
  /// A title, sentences, a table, or several of them.
  struct Part: Sendable {
    var partTitle: String?
    var lines: [String] = []
    var table: Table?
  }

  var heading: String
  var parts: [Part]
}

extension ReportTables {
  /// The evaluations of a run.
  init(of run: RunRecord) throws(RunError) {
    let rows = try run.evaluationRows()
    heading = "Evaluations"
    if rows.isEmpty {
      parts = [Part(lines: ["The run has no evaluation yet."])]
      return
    }
    let best = run.result.curve.best?.step
    parts = [
      Part(
        lines: ["Greedy episodes during training, from starts of their own; ◆ marks the best."],
        table: Table(
          ["step", "mean", "standard deviation", "lowest", "highest", "episodes"],
          rows: rows.map { row in
            [
              row.step.reported + (row.step == best ? " ◆" : ""), row.mean.reported,
              row.deviation.reported(like: row.mean), row.minimum.reported, row.maximum.reported,
              row.episodes.reported,
            ]
          }))
    ]
  }

  /// The runs of a setting on a task.
  init(of group: RunGroup) {
    heading = "Seeds of \(group.setting) in \(group.task)"
    let threshold = group.threshold
    parts = [
      Part(
        table: Table(
          [
            "seed", "result", "last network", "best network",
            threshold.map { "steps to \($0.reported)" } ?? "steps to the threshold", "folder",
          ],
          rows: group.runs.sorted { $0.settings.seed < $1.settings.seed }.map { run in
            let stability = threshold.map { run.result.curve.stability(threshold: $0) }
            let reached = stability.flatMap {
              $0.steps.isReached ? $0.steps.value.reportedWhole : nil
            }
            return [
              "\(run.settings.seed)", run.result.status.word, run.result.score?.reported ?? "–",
              run.result.bestScore?.reported ?? "–", reached ?? "–", run.folder.path,
            ]
          }))
    ]
  }

  /// The tables and verdicts of `deep-sarsa compare`.
  init(of comparison: Comparison) {
    heading = "Comparison"
    parts = []
    for part in comparison.parts {
      switch part {
      case .title(let title, _): parts.append(Part(partTitle: title))
      case .table(let table): parts.append(Part(table: table))
      case .lines(let lines): parts.append(Part(lines: lines))
      }
    }
    if !comparison.notes.isEmpty { parts.append(Part(lines: comparison.notes)) }
  }
}

extension RunResult.Status {
  /// How far a run has come, in a few words.
  fileprivate var word: String {
    switch self {
    case .finished: "finished"
    case .failed(let failure): failure.reason
    case .unfinished(let step): "not finished, at step \(step.reported)"
    case .notBegun: "not begun"
    }
  }
}
