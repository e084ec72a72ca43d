import SARSAEnvironments
import SARSAGymnasium
import Testing

@Suite("Pictures of Gymnasium's environments")
struct SceneTests {
  /// The sides of the picture, which the fake makes of its state.
  private func sides(of environment: GymnasiumEnvironment) throws -> [Double] {
    let scene = try environment.scene
    #expect(scene.x.lowerBound == 0 && scene.y.lowerBound == 0 && scene.shapes.count == 1)
    return [scene.x.upperBound, scene.y.upperBound]
  }

  @Test("a picture is of the current state, and after an episode's end of its last one")
  func states() throws {
    var environment = try fake { $0.drawsPictures = true }
    #expect(environment.hasScene)
    try environment.reset(seed: 7)
    for step in 1...4 {
      #expect(try environment.step(0).isLast == false)
      #expect(try sides(of: environment) == [1, Double(step + 1)])
    }
    #expect(try environment.step(0).isLast)
    #expect(try sides(of: environment) == [2, 6])
    try environment.reset(seed: nil)
    #expect(try sides(of: environment) == [1, 6])
  }

  @Test("a copy draws its own state after the other went on, and a state that was set")
  func copies() throws {
    var environment = try fake { $0.drawsPictures = true }
    try environment.reset(seed: 7)
    _ = try environment.step(0)
    let copy = environment
    let state = environment.state
    _ = try environment.step(0)
    #expect(try sides(of: copy) == [1, 2])
    #expect(try sides(of: environment) == [1, 3])
    environment.state = state
    #expect(try sides(of: environment) == [1, 2])
  }

  @Test("without pictures there is no scene, and an environment that cannot be drawn says so")
  func failures() throws {
    var plain = try fake()
    try plain.reset(seed: 7)
    #expect(!plain.hasScene)
    #expect(throws: GymnasiumError.self) { try plain.scene }
    for (fault, reason) in [
      ("drawsNothing", GymnasiumError.Reason.raised("it cannot be drawn")),
      ("drawsGarbage", .garbled("a picture that is not a PNG")),
    ] {
      var environment = try fake(fault) { $0.drawsPictures = true }
      try environment.reset(seed: 7)
      let error = #expect(throws: GymnasiumError.self) { try environment.scene }
      #expect(error?.request == .draw && error?.reason == reason)
    }
  }
}
