import Foundation
import SARSAEnvironments
import TestSupport
import Testing

@Suite("MountainCar-v0")
struct MountainCarTests {
  @Test("positions, velocities, observations, rewards and flags equal Gymnasium's to the bit")
  func trajectories() throws {
    let fixture: MountainCarFixture = try fixture("mountain_car.json")
    #expect(fixture.cases.count >= 5)
    var ends = (terminated: 0, truncated: 0)
    for each in fixture.cases {
      var environment = TimeLimit(MountainCar(), maximumSteps: 200)
      environment.reset(seed: UInt64(each.seed))
      var resets = each.resets[...]
      let first = try #require(resets.first)
      resets.removeFirst()
      #expect(environment.base.state.position == first.position.double)
      #expect(environment.observation == first.observation.floats)
      for (i, action) in each.actions.enumerated() {
        let step = environment.step(action)
        try #require(
          environment.base.state.position == each.positions[i].double
            && environment.base.state.velocity == each.velocities[i].double, "step \(i)")
        #expect(environment.observation == Array(each.observations[2 * i..<2 * i + 2]).floats)
        #expect(step.reward == each.rewards[i])
        #expect(step.isTerminated == (each.terminated[i] == 1))
        #expect(step.isTruncated == (each.truncated[i] == 1))
        ends.terminated += each.terminated[i]
        ends.truncated += each.truncated[i]
        if step.isLast {
          environment.reset(seed: nil)
          let reset = try #require(resets.first)
          resets.removeFirst()
          #expect(reset.step == i + 1)
          #expect(environment.base.state.position == reset.position.double)
        }
      }
      #expect(resets.isEmpty)
    }
    #expect(ends.terminated > 0 && ends.truncated > 0)
  }

  @Test("a state that is written down and restored goes on as if nothing had happened")
  func restoring() throws {
    var original = TimeLimit(MountainCar(), maximumSteps: 200)
    original.reset(seed: 3)
    for i in 0..<150 { _ = original.step(i % 3) }
    let text = try JSONEncoder().encode(original.state)
    var restored = TimeLimit(MountainCar(), maximumSteps: 200)
    restored.state = try JSONDecoder().decode(TimeLimit<MountainCar>.State.self, from: text)
    for i in 0..<300 {
      let (a, b) = (original.step(i % 3), restored.step(i % 3))
      #expect(a == b)
      #expect(original.observation == restored.observation)
      if a.isLast {
        original.reset(seed: nil)
        restored.reset(seed: nil)
      }
    }
  }
}

private struct MountainCarFixture: Decodable {
  struct Reset: Decodable {
    var step: Int
    var observation: [UInt32]
    var position: String

    enum CodingKeys: String, CodingKey {
      case step
      case observation = "observation_f32"
      case position = "position_f64"
    }
  }

  struct Case: Decodable {
    var seed: String
    var actions: [Int]
    var positions: [String]
    var velocities: [String]
    var observations: [UInt32]
    var rewards: [Double]
    var terminated: [Int]
    var truncated: [Int]
    var resets: [Reset]

    enum CodingKeys: String, CodingKey {
      case seed, actions, rewards, terminated, truncated, resets
      case positions = "positions_f64"
      case velocities = "velocities_f64"
      case observations = "observations_f32"
    }
  }

  var cases: [Case]
}
