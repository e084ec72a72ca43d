import DeepSARSA
import Foundation
import SARSAExperiments
import Testing

@Suite("The scales of built-in environments")
struct ScoreScaleTests {
  /// `make scales` measures them anew, with 10,000 episodes.
  private static let episodes = ProcessInfo.processInfo.environment["DEEP_SARSA_SCALES"]
    .flatMap(Int.init)

  /// The returns of random actions.
  private func returns<World: Environment>(
    in world: World, episodes: Int
  ) throws -> [Double] {
    var world = world
    var random = PCG64(seed: 20_261_127)
    return try (0..<episodes).map { episode in
      var total = 0.0
      try world.reset(seed: episode == 0 ? 1 : nil)
      for _ in 0..<Evaluation<World>.stepLimit {
        let step = try world.step(random.integer(below: world.specification.actionCount))
        total += step.reward
        if step.isTerminated || step.isTruncated { break }
      }
      return total
    }
  }

  @Test(
    "each has the mean return of random actions, within four standard errors",
    arguments: EnvironmentRegistry.ids)
  func randomReturns(id: String) throws {
    let scale = try #require(ScoreScale.known(of: id))
    let returns = try returns(in: EnvironmentRegistry.make(id), episodes: Self.episodes ?? 40)
    let mean = returns.reduce(0, +) / Double(returns.count)
    let variance = returns.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(returns.count - 1)
    // Both means have an error; that of the scale is of 10,000 episodes, and it is rounded.
    let error = (variance / Double(returns.count) + variance / 10_000).squareRoot()
    if Self.episodes != nil { print("\(id): \(mean) ± \(error)") }
    #expect(abs(mean - scale.random) <= 4 * error + 0.005, "\(mean) ± \(error)")
    #expect(scale.best > scale.random)
  }

  @Test("no scale is known with arguments, or of other environments")
  func unknown() {
    #expect(
      ScoreScale.known(of: "Acrobot-v1", arguments: ["max_episode_steps": .integer(9)]) == nil)
    #expect(ScoreScale.known(of: "LunarLander-v3") == nil)
  }
}
