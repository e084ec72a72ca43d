/// A curve in one line of text, with a block for each value: `▁▂▃▄▅▆▇█`.
///
/// ```swift
/// Sparkline([-200, -200, -154, -110], columns: 8).text                 // "▁▁▅█"
/// Sparkline([-200, -200, -154], columns: 8, upTo: -110).text           // "▁▁▅"
/// ```
public struct Sparkline: Hashable, Sendable {
  /// What each block stands for: a value, or the mean of neighbours if there are more values than columns.
  public let values: [Double]
  private let lowest: Double
  private let highest: Double

  /// A curve.
  ///
  /// - Parameters:
  ///   - values: the values in their order; those that are not finite are left out.
  ///   - columns: the largest number of blocks.
  ///   - goal: a value to which the blocks reach, such as the return at which a task counts as solved. A curve
  ///     far below it is low, whatever its own range is.
  public init(_ values: [Double], columns: Int, upTo goal: Double? = nil) {
    let finite = values.filter(\.isFinite)
    let count = max(0, min(columns, finite.count))
    self.values = (0..<count).map { column in
      let part = finite[(column * finite.count / count)..<((column + 1) * finite.count / count)]
      return part.reduce(0) { $0 + $1 / Double(part.count) }
    }
    let scale = self.values + [goal].compactMap { $0 }.filter(\.isFinite)
    lowest = scale.min() ?? 0
    highest = scale.max() ?? 0
  }

  /// A block for each value, from the lowest to the highest; the lowest block if all are equal.
  public var text: String {
    String(
      values.map { value in
        // Halved, because the difference of two finite numbers may be none.
        let range = highest / 2 - lowest / 2
        let share = range > 0 ? (value / 2 - lowest / 2) / range : 0
        return Self.blocks[min(Self.blocks.count - 1, Int(share * Double(Self.blocks.count)))]
      })
  }

  private static let blocks: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
}
