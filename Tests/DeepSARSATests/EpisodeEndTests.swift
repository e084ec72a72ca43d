import DeepSARSA
import Testing

@Suite("The ends of episodes")
struct EpisodeEndTests {
  @Test("a cut that bootstraps values the last state of its own episode")
  func bootstrap() throws {
    var hyperparameters = smallHyperparameters()
    hyperparameters.network.hiddenSizes = [8, 6]
    hyperparameters.replay.batchSize = 16
    hyperparameters.replay.learningStarts = 150
    hyperparameters.replay.capacity = 150
    hyperparameters.target.timeLimit = .bootstrap
    hyperparameters.target.synchronization = TargetSynchronization(every: 1, .episodes)
    hyperparameters.optimizer.learningRate = .constant(3e-3)
    var trainer = try Trainer(
      hyperparameters, environment: ReplicatedEnvironment(mountainCar()), seed: 4)
    var naive = NaiveDeepSARSA(hyperparameters, seed: 4, model: trainer.agent.model())
    for _ in 0..<260 {
      _ = try trainer.advance()
      naive.advance()
    }
    #expect(trainer.episodes == 1)
    var policy = try GreedyPolicy(trainer.agent.description)
    trainer.agent.copyParameters(into: &policy)
    for i in 0..<20 {
      let state = [Float(-1.2 + 0.09 * Double(i)), Float(-0.07 + 0.007 * Double(i))]
      let expected = NaiveDeepSARSA.values(naive.online, state.map(Double.init))
      for (found, expected) in zip(policy.values(for: state), expected) {
        #expect(abs(Double(found) - expected) < 1e-4)
      }
    }
  }
}
