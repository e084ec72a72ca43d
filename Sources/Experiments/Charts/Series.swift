internal import SARSAPreconditions

/// A line of a chart: a number at each of some environment steps.
public struct Series: Hashable, Sendable {
  /// A number after some steps.
  public struct Point: Hashable, Sendable {
    /// Environment steps.
    public var step: Int
    /// The number, which is finite.
    public var value: Double

    /// Makes a point.
    public init(step: Int, value: Double) {
      self.step = step
      self.value = value
    }
  }

  /// The points in the order of their steps, of which several may be the same.
  public var points: [Point]

  /// Makes a line.
  public init(_ points: [Point]) { self.points = points }

  /// The points of a line in a chart of usual size, of which no reader can tell more apart.
  public static let usualLimit = 500

  /// The line with so few points that a chart stays small, and that looks the same.
  ///
  /// The steps are cut into (limit − 2)/2 parts of equal width. Of each part its lowest and its highest point
  /// remain, the first of equal ones; so do the first and the last point of all. No extreme is lost, and none is
  /// invented, which a mean would do.
  ///
  /// - Precondition: a limit of 4 or more.
  /// - Complexity: O(n) for n points.
  public func thinned(to limit: Int = usualLimit) -> Series {
    require(limit >= 4, "limit is %; allowed: 4 or more", limit)
    guard points.count > limit, let first = points.first, let last = points.last else {
      return self
    }
    let parts = (limit - 2) / 2
    // Positive, also where a file has its rows in another order.
    let width = max(1, last.step - first.step + 1)
    var kept = [0, points.count - 1]
    var start = 0
    while start < points.count {
      let part = Self.part(of: points[start].step - first.step, width: width, parts: parts)
      var (lowest, highest, end) = (start, start, start)
      while end < points.count,
        Self.part(of: points[end].step - first.step, width: width, parts: parts) == part
      {
        if points[end].value < points[lowest].value { lowest = end }
        if points[end].value > points[highest].value { highest = end }
        end += 1
      }
      kept += [lowest, highest]
      start = end
    }
    return Series(Set(kept).sorted().map { points[$0] })
  }

  private static func part(of distance: Int, width: Int, parts: Int) -> Int {
    Int(Double(distance) / Double(width) * Double(parts))
  }

  /// The mean of each point's number and those before it, up to a number of points.
  ///
  /// - Precondition: a positive window.
  /// - Complexity: O(n) for n points.
  public func runningMean(over window: Int) -> Series {
    require(window > 0, "window is %; allowed: 1 or more", window)
    var sum = 0.0
    return Series(
      points.indices.map { index in
        sum += points[index].value
        if index >= window { sum -= points[index - window].value }
        return Point(step: points[index].step, value: sum / Double(min(index + 1, window)))
      })
  }
}

/// What several runs have in common: at each step that all have, the interquartile mean with its 95 % interval.
public struct Band: Hashable, Sendable {
  /// The steps.
  public let steps: [Int]
  /// The estimate at each step.
  public let estimates: [Estimate]

  /// Summarises lines, one of each run; `nil` for less than two lines, or without a step that all have.
  ///
  /// - Complexity: that of `Bootstrap.curves` at each of at most 250 of the steps.
  public init?(of lines: [Series]) {
    guard lines.count > 1 else { return nil }
    let numbers = lines.map { line in
      Dictionary(line.points.map { ($0.step, $0.value) }) { $1 }
    }
    var shared = numbers[0].keys.filter { step in numbers.allSatisfy { $0[step] != nil } }.sorted()
    if shared.isEmpty { return nil }
    if shared.count > Self.stepLimit {
      // Evenly spaced, with the first and the last.
      shared = (0..<Self.stepLimit).map { shared[$0 * (shared.count - 1) / (Self.stepLimit - 1)] }
    }
    let curve = shared.compactMap { step in try? Scores([numbers.compactMap { $0[step] }]) }
    steps = shared
    estimates = Bootstrap.curves.estimates(.interquartileMean, along: curve)
  }

  private static let stepLimit = 250
}
