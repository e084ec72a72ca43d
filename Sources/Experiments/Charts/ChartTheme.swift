package import SARSAFormats

/// Colours and fonts of charts, as a configuration of Vega-Lite.
///
/// Marks name their part by a style (`band`, `seed`, `threshold`, …) or by a range of colours, and a theme says how
/// it looks.
public enum ChartTheme: String, CaseIterable, Sendable {
  /// For white paper.
  case light
  /// For a dark screen.
  case dark

  /// The configuration: everything in a specification under `config`.
  package var configuration: Tree {
    let text = Tree.text(tone.text), muted = Tree.text(tone.muted)
    let title: Tree = [
      "anchor": "start", "fontSize": 14, "fontWeight": 600, "color": text, "offset": 12,
      "subtitleColor": muted, "subtitleFontSize": 11, "subtitlePadding": 5,
    ]
    let axis: Tree = [
      "labelColor": muted, "titleColor": text, "titleFontWeight": "normal", "titleFontSize": 12,
      "labelFontSize": 11, "titlePadding": 8, "gridColor": .text(tone.grid),
      "domainColor": .text(tone.line), "tickColor": .text(tone.line), "labelFlush": true,
      "labelOverlap": true,
    ]
    let legend: Tree = [
      "labelColor": text, "titleColor": muted, "titleFontWeight": "normal", "labelFontSize": 11,
      "titleFontSize": 11, "labelLimit": 260, "symbolStrokeWidth": 2.5, "symbolSize": 140,
      "orient": "top",
      "columns": 3, "columnPadding": 16,
    ]
    return [
      "background": .text(tone.background), "font": Self.font, "padding": 12,
      "title": title, "axis": axis, "legend": legend,
      "view": ["stroke": .null, "continuousWidth": 480, "continuousHeight": 280],
      "axisX": ["grid": false], "header": ["labelColor": text, "titleColor": text],
      "range": [
        "category": Tree(tone.categories), "heatmap": ["scheme": .text(tone.heat)],
        "ramp": ["scheme": .text(tone.heat)], "diverging": ["scheme": .text(tone.difference)],
      ],
      "line": ["strokeWidth": 2, "strokeJoin": "round"], "rule": ["color": muted],
      "text": ["color": text],
      "style": [
        "band": ["opacity": 0.2],
        "seed": ["strokeWidth": 0.8, "opacity": 0.35],
        "crowd": ["strokeWidth": 0.6, "opacity": 0.13],
        "before": ["strokeDash": [4, 3], "strokeWidth": 1.2],
        "dot": ["size": 40, "opacity": 0.55, "filled": true],
        "best": [
          "shape": "diamond", "size": 110, "filled": true, "color": text,
          "stroke": .text(tone.background), "strokeWidth": 1, "opacity": 1,
        ],
        "threshold": ["color": muted, "strokeDash": [5, 4], "strokeWidth": 1.2],
        "optimum": ["color": text, "strokeDash": [1.5, 3], "strokeWidth": 1.5],
        "note": ["color": muted, "fontSize": 11],
        "wall": ["color": text, "strokeWidth": 2],
        "cell": ["stroke": .text(tone.background), "strokeWidth": 1],
        "corner": ["fontWeight": "bold"],
        "cause": ["color": muted, "fontWeight": "bold"],
        "score": ["fill": .text(tone.background), "strokeWidth": 2.5, "size": 90],
        "interval": ["strokeWidth": 2.5],
      ],
    ]
  }

  /// The colour of the background.
  package var background: String { tone.background }

  /// The colour of text.
  package var text: String { tone.text }

  /// The colour of axes.
  package var line: String { tone.line }

  private static let font: Tree = "Liberation Sans, Helvetica Neue, Arial, sans-serif"

  /// The colours of a theme.
  private struct Tone {
    var background, text, muted, line, grid: String
    var categories: [String]
    /// Schemes of Vega for quantities, and for differences on both sides of 0.
    var heat, difference: String
  }

  private var tone: Tone {
    switch self {
    case .light:
      Tone(
        background: "#ffffff", text: "#1b1f24", muted: "#59636e", line: "#afb8c1", grid: "#e9edf1",
        categories: [
          "#2f6fb7", "#d06d12", "#2e9e5b", "#cf3f4e", "#8157b8", "#8c613c", "#d25c9e", "#8d8f1d",
          "#1f9fb3", "#6e7781", "#1c3f8f", "#7a1f2b",
        ], heat: "viridis", difference: "blueorange")
    case .dark:
      Tone(
        background: "#14181d", text: "#e4e8ec", muted: "#9aa5b1", line: "#4a535e", grid: "#262d35",
        categories: [
          "#6ea8e8", "#f5a55a", "#62c98a", "#f07c86", "#b795e8", "#c99b70", "#ee94c6", "#c9cb5a",
          "#5fcadb", "#a5aeb8", "#b9d4ff", "#ffd0b8",
        ], heat: "viridis", difference: "blueorange")
    }
  }
}
