import DeepSARSA
import SARSAExperiments
import SARSAFormats
import Testing

/// A page of 2 MB holds the libraries that draw its charts, in 0.9 MB; nine episodes are to leave room for the rest.
@Suite("The size of recorded episodes")
struct PageSizeTests {
  private static let limit = 700_000 / 9

  @Test("an episode of CartPole with 500 steps takes a ninth of 700 KB")
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
    "a thousand frames of MinAtar take a ninth of 700 KB",
    arguments: EnvironmentRegistry.ids.filter { $0.hasPrefix("MinAtar") })
  func games(id: String) throws {
    func play<World: Environment>(_ world: World) throws -> (frames: Int, bytes: Int) {
      let specification = world.specification
      var policy = try PlayedEpisodeTests.policy(
        inputs: specification.observationSize, outputs: specification.actionCount)
      var rollout = try Rollout(world, seed: 3)
      var result = (frames: 0, bytes: 0)
      while result.frames < 1_000 {
        if result.frames > 0 { try rollout.reset() }
        let episode = try PlayedEpisode(
          continuing: &rollout, by: &policy, stepLimit: 1_000 - result.frames)
        result.frames += episode.frames.count
        // The backdrop is that of the first episode.
        result.bytes += episode.json.utf8.count - (result.bytes == 0 ? 0 : 1_000)
        if !rollout.record.isLast { break }
      }
      return result
    }
    let result = try play(EnvironmentRegistry.make(id))
    #expect(result.bytes < Self.limit, "\(result)")
    print(id, result)
  }
}
