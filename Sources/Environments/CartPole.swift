internal import CSARSAMath
public import SARSARandomSources

/// A pole on a cart that must not fall: the cart is pushed left or right.
///
/// # Description
/// A pole is hinged to a cart on a frictionless track. It starts nearly upright, and falls unless the
/// cart keeps moving under it. Every trajectory equals Gymnasium's to the bit.
///
/// # Action space
/// 0 pushes left, 1 pushes right, with a force of 10 N.
///
/// # Observation space
/// | number | meaning | episode ends beyond |
/// | --- | --- | --- |
/// | 0 | the cart's position, m | ±2.4 |
/// | 1 | its velocity, m/s | |
/// | 2 | the pole's angle, rad | ±12° |
/// | 3 | its angular velocity, rad/s | |
///
/// # Rewards
/// 1 a step, the step in which the pole falls included.
///
/// # Starting state
/// All four numbers from U(−0.05, 0.05).
///
/// # Episode end
/// Terminated when position or angle leave their bounds. `CartPole-v1` is truncated after 500 steps,
/// `CartPole-v0` after 200, by `TimeLimit`.
///
/// # Version
/// `CartPole-v1`, solved at a mean return of 475; `CartPole-v0`, solved at 195.
///
/// Source: A. G. Barto, R. S. Sutton, C. W. Anderson, "Neuronlike Adaptive Elements That Can Solve
/// Difficult Learning Control Problems", 1983, https://doi.org/10.1109/TSMC.1983.6313077; Gymnasium's
/// `cartpole.py` for constants and integration.
public struct CartPole: Environment {
  /// Cart, pole and the random stream.
  public struct State: Codable, Hashable, Sendable {
    /// The cart's position, m.
    public var position: Double
    /// The cart's velocity, m/s.
    public var velocity: Double
    /// The pole's angle from upright, rad.
    public var angle: Double
    /// The pole's angular velocity, rad/s.
    public var angularVelocity: Double
    /// The stream that starts are drawn from.
    public var random: PCG64

    /// Makes a state, such as one to start an experiment from.
    public init(
      position: Double, velocity: Double, angle: Double, angularVelocity: Double, random: PCG64
    ) {
      self.position = position
      self.velocity = velocity
      self.angle = angle
      self.angularVelocity = angularVelocity
      self.random = random
    }
  }

  /// Everything there is.
  public var state: State

  private let version: Version

  /// What Gymnasium has registered; the versions differ in their time limits alone.
  public enum Version: String, CaseIterable, Sendable {
    /// 200 steps.
    case v0 = "CartPole-v0"
    /// 500 steps.
    case v1 = "CartPole-v1"

    /// The steps after which an episode is cut.
    public var maximumSteps: Int { self == .v0 ? 200 : 500 }
  }

  private static let gravity = 9.8
  private static let poleMass = 0.1
  private static let totalMass = 0.1 + 1.0
  /// Half the pole's.
  private static let length = 0.5
  private static let force = 10.0
  private static let timeStep = 0.02
  private static let angleLimit = 12 * 2 * Double.pi / 360
  private static let positionLimit = 2.4

  /// Makes a pole at rest, upright; `reset(seed:)` draws a real start.
  public init(_ version: Version = .v1) {
    self.version = version
    state = State(position: 0, velocity: 0, angle: 0, angularVelocity: 0, random: PCG64(seed: 0))
  }

  /// Four numbers in, two actions; the time limit is the wrapper's.
  public var specification: EnvironmentSpecification {
    EnvironmentSpecification(
      id: version.rawValue, observationSize: 4, actionCount: 2,
      rewardThreshold: version == .v0 ? 195 : 475)
  }

  /// Draws a start.
  public mutating func reset(seed: UInt64?) {
    if let seed { state.random = PCG64(seed: seed) }
    state.position = state.random.uniform(-0.05, 0.05)
    state.velocity = state.random.uniform(-0.05, 0.05)
    state.angle = state.random.uniform(-0.05, 0.05)
    state.angularVelocity = state.random.uniform(-0.05, 0.05)
  }

  /// Pushes, and moves: one Euler step with the velocities before it.
  public mutating func step(_ action: Int) -> Step {
    precondition(action >= 0 && action < 2, "action \(action) of 2")
    // The order of every operation is Gymnasium's: another order has other last bits.
    let force = action == 1 ? Self.force : -Self.force
    let (cosine, sine) = (sarsa_cos(state.angle), sarsa_sin(state.angle))
    let poleMassLength = Self.poleMass * Self.length
    let squaredVelocity = state.angularVelocity * state.angularVelocity
    let push = (force + poleMassLength * squaredVelocity * sine) / Self.totalMass
    let inertia = 4.0 / 3.0 - Self.poleMass * (cosine * cosine) / Self.totalMass
    let angularAcceleration = (Self.gravity * sine - cosine * push) / (Self.length * inertia)
    let acceleration = push - poleMassLength * angularAcceleration * cosine / Self.totalMass

    state.position += Self.timeStep * state.velocity
    state.velocity += Self.timeStep * acceleration
    state.angle += Self.timeStep * state.angularVelocity
    state.angularVelocity += Self.timeStep * angularAcceleration
    return Step(
      reward: 1,
      isTerminated: abs(state.position) > Self.positionLimit || abs(state.angle) > Self.angleLimit)
  }

  /// Writes position, velocity, angle and angular velocity.
  public func observe(into observation: inout MutableSpan<Float>) {
    observation[0] = Float(state.position)
    observation[1] = Float(state.velocity)
    observation[2] = Float(state.angle)
    observation[3] = Float(state.angularVelocity)
  }
}
