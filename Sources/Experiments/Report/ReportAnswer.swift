internal import DeepSARSA

/// What a report says first: whether the task is solved, by how much, and how sure that is.
package struct ReportAnswer: Hashable, Sendable {
  /// How the answer is coloured.
  package enum Kind: String, Sendable {
    /// The task is solved.
    case good
    /// It is not, or the run failed.
    case bad
    /// Nothing can be said yet.
    case open
    /// There is nothing to be solved.
    case plain
  }

  /// A number beside its name.
  package struct Fact: Hashable, Sendable {
    /// What it is.
    package var name: String
    /// The number.
    package var value: String
    /// Where it is from, or what it means.
    package var note: String?
  }

  /// The colour.
  package var kind: Kind
  /// Of what the answer is, if there are several.
  package var name: String?
  /// The answer in a word or two.
  package var verdict: String
  /// The number on which it rests.
  package var figure: String?
  /// The number's interval or spread, with what it is of.
  package var spread: String?
  /// The answer in sentences.
  package var sentences: [String]
  /// Numbers beside it.
  package var facts: [Fact]
}

// MARK: - One run

extension ReportAnswer {
  /// The answer of a single run, finished or not.
  ///
  /// - Parameters:
  ///   - run: the run.
  ///   - threshold: the mean return that counts as solved; `nil` if there is none.
  /// - Throws: `RunError` if a file of the run cannot be read.
  package init(of run: RunRecord, threshold: Double?) throws(RunError) {
    let task = run.settings.environment
    switch run.result.status {
    case .finished:
      guard let summary = try run.folder.summary(), let evaluation = summary.evaluation else {
        throw .badFile(run.folder.path(of: .summary), "it has no final evaluation")
      }
      self.init(of: evaluation, in: task, threshold: threshold)
      facts = Self.facts(of: run, summary)
    case .failed(let failure):
      // Of a run's failures, divergence alone would come again.
      try self.init(
        unfinished: run, .bad, failure.isFinal ? "Diverged" : "Failed",
        [
          "The run has no result: \(failure.reason).",
          failure.isFinal
            ? "A number of the network was no longer finite. Usual remedies are a lower learning rate, "
              + "limited gradients (--max-grad-norm), and the Huber loss."
            : "Its environment did not go on.",
        ])
    case .unfinished(let step):
      try self.init(unfinished: run, .open, "Not finished", [Self.progress(of: run, by: step)])
    case .notBegun:
      try self.init(
        unfinished: run, .open, "Not begun",
        ["The run has neither evaluations nor checkpoints yet."])
    }
    facts += Self.known(of: run, threshold: threshold)
  }

  /// The answer of the final evaluation of a last network.
  private init(of evaluation: EvaluationSummary, in task: String, threshold: Double?) {
    let mean = evaluation.mean.reported
    let start =
      "The last network's mean return is \(mean) over \(evaluation.episodes.counting("new episode"))"
    let sentence: String
    switch threshold {
    case let threshold? where evaluation.mean >= threshold:
      (kind, verdict) = (.good, "Solved")
      sentence = "\(start). \(task) counts as solved from \(threshold.reported) on."
    case let threshold?:
      (kind, verdict) = (.bad, "Not solved")
      sentence =
        "\(start). \(task) counts as solved from \(threshold.reported) on, which is "
        + "\((threshold - evaluation.mean).reported(like: threshold)) more."
    case nil:
      (kind, verdict) = (.plain, "Finished")
      sentence = "\(start). There is no agreed return from which \(task) counts as solved."
    }
    figure = mean
    spread =
      "± \(evaluation.std.reported(like: evaluation.mean)), the standard deviation over the episodes; from "
      + "\(evaluation.min.reported) to \(evaluation.max.reported)"
    sentences = [
      sentence,
      "This is one run. How much results differ between seeds, only several runs show.",
    ]
    facts = []
  }

