import DeepSARSA
import Testing

@Suite("Scaling of rewards")
struct RewardScalingTests {
  @Test("a factor and a limit, in this order")
  func factorAndLimit() {
    var settings = RewardHyperparameters()
    (settings.factor, settings.limit) = (0.5, 1)
    var scaling = RewardScaling(settings, discount: 0.9, environments: 1)
    let found = [3, -8, 1.5, 0, 2].map { scaling.scaled($0, of: 0, isLast: false) }
    #expect(found == [1, -1, 0.75, 0, 1])
  }

  @Test("without settings, rewards stay as they are, to the bit")
  func unused() {
    var scaling = RewardScaling(RewardHyperparameters(), discount: 0.9, environments: 1)
    for reward in [0.1, -1e30, 1e-300, 3] {
      #expect(scaling.scaled(reward, of: 0, isLast: false) == reward)
    }
  }

  @Test(
    "a running scaling divides by the deviation of discounted sums, which start anew at an episode's end"
  )
  func running() {
    // Rewards 1 1 1 (end) 1 with γ 0.9 have the sums 1 1.9 2.71 1. streaming-drl's ScaleReward also
    // forgets the sum before the last reward of an episode: 1 1.9 1 1.9.
    let sums = [1, 1.9, 2.71, 1]
    var settings = RewardHyperparameters()
    settings.scaling = .running
    var scaling = RewardScaling(settings, discount: 0.9, environments: 1)
    let found = (0..<4).map { scaling.scaled(1, of: 0, isLast: $0 == 2) }
    let expected = sums.indices.map { last -> Double in
      let seen = sums[...last]
      if last == 0 { return 1 / (1 + 1e-8).squareRoot() }
      let mean = seen.reduce(0, +) / Double(seen.count)
      let variance = seen.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(seen.count - 1)
      return 1 / (variance + 1e-8).squareRoot()
    }
    for (found, expected) in zip(found, expected) { #expect(abs(found / expected - 1) < 1e-12) }
  }

  @Test("every environment has a sum of its own, and all share the variance")
  func environments() {
    var settings = RewardHyperparameters()
    settings.scaling = .running
    var scaling = RewardScaling(settings, discount: 0.5, environments: 2)
    _ = scaling.scaled(1, of: 0, isLast: false)  // u 1
    _ = scaling.scaled(3, of: 1, isLast: false)  // u 3, not 3.5
    let found = scaling.scaled(4, of: 0, isLast: false)  // u 4.5
    let (seen, mean) = ([1, 3, 4.5], 8.5 / 3)
    let variance = seen.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 2
    #expect(abs(found - 4 / (variance + 1e-8).squareRoot()) < 1e-12)
  }

  @Test("an agent learns from scaled rewards, and its episodes have the environment's")
  func training() throws {
    func trained(_ change: (inout Hyperparameters) -> Void) throws -> (
      model: Safetensors, returns: [Double]
    ) {
      var settings = smallHyperparameters()
      settings.replay.learningStarts = 32
      settings.target.timeLimit = .bootstrap
      change(&settings)
      var trainer = try Trainer(settings, environment: mountainCar(), seed: 2)
      var returns: [Double] = []
      for _ in 0..<200 {
        try trainer.advance()
        returns += trainer.finishedEpisodes.map(\.totalReward)
      }
      return (trainer.agent.model(), returns)
    }
    let plain = try trained { _ in }
    let halved = try trained { $0.reward.factor = 0.5 }
    let clipped = try trained { $0.reward.limit = 0.5 }
    #expect(halved.model["q_network.0.weight"] != plain.model["q_network.0.weight"])
    #expect(halved.model.tensors == clipped.model.tensors)
    #expect(plain.returns == [-200] && halved.returns == [-200])
    #expect(halved.model.metadata["reward_factor"] == "0.5")
    #expect(clipped.model.metadata["reward_limit"] == "0.5")
    #expect(plain.model.metadata["reward_factor"] == nil)
  }
}
