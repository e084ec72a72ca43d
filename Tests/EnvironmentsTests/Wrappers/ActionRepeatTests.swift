import SARSAEnvironments
import Testing

@Suite("Repeated actions")
struct ActionRepeatTests {
  @Test("rewards are summed, and the last observation is shown")
  func sums() {
    var environment = ActionRepeat(Counter(end: 100), count: 3)
    environment.reset(seed: 0)
    #expect(environment.step(1) == Step(reward: 3))
    #expect(environment.observation == [103])
    #expect(environment.step(0).reward == 0)
    #expect(environment.observation == [106])
  }

  @Test("an end ends the repetition, terminated or truncated")
  func ends() {
    var environment = ActionRepeat(Counter(end: 4), count: 3)
    environment.reset(seed: 0)
    _ = environment.step(1)
    #expect(environment.step(1) == Step(reward: 1, isTerminated: true))
    var limited = ActionRepeat(TimeLimit(Counter(end: 100), maximumSteps: 5), count: 3)
    limited.reset(seed: 0)
    _ = limited.step(1)
    #expect(limited.step(1) == Step(reward: 2, isTruncated: true))
  }

  @Test("the limit counts the inner steps; the specification has it in actions, rounded up")
  func limits() {
    for (limit, count, expected) in [(200, 4, 50), (200, 3, 67), (5, 8, 1), (6, 1, 6)] {
      let environment = ActionRepeat(TimeLimit(MountainCar(), maximumSteps: limit), count: count)
      #expect(environment.specification.maximumEpisodeSteps == expected)
    }
    #expect(ActionRepeat(MountainCar(), count: 4).specification.maximumEpisodeSteps == nil)
    var outside = TimeLimit(ActionRepeat(Counter(end: 100), count: 3), maximumSteps: 2)
    outside.reset(seed: 0)
    #expect(outside.step(1) == Step(reward: 3))
    #expect(outside.step(1) == Step(reward: 3, isTruncated: true))
  }

  @Test("it equals the same actions taken one by one")
  func bruteForce() {
    var (plain, repeated) = (Acrobot(), ActionRepeat(Acrobot(), count: 4))
    plain.reset(seed: 8)
    repeated.reset(seed: 8)
    for action in [0, 2, 1, 2, 0] {
      let steps = (0..<4).map { _ in plain.step(action) }
      #expect(repeated.step(action).reward == steps.reduce(0) { $0 + $1.reward })
      #expect(repeated.observation == plain.observation)
    }
  }

  @Test("it keeps the promises of an environment, and accepts what its environment accepts")
  func promises() throws {
    let environment = ActionRepeat(TimeLimit(CartPole(), maximumSteps: 30), count: 4)
    #expect(try brokenPromises(of: environment) == [])
    #expect(try brokenPromises(of: FrameStack(environment, count: 2)) == [])
    var state = environment.state
    state.elapsedSteps = 30
    #expect(!environment.accepts(state))
  }
}
