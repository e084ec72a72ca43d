internal import DeepSARSA
internal import Foundation
internal import SARSAFormats

extension PlayedEpisode {
  /// The episode as JSON on one line, for a player on a page.
  ///
  /// It is an object with these names:
  ///
  /// | name | value |
  /// | --- | --- |
  /// | `seed`, `episode` | the seed of the first reset, and the episodes since then |
  /// | `terminated` | whether the last state is terminal |
  /// | `actions` | the action of each frame but the last, from 0 |
  /// | `rewards` | their rewards |
  /// | `values` | for each frame, the differences of the action values from those of the frame before, the first from 0, in units of `valueUnit`; `null` for a value that is not a number or too large, which counts as no change |
  /// | `valueUnit` | 1e-5 |
  /// | `masks` | for each frame, a text of 1 for a legal and 0 for an illegal action; missing if all always are legal |
  /// | `size` | width and height of the picture in its units, of which the longer side has 2000; missing, as all that follows, if the environment cannot be drawn |
  /// | `backdrop` | shapes behind all frames |
  /// | `shapes` | the shapes of all frames, each once |
  /// | `frames` | for each frame `[start, end, i, j, …]`: its list of indices into `shapes` begins with the first `start` and ends with the last `end` indices of the frame before, with `i, j, …` between them; before the first frame the list is empty |
  ///
  /// A shape is a list. Its numbers are integers; x goes to the right and y downwards from the upper left corner.
  /// Its second element is a colour's index in `Scene.Color.allCases`: ink, muted, ground, paper, blue, orange,
  /// green, red, purple, brown, pink, olive, cyan, yellow.
  ///
  /// | shape | list |
  /// | --- | --- |
  /// | line | `[0, colour, width, x, y, x, y, …]` |
  /// | polygon | `[1, colour, x, y, x, y, …]` |
  /// | disc | `[2, colour, x, y, radius]` |
  /// | text | `[3, colour, x, y, height, text]`: centre, and the height of a capital letter |
  /// | rectangle | `[4, colour, x, y, width, height]`: the upper left corner |
  /// | PNG | `[5, base64, x, y, width, height]`: the upper left corner |
  ///
  /// A player keeps the last list of indices, and takes the next one from it:
  ///
  /// ```js
  /// const [start, end, ...middle] = episode.frames[i];
  /// list = [...list.slice(0, start), ...middle, ...list.slice(list.length - end)];
  /// ```
  ///
  /// - Complexity: O(all shapes of all frames).
  public var json: String {
    var parts = [
      "\"seed\":\(seed)", "\"episode\":\(episode)", "\"terminated\":\(isTerminated)",
      "\"actions\":" + list(frames.compactMap(\.action)),
      "\"rewards\":" + list(frames.dropLast().map { number($0.reward) }),
      "\"values\":" + valueLists, "\"valueUnit\":1e-5",
    ]
    if frames.contains(where: { !$0.mask.isEmpty }) {
      parts.append(
        "\"masks\":"
          + list(frames.map { "\"" + $0.mask.map { $0 ? "1" : "0" }.joined() + "\"" }))
    }
    if let first = frames.first?.scene {
      let units = SceneUnits(of: first)
      parts.append("\"size\":" + list([units.width, units.height]))
      parts.append("\"backdrop\":" + list(first.backdrop.map(units.json)))
      parts += shapes(in: units)
    }
    return "{" + parts.joined(separator: ",") + "}"
  }

  /// The table of shapes, and the frames' lists of indices.
  private func shapes(in units: SceneUnits) -> [String] {
    var indices: [String: Int] = [:]
    var table: [String] = []
    var before: [Int] = []
    var changes: [String] = []
    for frame in frames {
      let now = (frame.scene?.shapes ?? []).map { shape in
        let text = units.json(shape)
        if let index = indices[text] { return index }
        indices[text] = table.count
        table.append(text)
        return table.count - 1
      }
      let start = zip(before, now).prefix { $0 == $1 }.count
      let end = zip(before.dropFirst(start).reversed(), now.dropFirst(start).reversed())
        .prefix { $0 == $1 }.count
      changes.append(list([start, end] + now[start..<now.count - end]))
      before = now
    }
    return ["\"shapes\":" + list(table), "\"frames\":" + list(changes)]
  }

