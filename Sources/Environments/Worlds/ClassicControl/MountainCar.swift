internal import CSARSAMath
public import SARSARandomSources
internal import SARSAPreconditions

/// A car in a valley with an engine too weak to drive straight up: it must swing back and forth.
///
/// # Description
/// The car's position follows a sine-shaped track. Pushing uphill alone does not reach the goal;
/// the car must gain speed by driving back and forth. Every trajectory equals Gymnasium's
/// to the bit.
///
/// # Action space
/// 0 pushes left, 1 does nothing, 2 pushes right.
///
/// # Observation space
/// | number | meaning | low | high |
/// | --- | --- | --- | --- |
/// | 0 | position | −1.2 | 0.6 |
/// | 1 | velocity | −0.07 | 0.07 |
///
/// # Rewards
/// −1 per step, including the step that reaches the goal.
///
/// # Starting state
/// A position from U(−0.6, −0.4), or from another range, at rest.
///
/// # Episode end
/// Terminated when the position reaches 0.5 with a velocity of at least 0, or another given velocity.
/// `MountainCar-v0` is truncated after 200 steps, by `TimeLimit`.
///
/// # Version
/// `MountainCar-v0`, solved at a mean return of −110.
///
/// Source: A. W. Moore, "Efficient Memory-based Learning for Robot Control", 1990,
/// https://doi.org/10.48456/tr-209; Gymnasium's `mountain_car.py` for the constants.
public struct MountainCar: Environment {
  /// Position, velocity and the random stream.
  public struct State: Codable, Hashable, Sendable {
    /// The position along the track.
    public var position: Double
    /// The change of position per step.
    public var velocity: Double
    /// The random stream of the starting states.
    public var random: PCG64

    /// Makes a state, such as one to start an experiment from.
    public init(position: Double, velocity: Double, random: PCG64) {
      self.position = position
      self.velocity = velocity
      self.random = random
    }
  }

  /// The current state.
  public var state: State

  /// The lowest and highest position, and the goal's.
  static let positions = -1.2...0.6
  static let goal = 0.5
  static let speedLimit = 0.07
  private static let observationSpace = ObservationSpace.box(
    low: [Float(positions.lowerBound), -Float(speedLimit)],
    high: [Float(positions.upperBound), Float(speedLimit)], shape: [2])

  private let goalVelocity: Double
  private let starts: ClosedRange<Double>

  /// Makes a car at rest at −0.5; `reset(seed:)` draws a starting state.
  ///
  /// - Parameters:
  ///   - goalVelocity: the velocity that the car needs at the goal.
  ///   - starts: the range of starting positions.
  public init(goalVelocity: Double = 0, starts: ClosedRange<Double> = -0.6 ... -0.4) {
    self.goalVelocity = goalVelocity
    self.starts = starts
    state = State(position: -0.5, velocity: 0, random: PCG64(seed: 0))
  }

  /// Two numbers and three actions; the wrapper adds the time limit.
  public var specification: EnvironmentSpecification {
    EnvironmentSpecification(
      id: "MountainCar-v0", observationSpace: Self.observationSpace, actionCount: 3,
      rewardThreshold: -110)
  }

  /// Whether the observation is finite.
  public func accepts(_ state: State) -> Bool {
    Float(state.position).isFinite && Float(state.velocity).isFinite
  }

  /// Draws a start.
  public mutating func reset(seed: UInt64?) {
    if let seed { state.random = PCG64(seed: seed) }
    state.position = state.random.uniform(starts.lowerBound, starts.upperBound)
    state.velocity = 0
  }

  /// Applies the engine's force and moves the car.
  public mutating func step(_ action: Int) -> Step {
    require(action >= 0 && action < 3, "action is %; allowed: 0 to 2", action)
    // The order of all operations is Gymnasium's: another order would change the last bits.
    var velocity = state.velocity
    velocity += Double(action - 1) * 0.001 + sarsa_cos(3 * state.position) * -0.0025
    velocity = clamp(velocity, -Self.speedLimit, Self.speedLimit)
    var position = state.position + velocity
    position = clamp(position, Self.positions.lowerBound, Self.positions.upperBound)
    if position == Self.positions.lowerBound && velocity < 0 { velocity = 0 }
    state.position = position
    state.velocity = velocity
    return Step(reward: -1, isTerminated: position >= Self.goal && velocity >= goalVelocity)
  }

  /// Writes position and velocity.
  public func observe(into observation: inout MutableSpan<Float>) {
    observation[0] = Float(state.position)
    observation[1] = Float(state.velocity)
  }
}

extension MountainCar: PlanarEnvironment {
  /// Position and velocity.
  public var plane: Plane {
    Plane(
      x: Self.positions, y: -Self.speedLimit...Self.speedLimit, xName: "position",
      yName: "velocity")
  }

  /// Position and velocity.
  public var point: SIMD2<Double> { SIMD2(state.position, state.velocity) }

  /// Puts the car at a position, with a velocity.
  public mutating func start(at point: SIMD2<Double>) {
    (state.position, state.velocity) = (point.x, point.y)
  }

  /// Positions from the first start to the last, at rest.
  public func starts(_ count: Int) -> [SIMD2<Double>] {
    require(count > 1, "count is %; allowed: 2 or more", count)
    let width = starts.upperBound - starts.lowerBound
    return (0..<count).map {
      SIMD2(starts.lowerBound + width * Double($0) / Double(count - 1), 0)
    }
  }
}

extension MountainCar {
  /// Its entry in the registry.
  static var entries: [EnvironmentRegistry.Entry] {
    [
      .init("MountainCar-v0", maximumSteps: 200) { arguments throws(EnvironmentError) in
        MountainCar(
          goalVelocity: try arguments.number("goal_velocity", default: 0, in: -1...1),
          starts: try arguments.starts(default: -0.6 ... -0.4, within: -1.2...0.6))
      }
    ]
  }
}

/// The number, clipped to two bounds.
private func clamp(_ x: Double, _ low: Double, _ high: Double) -> Double {
  x < low ? low : (x > high ? high : x)
}
