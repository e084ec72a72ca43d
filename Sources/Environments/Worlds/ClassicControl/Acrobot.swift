internal import CSARSAMath
public import SARSARandomSources
internal import SARSAPreconditions

/// Two links like a gymnast on a bar: swing the free end up, with a motor only at the middle joint.
///
/// # Description
/// The first link hangs from a fixed joint, the second from the end of the first. Both start near
/// rest, hanging down; the goal is to bring the free end one link's length above the bar. Every
/// trajectory equals Gymnasium's to the bit.
///
/// # Action space
/// At the joint between the links, 0 applies a torque of −1 N m, 1 no torque, 2 a torque of 1 N m.
///
/// # Observation space
/// | number | meaning | low | high |
/// | --- | --- | --- | --- |
/// | 0 | cosine of the first link's angle; 0 hangs down | −1 | 1 |
/// | 1 | its sine | −1 | 1 |
/// | 2 | cosine of the second link's angle, from the first | −1 | 1 |
/// | 3 | its sine | −1 | 1 |
/// | 4 | the first angle's velocity, rad/s | −4π | 4π |
/// | 5 | the second angle's velocity, rad/s | −9π | 9π |
///
/// # Rewards
/// −1 a step, 0 for the step that reaches the goal.
///
/// # Starting state
/// Both angles and both velocities from U(−0.1, 0.1), or from another range.
///
/// # Episode end
/// Terminated when the free end is high enough. `Acrobot-v1` is truncated after 500 steps, by
/// `TimeLimit`.
///
/// # Version
/// `Acrobot-v1`, with the dynamics of the book, solved at a mean return of −100.
///
/// Source: R. S. Sutton, "Generalization in Reinforcement Learning: Successful Examples Using Sparse
/// Coarse Coding", NeurIPS 1995; R. S. Sutton, A. G. Barto, "Reinforcement Learning", 2018, section
/// 11.3 of the first edition; Gymnasium's `acrobot.py` for constants and integration.
public struct Acrobot: Environment {
  /// Both links and the random stream.
  public struct State: Codable, Hashable, Sendable {
    /// The first link's angle, rad.
    public var firstAngle: Double
    /// The second link's angle from the first, rad.
    public var secondAngle: Double
    /// The first angle's velocity, rad/s.
    public var firstVelocity: Double
    /// The second angle's velocity, rad/s.
    public var secondVelocity: Double
    /// Whether no step was taken since the reset; the numbers and their sines and cosines are then rounded
    /// to `Float`.
    public var isStart: Bool
    /// The random stream of the starting states.
    public var random: PCG64

    /// Makes a state, such as one to start an experiment from.
    public init(
      firstAngle: Double, secondAngle: Double, firstVelocity: Double, secondVelocity: Double,
      isStart: Bool = false, random: PCG64
    ) {
      self.firstAngle = firstAngle
      self.secondAngle = secondAngle
      self.firstVelocity = firstVelocity
      self.secondVelocity = secondVelocity
      self.isStart = isStart
      self.random = random
    }
  }

  /// The current state.
  public var state: State

  private let starts: ClosedRange<Double>

  private static let timeStep = 0.2
  private static let gravity = 9.8
  /// Metres from a link's joint to its centre of mass; its length, mass and moment of inertia are 1.
  private static let centre = 0.5
  private static let velocityLimits = (first: 4 * Double.pi, second: 9 * Double.pi)
  private static let observationSpace: ObservationSpace = {
    let high =
      [1, 1, 1, 1] + [Float(velocityLimits.first), Float(velocityLimits.second)]
    return .box(low: high.map { -$0 }, high: high, shape: [6])
  }()

  /// Makes an acrobot that hangs at rest; `reset(seed:)` draws a starting state.
  ///
  /// - Parameter starts: the range of the angles and velocities of starting states.
  /// - Precondition: they lie within ±100. From faster starts, a step turns a link so often that an angle is rounded
  ///   to whole turns.
  public init(starts: ClosedRange<Double> = -0.1...0.1) {
    require(
      (-100...100).contains(starts.lowerBound) && (-100...100).contains(starts.upperBound),
      "starts are from \(starts.lowerBound) to \(starts.upperBound); allowed: -100 to 100")
    self.starts = starts
    state = State(
      firstAngle: 0, secondAngle: 0, firstVelocity: 0, secondVelocity: 0, isStart: true,
      random: PCG64(seed: 0))
  }

  /// Six numbers and three actions; the wrapper adds the time limit.
  public var specification: EnvironmentSpecification {
    EnvironmentSpecification(
      id: "Acrobot-v1", observationSpace: Self.observationSpace, actionCount: 3,
      rewardThreshold: -100)
  }

  /// Whether angles and velocities are within the limits, or at a start within the range of starts.
  public func accepts(_ state: State) -> Bool {
    let (angles, velocities) = (
      [state.firstAngle, state.secondAngle], [state.firstVelocity, state.secondVelocity]
    )
    guard !state.isStart else {
      // Starts are rounded, which can lead over a bound. A new environment is at 0.
      let bound = Float(max(abs(starts.lowerBound), abs(starts.upperBound)))
      return (angles + velocities).allSatisfy { abs(Float($0)) <= bound }
    }
    return angles.allSatisfy { abs($0) <= Double.pi }
      && abs(velocities[0]) <= Self.velocityLimits.first
      && abs(velocities[1]) <= Self.velocityLimits.second
  }

  /// Draws a start.
  public mutating func reset(seed: UInt64?) {
    if let seed { state.random = PCG64(seed: seed) }
    state.firstAngle = draw()
    state.secondAngle = draw()
    state.firstVelocity = draw()
    state.secondVelocity = draw()
    state.isStart = true
  }