  /// The answer of a run without a result, with its last evaluation if it has one.
  private init(
    unfinished run: RunRecord, _ kind: Kind, _ verdict: String, _ sentences: [String]
  ) throws(RunError) {
    self.kind = kind
    self.verdict = verdict
    self.sentences = sentences
    facts = []
    guard let last = try run.evaluationRows().last else {
      self.sentences.append("No network has been evaluated.")
      return
    }
    figure = last.mean.reported
    spread =
      "± \(last.deviation.reported(like: last.mean)), the standard deviation over "
      + "\(last.episodes.counting("episode")) of the last evaluation, at step \(last.step.reported)"
    if last.step == 0 {
      self.sentences.append(
        "The only network that was evaluated is the untrained one.")
    }
  }

  private static func progress(of run: RunRecord, by step: Int) -> String {
    let budget = run.settings.hyperparameters.budget
    let whole =
      budget.steps.map { " of \($0.reported) steps" }
      ?? budget.episodes.map { " steps of \($0.counting("episode"))" } ?? " steps"
    let command =
      "deep-sarsa resume \(run.folder.path.quotedForShell)\([run.settings].trustFlag)"
    return step == 0
      ? "The run was stopped before its first checkpoint, or is still being trained."
      : "The run has made \(step.reported)\(whole) by its last checkpoint. It was stopped, or is still being "
        + "trained; '\(command)' goes on with it."
  }

  private static func facts(of run: RunRecord, _ summary: RunSummary) -> [Fact] {
    var facts: [Fact] = []
    if let best = summary.bestEvaluation {
      facts.append(
        Fact(
          name: "Best network", value: best.mean.reported,
          note: run.result.curve.best.map {
            "of step \($0.step.reported); ± \(best.std.reported(like: best.mean)) over \(best.episodes.counting("episode"))"
          }))
    }
    if let recent = summary.trainingReturnLast100 {
      facts.append(
        Fact(
          name: "Last 100 training episodes", value: recent.reported,
          note: "mean return, with exploration"))
    }
    facts.append(
      Fact(
        name: "Trained", value: summary.steps.counting("step"),
        note: "\(summary.episodes.counting("episode")), \(summary.updates.counting("update"))"))
    facts.append(
      Fact(
        name: "Time", value: "\(summary.wallSeconds.rounded(1)) s",
        note: summary.stepsPerSecond.map { "\($0.reportedWhole) steps a second" }))
    return facts
  }

  /// What is known of the task: threshold, optimum, what others publish, what a preset was measured to reach, and
  /// random actions.
  fileprivate static func known(of run: RunRecord, threshold: Double?) -> [Fact] {
    let settings = run.settings
    var facts: [Fact] = []
    if let threshold {
      facts.append(
        Fact(name: "Solved from", value: threshold.reported, note: "mean of 100 episodes"))
    }
    guard settings.environmentArguments.isEmpty else { return facts }
    if let optimum = ScoreScale.optimum(of: settings.environment) {
      facts.append(
        Fact(name: "Optimum", value: optimum.reported, note: "no policy has a higher mean return"))
    }
    if let published = PublishedScore.known(of: settings.environment) {
      facts.append(
        Fact(
          name: "Published", value: published.value.reported,
          note: "\(published.method); \(published.source)"))
    }
    if let measured = PresetScore(of: settings.environment, preferring: run.preset) {
      facts.append(
        Fact(
          name: "Preset \(measured.preset)", value: measured.score.value.reported,
          note: measured.note))
    }
    if let scale = ScoreScale.known(of: settings.environment) {
      facts.append(
        Fact(name: "Random actions", value: scale.random.reported, note: "mean return"))
    }
    return facts
  }
}

// MARK: - Several seeds

