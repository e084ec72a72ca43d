extension FrozenLake: Drawable {
  /// The ice with its holes, the present at the goal, and who walks there, in red in a hole.
  public var scene: Scene {
    let grid = SceneGrid(rows: map.rows, columns: map.columns)
    var scene = grid.scene
    for (cell, kind) in map.cells.enumerated() {
      let (row, column) = cell.quotientAndRemainder(dividingBy: map.columns)
      let center = grid.center(row, column)
      switch kind {
      case .ice: break
      case .start:
        scene.backdrop.append(.text("S", at: center, height: 0.4, .muted))
      case .hole:
        scene.backdrop.append(.circle(center: center, radius: 0.38, .blue))
      case .goal:
        let (x, y) = (center.x - 0.25...center.x + 0.25, center.y - 0.22...center.y + 0.18)
        scene.backdrop += [
          .rectangle(x: x, y: y, .green),
          .line([[x.lowerBound, center.y], [x.upperBound, center.y]], .yellow, width: 0.09),
          .line([[center.x, y.lowerBound], [center.x, y.upperBound]], .yellow, width: 0.09),
          .circle(center: center + [-0.07, 0.24], radius: 0.06, .yellow),
          .circle(center: center + [0.07, 0.24], radius: 0.06, .yellow),
        ]
      }
    }
    scene.shapes = grid.walker(
      state.cell / map.columns, state.cell % map.columns,
      map.cells[state.cell] == .hole ? .red : .orange)
    return scene
  }
}
