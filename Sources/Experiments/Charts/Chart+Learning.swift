// Charts of learning.csv.

extension Chart {
  /// The loss of the runs' updates over the steps of training.
  ///
  /// - Parameter groups: the settings' runs on the same task.
  /// - Returns: the chart; `nil` if no run has recorded the numbers.
  /// - Throws: `RunError` if a file cannot be read, or is not a run's.
  public static func loss(of groups: [RunGroup]) throws(RunError) -> Chart? {
    try measure("loss", of: groups, named: "loss", "Loss", axis: "loss of an update", isWide: true)
  }

  /// How much the runs explore, over the steps of training: ε or the temperature.
  ///
  /// - Parameter groups: the settings' runs on the same task.
  /// - Returns: the chart; `nil` if no run has recorded the numbers.
  /// - Throws: `RunError` if a file cannot be read, or is not a run's.
  public static func exploration(of groups: [RunGroup]) throws(RunError) -> Chart? {
    let name = "exploration", title = "Exploration"
    if let chart = try measure("epsilon", of: groups, named: name, title, axis: "ε", isWide: false)
    {
      return chart
    }
    return try measure(
      "temperature", of: groups, named: name, title, axis: "temperature", isWide: true)
  }

  /// The action values of the runs over the steps of training.
  ///
  /// A single run shows the mean of q(s, a) over the minibatch, the largest magnitude, and the bound on it: the largest
  /// magnitude of a reward over 1 − γ, which no value can have that is right. Several show the mean.
  ///
  /// - Parameter groups: the settings' runs on the same task.
  /// - Returns: the chart; `nil` if no run has recorded the numbers.
  /// - Throws: `RunError` if a file cannot be read, or is not a run's.
  public static func values(of groups: [RunGroup]) throws(RunError) -> Chart? {
    let groups = groups.withBegunRuns
    guard groups.runCount == 1, let first = groups.first, let run = first.runs.first else {
      return try measure(
        "mean_q", of: groups, named: "values", "Action values", axis: "mean q(s, a)", isWide: false)
    }
    let columns = [
      ("mean_q", "mean q(s, a)"), ("largest_q", "largest |q(s, a)|"),
      ("q_bound", "bound: largest |r| / (1 − γ)"),
    ]
    let measures = try run.measures(columns.map(\.0))
    var plot = LinePlot(title: "action value")
    for (column, name) in columns {
      guard let points = measures[column], !points.points.isEmpty else { continue }
      plot.names.append(name)
      plot.lines.append(.init(name: name, points: points))
    }
    if plot.isEmpty { return nil }
    plot.useSymmetricLogarithmIfSkewed()
    return Chart(
      name: "values", title: "Action values in \(first.task)",
      specification: plot.specification)
  }

  /// What shows whether learning is healthy, one below the other: the norm of the gradient, the share of dead units,
  /// and the effective rank of the features.
  ///
  /// - Parameter groups: the settings' runs on the same task.
  /// - Returns: the chart; `nil` if no run has recorded the numbers.
  /// - Throws: `RunError` if a file cannot be read, or is not a run's.
  public static func gradient(of groups: [RunGroup]) throws(RunError) -> Chart? {
    var parts: [Chart] = []
    for (column, title, axis, isWide) in [
      ("gradient_norm", "Gradient norm", "norm, before it is limited", true),
      ("dead_units", "Dead units", "share of hidden units", false),
      ("effective_rank", "Effective rank", "rank of the features", false),
    ] {
      guard
        var part = try measure(
          column, of: groups, named: column, title, axis: axis, isWide: isWide)
      else { continue }
      part.title = title
      parts.append(part)
    }
    guard let task = groups.first?.task, !parts.isEmpty else { return nil }
    return combined(
      parts, name: "gradient", title: "Gradient and features in \(task)",
      caption: groups.withBegunRuns.runCount == 1 ? "" : groups.withBegunRuns.captionOfBands,
      columns: 1)
  }

  /// A column of `learning.csv` of all runs.
  private static func measure(
    _ column: String, of groups: [RunGroup], named name: String, _ title: String, axis: String,
    isWide: Bool
  ) throws(RunError) -> Chart? {
    let groups = groups.withBegunRuns
    guard let first = groups.first else { return nil }
    var plot = LinePlot(title: axis, names: groups.map(\.setting))
    for group in groups {
      var lines: [Series] = []
      for run in group.runs {
        if let line = try run.measures([column])[column] { lines.append(line) }
      }
      plot.add(lines, named: group.setting)
    }
    if plot.isEmpty { return nil }
    if isWide { plot.useLogarithmIfWide() }
    return Chart(
      name: name, title: "\(title) in \(first.task)",
      caption: groups.runCount == 1 ? "" : groups.captionOfBands,
      specification: plot.specification)
  }
}
