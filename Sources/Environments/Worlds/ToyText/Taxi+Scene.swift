extension Taxi: Drawable {
  /// The town with its walls and stops, the taxi, the passenger, and a frame around the destination.
  public var scene: Scene {
    let grid = SceneGrid(rows: 5, columns: 5)
    let colors: [Scene.Color] = [.red, .green, .yellow, .blue]
    var scene = grid.scene
    for (row, isOpen) in Place.isOpen.enumerated() {
      for (column, isOpen) in isOpen.enumerated() where !isOpen {
        scene.backdrop.append(grid.wall(from: (row, column), to: (row, column + 1)))
      }
    }
    scene.backdrop.append(grid.border)
    for ((row, column), color) in zip(Place.places, colors) {
      scene.backdrop.append(grid.square(row, column, size: 0.8, color))
    }

    let place = Place(number: state.number)
    let stop = Place.places[place.destination]
    let (middle, half) = (grid.center(stop.0, stop.1), 0.4)
    let corners: [Scene.Point] = [
      [-half, -half], [half, -half], [half, half], [-half, half], [-half, -half],
    ]
    scene.shapes = [.line(corners.map { middle + $0 }, .ink, width: 0.1)]
    if place.passenger != Place.inTaxi {
      let stop = Place.places[place.passenger]
      scene.shapes += Self.passenger(at: grid.center(stop.0, stop.1), size: 1)
    }
    let taxi = grid.center(place.row, place.column)
    scene.shapes += Self.car(at: taxi)
    if place.passenger == Place.inTaxi {
      scene.shapes += Self.passenger(at: taxi + [0, 0.1], size: 0.7)
    }
    return scene
  }

  /// A head above shoulders.
  private static func passenger(at point: Scene.Point, size: Double) -> [Scene.Shape] {
    [
      .polygon(
        [[-0.2, -0.25], [0.2, -0.25], [0.15, 0], [-0.15, 0]].map { point + size * $0 }, .purple),
      .circle(center: point + [0, 0.12 * size], radius: 0.13 * size, .purple),
    ]
  }

  /// A car from the side.
  private static func car(at point: Scene.Point) -> [Scene.Shape] {
    let body: [Scene.Point] = [
      [-0.38, -0.2], [0.38, -0.2], [0.38, 0.02], [0.24, 0.06], [0.14, 0.24], [-0.2, 0.24],
      [-0.28, 0.06], [-0.38, 0.02],
    ]
    return [
      .polygon(body.map { point + $0 }, .orange),
      .circle(center: point + [-0.2, -0.2], radius: 0.1, .ink),
      .circle(center: point + [0.2, -0.2], radius: 0.1, .ink),
    ]
  }
}
