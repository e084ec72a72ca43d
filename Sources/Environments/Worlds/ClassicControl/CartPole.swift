internal import CSARSAMath
public import SARSARandomSources
internal import SARSAPreconditions

/// A pole on a cart, to be balanced by pushing the cart left or right.
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
/// 1 per step, including the step in which the pole falls. With `Reward.book`, 0 per step and −1 for the
/// step in which it falls.
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
    /// The random stream of the starting states.
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

  /// The current state.
  public var state: State

  private let version: Version
  private let reward: Reward
  private let starts: ClosedRange<Double>

  /// The reward of a step.
  public enum Reward: Sendable {
    /// 1 in every step.
    case survival
    /// 0, and −1 for a fall, as in the book of Sutton and Barto.
    case book
  }

  /// The versions in Gymnasium's registry, which differ only in their time limits.
  public enum Version: String, CaseIterable, Sendable {
    /// 200 steps.
    case v0 = "CartPole-v0"
    /// 500 steps.
    case v1 = "CartPole-v1"

    /// The steps after which an episode is truncated.
    public var maximumSteps: Int { self == .v0 ? 200 : 500 }
  }

  private static let gravity = 9.8
  private static let poleMass = 0.1
  private static let totalMass = 0.1 + 1.0
  /// Half the length of the pole.
  static let length = 0.5
  private static let force = 10.0
  private static let timeStep = 0.02
  private static let angleLimit = 12 * 2 * Double.pi / 360
  private static let positionLimit = 2.4

  private static let observationSpace: ObservationSpace = {
    let high = [Float(2 * positionLimit), .infinity, Float(2 * angleLimit), .infinity]
    return .box(low: high.map { -$0 }, high: high, shape: [4])
  }()

  /// Makes an upright pole at rest; `reset(seed:)` draws a starting state.
  ///
  /// - Parameters:
  ///   - version: the version, which has the id and the threshold.
  ///   - reward: the reward of a step.
  ///   - starts: the range of the four numbers of starting states.
  public init(
    _ version: Version = .v1, reward: Reward = .survival,
    starts: ClosedRange<Double> = -0.05...0.05
  ) {
    self.version = version
    self.reward = reward
    self.starts = starts
    state = State(position: 0, velocity: 0, angle: 0, angularVelocity: 0, random: PCG64(seed: 0))
  }

  /// Four numbers and two actions; the wrapper adds the time limit.
  public var specification: EnvironmentSpecification {
    EnvironmentSpecification(
      id: version.rawValue, observationSpace: Self.observationSpace, actionCount: 2,
      rewardThreshold: version == .v0 ? 195 : 475)
  }

  /// Whether the observation is finite.
  public func accepts(_ state: State) -> Bool {
    [state.position, state.velocity, state.angle, state.angularVelocity]
      .allSatisfy { Float($0).isFinite }
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

  /// Pushes the cart: one Euler step, which uses the velocities before it.
  public mutating func step(_ action: Int) -> Step {
    require(action >= 0 && action < 2, "action is %; allowed: 0 to 1", action)
    // The order of all operations is Gymnasium's: another order would change the last bits.
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

extension CartPole {
  /// Its entries in the registry.
  static var entries: [EnvironmentRegistry.Entry] {
    Version.allCases.map { version in
      .init(version.rawValue, maximumSteps: version.maximumSteps) {
        arguments throws(EnvironmentError) in
        let isBook = try arguments.boolean("sutton_barto_reward", default: false)
        return CartPole(
          version, reward: isBook ? .book : .survival,
          starts: try arguments.starts(default: -0.05...0.05, within: -100...100))
      }
    }
  }
}
