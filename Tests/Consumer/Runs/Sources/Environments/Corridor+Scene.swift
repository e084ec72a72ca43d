public import DeepSARSA

extension Corridor: Drawable {
  /// The floor, and who walks, in the colour of the light.
  public var scene: Scene {
    var scene = Scene(x: -4...4, y: -1...1)
    scene.backdrop = [.line([[-3.5, -0.4], [3.5, -0.4]], .muted, width: 0.05)]
    scene.shapes = [
      .circle(center: [Double(state.position), 0], radius: 0.35, state.prize < 0 ? .red : .green)
    ]
    return scene
  }
}
