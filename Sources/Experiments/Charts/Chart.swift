package import SARSAFormats

/// A chart as a specification in Vega-Lite, from which page, SVG, PNG and PDF are made.
///
/// The specification has data and marks, but no colours, fonts, or size: these are a theme's, and are added where the
/// chart is shown by `document(in:width:height:)`. So a page can show the same chart again in another theme.
public struct Chart: Hashable, Sendable {
  /// A word that names the chart among those of a page or a folder, such as `curve`.
  public var name: String
  /// What it shows, on one line.
  public var title: String
  /// What its lines and areas mean, on one line; empty if the legend says all.
  public var caption: String
  /// The specification in Vega-Lite 6, without title, theme and size of the place where it is shown.
  package var specification: Tree
  /// The height of each view as a share of its width, for maps; `nil` for charts that may have any.
  public var aspect: Double?
  /// The width in pixels, of everything, at which the chart is easy to read.
  public var usualWidth = 640

  /// Makes a chart.
  package init(name: String, title: String, caption: String = "", specification: Tree) {
    self.name = name
    self.title = title
    self.caption = caption
    self.specification = specification
  }

  /// The chart by itself, for a file: with its title and caption, the theme's configuration, and a size.
  ///
  /// - Parameters:
  ///   - theme: the theme.
  ///   - width: the width in pixels, of everything; where charts stand side by side it is divided.
  ///   - height: the height in pixels; of charts one below the other it is that of two. Maps have the height that
  ///     their shape asks for.
  /// - Returns: a specification that Vega-Lite takes as it is.
  package func document(in theme: ChartTheme, width: Int, height: Int) -> Tree {
    var title: Tree = ["text": .text(self.title)]
    if !caption.isEmpty {
      title["subtitle"] = Tree(caption.lines(upTo: width / Self.characterWidth))
    }
    let head: Tree = ["$schema": "https://vega.github.io/schema/vega-lite/v6.json", "title": title]
    return head.merging(sized(width: width, height: height))
      .merging(["config": theme.configuration])
  }

  /// The same as JSON, on lines.
  public func json(in theme: ChartTheme, width: Int, height: Int) -> String {
    document(in: theme, width: width, height: height).indentedPlainJSON
  }

  /// About the width of a character of a caption, in pixels.
  private static let characterWidth = 6

  /// The specification with a size for each of its views; those in columns share the width.
  package func sized(width: Int, height: Int) -> Tree {
    var specification = specification
    if let parts = specification["concat"]?.elements,
      case .integer(let columns)? = specification["columns"]
    {
      // Beside its data, a part has an axis.
      let share = max(width / columns - 75, 50)
      let size: Tree = [
        "width": .integer(share),
        "height": .integer(
          aspect.map { Int((Double(share) * $0).rounded()) } ?? (columns > 1 ? height : height / 2)),
      ]
      specification["concat"] = .sequence(parts.map { size.merging($0) })
      return specification
    }
    specification["width"] = .integer(width)
    // A chart with a row for each of its settings has a height of its own.
    let isOpen = specification["height"] == nil
    if isOpen { specification["height"] = .integer(height) }
    specification["autosize"] = ["type": isOpen ? "fit" : "fit-x", "contains": "padding"]
    return specification
  }

  /// Charts as one: side by side in columns, or with one column one below the other.
  ///
  /// - Parameters:
  ///   - charts: the charts.
  ///   - name: the name of all.
  ///   - title: the title of all, above their own.
  ///   - caption: what their lines and areas mean.
  ///   - columns: how many stand side by side.
  ///   - sharesColors: whether the same colours mean the same in all, so that one legend is enough.
  /// - Returns: one chart; of a single one, that with another name and title.
  /// - Precondition: at least one chart.
  public static func combined(
    _ charts: [Chart], name: String, title: String, caption: String = "", columns: Int = 2,
    sharesColors: Bool = true
  ) -> Chart {
    if charts.count == 1 {
      var chart = charts[0]
      (chart.name, chart.title) = (name, title)
      return chart
    }
    let parts = charts.map { chart in
      let head: Tree = ["title": ["text": .text(chart.title)]]
      return head.merging(chart.specification)
    }
    let columns = min(columns, charts.count)
    var chart = Chart(
      name: name, title: title, caption: caption,
      specification: [
        "columns": .integer(columns), "concat": .sequence(parts),
        "resolve": ["scale": ["color": sharesColors ? "shared" : "independent"]],
      ])
    if columns > 1 { chart.usualWidth = 480 * columns }
    return chart
  }
}

extension String {
  /// The text in lines of whole words, with up to a number of characters.
  fileprivate func lines(upTo limit: Int) -> [String] {
    split(separator: " ").reduce(into: []) { lines, word in
      if let line = lines.last, line.count + 1 + word.count <= limit {
        lines[lines.count - 1] = line + " " + word
      } else {
        lines.append(String(word))
      }
    }
  }
}
