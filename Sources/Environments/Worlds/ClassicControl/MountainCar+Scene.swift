internal import CSARSAMath

extension MountainCar: Drawable {
  /// The car on its track, and the flag at the goal.
  public var scene: Scene {
    var scene = Scene(x: -1.3...0.7, y: 0...1.3)
    let track = (0...100).map { Self.track(at: -1.3 + 0.02 * Double($0)) }
    scene.backdrop =
      [
        .polygon([[-1.3, 0]] + track + [[0.7, 0]], .ground),
        .line(track, .muted, width: 0.012),
      ] + .flag(at: Self.track(at: Self.goal), height: 0.22)
    scene.shapes = car
    return scene
  }

  /// A point of the track.
  static func track(at position: Double) -> Scene.Point {
    [position, 0.55 + 0.45 * sarsa_sin(3 * position)]
  }

  /// The car, with its wheels on the track.
  private var car: [Scene.Shape] {
    let slope = 1.35 * sarsa_cos(3 * state.position)
    let along = Scene.Point(1, slope) / (1 + slope * slope).squareRoot()
    let upwards = Scene.Point(-along.y, along.x)
    let foot = Self.track(at: state.position)
    func point(_ x: Double, _ y: Double) -> Scene.Point { foot + x * along + y * upwards }
    let body = [
      (-0.065, 0.025), (0.065, 0.025), (0.065, 0.055), (0.035, 0.06), (0.018, 0.09),
      (-0.035, 0.09), (-0.05, 0.06), (-0.065, 0.055),
    ]
    return [.polygon(body.map(point), .blue)]
      + [-0.036, 0.036].map { .circle(center: point($0, 0.022), radius: 0.022, .ink) }
      + [-0.036, 0.036].map { .circle(center: point($0, 0.022), radius: 0.009, .muted) }
  }
}
