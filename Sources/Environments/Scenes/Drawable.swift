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

  /// Whether there is a picture; by default there always is.
  ///
  /// It is false if the environment draws only when it is asked to from the beginning, and was not. Then `scene` must
  /// not be read.
  var hasScene: Bool { get }
}

extension Drawable {
  /// True.
  public var hasScene: Bool { true }
}

extension TimeLimit: Drawable where Base: Drawable {
  /// That of the inner environment.
  public var scene: Scene { get throws(Base.Failure) { try base.scene } }
  /// Whether the inner environment has one.
  public var hasScene: Bool { base.hasScene }
}

extension ActionRepeat: Drawable where Base: Drawable {
  /// That of the inner environment.
  public var scene: Scene { get throws(Base.Failure) { try base.scene } }
  /// Whether the inner environment has one.
  public var hasScene: Bool { base.hasScene }
}

extension Wrapped: Drawable where Base: Drawable {
  /// That of the inner environment.
  public var scene: Scene { get throws(Base.Failure) { try base.scene } }
  /// Whether the inner environment has one.
  public var hasScene: Bool { base.hasScene }
}
