extension Maze: Drawable {
  /// The cells and walls, who walks among them, and a flag at the goal.
  public var scene: Scene {
    let grid = SceneGrid(rows: Self.side, columns: Self.side)
    var scene = grid.scene
    scene.backdrop += Self.walls.map { grid.wall(from: $0, to: $1) } + [grid.border]
    scene.backdrop += grid.flag(Self.goal / Self.side, Self.goal % Self.side)
    scene.shapes = grid.walker(state.cell / Self.side, state.cell % Self.side)
    return scene
  }
}