  private var valueLists: String {
    var before: [Int] = []
    return list(
      frames.map { frame in
        if before.isEmpty { before = Array(repeating: 0, count: frame.values.count) }
        return list(
          frame.values.enumerated().map { i, value in
            // Beyond 2⁵³ the numbers of JavaScript are not exact.
            let units = (Double(value) * 1e5).rounded()
            guard abs(units) < 0x1p52 else { return "null" }
            defer { before[i] = Int(units) }
            return "\(Int(units) - before[i])"
          })
      })
  }
}

/// A scene's units as integers, of which the longer side has 2000.
private struct SceneUnits {
  let width: Int
  let height: Int
  private let left: Double
  private let top: Double
  private let perUnit: Double

  init(of scene: Scene) {
    let (x, y) = (scene.x.upperBound - scene.x.lowerBound, scene.y.upperBound - scene.y.lowerBound)
    perUnit = 2000 / max(x, y, .leastNormalMagnitude)
    (left, top) = (scene.x.lowerBound, scene.y.upperBound)
    width = Self.integer(x * perUnit)
    height = Self.integer(y * perUnit)
  }

  /// The nearest integer within a million, which is out of sight.
  private static func integer(_ number: Double) -> Int {
    number.isNaN ? 0 : Int(min(max(number, -1e6), 1e6).rounded())
  }

  private func length(_ length: Double) -> Int { Self.integer(length * perUnit) }

  private func place(_ point: Scene.Point) -> [Int] {
    [length(point.x - left), length(top - point.y)]
  }

  /// The upper left corner, width and height.
  private func box(_ x: ClosedRange<Double>, _ y: ClosedRange<Double>) -> [Int] {
    let corner = place([x.lowerBound, y.upperBound])
    let opposite = place([x.upperBound, y.lowerBound])
    return corner + [opposite[0] - corner[0], opposite[1] - corner[1]]
  }

  func json(_ shape: Scene.Shape) -> String {
    switch shape {
    case .line(let points, let color, let width):
      list([0, color.index, max(1, length(width))] + points.flatMap(place))
    case .polygon(let points, let color):
      if let (x, y) = shape.rectangle {
        list([4, color.index] + box(x, y))
      } else {
        list([1, color.index] + points.flatMap(place))
      }
    case .circle(let center, let radius, let color):
      list([2, color.index] + place(center) + [max(1, length(radius))])
    case .text(let text, let point, let height, let color):
      list(
        ([3, color.index] + place(point) + [length(height)]).map(String.init) + [text.quotedAsJSON])
    case .image(let png, let x, let y):
      list(
        ["5", "\"" + Data(png).base64EncodedString() + "\""] + box(x, y).map(String.init))
    }
  }
}

extension Scene.Shape {
  /// The bounds of a polygon that is a rectangle with upright sides; `nil` for any other shape.
  package var rectangle: (x: ClosedRange<Double>, y: ClosedRange<Double>)? {
    guard case .polygon(let points, _) = self, points.count == 4,
      points.allSatisfy({ $0.x.isFinite && $0.y.isFinite })
    else { return nil }
    let (a, b, c, d) = (points[0], points[1], points[2], points[3])
    guard a.y == b.y && b.x == c.x && c.y == d.y && d.x == a.x else { return nil }
    return (min(a.x, c.x)...max(a.x, c.x), min(a.y, c.y)...max(a.y, c.y))
  }
}

extension Scene.Color {
  /// The position in `allCases`.
  package var index: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

private func list(_ elements: some Sequence<some CustomStringConvertible>) -> String {
  "[" + elements.map(\.description).joined(separator: ",") + "]"
}

/// A number without a fraction that is 0.
private func number(_ value: Double) -> String {
  value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
}
