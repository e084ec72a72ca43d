package import SARSAFormats

/// A chart as a specification in Vega-Lite, from which page, SVG, PNG and PDF are made.
public struct Chart: Hashable, Sendable {
  /// A word that names the chart among those of a page or a folder, such as `return`.
  public var name: String
  /// What it shows, on one line.
  public var title: String
  /// The specification in Vega-Lite 6, without theme and size of the place where it is shown.
  package var specification: Tree

  /// Makes a chart.
  package init(name: String, title: String, specification: Tree) {
    self.name = name
    self.title = title
    self.specification = specification
  }
}
