import Foundation
import SARSAEnvironments
import SARSAGymnasium
import Testing

@Suite("Gymnasium environments")
struct GymnasiumEnvironmentTests {
  @Test("seeds, actions, ends and resets are those that were asked for")
  func episode() throws {
    var world = try fake()
    #expect(world.specification.id == "gymnasium:Fake-v0" && world.specification.actionCount == 3)
    #expect(world.specification.observationSize == 2 && world.versions == "fake")
    try world.reset(seed: 77)
    #expect(world.observation == [0, 77])
    for i in 1...10 {
      let step = try world.step(i % 3)
      #expect(step.reward == Double(i % 3))
      #expect(step.isTerminated == (i == 5) && step.isTruncated == (i == 10))
      #expect(world.observation == [Float(i), 77])
      if step.isLast { try world.reset(seed: nil) }
    }
    try world.reset(seed: nil)
    try world.reset(seed: 3)
    #expect(world.observation == [0, 3])
  }

  @Test("many in one process step together, each with its own seed", arguments: [1, 2, 7])
  func vector(count: Int) throws {
    var vector = try fake().vector(count: count)
    var result = VectorStep(for: vector)
    try vector.reset(seeds: (0..<count).map { UInt64(10 + $0) }, into: &result)
    for i in 1...5 {
      try vector.step((0..<count).map { ($0 + i) % 3 }, into: &result)
      for j in 0..<count {
        #expect(result.rewards[j] == Double((j + i) % 3))
        #expect(result.isTerminated[j] == (i == 5) && !result.isTruncated[j])
        #expect(Array(result.nextObservations[2 * j..<2 * j + 2]) == [Float(i), Float(10 + j)])
        #expect(Array(result.observations[2 * j..<2 * j + 2]) == [Float(i), Float(10 + j)])
      }
    }
    var copy = vector
    var other = result
    let actions = [Int](repeating: 1, count: count)
    try copy.step(actions, into: &other)
    try vector.step(actions, into: &result)
    #expect(other == result)
  }

  @Test("it keeps the promises of every environment, copies and states that are restored included")
  func promises() throws {
    let checker = EnvironmentChecker(try fake()) {
      try JSONDecoder().decode(GymnasiumEnvironment.State.self, from: JSONEncoder().encode($0))
    }
    #expect(try checker.report().broken == [:])
  }

  @Test("before any seed it is that of zero")
  func unseeded() throws {
    var world = try fake()
    try world.reset(seed: nil)
    #expect(world.observation == [0, 0])
  }
}
