internal import SARSAFormats

extension Chart {
  /// What it costs to reach the end from every state, −max q(s, a): the network's, the optimum's, and the difference.
  public static func costToGo(of maps: ValueMaps) -> Chart {
    let views = MapViews(maps)
    let learned = maps.learned.costs
    var known = [("learned", learned)]
    if let optimal = maps.optimal { known.append(("optimum", optimal.costs)) }
    let domain = known.flatMap { $0.1 }.bounds
    var parts = known.map { views.part($0.0, values: $0.1, domain: domain) }
    if let optimal = maps.optimal {
      let difference = zip(learned, optimal.costs).map { learned, optimal in
        learned.flatMap { learned in optimal.map { learned - $0 } }
      }
      let size = max(abs(difference.bounds.lowerBound), abs(difference.bounds.upperBound))
      // Both sides of 0 as far as the further one, so that the colours of both can be compared.
      parts.append(
        views.part(
          "learned − optimum", values: difference, domain: -size...size, range: "diverging"))
    }
    return views.chart(
      parts, name: "cost-to-go", title: "Cost-to-go in \(maps.environment)",
      caption: "−max q(s, a) for γ = \(maps.discount)")
  }

  /// The action that is taken in every state, by the network and by an optimal policy.
  ///
  /// On a map of cells, arrows stand on the values.
  public static func policy(of maps: ValueMaps) -> Chart {
    let views = MapViews(maps)
    let known = [("learned", maps.learned)] + (maps.optimal.map { [("optimum", $0)] } ?? [])
    let domain = known.flatMap { $0.1.cells.map { $0?.value } }.bounds
    let parts = known.map { name, map in
      let actions = map.cells.map { $0?.action }
      return maps.isOfCells
        ? views.part(
          name, values: map.cells.map { $0?.value }, domain: domain, actions: actions)
        : views.part(name, actions: actions)
    }
    return views.chart(
      parts, name: "policy", title: "Greedy policy in \(maps.environment)",
      caption: maps.isOfCells
        ? "colour: max q(s, a) for γ = \(maps.discount)"
        : "for γ = \(maps.discount); of equally good actions the first is shown")
  }
}

extension ValueMap {
  /// What it costs to reach the end from each cell.
  fileprivate var costs: [Double?] { cells.map { ($0?.value).map { -$0 } } }
}

extension [Double?] {
  /// The lowest and the highest finite number.
  fileprivate var bounds: ClosedRange<Double> {
    let numbers = compactMap { $0 }.filter(\.isFinite)
    return (numbers.min() ?? 0)...(numbers.max() ?? 0)
  }
}

/// Views of maps of the same environment.
private struct MapViews {
  private let maps: ValueMaps

  init(_ maps: ValueMaps) { self.maps = maps }

  /// The side of a cell in pixels at the usual width.
  private var cellSide: Double {
    maps.isOfCells
      ? min(max(220 / Double(maps.learned.x.count), 36), 480 / Double(maps.learned.x.count))
      : 264 / Double(maps.learned.x.count)
  }

  /// Views side by side.
  func chart(_ parts: [Chart], name: String, title: String, caption: String) -> Chart {
    var chart = Chart.combined(
      parts, name: name, title: title, caption: caption, columns: parts.count,
      sharesColors: false)
    chart.usualWidth = Int(Double(maps.learned.x.count) * cellSide + 76) * parts.count
    chart.aspect =
      maps.isOfCells ? Double(maps.learned.y.count) / Double(maps.learned.x.count) : 0.8
    return chart
  }

  /// A view of values in colours.
  func part(
    _ title: String, values: [Double?], domain: ClosedRange<Double>, range: Tree = "heatmap",
    actions: [Int?]? = nil
  ) -> Chart {
    var data = positions
    data["value"] = .sequence(values.map(Self.number))
    let color: Tree = [
      "field": "value", "type": "quantitative", "title": .null,
      "scale": [
        "range": range, "nice": false, "zero": false,
        "domain": [Self.number(domain.lowerBound), Self.number(domain.upperBound)],
      ],
      "legend": ["orient": "bottom", "direction": "horizontal", "gradientThickness": 8],
    ]
    var layers: [Tree] = [rectangles(color)]
    var fields: [Tree] = ["x", "y", "value"]
    let middle = (domain.lowerBound + domain.upperBound) / 2
    if let actions {
      data["arrow"] = .sequence(actions.map { $0.map { .text(arrow($0)) } ?? .null })
      fields.append("arrow")
      layers.append(
        texts(
          "arrow", size: min(18, cellSide / 2), at: [0.5, 0.5], where: "datum.arrow !== null",
          color: Self.readable(above: middle)))
    }
    if maps.isOfCells {
      data["label"] = Tree(maps.labels)
      fields.append("label")
      // In the corner of a cell that has an arrow.
      layers += [
        texts(
          "label", style: "corner", size: 11, at: [0.14, 0.18],
          where: "datum.value !== null",
          color: Self.readable(above: middle)),
        texts(
          "label", style: "cause", size: min(13, cellSide / 2), at: [0.5, 0.5],
          where: "datum.value === null"),
      ]
      layers += wallLayers
    }
    return Chart(
      name: "", title: title,
      specification: [
        "data": ["values": [data]], "transform": [["flatten": .sequence(fields)]],
        "layer": .sequence(layers),
      ])
  }

