public import SARSAEnvironments

extension GymnasiumEnvironment: Drawable {
  /// The frame that the environment draws for `render_mode="rgb_array"`, a pixel for a unit.
  ///
  /// - Throws: `GymnasiumError` if it cannot be drawn, or if pictures were not asked for by
  ///   `GymnasiumOptions.drawsPictures`.
  /// - Complexity: a message to the process and one back, and the drawing itself.
  public var scene: Scene {
    get throws(GymnasiumError) {
      let picture = try picture()
      let (x, y) = (0...Double(picture.width), 0...Double(picture.height))
      return Scene(x: x, y: y, shapes: [.image(png: picture.png, x: x, y: y)])
    }
  }

  /// Whether pictures were asked for.
  public var hasScene: Bool { vector.hasPictures }
}
