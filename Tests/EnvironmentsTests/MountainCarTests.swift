import SARSAEnvironments
import SARSARandomSources
import Testing

/// What the recorded trajectories never reach.
@Suite("The ends of MountainCar's ranges")
struct MountainCarTests {
  private func step(from position: Double, _ velocity: Double, _ action: Int) -> MountainCar {
    var car = MountainCar()
    car.state = MountainCar.State(
      position: position, velocity: velocity, random: PCG64(seed: 0))
    _ = car.step(action)
    return car
  }

  @Test("the car moves by its velocity after the speed limit, not before")
  func speedLimit() {
    let forward = step(from: -0.5, 0.07, 2)
    #expect(forward.state.velocity == 0.07 && forward.state.position == -0.5 + 0.07)
    let backward = step(from: -0.5, -0.07, 0)
    #expect(backward.state.velocity == -0.07 && backward.state.position == -0.5 - 0.07)
  }

  @Test("a car beyond the left wall is put against it, and then stopped")
  func wall() {
    let car = step(from: -1.18, -0.06, 0)
    #expect(car.state.position == -1.2 && car.state.velocity == 0)
  }

  @Test("the goal is reached at 0.5, by a car that does not roll back")
  func goal() {
    for (position, velocity, isReached) in [
      (0.48, 0.03, true), (0.48, 0.01, false), (0.56, -0.02, false),
    ] {
      var car = MountainCar()
      car.state = MountainCar.State(
        position: position, velocity: velocity, random: PCG64(seed: 0))
      let step = car.step(2)
      #expect(step.isTerminated == isReached && step.reward == -1)
    }
  }
}
