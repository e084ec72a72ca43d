import ArgumentParser
import DeepSARSA
import SARSAExperiments

// Several seeds: one run each, several runs at a time, and a table of the results.

extension TrainCommand {
  func train<World: Environment>(
    _ plan: Plan, seeds: [UInt64], jobs: Int, in environment: World
  ) throws {
    TerminationSignals.install()
    let clock = ContinuousClock()
    let start = clock.now
    let isQuiet = common.quiet
    let runs = SeedRuns(
      plan.settings, seeds: seeds, jobs: jobs, root: common.output, origin: plan.origin)
    let outcomes = runs.train(
      in: environment, isCancelled: { TerminationSignals.exitCode != nil },
      didEnd: { seed, outcome in
        if !isQuiet { try? StandardStream.error.write(line(seed, outcome) + "\n") }
      })
    let seconds = (clock.now - start) / .seconds(1)
    try report(outcomes, seconds: seconds, jobs: jobs)
    try requireAllFinished(outcomes, seeds)
  }

  /// A line of progress.
  private func line(_ seed: UInt64, _ outcome: SeedRuns.Outcome) -> String {
    switch outcome {
    case .finished(let summary):
      "seed \(seed)  step \(summary.steps)  "
        + (summary.stepsPerSecond.map { "\($0.rounded(0)) steps/s  " } ?? "")
        + (summary.hasLearnedNothing ? "nothing learned, because no update was made  " : "")
        + "last \(mean(summary.evaluation))  best \(mean(summary.bestEvaluation))"
    case .interrupted(let summary): "seed \(seed)  interrupted after \(summary.steps) steps"
    case .notBegun: "seed \(seed)  not begun"
    case .failed(let error): "seed \(seed)  \(error)"
    }
  }

  private func mean(_ evaluation: EvaluationSummary?) -> String {
    evaluation?.mean.rounded(2) ?? "–"
  }

  /// One JSON object a run, or a table.
  private func report(_ outcomes: [SeedRuns.Outcome], seconds: Double, jobs: Int) throws {
    let summaries = outcomes.compactMap { outcome -> RunSummary? in
      switch outcome {
      case .finished(let summary), .interrupted(let summary): summary
      case .notBegun, .failed: nil
      }
    }
    // All runs have the same environment, so a warning about it is printed once.
    if let warning = summaries.lazy.compactMap(\.repetition?.warning).first {
      try? StandardStream.error.write("deep-sarsa: \(warning)\n")
    }
    if common.json {
      return try StandardStream.output.write(
        summaries.map { JSON.text($0) + "\n" }.joined())
    }
    guard let first = summaries.first else { return }
    let steps = summaries.reduce(0) { $0 + $1.steps }
    let columns = ["seed", "steps", "training, last 100", "last network", "best network", "folder"]
    let table = Table(
      columns,
      rows: summaries.map { summary in
        [
          "\(summary.seed)", "\(summary.steps)",
          summary.trainingReturnLast100?.rounded(2) ?? "–", mean(summary.evaluation),
          mean(summary.bestEvaluation), summary.run,
        ]
      } + Statistic.allCases.map { $0.row(of: summaries) })
    try StandardStream.output.write(
      """
      \(first.environment): \(summaries.count) runs, \(jobs) at a time, \(steps) steps, \
      \((Double(steps) / seconds).rounded(0)) steps/s together, \(seconds.rounded(1)) s in total
      \(table.text)

      """)
    let idle = summaries.count(where: \.hasLearnedNothing)
    if idle > 0 {
      try StandardStream.output.write(
        "no update was made in \(idle) of \(summaries.count) runs, so nothing was learned in them; "
          + "see --learning-starts and --train-frequency\n")
    }
  }

  /// Throws the error of an interruption or of the first failure, after all results are reported.
  private func requireAllFinished(_ outcomes: [SeedRuns.Outcome], _ seeds: [UInt64]) throws {
    if let code = TerminationSignals.exitCode {
      let finished = outcomes.count { if case .finished = $0 { true } else { false } }
      throw CommandError(
        "interrupted; \(finished) of \(seeds.count) runs are finished; models and logs of the others are "
          + "written", exitCode: ExitCode(code))
    }
    let failures = zip(seeds, outcomes).compactMap { seed, outcome in
      if case .failed(let error) = outcome { (seed, error) } else { nil }
    }
    guard let (seed, error) = failures.first else { return }
    throw CommandError(
      "\(failures.count) of \(seeds.count) runs failed; seed \(seed): \(error)",
      exitCode: DeepSARSACommand.exitCode(of: error))
  }
}

extension RunSummary {
  /// Whether the run finished without an update; false if it was interrupted.
  var hasLearnedNothing: Bool { updates == 0 && evaluation != nil }
}
