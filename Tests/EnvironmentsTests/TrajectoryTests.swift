import Foundation
import SARSAEnvironments
import TestSupport
import Testing

@Suite("Trajectories")
struct TrajectoryTests {
  @Test("MountainCar's states, observations, rewards and flags equal Gymnasium's to the bit")
  func mountainCar() throws {
    try check(TimeLimit(MountainCar(), maximumSteps: 200), against: "mountain_car.json") {
      [$0.base.position, $0.base.velocity]
    }
  }

  @Test("CartPole's states, observations, rewards and flags equal Gymnasium's to the bit")
  func cartPole() throws {
    try check(TimeLimit(CartPole(), maximumSteps: 500), against: "cart_pole.json") {
      [$0.base.position, $0.base.velocity, $0.base.angle, $0.base.angularVelocity]
    }
  }

  /// Replays every case of a fixture; `numbers` picks the physics out of a state.
  private func check<World: Environment>(
    _ world: World, against name: String, numbers: (World.State) -> [Double]
  ) throws where World.Failure == Never {
    let fixture: TrajectoryFixture = try fixture(name)
    #expect(fixture.environment == world.specification.id && fixture.cases.count >= 4)
    let size = world.specification.observationSize
    var ends = (terminated: 0, truncated: 0)
    for each in fixture.cases {
      var environment = world
      let count = numbers(environment.state).count
      environment.reset(seed: UInt64(each.seed))
      var resets = each.resets[...]
      let first = try #require(resets.first)
      resets.removeFirst()
      #expect(numbers(environment.state) == first.state.map(\.double))
      #expect(environment.observation == first.observation.floats)
      for (i, action) in each.actions.enumerated() {
        let step = environment.step(action)
        let expected = each.states[i * count..<(i + 1) * count].map(\.double)
        try #require(numbers(environment.state) == expected, "seed \(each.seed), step \(i)")
        let observation = Array(each.observations[i * size..<(i + 1) * size])
        #expect(environment.observation == observation.floats)
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
          #expect(numbers(environment.state) == reset.state.map(\.double))
        }
      }
      #expect(resets.isEmpty)
    }
    #expect(ends.terminated > 0 && ends.truncated > 0)
  }
}

private struct TrajectoryFixture: Decodable {
  struct Reset: Decodable {
    var step: Int
    var observation: [UInt32]
    var state: [String]

    enum CodingKeys: String, CodingKey {
      case step
      case observation = "observation_f32"
      case state = "state_f64"
    }
  }

  struct Case: Decodable {
    var seed: String
    var actions: [Int]
    var states: [String]
    var observations: [UInt32]
    var rewards: [Double]
    var terminated: [Int]
    var truncated: [Int]
    var resets: [Reset]

    enum CodingKeys: String, CodingKey {
      case seed, actions, rewards, terminated, truncated, resets
      case states = "states_f64"
      case observations = "observations_f32"
    }
  }

  var environment: String
  var cases: [Case]
}
