import SARSAEnvironments
import Testing

@Suite("Records of episodes")
struct MonitorTests {
  @Test("a finished episode has its return, its length and its end")
  func records() {
    var environment = Monitor(TimeLimit(Counter(end: 3), maximumSteps: 3))
    environment.reset(seed: 0)
    for action in [1, 0, 1] { _ = environment.step(action) }
    #expect(
      environment.episodes == [Monitoring.Episode(totalReward: 2, length: 3, isTerminated: true)])
    var truncated = Monitor(TimeLimit(Counter(end: 9), maximumSteps: 2))
    truncated.reset(seed: 0)
    for action in [1, 0] { _ = truncated.step(action) }
    #expect(
      truncated.episodes == [Monitoring.Episode(totalReward: 1, length: 2, isTerminated: false)])
  }

  @Test("an episode that is reset before its end leaves no record, and no trace in the next one")
  func abandoned() {
    var environment = Monitor(Counter(end: 2))
    environment.reset(seed: 0)
    _ = environment.step(1)
    environment.reset(seed: nil)
    for _ in 0..<2 { _ = environment.step(0) }
    #expect(
      environment.episodes == [Monitoring.Episode(totalReward: 0, length: 2, isTerminated: true)])
    environment.removeEpisodes()
    #expect(environment.episodes.isEmpty)
  }

  @Test("below repeated actions it counts the inner steps, around them the actions")
  func places() {
    var inside = ActionRepeat(Monitor(Counter(end: 4)), count: 2)
    var outside = Monitor(ActionRepeat(Counter(end: 4), count: 2))
    inside.reset(seed: 0)
    outside.reset(seed: 0)
    for _ in 0..<2 { _ = (inside.step(1), outside.step(1)) }
    #expect(inside.base.episodes.map(\.length) == [4])
    #expect(outside.episodes.map(\.length) == [2])
    #expect(outside.episodes.map(\.totalReward) == [4])
  }

  @Test("each environment of a vector has its own records")
  func vector() throws {
    var vector = Monitor(Counter(end: 2)).vector(count: 2)
    var step = VectorStep(for: vector)
    vector.reset(seeds: [1, 2], into: &step)
    for _ in 0..<4 { vector.step([0, 1], into: &step) }
    #expect(vector.episodes.map { $0.map(\.totalReward) } == [[0, 0], [2, 2]])
    vector.removeEpisodes()
    #expect(vector.episodes == [[], []])
    let environment = Monitor(TimeLimit(CartPole(), maximumSteps: 30))
    try expectSameSteps(environment, environment.vector(count: 1))
  }

  @Test("the episode that goes on is part of the state")
  func state() {
    var environment = Monitor(Counter(end: 3))
    environment.reset(seed: 0)
    _ = environment.step(1)
    var copy = Monitor(Counter(end: 3))
    copy.state = environment.state
    for _ in 0..<2 { _ = copy.step(1) }
    #expect(copy.episodes.map(\.totalReward) == [3] && copy.episodes.map(\.length) == [3])
  }

  @Test("it keeps the promises of an environment")
  func promises() throws {
    #expect(try brokenPromises(of: Monitor(TimeLimit(CartPole(), maximumSteps: 30))) == [])
  }
}
