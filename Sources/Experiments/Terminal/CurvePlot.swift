internal import Foundation

/// Curves as text: dots of braille between two axes, whose ends are labelled.
///
/// ```swift
/// let plot = CurvePlot([steps.indices.map { .init(x: steps[$0], y: means[$0]) }], goal: -110)
/// for line in plot.lines(columns: 60, rows: 10) { print(line) }
/// ```
public struct CurvePlot: Hashable, Sendable {
  /// A point of a curve.
  public struct Point: Hashable, Sendable {
    /// The place on the horizontal axis.
    public var x: Double
    /// The place on the vertical axis.
    public var y: Double

    /// Makes a point.
    public init(x: Double, y: Double) {
      self.x = x
      self.y = y
    }
  }

  private let curves: [[Point]]
  private let goal: Double?
  private let span: ClosedRange<Double>?

  /// Makes a plot.
  ///
  /// - Parameters:
  ///   - curves: the points of each curve, in the order of x; a point that is not finite is left out.
  ///   - goal: a height that is drawn as a dotted line.
  ///   - span: what the horizontal axis has at least, also where there is no point.
  public init(_ curves: [[Point]], goal: Double? = nil, span: ClosedRange<Double>? = nil) {
    self.curves = curves.map { $0.filter { $0.x.isFinite && $0.y.isFinite } }.filter { !$0.isEmpty }
    self.goal = goal.flatMap { $0.isFinite ? $0 : nil }
    self.span = span
  }

  /// The plot in a number of columns and rows; without a point, or where there is no room, no lines.
  ///
  /// - Complexity: O(n + columns · rows) for n points.
  public func lines(columns: Int, rows: Int) -> [String] {
    let points = curves.joined()
    let heights = points.map(\.y) + [goal].compactMap { $0 }
    guard rows >= 3, let (low, high) = Self.range(heights),
      let (left, right) = Self.range(
        points.map(\.x) + (span.map { [$0.lowerBound, $0.upperBound] } ?? []))
    else { return [] }
    let labels = (0..<(rows - 1)).map { row in
      row == 0 ? high.compact : row == rows - 2 ? low.compact : ""
    }
    // Plots one above the other have their axes in the same column, unless a number is long.
    let margin = max(5, labels.map(\.count).max() ?? 0)
    let (width, height) = (columns - margin - 1, rows - 1)
    guard width >= 8 else { return [] }

    var grid = DotGrid(width: 2 * width, height: 4 * height)
    func place(_ value: Double, _ low: Double, _ high: Double, _ count: Int) -> Int {
      // Halved, because the difference of two finite numbers may be none.
      let range = high / 2 - low / 2
      if range == 0 { return 0 }
      // The sum of the points of a column may be infinite: then it is at an edge.
      let share = min(max(0, (value / 2 - low / 2) / range), 1)
      return Int((share * Double(count - 1)).rounded())
    }
    func y(_ value: Double) -> Int { grid.height - 1 - place(value, low, high, grid.height) }
    if let goal {
      for x in stride(from: 0, to: grid.width, by: 4) { grid.set(x: x, y: y(goal)) }
    }
    for curve in curves {
      // Points that share a column are drawn as their mean: a curve of a million episodes is readable too.
      var last: (x: Int, y: Int)?
      var column: (x: Int, sum: Double, count: Double)?
      func draw() {
        guard let column else { return }
        let dot = (x: column.x, y: y(column.sum / column.count))
        grid.line(fromX: last?.x ?? dot.x, y: last?.y ?? dot.y, toX: dot.x, y: dot.y)
        last = dot
      }
      for point in curve {
        let x = place(point.x, left, right, grid.width)
        if let old = column, old.x == x {
          column = (x, old.sum + point.y, old.count + 1)
        } else {
          draw()
          column = (x, point.y, 1)
        }
      }
      draw()
    }
    let axis = left.compact
    let gap = max(1, width - axis.count - right.compact.count)
    return zip(labels, grid.lines).map { $0.alignedRight(in: margin) + " " + $1 }
      + [
        String(repeating: " ", count: margin + 1) + axis + String(repeating: " ", count: gap)
          + right.compact
      ]
  }

  private static func range(_ values: [Double]) -> (Double, Double)? {
    guard let low = values.min(), let high = values.max() else { return nil }
    return (low, high)
  }
}

extension Double {
  /// The number in few characters: `-97.6`, `0.02`, `12.5k`, `3M`.
  package var compact: String {
    if abs(self) >= 1e13 || !isFinite { return String(format: "%.1e", self) }
    for (unit, letter) in [(1e9, "G"), (1e6, "M"), (1e4, "k")] where abs(self) >= unit {
      return (self / (letter == "k" ? 1e3 : unit)).shortened(1) + letter
    }
    return shortened(abs(self) < 0.1 ? 3 : abs(self) < 10 ? 2 : 1)
  }
}
