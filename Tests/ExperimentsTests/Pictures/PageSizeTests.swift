import DeepSARSA
import SARSAExperiments
import SARSAFormats
import Testing

/// A page of 2 MB holds the libraries that draw its charts, in 0.9 MB; nine episodes are to leave room for the rest.
@Suite("The size of recorded episodes")
struct PageSizeTests {
  private static let limit = 720_000 / 9

  @Test("nine episodes of CartPole with 500 steps take some 700 KB")
  func pole() throws {
    // Pushes towards where the pole falls.
    let weights: [Float] = [-0.1, -0.5, -5, -1, 0.1, 0.5, 5, 1].map { 3 * $0 }
    var policy = try GreedyPolicy(
      Safetensors(
        tensors: [
          .init(name: "q_network.0.weight", shape: [2, 4], values: weights),
          .init(name: "q_network.0.bias", shape: [2], values: [50, 50]),
        ], metadata: [:]))
    let episode = try PlayedEpisode(
      playing: TimeLimit(CartPole(), maximumSteps: 500), by: &policy, seed: 3)
    #expect(episode.frames.count == 501)
    #expect(episode.json.utf8.count < Self.limit)
  }

  @Test(
    "nine times a thousand frames of MinAtar take some 700 KB",
    arguments: EnvironmentRegistry.ids.filter { $0.hasPrefix("MinAtar") && $0.hasSuffix("v0") })
  func games(id: String) throws {
    func frames<World: Environment>(_ world: World) throws -> [PlayedEpisode.Frame] {
      let specification = world.specification
      var policy = try PlayedEpisodeTests.policy(
        inputs: specification.observationSize, outputs: specification.actionCount)
      var rollout = try Rollout(world, seed: 3)
      var frames: [PlayedEpisode.Frame] = []
      while true {
        // Values of a fifth are about as large as those that are learned.
        frames += try PlayedEpisode(
          continuing: &rollout, by: &policy, rewardFactor: 5, stepLimit: 999 - frames.count
        ).frames
        if frames.count >= 1_000 { return frames }
        try rollout.reset()
      }
    }
    // Bad players' games are short, so one record is made of many.
    let all = try frames(EnvironmentRegistry.make(id))
    let episode = PlayedEpisode(seed: 3, frames: all, isTerminated: true)
    #expect(all.count == 1_000)
    #expect(episode.json.utf8.count < Self.limit)
  }
}
