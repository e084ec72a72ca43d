import Foundation
import SARSAEnvironments
import SARSARandomSources
import Testing

@Suite("Pictures of environments")
struct SceneTests {
  @Test("the pole's tip is where its angle says, and the cart where its position is")
  func pole() throws {
    var environment = CartPole()
    environment.state.position = 1.5
    environment.state.angle = 0.2
    let pole = try #require(environment.scene.shapes.lines(.orange).first)
    let offset = pole[1] - pole[0]
    #expect(abs(pole[0].x - 1.5) < 1e-12)
    #expect(abs(offset.x - sin(0.2)) < 1e-12 && abs(offset.y - cos(0.2)) < 1e-12)
  }

  @Test(
    "the car's wheels touch the track, and the flag is at the goal",
    arguments: [-1.1, -0.5, 0, 0.45])
  func car(position: Double) throws {
    var environment = MountainCar()
    environment.state.position = position
    let scene = environment.scene
    let wheels = scene.shapes.circles(.ink)
    #expect(wheels.count == 2)
    for (center, radius) in wheels {
      // The distance of the nearest point of the track, whose height Gymnasium gives.
      let distances = stride(from: center.x - 0.05, through: center.x + 0.05, by: 0.0005).map {
        let height = sin(3 * $0) * 0.45 + 0.55
        return hypot($0 - center.x, height - center.y)
      }
      #expect(abs((distances.min() ?? 1) - radius) < 0.006)
    }
    let pole = try #require(scene.backdrop.lines(.ink).first)
    #expect(pole[0] == [0.5, sin(1.5) * 0.45 + 0.55])
  }

  @Test("the acrobot's links are one metre long, and its end is where both angles say")
  func acrobot() throws {
    var environment = Acrobot()
    environment.state.firstAngle = 1
    environment.state.secondAngle = 0.5
    let shapes = environment.scene.shapes
    let end = try #require(shapes.circles(.orange).first).center
    #expect(abs(end.x - sin(1) - sin(1.5)) < 1e-12 && abs(end.y + cos(1) + cos(1.5)) < 1e-12)
  }

  @Test("Taxi's passenger waits at a stop, or sits in the taxi; a frame is around the destination")
  func taxi() throws {
    var environment = Taxi()
    // The taxi in row 2, column 1; the passenger at G, in the upper right corner; the destination is Y.
    environment.state.number = ((2 * 5 + 1) * 5 + 1) * 4 + 2
    let head = try #require(environment.scene.shapes.circles(.purple).first).center
    #expect(abs(head.x - 4.5) < 0.3 && abs(head.y - 4.5) < 0.3)
    let frame = try #require(environment.scene.shapes.lines(.ink).first)
    #expect(frame.allSatisfy { abs($0.x - 0.5) <= 0.4 && abs($0.y - 0.5) <= 0.4 })
    environment.state.number = ((2 * 5 + 1) * 5 + 4) * 4 + 2
    let aboard = try #require(environment.scene.shapes.circles(.purple).first).center
    #expect(abs(aboard.x - 1.5) < 0.3 && abs(aboard.y - 2.5) < 0.3)
  }

  @Test("a walker in a hole of FrozenLake is red, and stands in the hole's cell")
  func lake() throws {
    var environment = FrozenLake()
    environment.state.cell = 5
    let walker = try #require(environment.scene.shapes.circles(.red).first)
    #expect(environment.scene.backdrop.circles(.blue).contains { $0.center == walker.center })
    #expect(walker.center == [1.5, 2.5])
  }

  @Test("MinAtar's cells have a square of their channel's colour")
  func cells() {
    let environment = MinAtar<Breakout>()
    let shapes = environment.scene.shapes
    // Three rows of ten bricks, the paddle, the ball and its trail.
    #expect(shapes.count == 33)
    #expect(shapes.filter { if case .polygon(_, .red) = $0 { true } else { false } }.count == 30)
  }

  private static let wrapped: [String: ArgumentValue] = [
    "frame_stack": .integer(2), "action_repeat": .integer(2), "action_masks": .boolean(false),
    "time_aware": .boolean(true), "max_episode_steps": .integer(60),
  ]

  @Test(
    "every built-in environment is drawn within its bounds, with one backdrop for an episode",
    arguments: EnvironmentRegistry.ids, [[:], wrapped])
  func all(id: String, arguments: [String: ArgumentValue]) throws {
    try check(EnvironmentRegistry.make(id, arguments: arguments))
  }

  private func check<World: Environment>(_ environment: World) throws {
    var environment = environment
    var random = PCG64(seed: 3)
    try environment.reset(seed: 3)
    func scene() throws -> Scene {
      let drawable = try #require(environment as? any Drawable)
      #expect(drawable.hasScene)
      return try drawable.scene
    }
    var first = try scene()
    for _ in 0..<200 {
      let step = try environment.step(random.integer(below: environment.specification.actionCount))
      let now = try scene()
      #expect(now.x == first.x && now.y == first.y && now.backdrop == first.backdrop)
      for shape in now.backdrop + now.shapes {
        #expect(shape.isWithin(now), "\(shape)")
      }
      #expect(!now.shapes.isEmpty)
      if step.isLast {
        try environment.reset(seed: nil)
        first = try scene()
      }
    }
  }
}

extension [Scene.Shape] {
  fileprivate func lines(_ color: Scene.Color) -> [[Scene.Point]] {
    compactMap { if case .line(let points, color, _) = $0 { points } else { nil } }
  }

  fileprivate func circles(_ color: Scene.Color) -> [(center: Scene.Point, radius: Double)] {
    compactMap {
      if case .circle(let center, let radius, color) = $0 { (center, radius) } else { nil }
    }
  }
}

extension Scene.Shape {
  fileprivate func isWithin(_ scene: Scene) -> Bool {
    let points: [Scene.Point]
    let margin: Double
    switch self {
    case .line(let all, _, _): (points, margin) = (all, 0)
    case .polygon(let all, _): (points, margin) = (all, 0)
    case .circle(let center, let radius, _): (points, margin) = ([center], radius)
    case .text(_, let point, let height, _): (points, margin) = ([point], height / 2)
    case .image(_, let x, let y):
      (points, margin) = ([[x.lowerBound, y.lowerBound], [x.upperBound, y.upperBound]], 0)
    }
    return points.allSatisfy { point in
      point.x - margin >= scene.x.lowerBound && point.x + margin <= scene.x.upperBound
        && point.y - margin >= scene.y.lowerBound && point.y + margin <= scene.y.upperBound
    }
  }
}
