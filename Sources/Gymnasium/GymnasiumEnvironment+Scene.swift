public import SARSAEnvironments

extension GymnasiumEnvironment: Drawable {
  /// The frame that the environment draws for `render_mode="rgb_array"`, a pixel for a unit.
  ///
  /// - Throws: `GymnasiumError` if it cannot be drawn, or if pictures were not asked for by
  ///   `GymnasiumOptions.drawsPictures`.
  /// - Complexity: a message to the process and one back, and the drawing itself.
  public var scene: Scene {
    get throws(GymnasiumError) {
      let png = try picture()
      guard let (width, height) = Self.size(ofPNG: png) else {
        throw GymnasiumError(
          id: specification.id, request: .draw, reason: .garbled("a picture that is not a PNG"))
      }
      let (x, y) = (0...Double(width), 0...Double(height))
      return Scene(x: x, y: y, shapes: [.image(png: png, x: x, y: y)])
    }
  }

  /// Whether pictures were asked for.
  public var hasScene: Bool { vector.hasPictures }

  /// The sides of a PNG in pixels, at most 65,535 each; `nil` if the bytes do not begin as one.
  private static func size(ofPNG bytes: [UInt8]) -> (width: Int, height: Int)? {
    let header: [UInt8] =
      [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13] + Array("IHDR".utf8)
    guard bytes.starts(with: header), bytes.count >= 24 else { return nil }
    func side(at place: Int) -> Int { bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } }
    let (width, height) = (side(at: 16), side(at: 20))
    let allowed = 1...0xFFFF
    return allowed.contains(width) && allowed.contains(height) ? (width, height) : nil
  }
}
