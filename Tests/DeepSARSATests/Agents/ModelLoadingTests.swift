import DeepSARSA
import Testing

@Suite("Loading a model into an agent")
struct ModelLoadingTests {
  private typealias CarTrainer = Trainer<
    ReplicatedEnvironment<TimeLimit<MountainCar>>, ReplaySARSA
  >

  private func trainer(seed: UInt64) throws -> CarTrainer {
    try Trainer(smallHyperparameters(), environment: mountainCar(), seed: seed)
  }

  @Test("the parameters of a model replace those of both networks")
  func bothNetworks() throws {
    var hyperparameters = Hyperparameters()
    hyperparameters.network.hiddenSizes = [5]
    hyperparameters.replay.capacity = 1
    hyperparameters.replay.batchSize = 1
    hyperparameters.replay.learningStarts = 1
    hyperparameters.target.discount = 0.5
    let specification = EnvironmentSpecification(id: "E", observationSize: 2, actionCount: 3)
    let model = try ReplaySARSA(hyperparameters, for: specification, seed: 2).model()
    var agent = try ReplaySARSA(hyperparameters, for: specification, seed: 1)
    #expect(agent.model() != model)
    try agent.load(model)
    #expect(agent.model() == model)

    // The online network gives q(s, a), and the target network the largest q(s′, ·).
    var step = VectorStep(count: 1, observationSize: 2)
    (step.rewards, step.nextObservations) = ([3], [-1, 4])
    agent.remember([2, 1], [1], step)
    let loss = try agent.learn(for: .epsilonGreedy(epsilon: 0), learningRate: 1e-3).loss
    var policy = try GreedyPolicy(model)
    let best = try #require(policy.values(for: [-1, 4]).max())
    let error = 3 + 0.5 * best - policy.values(for: [2, 1])[1]
    #expect(abs(loss - error * error) < 1e-4 * error * error)
  }

  @Test("a trainer goes on from a loaded model, with its memory and its random streams")
  func trainer() throws {
    let model = try trainer(seed: 9).agent.model()
    var first = try trainer(seed: 1)
    var second = try trainer(seed: 1)
    for _ in 0..<30 {
      try first.advance()
      try second.advance()
    }
    try first.load(model)
    #expect(first.agent.model() == model && first.steps == 30)
    #expect(first.agent.transitionCount == 30)
    try second.load(model)
    for _ in 0..<100 {
      try first.advance()
      try second.advance()
    }
    #expect(first.agent.updateCount > 0 && first.agent.model() != model)
    #expect(first.agent.model() == second.agent.model())
  }

  @Test("a model of another network is an error, and then nothing has changed")
  func otherNetworks() throws {
    var hyperparameters = smallHyperparameters()
    hyperparameters.network.hiddenSizes = [16, 9]
    let wider = try ReplaySARSA(hyperparameters, for: mountainCar().specification, seed: 2).model()
    var broken = try trainer(seed: 2).agent.model()
    broken.tensors[broken.tensors.count - 1].values[0] = .nan
    var longer = try trainer(seed: 2).agent.model()
    longer.tensors.append(Safetensors.Tensor(name: "other", shape: [1], values: [0]))
    let empty = Safetensors(tensors: [], metadata: [:])

    var untouched = try trainer(seed: 1)
    var offered = try trainer(seed: 1)
    for step in 0..<150 {
      if step % 20 == 0 {
        for model in [wider, broken, longer, empty] {
          let before = offered.agent.model()
          #expect(throws: ModelError.self) { try offered.load(model) }
          #expect(offered.agent.model() == before)
        }
      }
      try untouched.advance()
      try offered.advance()
    }
    #expect(untouched.agent.updateCount > 0)
    #expect(try offered.agent.model().encoded() == untouched.agent.model().encoded())
  }
}
