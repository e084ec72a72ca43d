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

  @Test("whole numbers from 0 to 1 are a binary space, and another number is an error")
  func binary() throws {
    var world = try fake("zerosAndOnes", at: 3) { $0.checksBounds = false }
    #expect(world.specification.observationSpace == .binary(shape: [2]))
    try world.reset(seed: 77)
    #expect(world.observation == [0, 1])
    for i in 1...2 {
      _ = try world.step(0)
      #expect(world.observation == [Float(i % 2), 1])
    }
    let error = #expect(throws: GymnasiumError.self) { try world.step(0) }
    #expect(
      error?.reason == .badNumber("number 0 of the observation is 2.0; its space has 0 or 1"))
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

  /// What the fake's mask is after some steps.
  private func mask(after steps: Int) -> [Bool] { (0..<3).map { (steps + $0) % 3 != 1 } }

  @Test("the first reset shows whether it has action masks, which then follow its steps")
  func masks() throws {
    var world = try fake("masked")
    #expect(!world.specification.hasActionMasks)
    func shown(by world: GymnasiumEnvironment) -> [Bool] {
      var result = [false, false, false]
      var span = result.mutableSpan
      world.writeActionMask(into: &span)
      return result
    }
    try world.reset(seed: 7)
    #expect(world.specification.hasActionMasks && shown(by: world) == mask(after: 0))
    var copy = try fake("masked")
    for i in 1...12 {
      let step = try world.step(1)
      if step.isLast {
        // A truncated state has a mask of its own.
        #expect(
          shown(by: world) == (step.isTerminated ? [true, true, true] : [false, false, true]))
        try world.reset(seed: nil)
      }
      #expect(shown(by: world) == mask(after: i))
      copy.state = world.state
      #expect(copy.specification.hasActionMasks && shown(by: copy) == mask(after: i))
    }
    _ = try copy.step(1)
    #expect(shown(by: copy) == mask(after: 13))
    var plain = try fake()
    try plain.reset(seed: 7)
    #expect(!plain.specification.hasActionMasks)
  }

  @Test(
    "masks of several in one process, their last ones, and those of wrappers and processes side by side"
  )
  func masksOfVectors() throws {
    var vector = try fake("masked").vector(count: 2)
    var result = VectorStep(for: vector)
    try vector.reset(seeds: [1, 2], into: &result)
    for i in 0..<11 {
      #expect(result.masks == mask(after: i) + mask(after: i))
      try vector.step([1, 1], into: &result)
      let last: [Bool]? = i == 4 ? [true, true, true] : i == 9 ? [false, false, true] : nil
      let next = last ?? mask(after: i + 1)
      #expect(result.nextMasks == next + next, "step \(i + 1)")
    }
    func check(_ vector: some VectorEnvironment) throws {
      var (vector, result) = (vector, VectorStep(for: vector))
      try vector.reset(seeds: [1, 2], into: &result)
      #expect(
        vector.specification.hasActionMasks && result.masks == mask(after: 0) + mask(after: 0))
      for _ in 0..<2 { try vector.step([1, 1], into: &result) }
      #expect(result.masks.count == 6 && result.nextMasks == result.masks)
    }
    try check(FrameStack(try fake("masked"), count: 2).vector(count: 2))
    try check(ActionRepeat(try fake("masked"), count: 2).vector(count: 2))
    let report = try EnvironmentChecker(try fake("masked")) {
      try JSONDecoder().decode(GymnasiumEnvironment.State.self, from: JSONEncoder().encode($0))
    }.report()
    #expect(report.broken == [:])
  }
}
