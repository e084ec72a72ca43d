import DeepSARSA
import Testing

@Suite("The ends of episodes")
struct EpisodeEndTests {
  @Test("a cut that bootstraps values the last state of its episode, not the first of the next")
  func bootstrap() throws {
    var hyperparameters = Hyperparameters()
    hyperparameters.network.hiddenSizes = []
    hyperparameters.replay.capacity = 1
    hyperparameters.replay.batchSize = 1
    hyperparameters.replay.learningStarts = 1
    hyperparameters.target.discount = 0.5
    hyperparameters.target.timeLimit = .bootstrap
    let specification = EnvironmentSpecification(id: "Cut", observationSize: 3, actionCount: 1)
    var agent = try ReplaySARSA(hyperparameters, for: specification, seed: 1)
    var policy = try GreedyPolicy(agent.description)
    agent.copyParameters(into: &policy)

    let (state, last, first): ([Float], [Float], [Float]) = ([1, 0, 0], [0, 9, 0], [0, 0, -9])
    var step = VectorStep(count: 1, observationSize: 3)
    (step.rewards, step.isTruncated) = ([2], [true])
    (step.nextObservations, step.observations) = (last, first)
    agent.remember(state, [0], step)
    let update = try agent.learn(for: .epsilonGreedy(epsilon: 0), learningRate: 1e-3)

    let value = policy.values(for: state)[0]
    let error = 2 + 0.5 * policy.values(for: last)[0] - value
    let wrong = 2 + 0.5 * policy.values(for: first)[0] - value
    #expect(abs(update.loss - error * error) < 1e-4 * error * error)
    #expect(abs(error * error - wrong * wrong) > 0.1, "either would do")
  }
}
