import SARSAEnvironments
import SampleEnvironments
import Testing

@Suite("The wrapper of the articles")
struct SampleTests {
  @Test("it keeps the promises of the environment within")
  func promises() throws {
    let scaled = ScaledReward(TimeLimit(Corridor(), maximumSteps: 4), by: 0.1)
    #expect(try brokenPromises(of: scaled) == [])
    #expect(
      try brokenPromises(of: TimeLimit(ScaledReward(Corridor(), by: 0.1), maximumSteps: 4)) == [])
    #expect(scaled.specification.maximumEpisodeSteps == 4)
  }

  @Test("it multiplies rewards and the threshold, and nothing else")
  func rewards() {
    var plain = MountainCar()
    var scaled = ScaledReward(plain, by: 0.5)
    plain.reset(seed: 3)
    scaled.reset(seed: 3)
    #expect(scaled.specification.rewardThreshold == -55)
    for action in [0, 2, 2] {
      #expect(plain.step(action).reward == 2 * scaled.step(action).reward)
      #expect(plain.observation == scaled.observation)
    }
  }
}
