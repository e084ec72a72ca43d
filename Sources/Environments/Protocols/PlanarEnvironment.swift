/// A deterministic environment whose state is a point of a plane: two numbers between bounds.
///
/// Its optimum is computed on a grid over the plane.
public protocol PlanarEnvironment: Environment where Failure == Never {
  /// The bounds of both numbers.
  var plane: Plane { get }

  /// The current point.
  var point: SIMD2<Double> { get }

  /// Starts an episode at a point.
  ///
  /// - Precondition: the plane contains the point.
  mutating func start(at point: SIMD2<Double>)

  /// Points at which episodes start, evenly spaced over all starts.
  ///
  /// - Precondition: the count is at least 2.
  func starts(_ count: Int) -> [SIMD2<Double>]
}

/// The bounds of a point's two numbers, with their names.
public struct Plane: Hashable, Sendable {
  /// The bounds of the first number.
  public var x: ClosedRange<Double>
  /// The bounds of the second number.
  public var y: ClosedRange<Double>
  /// What the first number is, such as a position.
  public var xName: String
  /// What the second number is.
  public var yName: String

  /// Makes a plane.
  public init(
    x: ClosedRange<Double>, y: ClosedRange<Double>, xName: String = "x", yName: String = "y"
  ) {
    self.x = x
    self.y = y
    self.xName = xName
    self.yName = yName
  }
}

extension TimeLimit: PlanarEnvironment where Base: PlanarEnvironment {
  /// That of the inner environment.
  public var plane: Plane { base.plane }

  /// That of the inner environment.
  public var point: SIMD2<Double> { base.point }

  /// Starts an episode, and restarts the count.
  public mutating func start(at point: SIMD2<Double>) {
    base.start(at: point)
    elapsedSteps = 0
  }

  /// Those of the inner environment.
  public func starts(_ count: Int) -> [SIMD2<Double>] { base.starts(count) }
}
