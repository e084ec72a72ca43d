public import DeepSARSA

extension Scene {
  /// The picture as lines for a terminal: areas as blocks, lines and discs as dots of braille, and text.
  ///
  /// A character has two colours, those of most of its eight dots. Without colours, its dots are all that is neither
  /// paper nor ground. An image is replaced by a line that says what it is.
  ///
  /// - Parameters:
  ///   - columns: the largest number of characters in a line.
  ///   - rows: the largest number of lines; the picture keeps its proportions, with characters twice as high as wide.
  ///   - colors: the colours.
  ///   - isDark: whether the terminal's background is dark; the picture has the background of the terminal.
  /// - Returns: the lines, each of the same number of characters; with colours, each ends with a reset of them.
  /// - Precondition: at least one column and one row.
  /// - Complexity: O(columns · rows · shapes).
  public func lines(
    columns: Int, rows: Int, colors: TerminalColors, isDark: Bool = true
  ) -> [String] {
    TerminalPicture(of: self, columns: columns, rows: rows).lines(colors, isDark: isDark)
  }
}

/// A scene in dots, of which a character has two columns and four rows.
private struct TerminalPicture {
  private let columns: Int
  private let rows: Int
  private let left: Double
  private let top: Double
  private let perUnit: Double
  /// The colour of each dot, row by row; `nil` is the terminal's background.
  private var dots: [Scene.Color?]
  /// Whether each dot is part of an area; otherwise of a line or a disc.
  private var areas: [Bool]
  /// The text over the dots, by the index of its character.
  private var text: [Int: (character: Character, color: Scene.Color)] = [:]

  init(of scene: Scene, columns: Int, rows: Int) {
    let (width, height) = (
      scene.x.upperBound - scene.x.lowerBound, scene.y.upperBound - scene.y.lowerBound
    )
    let perUnit = min(Double(2 * columns) / width, Double(4 * rows) / height)
    func count(_ length: Double, per dots: Int, atMost limit: Int) -> Int {
      let count = (length * perUnit / Double(dots)).rounded(.up)
      return count.isFinite ? min(max(Int(min(count, 1e6)), 1), limit) : 1
    }
    self.perUnit = perUnit
    self.columns = count(width, per: 2, atMost: columns)
    self.rows = count(height, per: 4, atMost: rows)
    (left, top) = (scene.x.lowerBound, scene.y.upperBound)
    dots = Array(repeating: nil, count: self.columns * 2 * self.rows * 4)
    areas = Array(repeating: true, count: dots.count)
    for shape in scene.backdrop + scene.shapes { draw(shape) }
  }

  private func place(_ point: Scene.Point) -> Scene.Point {
    [(point.x - left) * perUnit, (top - point.y) * perUnit]
  }

  // MARK: Shapes

  private mutating func draw(_ shape: Scene.Shape) {
    switch shape {
    case .line(let points, let color, let width):
      let radius = max(width * perUnit / 2, 0.5)
      for (a, b) in zip(points, points.dropFirst()) {
        let (a, b) = (place(a), place(b))
        fill(color, within: [a, b], margin: radius) {
          squaredDistance($0, from: a, to: b) <= radius * radius
        }
      }
    case .polygon(let points, let color):
      let points = points.map(place)
      fill(color, isArea: true, within: points, margin: 0) { contains($0, in: points) }
    case .circle(let center, let radius, let color):
      let (center, radius) = (place(center), max(radius * perUnit, 0.5))
      fill(color, within: [center], margin: radius) {
        squaredDistance($0, from: center, to: center) <= radius * radius
      }
    case .text(let text, let point, _, let color): write(text, at: place(point), color)
    case .image(_, let x, let y):
      let middle = Scene.Point(
        (x.lowerBound + x.upperBound) / 2, (y.lowerBound + y.upperBound) / 2)
      write("an image, which a terminal does not show", at: place(middle), .muted)
    }
  }

  /// Colours the dots near some points that a test holds for.
  private mutating func fill(
    _ color: Scene.Color, isArea: Bool = false, within points: [Scene.Point], margin: Double,
    where isInside: (Scene.Point) -> Bool
  ) {
    let (width, height) = (columns * 2, rows * 4)
    func range(_ values: [Double], below limit: Int) -> Range<Int> {
      guard let low = values.min(), let high = values.max() else { return 0..<0 }
      let first = min(max(low - margin, 0), Double(limit))
      let last = min(max(high + margin, 0), Double(limit))
      return first.isNaN || last.isNaN ? 0..<0 : Int(first)..<min(Int(last) + 1, limit)
    }
    for y in range(points.map(\.y), below: height) {
      for x in range(points.map(\.x), below: width)
      where isInside([Double(x) + 0.5, Double(y) + 0.5]) {
        dots[y * width + x] = color == .paper ? nil : color
        areas[y * width + x] = isArea
      }
    }
  }

  private mutating func write(_ string: String, at point: Scene.Point, _ color: Scene.Color) {
    let row = (point.y / 4).rounded(.down)
    let first = (point.x / 2 - Double(string.count) / 2).rounded()
    guard row >= 0 && row < Double(rows), abs(first) < 1e6 else { return }
    for (i, character) in string.enumerated() {
      let column = Int(first) + i
      if (0..<columns).contains(column) { text[Int(row) * columns + column] = (character, color) }
    }
  }