  private mutating func draw() -> Double {
    Double(Float(state.random.uniform(starts.lowerBound, starts.upperBound)))
  }

  /// Applies a torque: one Runge-Kutta step of fourth order.
  public mutating func step(_ action: Int) -> Step {
    require(action >= 0 && action < 3, "action is %; allowed: 0 to 2", action)
    let start = SIMD4(
      state.firstAngle, state.secondAngle, state.firstVelocity, state.secondVelocity)
    let torque = Double(action - 1)
    let half = Self.timeStep / 2
    let k1 = Self.derivative(at: start, torque)
    let k2 = Self.derivative(at: start + half * k1, torque)
    let k3 = Self.derivative(at: start + half * k2, torque)
    let k4 = Self.derivative(at: start + Self.timeStep * k3, torque)
    let end = start + Self.timeStep / 6 * (k1 + 2 * k2 + 2 * k3 + k4)

    let limits = Self.velocityLimits
    state.firstAngle = Self.wrapped(end[0])
    state.secondAngle = Self.wrapped(end[1])
    state.firstVelocity = min(max(end[2], -limits.first), limits.first)
    state.secondVelocity = min(max(end[3], -limits.second), limits.second)
    state.isStart = false
    let isUp =
      -sarsa_cos(state.firstAngle) - sarsa_cos(state.secondAngle + state.firstAngle) > 1
    return Step(reward: isUp ? 0 : -1, isTerminated: isUp)
  }

  /// The change of angles and velocities per second.
  private static func derivative(at state: SIMD4<Double>, _ torque: Double) -> SIMD4<Double> {
    // The order of all operations is Gymnasium's. Squares use `pow`, as numpy's scalars do, because its
    // last bit can differ from that of a product.
    let (angle1, angle2, velocity1, velocity2) = (state[0], state[1], state[2], state[3])
    let (cosine2, sine2) = (sarsa_cos(angle2), sarsa_sin(angle2))
    let d1 = centre * centre + (1 + centre * centre + 2 * centre * cosine2) + 1 + 1
    let d2 = centre * centre + centre * cosine2 + 1
    let phi2 = centre * gravity * sarsa_cos(angle1 + angle2 - Double.pi / 2)
    let phi1 =
      -centre * sarsa_pow(velocity2, 2) * sine2
      - 2 * centre * velocity2 * velocity1 * sine2
      + (centre + 1) * gravity * sarsa_cos(angle1 - Double.pi / 2) + phi2
    let acceleration2 =
      (torque + d2 / d1 * phi1 - centre * sarsa_pow(velocity1, 2) * sine2 - phi2)
      / (centre * centre + 1 - sarsa_pow(d2, 2) / d1)
    let acceleration1 = -(d2 * acceleration2 + phi1) / d1
    return SIMD4(velocity1, velocity2, acceleration1, acceleration2)
  }

  /// An angle reduced to −π…π by adding or subtracting one turn at a time.
  private static func wrapped(_ angle: Double) -> Double {
    var angle = angle
    while angle > Double.pi { angle -= 2 * Double.pi }
    while angle < -Double.pi { angle += 2 * Double.pi }
    return angle
  }

  /// Writes cosine and sine of both angles, and the velocities.
  public func observe(into observation: inout MutableSpan<Float>) {
    (observation[0], observation[1]) = cosineAndSine(of: state.firstAngle)
    (observation[2], observation[3]) = cosineAndSine(of: state.secondAngle)
    observation[4] = Float(state.firstVelocity)
    observation[5] = Float(state.secondVelocity)
  }

  private func cosineAndSine(of angle: Double) -> (Float, Float) {
    state.isStart
      ? roundedCosineAndSine(Float(angle)) : (Float(sarsa_cos(angle)), Float(sarsa_sin(angle)))
  }
}

extension Acrobot {
  /// Its entry in the registry.
  static var entries: [EnvironmentRegistry.Entry] {
    [
      .init("Acrobot-v1", maximumSteps: 500) { arguments throws(EnvironmentError) in
        Acrobot(starts: try arguments.starts(default: -0.1...0.1, within: -100...100))
      }
    ]
  }
}

/// numpy's cosine and sine of a float32: polynomials with fused multiply-add, not correctly rounded.
///
/// The coefficients and the reduction in three parts are those of numpy's
/// `loops_trigonometric.dispatch`, for angles up to 71,476.
private func roundedCosineAndSine(_ angle: Float) -> (Float, Float) {
  let quadrant = (angle * 0x1.45f306p-1).rounded(.toNearestOrEven)
  let x = angle.addingProduct(quadrant, -0x1.921fb0p+00)
    .addingProduct(quadrant, -0x1.5110b4p-22).addingProduct(quadrant, -0x1.846988p-48)
  let x2 = x * x
  func polynomial(_ coefficients: Float...) -> Float {
    coefficients.dropFirst().reduce(coefficients[0]) { $1.addingProduct($0, x2) }
  }
  let even = polynomial(0x1.98e616p-16, -0x1.6c06dcp-10, 0x1.55553cp-05, -0x1p-1, 1)
  let odd = x.addingProduct(
    polynomial(0x1.7d3bbcp-19, -0x1.a06bbap-13, 0x1.11119ap-07, -0x1.555556p-03, 0), x)
  return switch Int(quadrant) & 3 {
  case 0: (even, odd)
  case 1: (-odd, even)
  case 2: (-even, -odd)
  default: (odd, -even)
  }
}