  /// A view of actions in colours.
  func part(_ title: String, actions: [Int?]) -> Chart {
    var data = positions
    data["action"] = .sequence(actions.map { $0.map { .text(maps.actions[$0]) } ?? .null })
    let color: Tree = [
      "field": "action", "type": "nominal", "title": "action",
      "scale": ["domain": Tree(maps.actions)],
      "legend": ["orient": "bottom", "symbolType": "square", "direction": "horizontal"],
    ]
    return Chart(
      name: "", title: title,
      specification: [
        "data": ["values": [data]], "transform": [["flatten": ["x", "y", "action"]]],
        "layer": [rectangles(color)],
      ])
  }

  /// The lower edges of the cells, column by column.
  private var positions: Tree {
    let (x, y) = (maps.learned.x, maps.learned.y)
    let cells = (0..<x.count).flatMap { column in (0..<y.count).map { (column, $0) } }
    return [
      "x": .sequence(cells.map { Self.number(x.edge($0.0)) }),
      "y": .sequence(cells.map { Self.number(y.edge($0.1)) }),
    ]
  }

  private func rectangles(_ color: Tree) -> Tree {
    let (x, y) = (maps.learned.x, maps.learned.y)
    // Anti-aliased edges show the background, unless each rectangle reaches a pixel under the next.
    var mark: Tree = ["type": "rect", "clip": true, "x2Offset": 1, "yOffset": 1]
    if maps.isOfCells { mark = ["type": "rect", "style": "cell"] }
    return [
      "mark": mark,
      "transform": [
        ["calculate": "datum.x + \(x.edge(1) - x.edge(0))", "as": "x2"],
        ["calculate": "datum.y + \(y.edge(1) - y.edge(0))", "as": "y2"],
      ],
      "encoding": [
        "x": channel("x", x), "x2": ["field": "x2"], "y": channel("y", y), "y2": ["field": "y2"],
        "color": color,
      ],
    ]
  }

  private func channel(_ field: String, _ axis: ValueMap.Axis) -> Tree {
    let bounds: Tree = [.number(axis.bounds.lowerBound), .number(axis.bounds.upperBound)]
    var scale: Tree = ["domain": bounds, "nice": false, "zero": false]
    if maps.isOfCells {
      if axis == maps.learned.y { scale["reverse"] = true }
      return ["field": .text(field), "type": "quantitative", "scale": scale, "axis": .null]
    }
    return [
      "field": .text(field), "type": "quantitative", "title": .text(axis.name), "scale": scale,
      "axis": ["grid": false, "tickCount": 5],
    ]
  }

  /// White on the dark half of the colours, and black on the light one.
  private static func readable(above middle: Double) -> Tree {
    ["condition": ["test": "datum.value < \(middle)", "value": "white"], "value": "black"]
  }

  /// A text at a place in each cell, or in those of which a condition is true.
  private func texts(
    _ field: String, style: String? = nil, size: Double, at place: SIMD2<Double>,
    where condition: String, color: Tree? = nil
  ) -> Tree {
    var mark: Tree = ["type": "text", "fontSize": .number(size)]
    if let style { mark["style"] = .text(style) }
    var encoding: Tree = [
      "x": channel("cx", maps.learned.x), "y": channel("cy", maps.learned.y),
      "text": ["field": .text(field), "type": "nominal"],
    ]
    encoding["color"] = color
    return [
      "transform": [
        ["filter": .text(condition)],
        ["calculate": "datum.x + \(place.x)", "as": "cx"],
        ["calculate": "datum.y + \(place.y)", "as": "cy"],
      ],
      "mark": mark, "encoding": encoding,
    ]
  }

  private var wallLayers: [Tree] {
    if maps.walls.isEmpty { return [] }
    let values = maps.walls.map { wall -> Tree in
      [
        "x": .number(wall.start.x), "y": .number(wall.start.y), "x2": .number(wall.end.x),
        "y2": .number(wall.end.y),
      ]
    }
    return [
      [
        "data": ["values": .sequence(values)], "mark": ["type": "rule", "style": "wall"],
        "encoding": [
          "x": channel("x", maps.learned.x), "x2": ["field": "x2"],
          "y": channel("y", maps.learned.y), "y2": ["field": "y2"],
        ],
      ]
    ]
  }

  /// An arrow for a direction, otherwise the first letter of the action.
  private func arrow(_ action: Int) -> String {
    switch maps.actions[action] {
    case "left", "west": "←"
    case "right", "east": "→"
    case "up", "north": "↑"
    case "down", "south": "↓"
    case let name: String(name.prefix(1)).uppercased()
    }
  }

  /// A number with six decimals, so that thousands of cells stay small.
  private static func number(_ value: Double?) -> Tree {
    value.map { .number(($0 * 1e6).rounded() / 1e6) } ?? .null
  }
}