extension ReportAnswer {
  /// The answer of a setting's runs on a task, which differ in their seeds.
  ///
  /// - Parameters:
  ///   - group: the runs.
  ///   - side: their numbers; `nil` if no run is over.
  ///   - threshold: the mean return that counts as solved; `nil` if there is none.
  package init(of group: RunGroup, _ side: Comparison.Side?, threshold: Double?) {
    let task = group.task
    let known = group.runs.first.map { Self.known(of: $0, threshold: threshold) } ?? []
    self.init(
      kind: .open, verdict: "Not finished",
      sentences: ["None of the \(group.runs.count.counting("run")) is over."], facts: known)
    guard let side else { return }
    let waiting = group.runs.count { !$0.result.isOver }
    let estimate = side.summary.interquartileMean
    let runs = side.runs.count.counting("seed")
    let start =
      "The interquartile mean of the last networks' returns is \(estimate.value.reported) over \(runs)"
    facts = []
    switch threshold {
    case let threshold?:
      let isSolved = estimate.value >= threshold
      let reached = side.scores.count { $0 >= threshold }
      (kind, verdict) = isSolved ? (.good, "Solved") : (.bad, "Not solved")
      sentences = ["\(start). \(task) counts as solved from \(threshold.reported) on."]
      facts.append(
        Fact(
          name: "Solved by", value: "\(reached) of \(runs)",
          note: "last network at \(threshold.reported) or above"))
    case nil:
      (kind, verdict) = (.plain, "Finished")
      sentences = ["\(start). There is no agreed return from which \(task) counts as solved."]
    }
    if waiting > 0 {
      (kind, verdict) = (.open, "\(verdict) so far")
      sentences.append(
        "\(waiting) of \(group.runs.count.counting("run")) are not finished, and are left out.")
    }
    if side.failed > 0 {
      sentences.append(
        "\(side.failed) of \(runs) diverged or failed, and count as an untrained network.")
    }
    if estimate.isMarked && estimate.hasInterval {
      sentences.append(
        "With fewer than \(Estimate.enoughRuns) seeds, the interval is too narrow (docs/statistics.md)."
      )
    }
    figure = estimate.value.reported
    spread =
      estimate.hasInterval
      ? "\(estimate.interval), the 95 % interval over \(runs)"
      : "of one seed, so without an interval"
    facts += Self.facts(of: side)
    facts += known
  }

  private static func facts(of side: Comparison.Side) -> [Fact] {
    var facts: [Fact] = []
    func fact(_ name: String, _ run: RunResult?) {
      guard let run, let score = run.score else { return }
      facts.append(Fact(name: name, value: score.reported, note: "seed \(run.seed)"))
    }
    fact("Best seed", side.runs.max { $0.score ?? -.infinity < $1.score ?? -.infinity })
    fact("Worst seed", side.runs.min { $0.score ?? -.infinity < $1.score ?? -.infinity })
    facts.append(
      Fact(
        name: "Mean", value: side.summary.mean.reported,
        note: "median \(side.summary.median.reported)"))
    facts.append(
      Fact(
        name: "Best networks", value: side.bestInterquartileMean.reported,
        note: "interquartile mean of each run's best"))
    if let stability = side.stability {
      facts.append(
        Fact(
          name: "Steps to the threshold",
          value: stability.times.median?.reportedWhole ?? "–",
          note:
            "median; reached by \(stability.times.reached) of \(side.runs.count.counting("run"))"
        ))
    }
    return facts
  }
}

// MARK: - Several settings

