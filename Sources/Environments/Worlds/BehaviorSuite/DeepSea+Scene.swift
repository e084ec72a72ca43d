extension DeepSea: Drawable {
  /// The diver in the water, and the treasure under its last column.
  public var scene: Scene {
    // One row more, for the bottom of the sea.
    let grid = SceneGrid(rows: size + 1, columns: size)
    var scene = grid.scene
    let chest = grid.center(size, size - 1)
    scene.backdrop += [
      .rectangle(x: 0...Double(size), y: 0...1, .brown),
      .rectangle(x: chest.x - 0.35...chest.x + 0.35, y: chest.y - 0.3...chest.y + 0.2, .yellow),
      .line([[chest.x - 0.35, chest.y], [chest.x + 0.35, chest.y]], .ink, width: 0.05),
    ]
    scene.shapes = grid.walker(state.row, state.column, .cyan)
    return scene
  }
}
