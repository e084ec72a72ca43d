import SARSAEnvironments
import SARSARandomSources
import Testing

@Suite("Frame stack")
struct FrameStackTests {
  @Test("a reset fills it with the first observation, and each step replaces the oldest")
  func order() {
    var stack = FrameStack(Counter(end: 100), count: 3)
    stack.reset(seed: 0)
    #expect(stack.observation == [100, 100, 100])
    _ = stack.step(0)
    #expect(stack.observation == [100, 100, 101])
    for _ in 0..<3 { _ = stack.step(0) }
    #expect(stack.observation == [102, 103, 104])
    stack.reset(seed: nil)
    #expect(stack.observation == [200, 200, 200])
  }

  @Test("a stack of one shows what the environment shows")
  func one() {
    var (plain, stack) = (MountainCar(), FrameStack(MountainCar(), count: 1))
    plain.reset(seed: 3)
    stack.reset(seed: 3)
    for action in [0, 2, 2, 1] {
      _ = (plain.step(action), stack.step(action))
      #expect(plain.observation == stack.observation)
    }
  }

  @Test("a box gains a side in front, categories are repeated, and all else stays")
  func specification() {
    let car = TimeLimit(MountainCar(), maximumSteps: 200)
    let stacked = FrameStack(car, count: 2).specification
    guard case .box(let low, let high, let shape) = stacked.observationSpace,
      case .box(let lowOfOne, let highOfOne, _) = car.specification.observationSpace
    else {
      Issue.record("not a box")
      return
    }
    #expect(shape == [2, 2] && low == lowOfOne + lowOfOne && high == highOfOne + highOfOne)
    var expected = car.specification
    expected.observationSpace = stacked.observationSpace
    #expect(stacked == expected)
    #expect(
      FrameStack(Taxi(), count: 3).specification.observationSpace == .categories([500, 500, 500]))
  }

  @Test(
    "a board keeps its channels last: those of all frames stand side by side in a cell, the oldest first"
  )
  func board() throws {
    let (count, channels) = (3, 4)
    var (game, stack) = (MinAtar<Breakout>(), FrameStack(MinAtar<Breakout>(), count: count))
    #expect(stack.specification.observationSpace == .binary(shape: [10, 10, count * channels]))
    game.reset(seed: 5)
    stack.reset(seed: 5)
    var frames = Array(repeating: game.observation, count: count)
    for action in [1, 0, 2, 2, 0] {
      _ = (game.step(action), stack.step(action))
      frames = frames.dropFirst() + [game.observation]
      let expected = (0..<100).flatMap { cell in
        frames.flatMap { $0[cell * channels..<(cell + 1) * channels] }
      }
      #expect(stack.observation == expected)
    }
    // Two sides are a board of one channel.
    let caught = FrameStack(Catch(), count: 2).specification.observationSpace
    #expect(caught.shape == [10, 5, 2] && caught.board?.channels == 2)
    #expect(
      ObservationSpace.box(low: [0, 1, 2, 3], high: [4, 5, 6, 7], shape: [2, 2]).board != nil)
  }

  @Test("bounds of a board are stacked as its numbers are")
  func boundsOfABoard() {
    var specification = Catch().specification
    specification.observationSpace = .box(
      low: [0, 1, 2, 3], high: [4, 5, 6, 7], shape: [1, 2, 2])
    let stacking = FrameStacking(count: 2, of: specification.observationSpace)
    #expect(
      stacking.specification(of: specification).observationSpace
        == .box(low: [0, 1, 0, 1, 2, 3, 2, 3], high: [4, 5, 4, 5, 6, 7, 6, 7], shape: [1, 2, 4]))
  }

  @Test("zeros and ones stay so within other wrappers, but with the time")
  func binary() throws {
    let game = MinAtar<Breakout>()
    #expect(game.specification.observationSpace == .binary(shape: [10, 10, 4]))
    let arguments: [String: ArgumentValue] = [
      "frame_stack": .integer(2), "action_repeat": .integer(2), "max_episode_steps": .integer(50),
    ]
    let wrapped = try EnvironmentRegistry.make("MinAtar/Breakout-v1", arguments: arguments)
    #expect(wrapped.specification.observationSpace == .binary(shape: [10, 10, 8]))
    let aware = TimeAware(TimeLimit(game, maximumSteps: 9)).specification.observationSpace
    #expect(aware == .box(shape: [401], low: 0, high: 1) && !aware.isBinary)
  }

  @Test("every environment of a vector has its own, of the last and of the first observation")
  func vector() {
    var vector = FrameStack(Counter(end: 2), count: 2).vector(count: 2)
    var step = VectorStep(for: vector)
    vector.reset(seeds: [1, 2], into: &step)
    #expect(step.observations == [100, 100, 100, 100])
    vector.step([0, 1], into: &step)
    #expect(step.observations == [100, 101, 100, 101] && step.rewards == [0, 1])
    vector.step([1, 0], into: &step)
    #expect(step.nextObservations == [101, 102, 101, 102] && step.isTerminated == [true, true])
    #expect(step.observations == [200, 200, 200, 200])
  }

  @Test("a vector of one steps as the environment does")
  func vectorOfOne() throws {
    let environment = FrameStack(TimeLimit(CartPole(), maximumSteps: 30), count: 4)
    try expectSameSteps(environment, environment.vector(count: 1))
  }

  @Test("a state with a wrong number of numbers, or one that is not finite, is refused")
  func acceptance() {
    var stack = FrameStack(MountainCar(), count: 2)
    stack.reset(seed: 1)
    let other = FrameStack(MountainCar(), count: 3)
    #expect(stack.accepts(stack.state) && !stack.accepts(other.state))
    var vector = stack.vector(count: 2)
    var step = VectorStep(for: vector)
    vector.reset(seeds: [1, 2], into: &step)
    var state = vector.state
    #expect(vector.accepts(state))
    state.memories.removeLast()
    #expect(!vector.accepts(state))
  }

  @Test("it keeps the promises of an environment")
  func promises() throws {
    #expect(try brokenPromises(of: FrameStack(TimeLimit(Catch(), maximumSteps: 7), count: 3)) == [])
    #expect(try brokenPromises(of: FrameStack(Taxi(), count: 2)) == [])
  }
}

/// Holds a vector of one against its environment, over episodes that end, and through a state of both.
func expectSameSteps<World: Environment>(
  _ environment: World, _ vector: World.Vector, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  var (environment, vector, random) = (environment, vector, PCG64(seed: 5))
  var result = VectorStep(for: vector)
  try environment.reset(seed: 9)
  try vector.reset(seeds: [9], into: &result)
  #expect(result.observations == environment.observation, sourceLocation: sourceLocation)
  for i in 0..<200 {
    // Both continue from a copy that had their states.
    if i == 100 {
      (environment.state, vector.state) = (environment.state, vector.state)
      result = VectorStep(for: vector)
    }
    let action = random.integer(below: environment.specification.actionCount)
    let step = try environment.step(action)
    try vector.step([action], into: &result)
    #expect(
      step.reward == result.rewards[0] && step.isTerminated == result.isTerminated[0]
        && step.isTruncated == result.isTruncated[0], sourceLocation: sourceLocation)
    #expect(result.nextObservations == environment.observation, sourceLocation: sourceLocation)
    if step.isLast { try environment.reset(seed: nil) }
    #expect(result.observations == environment.observation, sourceLocation: sourceLocation)
  }
}
