import SARSAEnvironments
import Testing

@Suite("Elapsed time in the observation")
struct TimeAwareTests {
  private func shares(_ scale: TimeAwareness.Scale) -> [Float] {
    var environment = TimeAware(TimeLimit(Counter(end: 100), maximumSteps: 4), as: scale)
    environment.reset(seed: 0)
    var result = [environment.observation[1]]
    while true {
      let step = environment.step(0)
      result.append(environment.observation[1])
      if step.isLast { break }
    }
    environment.reset(seed: nil)
    return result + [environment.observation[1]]
  }

  @Test("it is 0 at a reset and 1 at the limit, or half less of both")
  func shares() {
    #expect(shares(.unit) == [0, 0.25, 0.5, 0.75, 1, 0])
    #expect(shares(.centered) == [-0.5, -0.25, 0, 0.25, 0.5, -0.5])
  }

  @Test("it stands behind the numbers of a box, or behind one-hot numbers, within its bounds")
  func specification() {
    let car = TimeAware(TimeLimit(MountainCar(), maximumSteps: 200)).specification
    guard case .box(let low, let high, let shape) = car.observationSpace else {
      Issue.record("not a box")
      return
    }
    #expect(shape == [3] && low[2] == 0 && high[2] == 1 && low[0] == -1.2)
    let lake = TimeAware(TimeLimit(FrozenLake(), maximumSteps: 100), as: .centered)
    guard case .box(let bottom, let top, _) = lake.specification.observationSpace else {
      Issue.record("not a box")
      return
    }
    #expect(bottom == Array(repeating: 0, count: 16) + [-0.5])
    #expect(top == Array(repeating: 1, count: 16) + [0.5])
  }

  @Test("without a time limit, a given limit is the whole time, and it stays there")
  func givenLimit() {
    var environment = TimeAware(Counter(end: 100), limit: 2)
    environment.reset(seed: 0)
    let shown = (0..<4).map { _ in
      _ = environment.step(0)
      return environment.observation[1]
    }
    #expect(shown == [0.5, 1, 1, 1])
  }

  @Test("with repeated actions, a step is an action, and the last one shows 1")
  func repeated() {
    var environment = TimeAware(
      ActionRepeat(TimeLimit(Counter(end: 100), maximumSteps: 5), count: 2))
    environment.reset(seed: 0)
    var steps: [Step] = []
    repeat { steps.append(environment.step(0)) } while !steps[steps.count - 1].isLast
    #expect(steps.count == 3 && environment.observation[1] == 1)
  }

  @Test("a vector of one steps as the environment does")
  func vectorOfOne() throws {
    let environment = TimeAware(TimeLimit(FrozenLake(), maximumSteps: 9), as: .centered)
    try expectSameSteps(environment, environment.vector(count: 1))
  }

  @Test("a state whose time is outside of the limit is refused")
  func acceptance() {
    let environment = TimeAware(TimeLimit(Counter(end: 100), maximumSteps: 4))
    let late = TimeAware(Counter(end: 100), limit: 9)
    var (state, other) = (environment.state, late)
    other.reset(seed: 0)
    for _ in 0..<5 { _ = other.step(0) }
    #expect(environment.accepts(state))
    state.memory = other.state.memory
    #expect(!environment.accepts(state))
  }

  @Test("it keeps the promises of an environment")
  func promises() throws {
    let lake = TimeLimit(FrozenLake(), maximumSteps: 20)
    #expect(try brokenPromises(of: TimeAware(lake, as: .centered)) == [])
    #expect(try brokenPromises(of: TimeAware(FrameStack(lake, count: 2))) == [])
  }
}
