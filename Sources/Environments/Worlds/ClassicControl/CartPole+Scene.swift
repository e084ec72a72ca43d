internal import CSARSAMath

extension CartPole: Drawable {
  /// The cart on its track, with the pole in its true length and angle; ticks at the limits of the position.
  public var scene: Scene {
    var scene = Scene(x: -2.7...2.7, y: -0.5...1.4)
    scene.backdrop = [
      .rectangle(x: -2.7...2.7, y: -0.5 ... -0.12, .ground),
      .line([[-2.4, -0.12], [2.4, -0.12]], .muted, width: 0.02),
      .line([[-2.4, -0.2], [-2.4, -0.04]], .muted, width: 0.03),
      .line([[2.4, -0.2], [2.4, -0.04]], .muted, width: 0.03),
    ]
    let axle: Scene.Point = [state.position, 0.06]
    let length = 2 * Self.length
    let tip = axle + length * [sarsa_sin(state.angle), sarsa_cos(state.angle)]
    scene.shapes = [
      .rectangle(x: axle.x - 0.2...axle.x + 0.2, y: -0.12...0.12, .blue),
      .line([axle, tip], .orange, width: 0.08),
      .circle(center: axle, radius: 0.035, .paper),
    ]
    return scene
  }
}
