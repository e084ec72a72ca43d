/// The cost-to-go over a plane as a surface in three dimensions, which gnuplot draws.
public struct Surface: Hashable, Sendable {
  private let map: ValueMap
  private let title: String

  /// The surface of a network; `nil` for a map of an environment's own cells.
  public init?(of maps: ValueMaps) {
    if maps.isOfCells { return nil }
    map = maps.learned
    title = "Cost-to-go in \(maps.environment)"
  }

  /// Draws the surface.
  ///
  /// - Parameters:
  ///   - format: the format.
  ///   - theme: the colours.
  ///   - width: the width in pixels.
  ///   - height: the height in pixels.
  ///   - scale: the pixels of a PNG for each of these.
  /// - Returns: the bytes of the picture.
  /// - Throws: `RunError.program` if gnuplot is not installed, or fails.
  /// - Complexity: a process of about a tenth of a second.
  public func picture(
    as format: ChartRenderer.Format, theme: ChartTheme = .light, width: Int = 640,
    height: Int = 480, scale: Double = 1
  ) throws(RunError) -> [UInt8] {
    let script = script(format, theme, width: width, height: height, scale: scale)
    return try Command("gnuplot").run([], input: Array(script.utf8))
  }

  /// What gnuplot is told, with the data.
  package func script(
    _ format: ChartRenderer.Format, _ theme: ChartTheme, width: Int, height: Int, scale: Double
  ) -> String {
    let (width, height) = (Double(width), Double(height))
    let font = "font 'Liberation Sans,11'"
    let terminal =
      switch format {
      case .svg: "svg size \(Int(width)),\(Int(height)) \(font)"
      case .png:
        "pngcairo size \(Int(width * scale)),\(Int(height * scale)) \(font) fontscale \(scale) linewidth \(scale)"
      // In inches, of which each has 96 pixels of a page.
      case .pdf: "pdfcairo size \(width / 96),\(height / 96) \(font) fontscale 0.6"
      }
    let text = "textcolor rgb '\(theme.text)'"
    let palette = Self.viridis.enumerated().map { "\($0) '\($1)'" }.joined(separator: ", ")
    return """
      set terminal \(terminal) background rgb '\(theme.background)'
      set title '\(title)' \(text) offset 0,-2
      set xlabel '\(map.x.name)' \(text) offset 0,-0.5
      set ylabel '\(map.y.name)' \(text) offset 0,-0.5
      set zlabel 'cost-to-go' \(text) rotate parallel offset -1,0
      set xrange [\(map.x.bounds.lowerBound):\(map.x.bounds.upperBound)]
      set yrange [\(map.y.bounds.lowerBound):\(map.y.bounds.upperBound)]
      set xtics \(map.x.width / 3) \(text) offset -0.5,-0.3
      set ytics \(map.y.width / 4) \(text) offset 0.5,-0.3
      set ztics \(text)
      set border 31 linecolor rgb '\(theme.line)'
      set xyplane relative 0.05
      set view 50,60,1.05,1.1
      set palette defined (\(palette))
      unset colorbox
      set pm3d depthorder border linecolor rgb '\(theme.background)' linewidth 0.2
      splot '-' using 1:2:3 with pm3d notitle
      \(points)e

      """
  }

  /// The centres of the cells with their costs, a block for each column.
  private var points: String {
    (0..<map.x.count).map { column in
      (0..<map.y.count).map { row in
        let cost = map[column, row].map { -$0.value } ?? .nan
        return "\(map.x.center(of: column)) \(map.y.center(of: row)) \(cost)\n"
      }.joined() + "\n"
    }.joined()
  }

  /// Eight colours of the scheme that charts have for quantities.
  private static let viridis = [
    "#440154", "#46327e", "#365c8d", "#277f8e", "#1fa187", "#4ac16d", "#a0da39", "#fde725",
  ]
}

extension ValueMap.Axis {
  fileprivate var width: Double { bounds.upperBound - bounds.lowerBound }
}
