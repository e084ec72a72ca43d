/// An environment that can be drawn.
///
/// One property is all that a new environment needs to appear in reports, films and terminals:
///
/// ```swift
/// extension Corridor: Drawable {
///   public var scene: Scene {
///     Scene(
///       x: 0...Double(length), y: 0...1,
///       shapes: [.circle(center: [Double(position) + 0.5, 0.5], radius: 0.3, .blue)])
///   }
/// }
/// ```
public protocol Drawable: Environment {
  /// A picture of the current state.
  ///
  /// The bounds and the backdrop are the same in all states of an episode.
  var scene: Scene { get throws(Failure) }
}

extension TimeLimit: Drawable where Base: Drawable {
  /// That of the inner environment.
  public var scene: Scene { get throws(Base.Failure) { try base.scene } }
}

extension Wrapped: Drawable where Base: Drawable {
  /// That of the inner environment.
  public var scene: Scene { get throws(Base.Failure) { try base.scene } }
}
