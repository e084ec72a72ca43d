extension CliffWalking: Drawable {
  /// The cells along the cliff, the start, a flag at the goal, and who walks there.
  public var scene: Scene {
    let grid = SceneGrid(rows: Self.rows, columns: Self.columns)
    var scene = grid.scene
    let cliff = 1.0...Double(Self.columns - 1)
    scene.backdrop += [
      .rectangle(x: cliff, y: 0...1, .brown), .rectangle(x: cliff, y: 0.9...1, .olive),
      .text("S", at: grid.center(Self.rows - 1, 0), height: 0.4, .muted),
    ]
    scene.backdrop += grid.flag(Self.goal / Self.columns, Self.goal % Self.columns)
    scene.shapes = grid.walker(state.cell / Self.columns, state.cell % Self.columns)
    return scene
  }
}
