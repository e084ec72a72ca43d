internal import CSARSAMath
public import SARSARandomSources
internal import SARSAPreconditions

/// A car in a valley whose engine is weaker than gravity: it must swing to climb out.
///
/// # Description
/// The car's position follows a sine-shaped track. Pushing uphill alone does not reach the goal;
/// the way out is to build up speed by driving back and forth. Every trajectory equals Gymnasium's
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
/// −1 a step, the step that reaches the goal included.
///
/// # Starting state
/// A position from U(−0.6, −0.4), or from another range, at rest.
///
/// # Episode end
/// Terminated when the position reaches 0.5, with at least a velocity of 0 or another. `MountainCar-v0` is truncated after 200 steps, by
/// `TimeLimit`.
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
    /// The stream that starts are drawn from.
    public var random: PCG64

    /// Makes a state, such as one to start an experiment from.
    public init(position: Double, velocity: Double, random: PCG64) {
      self.position = position
      self.velocity = velocity
      self.random = random
    }
  }

  /// Everything there is.
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

  /// Makes a car at rest in the middle of its usual starts; `reset(seed:)` draws a real one.
  ///
  /// - Parameters:
  ///   - goalVelocity: the velocity that the car needs at the goal.
  ///   - starts: what the position of a start is drawn from.
  public init(goalVelocity: Double = 0, starts: ClosedRange<Double> = -0.6 ... -0.4) {
    self.goalVelocity = goalVelocity
    self.starts = starts
    state = State(position: -0.5, velocity: 0, random: PCG64(seed: 0))
  }

  /// Two numbers in, three actions; the time limit is the wrapper's.
  public var specification: EnvironmentSpecification {
    EnvironmentSpecification(
      id: "MountainCar-v0", observationSpace: Self.observationSpace, actionCount: 3,
      rewardThreshold: -110)
  }

  /// Draws a start.
  public mutating func reset(seed: UInt64?) {
    if let seed { state.random = PCG64(seed: seed) }
    state.position = state.random.uniform(starts.lowerBound, starts.upperBound)
    state.velocity = 0
  }

  /// Pushes, and moves.
  public mutating func step(_ action: Int) -> Step {
    require(action >= 0 && action < 3, "action is %; allowed: 0 to 2", action)
    // The order of every operation is Gymnasium's: another order has other last bits.
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

/// The nearest number within two bounds.
private func clamp(_ x: Double, _ low: Double, _ high: Double) -> Double {
  x < low ? low : (x > high ? high : x)
}
