extension MinAtar: Drawable {
  /// A square for each channel of a cell that is set, the small ones over the large ones.
  public var scene: Scene {
    let grid = SceneGrid(rows: MinAtarBoard.side, columns: MinAtarBoard.side)
    var scene = grid.scene
    let board = observation
    let channels = (0..<Game.Channel.count).compactMap(Game.Channel.init)
    // The last channels first: the player, who is in the first, is over the rest, and what changes with every step is
    // together, so that a record of the differences is short.
    for size in Set(channels.map(\.size)).sorted(by: >) where size > 0 {
      for channel in channels.reversed() where channel.size == size {
        for cell in 0..<MinAtarBoard.side * MinAtarBoard.side
        where board[cell * Game.Channel.count + channel.rawValue] > 0 {
          let (row, column) = cell.quotientAndRemainder(dividingBy: MinAtarBoard.side)
          scene.shapes.append(grid.square(row, column, size: 0.95 * size, channel.color))
        }
      }
    }
    return scene
  }
}
