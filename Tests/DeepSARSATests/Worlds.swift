import DeepSARSA

/// A random one of some states is shown, and naming it earns 1: one step an episode.
struct Naming: Environment {
  struct State: Codable, Sendable {
    var shown = 0
    var random = PCG64(seed: 0)
  }

  var state = State()
  static let size = 4

  var specification: EnvironmentSpecification {
    EnvironmentSpecification(id: "Naming", observationSize: Self.size, actionCount: Self.size)
  }

  mutating func reset(seed: UInt64?) {
    if let seed { state.random = PCG64(seed: seed) }
    state.shown = state.random.integer(below: Self.size)
  }

  mutating func step(_ action: Int) -> Step {
    Step(reward: action == state.shown ? 1 : 0, isTerminated: true)
  }

  func observe(into observation: inout MutableSpan<Float>) {
    for i in 0..<Self.size { observation[i] = i == state.shown ? 1 : 0 }
  }
}

/// A world whose rewards are too large for any network.
struct Exploding: Environment {
  struct State: Codable, Sendable {
    var steps = 0
  }

  var state = State()

  var specification: EnvironmentSpecification {
    EnvironmentSpecification(id: "Exploding", observationSize: 1, actionCount: 2)
  }

  mutating func reset(seed: UInt64?) {
    state.steps = 0
  }

  mutating func step(_ action: Int) -> Step {
    state.steps += 1
    return Step(reward: 1e30, isTerminated: state.steps % 10 == 0)
  }

  func observe(into observation: inout MutableSpan<Float>) {
    observation[0] = Float(state.steps)
  }
}

/// A world whose gradients are finite, and whose squares are not.
struct Huge: Environment {
  struct State: Codable, Sendable {
    var steps = 0
  }

  var state = State()

  var specification: EnvironmentSpecification {
    EnvironmentSpecification(id: "Huge", observationSize: 1, actionCount: 2)
  }

  mutating func reset(seed: UInt64?) {
    state.steps = 0
  }

  mutating func step(_ action: Int) -> Step {
    state.steps += 1
    return Step(reward: 1e17, isTerminated: state.steps == 7)
  }

  func observe(into observation: inout MutableSpan<Float>) {
    observation[0] = 1e8
  }
}

/// A world of one step and one action, shown far too brightly.
struct Glaring: Environment {
  struct State: Codable, Sendable {}

  var state = State()

  var specification: EnvironmentSpecification {
    EnvironmentSpecification(id: "Glaring", observationSize: 1, actionCount: 1)
  }

  mutating func reset(seed: UInt64?) {}

  mutating func step(_ action: Int) -> Step { Step(reward: 0, isTerminated: true) }

  func observe(into observation: inout MutableSpan<Float>) {
    observation[0] = 1e20
  }
}

/// MountainCar as it is trained everywhere.
func mountainCar() -> TimeLimit<MountainCar> {
  TimeLimit(MountainCar(), maximumSteps: 200)
}

/// Hyperparameters small enough for a debug build.
func smallHyperparameters() -> Hyperparameters {
  var result = Hyperparameters.notebook
  result.network.hiddenSizes = [16, 8]
  result.replay.capacity = 1_000
  result.replay.learningStarts = 64
  result.exploration = .epsilonGreedy(epsilon: .linear(from: 1, to: 0.1, steps: 500))
  return result
}

/// Three actions, of which the one that is shown is illegal and costs 100; every other one earns 1.
///
/// An episode has seven steps, or is truncated by its own count after five, in turn. Its last state forbids
/// another action than the next episode's first.
struct Forbidding: Environment {
  struct State: Codable, Sendable {
    var steps = 0
    var episodes = 0
    var illegal = 0
    var random = PCG64(seed: 0)
  }

  var state = State()
  /// From this step of any episode on, no action is legal.
  var stuck = Int.max

  var specification: EnvironmentSpecification {
    EnvironmentSpecification(
      id: "Forbidding", observationSpace: .box(shape: [4]), actionCount: 3, hasActionMasks: true)
  }

  mutating func reset(seed: UInt64?) {
    if let seed { (state.random, state.episodes) = (PCG64(seed: seed), 0) }
    state.steps = 0
    state.episodes += 1
    state.illegal = state.random.integer(below: 3)
  }

  mutating func step(_ action: Int) -> Step {
    let isLegal = action != state.illegal
    state.steps += 1
    state.illegal = state.random.integer(below: 3)
    return Step(
      reward: isLegal ? 1 : -100, isTerminated: state.steps == 7,
      isTruncated: state.steps == 5 && state.episodes.isMultiple(of: 2))
  }

  func observe(into observation: inout MutableSpan<Float>) {
    for i in 0..<3 { observation[i] = i == state.illegal ? 1 : 0 }
    observation[3] = Float(state.steps) / 7
  }

  func writeActionMask(into mask: inout MutableSpan<Bool>) {
    for i in mask.indices { mask[i] = i != state.illegal && state.steps < stuck }
  }
}
