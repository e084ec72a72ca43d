import DeepSARSA

/// A corridor with a door at either end: behind one is a prize, and a light says which.
public struct Corridor: Environment {
  /// Everything that determines the future.
  public struct State: Codable, Sendable {
    var position = 0
    var prize = 3
    var random = PCG64(seed: 0)
  }

  /// The whole state.
  public var state = State()
  /// Two numbers in an observation, two actions.
  public let specification = EnvironmentSpecification(
    id: "Corridor", observationSize: 2, actionCount: 2)
  /// Makes a corridor; `reset(seed:)` draws the door with the prize.
  public init() {}

  /// Starts in the middle, and draws the door with the prize.
  public mutating func reset(seed: UInt64?) {
    if let seed { state.random = PCG64(seed: seed) }
    state.position = 0
    state.prize = state.random.integer(below: 2) == 0 ? -3 : 3
  }

  /// Goes left or right; a door ends the episode.
  public mutating func step(_ action: Int) -> Step {
    state.position += action == 0 ? -1 : 1
    let isFound = state.position == state.prize
    return Step(reward: isFound ? 9 : -1, isTerminated: abs(state.position) == 3)
  }

  /// Writes the position and the light, both from −1 to 1.
  public func observe(into observation: inout MutableSpan<Float>) {
    observation[0] = Float(state.position) / 3
    observation[1] = Float(state.prize) / 3
  }
}