extension ReportAnswer {
  /// The answer of several settings on a task: the one with the highest interquartile mean.
  ///
  /// - Parameters:
  ///   - task: the settings' numbers.
  ///   - verdicts: what can be said of the settings, if this is the only task.
  package init(of task: Comparison.Task, verdicts: [Comparison.Verdict]) {
    let best = task.sides.max {
      $0.summary.interquartileMean.value < $1.summary.interquartileMean.value
    }
    name = task.name
    sentences = verdicts.map(\.description)
    facts = task.sides.map { side in
      Fact(
        name: side.name, value: side.summary.interquartileMean.value.reported,
        note: side.interval + side.runs.count.counting("seed"))
    }
    guard let best else {
      (kind, verdict) = (.open, "No runs")
      return
    }
    let estimate = best.summary.interquartileMean
    figure = estimate.value.reported
    let equal = task.sides.filter { $0.summary.interquartileMean.value == estimate.value }
    let names = equal.map { "'\($0.name)'" }.joined(separator: ", ")
    // Of equal ones, each may have another interval.
    spread =
      equal.count == 1
      ? "\(best.interval)the highest interquartile mean, of \(names)"
      : "the highest interquartile mean, the same for \(names)"
    switch task.threshold {
    case let threshold?:
      let solved = task.sides.count { $0.summary.interquartileMean.value >= threshold }
      kind = solved > 0 ? .good : .bad
      verdict =
        solved > 0
        ? "Solved by \(solved) of \(task.sides.count.counting("setting"))" : "Solved by no setting"
      facts.append(Fact(name: "Solved from", value: threshold.reported))
    case nil: (kind, verdict) = (.plain, "Finished")
    }
    if let scale = task.scale {
      facts.append(
        Fact(
          name: "Scale", value: "\(scale.random.reported) to \(scale.best.reported)",
          note: "random actions; the best known"))
    }
  }

  /// An answer without a number.
  init(
    kind: Kind, verdict: String, sentences: [String], facts: [Fact]
  ) {
    self.kind = kind
    self.verdict = verdict
    self.sentences = sentences
    self.facts = facts
  }
}

extension Comparison.Side {
  /// The interval with a comma behind it; nothing for a single run, which has none.
  fileprivate var interval: String {
    let estimate = summary.interquartileMean
    return estimate.hasInterval ? estimate.interval + ", " : ""
  }
}

// MARK: - What presets reach

/// What a preset of the package was measured to reach in an environment.
private struct PresetScore {
  var preset: String
  var score: Preset.Score
  var note: String

  /// The score of a preset by name, or of the first preset that has one; `nil` if none has.
  init?(of environment: String, preferring name: String?) {
    let presets = Preset.all(for: environment)
    let environment = Preset.bare(environment)
    let ordered = presets.filter { $0.name == name } + presets.filter { $0.name != name }
    for preset in ordered {
      guard let report = preset.report,
        let score = report.scores?.first(where: { $0.environment == environment })
      else { continue }
      self.preset = preset.name
      self.score = score
      let interval = score.lower.flatMap { lower in
        score.upper.map {
          " (\(lower.reported(like: score.value)) to \($0.reported(like: score.value)))"
        }
      }
      note = "measured\(interval ?? ""), \(report.source)"
      return
    }
    return nil
  }
}

extension RunRecord {
  /// The name of the preset that the run's settings record.
  var preset: String? {
    (try? SettingsFile(reading: folder.path(of: .config)))?.preset
  }

  /// An evaluation during training, as `evaluations.csv` has it.
  struct EvaluationRow {
    var step: Int
    var mean: Double
    var deviation: Double
    var minimum: Double
    var maximum: Double
    var episodes: Int
  }

  /// The evaluations during training.
  func evaluationRows() throws(RunError) -> [EvaluationRow] {
    guard let log = try LogTable(reading: folder.path(of: .evaluations)) else { return [] }
    let (steps, episodes) = (try log.counts(of: "step"), try log.counts(of: "episodes"))
    let (means, deviations) = (try log.numbers(of: "mean"), try log.numbers(of: "std"))
    let (lowest, highest) = (try log.numbers(of: "min"), try log.numbers(of: "max"))
    return steps.indices.map {
      EvaluationRow(
        step: steps[$0], mean: means[$0], deviation: deviations[$0], minimum: lowest[$0],
        maximum: highest[$0], episodes: episodes[$0])
    }
  }
}
