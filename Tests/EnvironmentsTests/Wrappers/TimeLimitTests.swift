import SARSAEnvironments
import Testing

/// Counts its steps, and terminates at a fixed one.
struct Counter: Environment {
  struct State: Codable, Sendable {
    var steps = 0
    var episodes = 0
    var seed: UInt64?
  }

  var state = State()
  var end: Int

  var specification: EnvironmentSpecification {
    EnvironmentSpecification(id: "Counter", observationSize: 1, actionCount: 2)
  }

  mutating func reset(seed: UInt64?) {
    state.steps = 0
    state.episodes += 1
    if let seed { state.seed = seed }
  }

  mutating func step(_ action: Int) -> Step {
    state.steps += 1
    return Step(reward: Double(action), isTerminated: state.steps >= end)
  }

  func observe(into observation: inout MutableSpan<Float>) {
    observation[0] = Float(100 * state.episodes + state.steps)
  }
}

@Suite("Time limit and replication")
struct WrapperTests {
  @Test("a time limit truncates, and never terminates")
  func truncation() {
    var environment = TimeLimit(Counter(end: 100), maximumSteps: 3)
    environment.reset(seed: 0)
    let steps = (0..<3).map { _ in environment.step(0) }
    #expect(steps.map(\.isTruncated) == [false, false, true])
    #expect(steps.map(\.isTerminated) == [false, false, false])
    environment.reset(seed: nil)
    #expect(environment.step(0).isTruncated == false)
  }

  @Test("an episode may end and be cut in the same step")
  func both() {
    var environment = TimeLimit(Counter(end: 3), maximumSteps: 3)
    environment.reset(seed: 0)
    _ = environment.step(0)
    _ = environment.step(0)
    let last = environment.step(0)
    #expect(last.isTerminated && last.isTruncated)
  }

  @Test("a vector hands out the last observation of an episode and the first of the next")
  func autoreset() {
    var vector = ReplicatedEnvironment(Counter(end: 2), count: 2)
    var step = VectorStep(for: vector)
    vector.reset(seeds: [10, 11], into: &step)
    #expect(step.observations == [100, 100])
    #expect(vector.state.map(\.seed) == [10, 11])
    vector.step([0, 1], into: &step)
    #expect(step.rewards == [0, 1])
    #expect(step.nextObservations == [101, 101] && step.observations == [101, 101])
    vector.step([1, 0], into: &step)
    #expect(step.isTerminated == [true, true])
    #expect(step.nextObservations == [102, 102])
    #expect(step.observations == [200, 200])
  }
}
