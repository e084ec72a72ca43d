internal import SARSAFormats

// Charts of settings on one task, with the numbers that `compare` prints.

extension Chart {
  /// The final scores of each setting: dots are seeds, and the interquartile mean has its 95 % interval.
  public static func intervals(of task: Comparison.Task) -> Chart {
    var layers: [Tree] = []
    if let threshold = task.threshold {
      layers.append([
        "data": ["values": [["score": .number(threshold)]]],
        "mark": ["type": "rule", "style": "threshold"], "encoding": ["x": score("score", of: task)],
      ])
    }
    let runs = task.sides.flatMap { side in
      side.scores.map { ["setting": .text(side.name), "score": .number($0)] as Tree }
    }
    let means = task.sides.map { side -> Tree in
      let mean = side.summary.interquartileMean
      return [
        "setting": .text(side.name), "mean": .number(mean.value), "lower": .number(mean.lower),
        "upper": .number(mean.upper),
      ]
    }
    layers += [
      [
        "data": ["values": .sequence(runs)], "mark": ["type": "point", "style": "dot"],
        "encoding": [
          "x": score("score", of: task), "y": rows(of: task),
          "color": color(of: task, isNamed: true),
        ],
      ],
      [
        "data": ["values": .sequence(means)], "mark": ["type": "rule", "style": "interval"],
        "encoding": [
          "x": score("lower", of: task), "x2": ["field": "upper"], "y": rows(of: task),
          "color": color(of: task, isNamed: true),
        ],
      ],
      [
        "data": ["values": .sequence(means)], "mark": ["type": "point", "style": "score"],
        "encoding": [
          "x": score("mean", of: task), "y": rows(of: task),
          "stroke": color(of: task, isNamed: true),
        ],
      ],
    ]
    let threshold = task.threshold == nil ? "" : "; dashed: threshold"
    return Chart(
      name: "intervals", title: "Final scores in \(task.name)",
      caption: "dots: seeds; circle: interquartile mean with 95 % interval" + threshold,
      specification: [
        "height": .integer(44 * task.sides.count), "layer": .sequence(layers),
      ])
  }

  /// The share of runs whose score is above each number, with its 95 % interval: a line further to the upper right is
  /// better.
  public static func profile(of task: Comparison.Task) -> Chart {
    let thresholds = task.profileThresholds
    let values = task.sides.map { side -> Tree in
      let profile = task.profile(of: side)
      return [
        "name": .text(side.name), "score": Tree(thresholds), "share": Tree(profile.map(\.value)),
        "lower": Tree(profile.map(\.lower)), "upper": Tree(profile.map(\.upper)),
      ]
    }
    func y(_ field: String) -> Tree { share(field, title: "share of runs above") }
    return Chart(
      name: "profile", title: "Scores of runs in \(task.name)",
      caption: "share of runs with a final score above a number, with 95 % interval",
      specification: [
        "data": ["values": .sequence(values)],
        "transform": [["flatten": ["score", "share", "lower", "upper"]]],
        "layer": [
          [
            "mark": ["type": "area", "style": "band", "interpolate": "step-after"],
            "encoding": [
              "x": score("score", of: task), "y": y("lower"), "y2": ["field": "upper"],
              "color": color(of: task, field: "name"),
            ],
          ],
          [
            "mark": ["type": "line", "interpolate": "step-after"],
            "encoding": [
              "x": score("score", of: task), "y": y("share"),
              "color": color(of: task, field: "name"),
            ],
          ],
        ],
      ])
  }

  /// The probability that a run of each setting is better than one of the baseline, with its 95 % interval.
  ///
  /// - Parameters:
  ///   - task: a task of a comparison.
  ///   - baseline: the name of the setting with which the others are compared.
  /// - Returns: the chart; `nil` for a single setting.
  public static func probability(of task: Comparison.Task, baseline: String) -> Chart? {
    let values = task.sides.compactMap { side in
      side.improvement.map { improvement -> Tree in
        [
          "setting": .text(side.name), "probability": .number(improvement.probability.value),
          "lower": .number(improvement.probability.lower),
          "upper": .number(improvement.probability.upper),
        ]
      }
    }
    if values.isEmpty { return nil }
    func x(_ field: String) -> Tree {
      [
        "field": .text(field), "type": "quantitative", "scale": ["domain": [0, 1]],
        "title": .text("probability of a better score than with \(baseline)"),
      ]
    }
    let data: Tree = ["values": .sequence(values)]
    let y = rows(of: task, but: baseline)
    return Chart(
      name: "probability", title: "Probability of improvement in \(task.name)",
      caption:
        "a run of each setting against one of \(baseline), with 95 % interval; at 0.5 neither is better",
      specification: [
        "height": .integer(44 * (task.sides.count - 1)),
        "layer": [
          [
            "data": ["values": [["probability": 0.5]]],
            "mark": ["type": "rule", "style": "threshold"],
            "encoding": ["x": x("probability")],
          ],
          [
            "data": data, "mark": ["type": "rule", "style": "interval"],
            "encoding": [
              "x": x("lower"), "x2": ["field": "upper"], "y": y,
              "color": color(of: task, isNamed: true),
            ],
          ],
          [
            "data": data, "mark": ["type": "point", "style": "score"],
            "encoding": ["x": x("probability"), "y": y, "stroke": color(of: task, isNamed: true)],
          ],
        ],
      ])
  }

