internal import CSARSAMath

extension Acrobot: Drawable {
  /// Both links, and the line that the free end is to pass.
  public var scene: Scene {
    var scene = Scene(x: -2.2...2.2, y: -2.2...2.2)
    scene.backdrop = [
      .line([[-2.2, 1], [2.2, 1]], .green, width: 0.03),
      .line([[-0.5, 0], [0.5, 0]], .muted, width: 0.05),
    ]
    let angles = [state.firstAngle, state.firstAngle + state.secondAngle]
    let links = angles.map { Scene.Point(sarsa_sin($0), -sarsa_cos($0)) }
    let (bar, joint, end) = (Scene.Point.zero, links[0], links[0] + links[1])
    scene.shapes = [
      .line([bar, joint], .blue, width: 0.16), .line([joint, end], .cyan, width: 0.16),
      .circle(center: bar, radius: 0.05, .paper), .circle(center: joint, radius: 0.05, .paper),
      .circle(center: end, radius: 0.12, .orange),
    ]
    return scene
  }
}
