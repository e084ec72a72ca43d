/// A picture of an environment's state: shapes in the units of its world, drawn in their order.
///
/// It is a value, and says nothing about pixels. Readers turn it into SVG, JSON for a page, or text for a terminal,
/// each at a size of its own and with colours for its background.
///
/// ```swift
/// var scene = Scene(x: 0...4, y: 0...3)
/// scene.backdrop = [.line([[0, 0.5], [4, 0.5]], .muted, width: 0.02)]
/// scene.shapes = [.circle(center: [2, 1], radius: 0.5, .blue)]
/// ```
public struct Scene: Codable, Hashable, Sendable {
  /// A position: to the right, and upwards.
  public typealias Point = SIMD2<Double>

  /// What is seen from left to right.
  public var x: ClosedRange<Double>
  /// What is seen from the bottom to the top.
  public var y: ClosedRange<Double>
  /// Shapes behind the others, which are the same in every picture of an episode: a reader keeps them once.
  public var backdrop: [Shape]
  /// The shapes.
  public var shapes: [Shape]

  /// Makes a picture of a part of the plane.
  public init(
    x: ClosedRange<Double>, y: ClosedRange<Double>, backdrop: [Shape] = [], shapes: [Shape] = []
  ) {
    self.x = x
    self.y = y
    self.backdrop = backdrop
    self.shapes = shapes
  }

  /// A shape, with its colour.
  public enum Shape: Codable, Hashable, Sendable {
    /// Straight lines from point to point.
    case line([Point], Color, width: Double)
    /// An area with straight edges.
    case polygon([Point], Color)
    /// A disc.
    case circle(center: Point, radius: Double, Color)
    /// Text in the middle of which the point lies, with the height of a capital letter.
    case text(String, at: Point, height: Double, Color)
    /// A picture in PNG that fills the part of the plane, such as a frame that another program drew.
    case image(png: [UInt8], x: ClosedRange<Double>, y: ClosedRange<Double>)

    /// A rectangle.
    public static func rectangle(
      x: ClosedRange<Double>, y: ClosedRange<Double>, _ color: Color
    ) -> Shape {
      .polygon(
        [
          [x.lowerBound, y.lowerBound], [x.upperBound, y.lowerBound], [x.upperBound, y.upperBound],
          [x.lowerBound, y.upperBound],
        ], color)
    }
  }

  /// A colour by its part in the picture: each reader has tones for light and for dark backgrounds.
  public enum Color: String, CaseIterable, Codable, Hashable, Sendable {
    /// That of text.
    case ink
    /// For lines that help the eye, such as those of a grid.
    case muted
    /// For areas behind everything, such as ground or walls.
    case ground
    /// For the background itself, to draw over something.
    case paper
    /// Tones that differ from each other and from all above.
    case blue, orange, green, red, purple, brown, pink, olive, cyan, yellow
  }
}
