internal import DeepSARSA

extension Chart {
  /// The word that names this chart.
  static let curve = "curve"

  /// The returns of runs on one task over the steps of training.
  ///
  /// A single run shows the training episodes as a running mean of 100, its evaluations, and a mark at the best of
  /// these. Several show the evaluations: the interquartile mean with its 95 % interval at each step, and each seed as
  /// a thin line. A failed run counts with the return of its untrained network after its end, as in comparisons;
  /// while none of a setting's runs has finished, the steps that all have reached are shown.
  ///
  /// - Parameter groups: the settings' runs on the same task.
  /// - Returns: the chart; `nil` if there are no returns yet.
  /// - Throws: `RunError` if a file cannot be read, or is not a run's.
  public static func returns(of groups: [RunGroup]) throws(RunError) -> Chart? {
    let groups = groups.withBegunRuns
    guard let first = groups.first else { return nil }
    var plot = LinePlot(title: "return")
    var caption: String
    if groups.runCount == 1, let run = first.runs.first {
      caption = try plot.addReturns(of: run)
    } else {
      plot.names = groups.map(\.setting)
      for group in groups { try plot.addEvaluations(of: group) }
      caption = groups.captionOfBands
    }
    if plot.isEmpty { return nil }
    if let threshold = groups.lazy.compactMap(\.threshold).first {
      plot.rules.append(
        .init(style: "threshold", label: "threshold \(threshold.shortened(2))", value: threshold))
    }
    if let optimum = first.optimum {
      plot.rules.append(
        .init(style: "optimum", label: "optimum \(optimum.shortened(2))", value: optimum))
    }
    plot.useSymmetricLogarithmIfSkewed()
    if plot.axis == .symmetric { caption += "; the axis is logarithmic beyond ±1" }
    return Chart(
      name: curve, title: "Return in \(first.task)", caption: caption,
      specification: plot.specification)
  }
}

extension LinePlot {
  /// Adds the returns of a single run; returns a caption.
  fileprivate mutating func addReturns(of run: RunRecord) throws(RunError) -> String {
    let training = "training, mean of 100 episodes", evaluation = "evaluation"
    names = [training, evaluation]
    lines = [
      Line(name: training, points: try run.trainingReturns().runningMean(over: 100)),
      Line(name: evaluation, points: run.evaluations()),
    ]
    guard let best = run.result.curve.best else { return "" }
    marks = [.init(step: best.step, value: best.mean)]
    return "diamond: best evaluation, \(best.mean.shortened(2)) at step \(best.step)"
  }

  /// Adds the evaluations of the runs of a setting, or where there are none, the training episodes.
  fileprivate mutating func addEvaluations(of group: RunGroup) throws(RunError) {
    let results = group.runs.map(\.result)
    let steps = results.sharedSteps
    var (all, counted): ([Series], [Series]) = ([], [])
    let isOver = results.contains { $0.status == .finished }
    for run in group.runs {
      let evaluations = run.evaluations(upTo: steps)
      all.append(evaluations)
      if run.result.isOver || !isOver { counted.append(evaluations) }
    }
    add(all, counted: counted, named: group.setting)
  }
}

extension LinePlot {
  /// Adds the lines of a setting's runs: a band and thin lines, or of a single run a thick one.
  mutating func add(_ all: [Series], counted: [Series]? = nil, named name: String) {
    let all = all.filter { !$0.points.isEmpty }
    if all.count == 1 {
      lines.append(Line(name: name, points: all[0]))
      return
    }
    seeds += all.map { Line(name: name, points: $0) }
    if let band = Band(of: (counted ?? all).filter { !$0.points.isEmpty }) {
      bands.append((name, band))
    }
  }
}

extension [RunGroup] {
  /// The groups with the runs that have begun; groups without such runs are left out.
  var withBegunRuns: [RunGroup] {
    compactMap { group in
      var group = group
      group.runs.removeAll { $0.result.status == .notBegun }
      return group.runs.isEmpty ? nil : group
    }
  }

  /// The number of runs.
  var runCount: Int { reduce(0) { $0 + $1.runs.count } }

  /// What bands and thin lines mean.
  var captionOfBands: String {
    let counts = Set(map(\.runs.count))
    let seeds =
      counts.count == 1
      ? "\(counts.first ?? 0) seeds" : "\(counts.min() ?? 0) to \(counts.max() ?? 0) seeds"
    return counts == [1]
      ? "one seed each" : "\(seeds): interquartile mean with 95 % interval; thin lines are seeds"
  }
}

extension RunGroup {
  /// The highest mean return that a policy can have, if it is known.
  fileprivate var optimum: Double? {
    guard let settings = runs.first?.settings, settings.environmentArguments.isEmpty else {
      return nil
    }
    return ScoreScale.optimum(of: settings.environment)
  }
}