  /// The share of each setting's runs that are at the threshold over the steps of training, and of those that have
  /// reached it before.
  ///
  /// Where the two differ, runs have lost what they had learned. A dot is the first evaluation of a run at the threshold.
  ///
  /// - Parameter task: a task of a comparison.
  /// - Returns: the chart; `nil` without a threshold, or evaluations that all runs have.
  public static func stability(of task: Comparison.Task) -> Chart? {
    guard let threshold = task.threshold, !task.steps.isEmpty else { return nil }
    let shares = task.sides.map { side -> Tree in
      let means = side.means(at: task.steps)
      let isAt = task.steps.indices.map { step in means.map { $0[step] >= threshold } }
      var hasReached = means.map { _ in false }
      var reached: [Double] = []
      for now in isAt {
        hasReached = zip(hasReached, now).map { $0 || $1 }
        reached.append(Double(hasReached.count { $0 }) / Double(hasReached.count))
      }
      return [
        "setting": .text(side.name), "step": .sequence(task.steps.map { .integer($0) }),
        "now": Tree(isAt.map { Double($0.count { $0 }) / Double($0.count) }),
        "reached": Tree(reached),
      ]
    }
    let firsts = task.sides.flatMap { side -> [Tree] in
      let steps = side.runs.compactMap { run -> Int? in
        let stability = run.curve.stability(threshold: threshold)
        return stability.steps.isReached ? Int(stability.steps.value) : nil
      }.sorted()
      return steps.enumerated().map { rank, step in
        [
          "setting": .text(side.name), "step": .integer(step),
          "reached": .number(Double(rank + 1) / Double(side.runs.count)),
        ]
      }
    }
    func y(_ field: String) -> Tree { share(field, title: "share of seeds") }
    let x = steps
    let data: Tree = ["values": .sequence(shares)]
    let color = color(of: task)
    func line(_ field: String, style: String?) -> Tree {
      var mark: Tree = ["type": "line", "interpolate": "step-after"]
      if let style { mark["style"] = .text(style) }
      return [
        "data": data, "transform": [["flatten": ["step", "now", "reached"]]], "mark": mark,
        "encoding": ["x": x, "y": y(field), "color": color],
      ]
    }
    let dots: Tree = [
      "data": ["values": .sequence(firsts)], "mark": ["type": "point", "style": "dot"],
      "encoding": ["x": x, "y": y("reached"), "color": color],
    ]
    return Chart(
      name: "stability", title: "Seeds at the threshold in \(task.name)",
      caption:
        "line: at or above \(threshold.shortened(2)) in the evaluation; dashed, with a dot for each seed: reached before",
      specification: [
        "layer": .sequence(
          [line("now", style: nil), line("reached", style: "before")]
            + (firsts.isEmpty ? [] : [dots]))
      ])
  }

  // MARK: - Channels

  private static func score(_ field: String, of task: Comparison.Task) -> Tree {
    let scores = task.sides.flatMap(\.scores)
    let axis = ChartAxis.isSkewed(scores) ? ChartAxis.symmetric : .linear
    let channel: Tree = [
      "field": .text(field), "type": "quantitative", "title": "mean return of the last network",
    ]
    return channel.merging(axis.channel(of: scores + (task.threshold.map { [$0] } ?? [])))
  }

  /// A share, in per cent from 0 to 100.
  private static func share(_ field: String, title: String) -> Tree {
    [
      "field": .text(field), "type": "quantitative", "scale": ["domain": [0, 1]],
      "title": .text(title), "axis": ["format": "%", "tickCount": 5],
    ]
  }

  /// A row for each setting.
  private static func rows(of task: Comparison.Task, but baseline: String? = nil) -> Tree {
    [
      "field": "setting", "type": "nominal", "title": .null,
      "sort": Tree(task.sides.map(\.name).filter { $0 != baseline }),
      "axis": [
        "labelLimit": 260, "labelPadding": 10, "domain": false, "ticks": false, "grid": false,
      ],
    ]
  }

  /// A colour for each setting, with a legend unless its row has the name.
  private static func color(
    of task: Comparison.Task, field: String = "setting", isNamed: Bool = false
  ) -> Tree {
    let names = task.sides.map(\.name)
    return [
      "field": .text(field), "type": "nominal", "title": .null, "scale": ["domain": Tree(names)],
      "legend": names.count > 1 && !isNamed ? lineLegend : .null,
    ]
  }
}
