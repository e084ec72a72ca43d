/// A board of square cells in rows, each one unit wide, for pictures; the first row is at the top.
package struct SceneGrid: Hashable, Sendable {
  /// The rows.
  package let rows: Int
  /// The cells of a row.
  package let columns: Int

  /// Makes a board.
  package init(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
  }

  /// The middle of a cell.
  package func center(_ row: Int, _ column: Int) -> Scene.Point {
    [Double(column) + 0.5, Double(rows - row) - 0.5]
  }

  /// A square in the middle of a cell, whose side is a part of the cell's.
  package func square(
    _ row: Int, _ column: Int, size: Double = 1, _ color: Scene.Color
  ) -> Scene.Shape {
    let (center, half) = (center(row, column), size / 2)
    return .rectangle(
      x: center.x - half...center.x + half, y: center.y - half...center.y + half, color)
  }

  /// The picture of an empty board, with a narrow margin around it.
  package var scene: Scene {
    let (width, height) = (Double(columns), Double(rows))
    var scene = Scene(x: -0.2...width + 0.2, y: -0.2...height + 0.2)
    scene.backdrop = [.rectangle(x: 0...width, y: 0...height, .ground)]
    for column in stride(from: 1, to: columns, by: 1) {
      scene.backdrop.append(
        .line([[Double(column), 0], [Double(column), height]], .paper, width: 0.05))
    }
    for row in stride(from: 1, to: rows, by: 1) {
      scene.backdrop.append(.line([[0, Double(row)], [width, Double(row)]], .paper, width: 0.05))
    }
    return scene
  }

  /// Who walks over the board: a disc with two eyes.
  package func walker(
    _ row: Int, _ column: Int, _ color: Scene.Color = .orange
  ) -> [Scene.Shape] {
    let center = center(row, column)
    return [.circle(center: center, radius: 0.3, color)]
      + [-0.1, 0.1].map { .circle(center: center + [$0, 0.08], radius: 0.05, .paper) }
  }

  /// A flag in a cell, for a goal.
  package func flag(_ row: Int, _ column: Int) -> [Scene.Shape] {
    .flag(at: center(row, column) - [0.15, 0.35], height: 0.7)
  }

  /// A wall between a cell and its neighbour on the right or below.
  package func wall(
    from cell: (row: Int, column: Int), to other: (row: Int, column: Int)
  ) -> Scene.Shape {
    let middle = (center(cell.row, cell.column) + center(other.row, other.column)) / 2
    let half: Scene.Point = cell.row == other.row ? [0, 0.5] : [0.5, 0]
    return .line([middle - half, middle + half], .ink, width: 0.1)
  }

  /// The border around the board, as a wall.
  package var border: Scene.Shape {
    let (width, height) = (Double(columns), Double(rows))
    return .line([[0, 0], [width, 0], [width, height], [0, height], [0, 0]], .ink, width: 0.1)
  }
}

extension [Scene.Shape] {
  /// A green flag on a pole that stands on a point.
  package static func flag(at foot: Scene.Point, height: Double) -> [Scene.Shape] {
    let top = foot + [0, height]
    return [
      .line([foot, top], .ink, width: 0.06 * height),
      .polygon(
        [top, top + [0.55 * height, -0.2 * height], top + [0, -0.4 * height]], .green),
    ]
  }
}
