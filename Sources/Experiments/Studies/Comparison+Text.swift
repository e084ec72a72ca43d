internal import DeepSARSA

extension Comparison {
  /// The tables and verdicts as text for a terminal.
  public var text: String {
    parts.map { part in
      switch part {
      case .title(let title, _): title + "\n"
      case .table(let table): table.text + "\n\n"
      case .lines(let lines): lines.map { $0 + "\n" }.joined() + "\n"
      }
    }.joined().trimmingLineEnds
  }

  /// The same as Markdown.
  public var markdown: String {
    parts.map { part in
      switch part {
      case .title(let title, let level): String(repeating: "#", count: level) + " \(title)\n\n"
      case .table(let table): table.markdown + "\n\n"
      case .lines(let lines): lines.map { "- \($0)\n" }.joined() + "\n"
      }
    }.joined().trimmingLineEnds
  }

  /// A part of the text.
  enum Part {
    case title(String, level: Int)
    case table(Table)
    case lines([String])
  }

  /// The text in its parts.
  var parts: [Part] {
    var parts: [Part] = []
    for task in tasks {
      parts.append(.title(task.title, level: 3))
      parts.append(.table(task.scoreTable))
      let runs = task.sides.compactMap { $0.runsLine(task.digits) }
      if !runs.isEmpty { parts.append(.lines(runs)) }
      if let table = task.stabilityTable { parts.append(.table(table)) }
    }
    if let overall {
      parts.append(
        .title("All tasks, on the scale of a random policy (0) and the best one (1)", level: 3))
      parts.append(.table(Self.table(of: overall)))
    } else if let missingOverall, tasks.count > 1 {
      parts.append(.title("All tasks", level: 3))
      parts.append(.lines(["There is no common score, because \(missingOverall)."]))
    }
    var lines = verdicts.map(\.description)
    if verdicts.count > 1 {
      lines.append(
        "These p-values are corrected for \(verdicts.count) comparisons by Holm's method; those in tables are not."
      )
    }
    let estimates = tasks.flatMap { $0.sides.map(\.summary.interquartileMean) }
    if estimates.contains(where: \.isMarked) {
      let none = estimates.allSatisfy(\.hasInterval) ? "" : ", and one run has none"
      lines.append("† fewer than \(Estimate.enoughRuns) runs: the interval is too narrow\(none).")
    }
    // A footnote alone is no verdict.
    if !verdicts.isEmpty { parts.append(.title("Verdict", level: 3)) }
    if !lines.isEmpty { parts.append(.lines(lines)) }
    return parts
  }

  private static func table(of sides: [OverallSide]) -> Table {
    let digits = 3
    return Table(
      [
        "setting", "runs", "interquartile mean (95 % interval)", "mean", "median", "worst",
        "optimality gap",
      ],
      rows: sides.map { side in
        [side.name.onOneLine, "\(side.scores.count)"] + side.summary.cells(digits)
          + [side.summary.optimalityGap?.rounded(digits) ?? "–"]
      })
  }
}

extension Comparison.Task {
  /// The task with its threshold and scale.
  fileprivate var title: String {
    let facts = [
      threshold.map { "solved at \($0.shortened(2))" },
      scale.map { "random \($0.random.shortened(2)), best \($0.best.shortened(2))" },
    ].compactMap { $0 }
    return name.onOneLine + (facts.isEmpty ? "" : ": " + facts.joined(separator: "; "))
  }

  /// The decimals of scores: two, or four if all are below 10.
  fileprivate var digits: Int { sides.allSatisfy { $0.scores.allSatisfy { abs($0) < 10 } } ? 4 : 2 }

  fileprivate var scoreTable: Table {
    let hasScale = scale != nil
    let isCompared = sides.count > 1
    return Table(
      [
        "setting", "runs", "failed", "interquartile mean (95 % interval)", "mean", "median",
        "worst",
        "best network",
      ] + (hasScale ? ["optimality gap"] : []) + (isCompared ? ["better than baseline", "p"] : []),
      rows: sides.map { side in
        var row = [side.name.onOneLine, "\(side.runs.count)", "\(side.failed)"]
        row += side.summary.cells(digits) + [side.bestInterquartileMean.rounded(digits)]
        if hasScale { row.append(side.summary.optimalityGap?.rounded(3) ?? "–") }
        if isCompared {
          row += [
            side.improvement?.probability.cell(2) ?? "–",
            side.improvement.map { String($0.test.pValue.asPValue.trimmingPrefix("= ")) } ?? "–",
          ]
        }
        return row
      })
  }

  fileprivate var stabilityTable: Table? {
    guard let threshold else { return nil }
    let hasSeconds = sides.contains { $0.stability?.seconds?.median != nil }
    return Table(
      ["setting", "reached \(threshold.shortened(2))", "steps to it, median"]
        + (hasSeconds ? ["seconds"] : []) + ["share after", "kept", "worst after", "collapses"],
      rows: sides.compactMap { side in
        guard let stability = side.stability else { return nil }
        return [
          side.name.onOneLine, "\(stability.times.reached) of \(side.runs.count)",
          stability.times.median?.shortened(0) ?? "–",
        ] + (hasSeconds ? [stability.seconds?.median?.rounded(1) ?? "–"] : []) + [
          stability.shareAfter?.rounded(2) ?? "–", "\(stability.kept)",
          stability.worstAfter?.rounded(digits) ?? "–", "\(stability.collapses)",
        ]
      })
  }
}

extension Comparison.Side {
  /// Every run's score, if there are so few that an interval says little; otherwise `nil`.
  ///
  /// Numbers that are not all whole have the decimals of the table.
  fileprivate func runsLine(_ digits: Int) -> String? {
    guard summary.interquartileMean.isMarked else { return nil }
    let digits = scores.allSatisfy { $0 == $0.rounded() } ? 0 : digits
    let scores = runs.compactMap { run in
      run.score.map {
        "\(($0 + 0).rounded(digits)) (seed \(run.seed)\(run.status == .finished ? "" : ", failed"))"
      }
    }
    return "† '\(name.onOneLine)': \(scores.joined(separator: ", "))"
  }
}

extension Comparison.Summary {
  /// The columns of every table of scores.
  fileprivate func cells(_ digits: Int) -> [String] {
    [interquartileMean.cell(digits)] + [mean, median, worst].map { $0.rounded(digits) }
  }
}

extension Estimate {
  /// The number with its interval, if it has one, marked if there are few runs.
  fileprivate func cell(_ digits: Int) -> String {
    let interval = " (\(lower.rounded(digits)) to \(upper.rounded(digits)))"
    return value.rounded(digits) + (hasInterval ? interval : "") + (isMarked ? "†" : "")
  }
}

extension String {
  /// The text with one line's end after it.
  fileprivate var trimmingLineEnds: String {
    String(reversed().drop { $0 == "\n" }.reversed()) + "\n"
  }
}
