import Foundation
import SARSAEnvironments
import SARSAGymnasium
import Testing

@Suite("Episodes of Gymnasium's environments that each have a seed")
struct SeededEpisodesTests {
  private func vector(count: Int) throws -> GymnasiumVector {
    try fake { $0.seedsEpisodes = true }.vector(count: count)
  }

  @Test("each starts with a seed of its environment's stream, and ends when that seed says")
  func seeds() throws {
    var world = try vector(count: 2)
    var result = VectorStep(for: world)
    try world.reset(seeds: [7, 8], into: &result)
    #expect(result.observations == [0, 7, 0, 8])
    var seeds: [[Float]] = [[7], [8]]
    var lengths: [[Int]] = [[0], [0]]
    for _ in 0..<60 {
      try world.step([1, 2], into: &result)
      #expect(result.rewards == [1, 2])
      for i in 0..<2 {
        lengths[i][lengths[i].count - 1] += 1
        guard result.isTerminated[i] || result.isTruncated[i] else { continue }
        #expect(result.nextObservations[2 * i] == Float(lengths[i].last ?? 0))
        #expect(result.observations[2 * i] == 0)
        seeds[i].append(result.observations[2 * i + 1])
        lengths[i].append(0)
      }
    }
    // The seed of an observation is a remainder of 1,000, which a division by five does not change.
    for i in 0..<2 {
      for (seed, length) in zip(seeds[i].dropLast(), lengths[i]) {
        #expect(length == 3 + Int(seed) % 5)
      }
      #expect(Set(seeds[i]).count > 6)
    }
    #expect(seeds[0] != seeds[1])
    // The same seeds give the same episodes.
    var again = try vector(count: 2)
    try again.reset(seeds: [7, 8], into: &result)
    for _ in 0..<60 { try again.step([1, 2], into: &result) }
    #expect(again.state == world.state)
  }

  @Test(
    "a new process repeats the episodes under way alone, whose lengths differ, and goes on equally")
  func repeats() throws {
    var world = try vector(count: 3)
    var (first, second) = (VectorStep(for: world), VectorStep(for: world))
    try world.reset(seeds: [1, 2, 3], into: &first)
    var hasDifferentLengths = false
    for step in 0..<40 {
      try world.step([step % 3, 1, 2], into: &first)
      hasDifferentLengths = hasDifferentLengths || first.observations[0] != first.observations[2]
      var other = try vector(count: 3)
      let file = try JSONEncoder().encode(world.state)
      #expect(file.count < 1_000, "no episode has more than seven steps")
      let state = try JSONDecoder().decode(GymnasiumVector.State.self, from: file)
      #expect(other.accepts(state))
      other.state = state
      var reference = world
      try reference.step([0, 1, 2], into: &first)
      try other.step([0, 1, 2], into: &second)
      #expect(first == second)
      #expect(other.state == reference.state)
    }
    #expect(hasDifferentLengths)
  }

  @Test("a reset without a seed in mid-episode draws the next seed")
  func restarts() throws {
    var world = try fake { $0.seedsEpisodes = true }
    try world.reset(seed: 5)
    let first = world.observation
    _ = try world.step(1)
    try world.reset(seed: nil)
    #expect(world.observation[0] == 0 && world.observation != first)
    var copy = world
    #expect(try copy.step(2) == world.step(2) && copy.observation == world.observation)
  }

  @Test("states without seeds of episodes are not accepted, nor the other way round")
  func kinds() throws {
    var (plain, seeded) = (try fake().vector(count: 2), try vector(count: 2))
    var result = VectorStep(for: plain)
    try plain.reset(seeds: [1, 2], into: &result)
    try seeded.reset(seeds: [1, 2], into: &result)
    #expect(plain.accepts(plain.state) && seeded.accepts(seeded.state))
    #expect(!plain.accepts(seeded.state) && !seeded.accepts(plain.state))
  }

  @Test("it keeps the promises of every environment")
  func promises() throws {
    let checker = EnvironmentChecker(try fake { $0.seedsEpisodes = true }) {
      try JSONDecoder().decode(GymnasiumEnvironment.State.self, from: JSONEncoder().encode($0))
    }
    #expect(try checker.report().broken == [:])
  }
}