  // MARK: Characters

  func lines(_ colors: TerminalColors, isDark: Bool) -> [String] {
    var grid = DotGrid(width: columns * 2, height: rows * 4)
    var paints: [Paint] = []
    for cell in 0..<columns * rows {
      let paint = colors == .none ? Paint() : paint(of: cell)
      for (x, y) in places(of: cell) {
        let dot = dots[y * columns * 2 + x]
        let isSet =
          colors == .none ? dot != nil && dot != .ground : dot == paint.front && dot != nil
        if isSet { grid.set(x: x, y: y) }
      }
      paints.append(paint)
    }
    return grid.lines.enumerated().map { row, line in
      var result = ""
      var last = ""
      for (column, braille) in line.enumerated() {
        let cell = row * columns + column
        var paint = paints[cell]
        var character = paint.block ?? (braille == "\u{2800}" ? " " : braille)
        if let text = text[cell] { (character, paint.front) = (text.character, text.color) }
        if colors != .none {
          let codes = paint.codes(colors, isDark: isDark)
          if codes != last { result += codes }
          last = codes
        }
        result.append(character)
      }
      return colors == .none ? result : result + "\u{1B}[0m"
    }
  }

  private func places(of cell: Int) -> [(x: Int, y: Int)] {
    let (row, column) = cell.quotientAndRemainder(dividingBy: columns)
    return (0..<8).map { (column * 2 + $0 % 2, row * 4 + $0 / 2) }
  }

  /// The two colours of a character, and a block if its dots make one.
  private func paint(of cell: Int) -> Paint {
    let places = places(of: cell).map { $0.y * columns * 2 + $0.x }
    let colors = places.map { dots[$0] }
    // In a fixed order, so that equal counts give equal pictures.
    let ranked = ([nil] + Scene.Color.allCases)
      .map { color in (color: color, count: colors.count { $0 == color }) }
      .filter { $0.count > 0 }.enumerated()
      .sorted { (-$0.element.count, $0.offset) < (-$1.element.count, $1.offset) }
      .map(\.element.color)
    guard ranked.count > 1 else { return Paint(back: ranked[0]) }
    // Dots have a colour, so the terminal's background is behind them.
    let (front, back) = ranked[1] == nil ? (ranked[0], nil) : (ranked[1], ranked[0])
    let isArea = zip(places, colors).allSatisfy { $1 != front || areas[$0] }
    return Paint(front: front, back: back, block: isArea ? block(colors, front) : nil)
  }

  /// The block whose quarters are those of one colour; `nil` if a quarter has it in one of its two dots.
  private func block(_ colors: [Scene.Color?], _ front: Scene.Color?) -> Character? {
    var bits = 0
    for quarter in 0..<4 {
      let first = quarter / 2 * 4 + quarter % 2
      let isFront = colors[first] == front
      guard isFront == (colors[first + 2] == front) else { return nil }
      if isFront { bits |= 1 << quarter }
    }
    return Array(" ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█")[bits]
  }
}

/// The colours of a character.
private struct Paint {
  var front: Scene.Color?
  var back: Scene.Color?
  /// The character, if it is not one of braille.
  var block: Character?

  func codes(_ colors: TerminalColors, isDark: Bool) -> String {
    func code(_ color: Scene.Color?, isBack: Bool) -> String {
      guard let color else { return "" }
      // The terminal's own, whatever its background.
      if color == .ink && !isBack { return ";39" }
      if colors == .full {
        let tone = color.tone(onDark: isDark)
        return ";\(isBack ? 48 : 38);2;\(tone.red);\(tone.green);\(tone.blue)"
      }
      return ";\(color.terminalNumber(onDark: isDark) + (isBack ? 10 : 0))"
    }
    return "\u{1B}[0\(code(front, isBack: false))\(code(back, isBack: true))m"
  }
}

extension Scene.Color {
  /// The nearest of a terminal's 16 colours, as the number that selects it for characters.
  fileprivate func terminalNumber(onDark isDark: Bool) -> Int {
    switch self {
    case .ink: isDark ? 97 : 30
    case .muted: 90
    case .ground: isDark ? 90 : 37
    case .paper: isDark ? 30 : 97
    case .blue: 34
    case .orange: 91
    case .green: 32
    case .red: 31
    case .purple: 35
    case .brown: 33
    case .pink: 95
    case .olive: 92
    case .cyan: 36
    case .yellow: 93
    }
  }
}

/// The squared distance of a point from the line between two others.
private func squaredDistance(
  _ point: Scene.Point, from a: Scene.Point, to b: Scene.Point
) -> Double {
  let (along, offset) = (b - a, point - a)
  let length = (along * along).sum()
  let share = length > 0 ? min(max((along * offset).sum() / length, 0), 1) : 0
  let rest = offset - share * along
  return (rest * rest).sum()
}

/// Whether a polygon contains a point: a ray from it crosses an odd number of edges.
private func contains(_ point: Scene.Point, in polygon: [Scene.Point]) -> Bool {
  var isInside = false
  for (i, a) in polygon.enumerated() {
    let b = polygon[i == 0 ? polygon.count - 1 : i - 1]
    guard (a.y > point.y) != (b.y > point.y) else { continue }
    if point.x < (b.x - a.x) * (point.y - a.y) / (b.y - a.y) + a.x { isInside.toggle() }
  }
  return isInside
}
