import DeepSARSA
import SARSAExperiments

// What training prints.

extension TrainingSession {
  /// The result of a run: one JSON object, or a few lines of which the last is the folder.
  func report(_ summary: RunSummary) throws {
    if isJSON { return try StandardStream.output.write(JSON.text(summary) + "\n") }
    let speed = summary.stepsPerSecond.map { "\($0.rounded(0)) steps/s of training, " } ?? ""
    var text = """
      \(summary.environment): \(summary.steps) steps, \(summary.episodes) episodes, \
      \(summary.updates) updates
      \(speed)\(summary.wallSeconds.rounded(1)) s in total

      """
    if summary.hasLearnedNothing {
      text += """
        no update was made, so nothing was learned; see --learning-starts and --train-frequency

        """
    }
    if let recent = summary.trainingReturnLast100 {
      let which = summary.episodes < 100 ? "all \(summary.episodes)" : "the last 100"
      text += "training return, mean of \(which) episodes   \(recent.rounded(2))\n"
    }
    for (name, evaluation) in [
      ("last network", summary.evaluation), ("best network", summary.bestEvaluation),
    ] {
      guard let evaluation else { continue }
      text += """
        \(name), mean ± std of \(evaluation.episodes) greedy returns   \(evaluation.text)

        """
    }
    if let record = summary.afterThreshold, let share = record.share, let worst = record.worst {
      text += """
        reached \(record.threshold.shortened(2)) at step \(record.firstStep), then in \(record.reached) of \
        \(record.evaluations) evaluations (\((100 * share).rounded(0)) %), worst \(worst.rounded(2))

        """
    }
    try StandardStream.output.write(text + summary.run + "\n")
  }

  /// The line of a run that ended.
  func line(_ run: ConcurrentRuns.Run, _ outcome: ConcurrentRuns.Outcome) -> TerminalLine {
    let seed = "seed \(run.settings.seed)"
    switch outcome {
    case .finished(let summary):
      var line = TerminalLine([.init(seed), .init("step \(summary.steps)", rank: 3)])
      if let speed = summary.stepsPerSecond {
        line.fields.append(.init("\(speed.rounded(0)) steps/s", rank: 4))
      }
      if summary.hasLearnedNothing {
        line.fields.append(.init("nothing learned, because no update was made"))
      }
      line.fields += [
        .init("last \(summary.evaluation.meanText)", rank: 1),
        .init("best \(summary.bestEvaluation.meanText)", rank: 2),
      ]
      return line
    case .interrupted(let summary):
      return TerminalLine("\(seed)  interrupted after \(summary.steps) steps")
    case .notBegun: return TerminalLine("\(seed)  not begun")
    case .failed(let error): return TerminalLine("\(seed)  \(error)")
    }
  }

  /// One JSON object a run, or a table.
  func report(_ outcomes: [ConcurrentRuns.Outcome], seconds: Double, jobs: Int) throws {
    let summaries = outcomes.compactMap { outcome -> RunSummary? in
      switch outcome {
      case .finished(let summary), .interrupted(let summary): summary
      case .notBegun, .failed: nil
      }
    }
    // All runs have the same environment, so a warning about it is printed once.
    if let warning = summaries.lazy.compactMap(\.repetition?.warning).first { tell(warning) }
    if isJSON {
      return try StandardStream.output.write(
        summaries.map { JSON.text($0) + "\n" }.joined())
    }
    guard let first = summaries.first else { return }
    let steps = summaries.reduce(0) { $0 + $1.steps }
    // The folders have the same long names but for seed and time.
    let prefix = summaries.map(\.run).sharedFolderPrefix
    let columns = ["seed", "steps", "training", "last", "best", "folder"]
    let table = Table(
      columns,
      rows: summaries.map { summary in
        [
          "\(summary.seed)", "\(summary.steps)",
          summary.trainingReturnLast100?.rounded(2) ?? "–", summary.evaluation.meanText,
          summary.bestEvaluation.meanText, String(summary.run.dropFirst(prefix.count)),
        ]
      } + Statistic.allCases.map { $0.row(of: summaries) })
    try StandardStream.output.write(
      """
      \(first.environment): \(summaries.count.counting("run")), \(jobs) at a time, \(steps) steps
      \((Double(steps) / seconds).rounded(0)) steps/s together, \(seconds.rounded(1)) s in total
      training: mean return of the last 100 episodes; last, best: greedy returns
      \(table.text)
      runs in \(prefix)…

      """)
    let idle = summaries.count(where: \.hasLearnedNothing)
    if idle > 0 {
      try StandardStream.output.write(
        "no update was made in \(idle) of \(summaries.count) runs, so nothing was learned in them; "
          + "see --learning-starts and --train-frequency\n")
    }
  }
}

extension RunSummary {
  /// Whether the run finished without an update; false if it was interrupted.
  var hasLearnedNothing: Bool { updates == 0 && evaluation != nil }
}

extension EvaluationSummary? {
  /// The mean, if there was an evaluation.
  var meanText: String { self?.mean.rounded(2) ?? "–" }
}
