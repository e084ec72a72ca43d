extension Catch: Drawable {
  /// The ball and the paddle.
  public var scene: Scene {
    let grid = SceneGrid(rows: rows, columns: columns)
    var scene = grid.scene
    let paddle = grid.center(rows - 1, state.paddle)
    scene.shapes = [
      .rectangle(
        x: paddle.x - 0.45...paddle.x + 0.45, y: paddle.y - 0.45...paddle.y - 0.15, .blue),
      .circle(center: grid.center(state.row, state.ball), radius: 0.32, .orange),
    ]
    return scene
  }
}
