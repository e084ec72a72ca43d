internal import CSARSAMath
public import SARSARandomSources
internal import SARSAPreconditions

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
/// 1 a step, the step in which the pole falls included; with `Reward.book` 0 a step, and −1 for that one.
///
/// # Starting state
/// All four numbers from U(−0.05, 0.05), or from another range.
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
  private let reward: Reward
  private let starts: ClosedRange<Double>

  /// What a step is worth.
  public enum Reward: Sendable {
    /// 1, however it ends.
    case survival
    /// Nothing, and −1 for a fall, as Sutton and Barto have it.
    case book
  }

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

  private static let observationSpace: ObservationSpace = {
    let high = [Float(2 * positionLimit), .infinity, Float(2 * angleLimit), .infinity]
    return .box(low: high.map { -$0 }, high: high, shape: [4])
  }()

  /// Makes a pole at rest, upright; `reset(seed:)` draws a real start.
  ///
  /// - Parameters:
  ///   - version: which time limit the specification speaks of.
  ///   - reward: what a step is worth.
  ///   - starts: what the four numbers of a start are drawn from.
  public init(
    _ version: Version = .v1, reward: Reward = .survival,
    starts: ClosedRange<Double> = -0.05...0.05
  ) {
    self.version = version
    self.reward = reward
    self.starts = starts
    state = State(position: 0, velocity: 0, angle: 0, angularVelocity: 0, random: PCG64(seed: 0))
  }

  /// Four numbers in, two actions; the time limit is the wrapper's.
  public var specification: EnvironmentSpecification {
    EnvironmentSpecification(
      id: version.rawValue, observationSpace: Self.observationSpace, actionCount: 2,
      rewardThreshold: version == .v0 ? 195 : 475)
  }

  /// Draws a start.
  public mutating func reset(seed: UInt64?) {
    if let seed { state.random = PCG64(seed: seed) }
    state.position = draw()
    state.velocity = draw()
    state.angle = draw()
    state.angularVelocity = draw()
  }

  private mutating func draw() -> Double {
    state.random.uniform(starts.lowerBound, starts.upperBound)
  }

  /// Pushes, and moves: one Euler step with the velocities before it.
  public mutating func step(_ action: Int) -> Step {
    require(action >= 0 && action < 2, "action is %; allowed: 0 to 1", action)
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
    let hasFallen =
      abs(state.position) > Self.positionLimit || abs(state.angle) > Self.angleLimit
    let isWorth = reward == .survival ? 1.0 : hasFallen ? -1 : 0
    return Step(reward: isWorth, isTerminated: hasFallen)
  }

  /// Writes position, velocity, angle and angular velocity.
  public func observe(into observation: inout MutableSpan<Float>) {
    observation[0] = Float(state.position)
    observation[1] = Float(state.velocity)
    observation[2] = Float(state.angle)
    observation[3] = Float(state.angularVelocity)
  }
}
