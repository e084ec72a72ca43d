internal import SARSAFormats

/// Lines over environment steps that share an axis, and what stands beside them.
struct LinePlot {
  /// A line in the colour of its name.
  struct Line {
    var name: String
    var points: Series
  }

  /// A horizontal line for a number that is known.
  struct Rule {
    /// The style, of which each stands at its own end of the axis: `threshold` or `optimum`.
    var style: String
    var label: String
    var value: Double
  }

  /// The title of the axis.
  var title: String
  /// The names, in the order of their colours.
  var names: [String] = []
  /// Thick lines.
  var lines: [Line] = []
  /// Thin lines, one of each run.
  var seeds: [Line] = []
  /// Areas, with a thick line in the middle.
  var bands: [(name: String, band: Band)] = []
  /// Horizontal lines.
  var rules: [Rule] = []
  /// Points to look at.
  var marks: [Series.Point] = []
  /// The axis.
  var axis = ChartAxis.linear

  /// Whether there is nothing to see.
  var isEmpty: Bool { lines.allSatisfy(\.points.points.isEmpty) && bands.isEmpty && seeds.isEmpty }
}

extension LinePlot {
  /// The points of thin lines together, so that a chart of many runs stays small.
  private static let seedPointLimit = 8_000
  /// So many thin lines are fainter than fewer.
  private static let crowd = 60

  /// The specification: layers, each with its own data.
  var specification: Tree {
    var layers: [Tree] = []
    if !bands.isEmpty { layers.append(areas) }
    if !seeds.isEmpty {
      let limit = min(Series.usualLimit, max(40, Self.seedPointLimit / seeds.count))
      let style = seeds.count > Self.crowd ? "crowd" : "seed"
      layers.append(layer(of: seeds, style: style, limit: limit))
    }
    let middles = bands.map { name, band in
      Line(name: name, points: Series(steps: band.steps, values: band.estimates.map(\.value)))
    }
    if !(lines + middles).isEmpty { layers.append(layer(of: lines + middles)) }
    layers += rules.flatMap { self.layers(of: $0) }
    if !marks.isEmpty {
      layers.append([
        "data": [
          "values": .sequence(
            marks.map { ["step": .integer($0.step), "value": .number($0.value)] })
        ],
        "mark": ["type": "point", "style": "best"],
        "encoding": ["x": x, "y": y(field: "value")],
      ])
    }
    return ["layer": .sequence(layers)]
  }

  private func layer(of lines: [Line], style: String? = nil, limit: Int = Series.usualLimit) -> Tree
  {
    let values = lines.enumerated().map { index, line -> Tree in
      let points = line.points.thinned(to: limit).points
      return [
        "name": .text(line.name), "line": .integer(index),
        "step": .sequence(points.map { .integer($0.step) }), "value": Tree(points.map(\.value)),
      ]
    }
    var mark: Tree = ["type": "line"]
    var color = color
    if let style {
      mark["style"] = .text(style)
      // The legend has the width of the first lines that ask for one.
      if !bands.isEmpty { color["legend"] = .null }
    }
    return [
      "data": ["values": .sequence(values)], "transform": [["flatten": ["step", "value"]]],
      "mark": mark,
      "encoding": [
        "x": x, "y": y(field: "value"), "color": color,
        "detail": ["field": "line", "type": "nominal"],
      ],
    ]
  }

  private var areas: Tree {
    let values = bands.map { name, band -> Tree in
      [
        "name": .text(name), "step": .sequence(band.steps.map { .integer($0) }),
        "lower": Tree(band.estimates.map(\.lower)), "upper": Tree(band.estimates.map(\.upper)),
      ]
    }
    return [
      "data": ["values": .sequence(values)],
      "transform": [["flatten": ["step", "lower", "upper"]]],
      "mark": ["type": "area", "style": "band"],
      "encoding": [
        "x": x, "y": y(field: "lower"), "y2": ["field": "upper"], "color": color,
      ],
    ]
  }

  /// The line, and its label: at the left below a threshold, at the right above an optimum, which is higher.
  private func layers(of rule: Rule) -> [Tree] {
    let data: Tree = [
      "values": [["value": .number(rule.value), "label": .text(rule.label)]]
    ]
    let isAtLeft = rule.style == "threshold"
    return [
      [
        "data": data, "mark": ["type": "rule", "style": .text(rule.style)],
        "encoding": ["y": y(field: "value")],
      ],
      [
        "data": data,
        "mark": [
          "type": "text", "style": "note", "align": isAtLeft ? "left" : "right",
          "baseline": isAtLeft ? "top" : "bottom", "dx": isAtLeft ? 4 : -4,
          "dy": isAtLeft ? 4 : -3, "clip": false,
        ],
        "encoding": [
          "x": ["value": isAtLeft ? 0 : "width"], "y": y(field: "value"),
          "text": ["field": "label", "type": "nominal"],
        ],
      ],
    ]
  }

  private var x: Tree { Chart.steps }

  private func y(field: String) -> Tree {
    let channel: Tree = [
      "field": .text(field), "type": "quantitative", "title": .text(title),
      "axis": ["tickCount": 6],
    ]
    return channel.merging(axis.channel(of: values))
  }

  private var color: Tree {
    [
      "field": "name", "type": "nominal", "title": .null, "scale": ["domain": Tree(names)],
      "legend": names.count > 1 ? Chart.lineLegend : .null,
    ]
  }
}

// MARK: - The axis

extension LinePlot {
  /// The numbers of all runs.
  private var measured: [Double] {
    (lines + seeds).flatMap { $0.points.points.map(\.value) }
      + bands.flatMap { $0.band.estimates.flatMap { [$0.lower, $0.upper] } }
  }

  /// All numbers that are shown.
  private var values: [Double] { measured + rules.map(\.value) }

  /// Chooses a logarithmic axis if all numbers are positive and of very different size.
  mutating func useLogarithmIfWide() { if ChartAxis.isWide(values) { axis = .logarithmic } }

  /// Chooses an axis that is logarithmic beyond 1 if the largest number is far larger than most.
  mutating func useSymmetricLogarithmIfSkewed() {
    if ChartAxis.isSkewed(measured) { axis = .symmetric }
  }
}

extension Chart {
  /// The channel of environment steps.
  static let steps: Tree = [
    "field": "step", "type": "quantitative", "title": "environment steps",
    "scale": ["nice": false], "axis": ["tickCount": 6, "labelExpr": shortLabel],
  ]

  /// A number as 20k or 3M.
  ///
  /// The format of an axis would give all its labels the same prefix, and so write 0k.
  static let shortLabel: Tree = "format(datum.value, '~s')"

  /// The legend of lines.
  static let lineLegend: Tree = ["symbolType": "stroke", "symbolOpacity": 1]
}
