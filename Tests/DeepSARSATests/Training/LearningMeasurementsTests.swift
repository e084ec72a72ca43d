import DeepSARSA
import TestSupport
import Testing

@Suite("Measures of an update")
struct LearningMeasurementsTests {
  private static let observations: [[Float]] = [
    [1, 0.5], [-1, 2], [0.25, -0.75], [3, 1], [-2, -2], [0.5, 0.125], [1, -1], [-0.5, 1.5],
  ]
  private static let rewards: [Double] = [1, -0.5, 0.25, -3, 2, 0, 1, 0.5]
  /// The third and the last transition end an episode; the sixth is truncated.
  private static let ends = [2, 7]
  private static let truncated = 5

  /// An agent whose minibatch is its whole memory: the transitions above.
  private func agent(
    limit: Double? = nil, hidden: [Int] = [6], steps: Int = 1
  ) throws -> ReplaySARSA {
    var hyperparameters = Hyperparameters()
    hyperparameters.network.hiddenSizes = hidden
    hyperparameters.network.isNormalized = false
    hyperparameters.optimizer.method = .sgd()
    hyperparameters.optimizer.gradientNormLimit = limit
    hyperparameters.target.steps = steps
    hyperparameters.target.rule = TargetRule(nextAction: .expected)
    hyperparameters.replay.capacity = Self.observations.count
    hyperparameters.replay.batchSize = Self.observations.count
    hyperparameters.replay.learningStarts = Self.observations.count
    var agent = try ReplaySARSA(
      hyperparameters,
      for: EnvironmentSpecification(id: "Hand-v0", observationSize: 2, actionCount: 3), seed: 3)
    for i in Self.observations.indices {
      agent.remember(Self.observations[i], [i % 3], Self.step(i))
    }
    return agent
  }

  private static func step(_ i: Int) -> VectorStep {
    var step = VectorStep(count: 1, observationSize: 2)
    step.nextObservations = observations[(i + 1) % observations.count]
    step.rewards = [rewards[i]]
    step.isTerminated = [ends.contains(i)]
    step.isTruncated = [i == truncated]
    return step
  }

  /// The action values of a model for all observations.
  private func values(of model: Safetensors) throws -> [[Double]] {
    var policy = try GreedyPolicy(model)
    return Self.observations.map { policy.values(for: $0).map(Double.init) }
  }

  /// The outputs of the hidden layer, by loops.
  private func features(of model: Safetensors) throws -> Matrix<Double> {
    let weights = try #require(model.tensors.first { $0.name == "q_network.0.weight" })
    let biases = try #require(model.tensors.first { $0.name == "q_network.0.bias" })
    return Matrix(
      Self.observations.map { observation in
        biases.values.indices.map { unit in
          let z =
            weights.values[2 * unit] * observation[0] + weights.values[2 * unit + 1]
            * observation[1] + biases.values[unit]
          return Double(max(z, 0))
        }
      })
  }

  /// θ as one list of numbers.
  private func parameters(of model: Safetensors) -> [Double] {
    model.tensors.sorted { $0.name < $1.name }.flatMap { $0.values.map(Double.init) }
  }

  @Test("are those of a naive computation")
  func naive() throws {
    var agent = try agent()
    // A unit that is 0 everywhere, and one that copies another.
    var model = agent.model()
    for i in model.tensors.indices where model.tensors[i].name.hasPrefix("q_network.0") {
      let width = model.tensors[i].values.count / 6
      for column in 0..<width {
        model.tensors[i].values[column] = width == 1 ? -100 : 0
        model.tensors[i].values[width + column] = model.tensors[i].values[2 * width + column]
      }
    }
    try agent.load(model)
    let policy = Policy.epsilonGreedy(epsilon: 0.2)
    try agent.learn(for: policy, learningRate: 0.05)
    let (online, rate) = (agent.model(), 0.01)
    try agent.learn(for: policy, learningRate: rate)
    let measured = agent.measurements()
    let found = try #require(measured)

    let (q, target) = try (values(of: online), values(of: model))
    #expect(abs(found.largestValue! - q.joined().map { abs($0) }.max()!) < 1e-5)
    let gaps = q.map { row in row.sorted()[2] - row.sorted()[1] }
    #expect(abs(found.actionGap! - gaps.reduce(0, +) / 8) < 1e-5)
    let differences = zip(q.joined(), target.joined()).map { abs($0 - $1) }
    #expect(abs(found.targetDrift! - differences.reduce(0, +) / 24) < 1e-5)
    #expect(found.targetDrift! > 1e-3 && found.largestReward == 3)
    #expect(found.terminalShare == 2.0 / 8)
    // Gradient descent moves θ by the rate times the gradient.
    let norm = change((before: online, after: agent.model())) / rate
    #expect(abs(found.gradientNorm! / norm - 1) < 1e-3)
    let features = try features(of: online)
    let dead = (0..<6).count { unit in (0..<8).allSatisfy { features[$0, unit] == 0 } }
    #expect(dead >= 1 && found.deadUnits == Double(dead) / 6)
    let rank = try SingularValueDecomposition(features).effectiveRank()
    #expect(found.effectiveRank == rank)
    #expect(rank < 6)
    #expect(rank > 1)
  }

  @Test("have the gradient's norm before it is limited")
  func limited() throws {
    func norm(limit: Double?) throws -> Double {
      var agent = try agent(limit: limit)
      try agent.learn(for: .epsilonGreedy(epsilon: 0.2), learningRate: 0.05)
      let measured = agent.measurements()
      return try #require(measured?.gradientNorm)
    }
    let free = try norm(limit: nil)
    #expect(try free > 0.1 && norm(limit: 1e-3) == free && norm(limit: 1e3) == free)
  }

  @Test("count a window that ends in the end of its episode as terminal")
  func windows() throws {
    var agent = try agent(steps: 2)
    try agent.learn(for: .epsilonGreedy(epsilon: 0.2), learningRate: 0.05)
    // The transitions before an end, and the ends themselves.
    let measured = agent.measurements()
    #expect(measured?.terminalShare == 4.0 / 8)
  }

  @Test("without hidden layers, or behind a normalisation, are of the layers that there are")
  func layers() throws {
    var linear = try agent(hidden: [])
    try linear.learn(for: .epsilonGreedy(epsilon: 0.2), learningRate: 0.05)
    let measured = linear.measurements()
    let measures = try #require(measured)
    #expect(measures.effectiveRank == nil && measures.deadUnits == nil)
    for (text, units) in [
      ("2 > dense 5 > layer-normalization relu > dense 4 > dueling", [5]),
      ("2 > dense 5 relu > dense 7 tanh > dense 3", [5, 7]), ("2 > dense 5 > dense 3", []),
    ] {
      let network = Network(try #require(NetworkDescription(text)))
      var layout = ArenaLayout()
      let outputs = try network.reserveOutputs(rows: 8, in: &layout)
      #expect(network.activations(in: outputs).map(\.columns) == units)
      #expect(network.features(in: outputs)?.columns == units.last ?? 5)
    }
  }

  /// Settings without an optimiser's state and without a bound of the step, so that the parameters' change
  /// shows the gradient.
  private func plainHyperparameters(_ algorithm: Algorithm) -> Hyperparameters {
    var result = Hyperparameters()
    result.algorithm = algorithm
    result.network.hiddenSizes = [6]
    result.network.isNormalized = false
    result.optimizer.method = .sgd()
    result.optimizer.gradientNormLimit = nil
    result.target.rule = TargetRule(nextAction: .expected)
    result.target.lambda = 0
    (result.segment.steps, result.segment.epochs, result.segment.minibatches) = (8, 1, 1)
    result.traces.kappa = 0
    return result
  }

  /// Lets an agent learn the transitions, and gives its network before and after the last update.
  private func learn<Learner: Agent & ~Copyable>(
    _ agent: inout Learner, learningRate: Double
  ) throws -> (before: Safetensors, after: Safetensors) {
    let policy = Policy.epsilonGreedy(epsilon: 0.2)
    var (before, actions) = (agent.model(), [0])
    for i in Self.observations.indices {
      agent.act(on: Self.observations[i], by: policy, into: &actions)
      agent.remember(Self.observations[i], [i % 3], Self.step(i))
      before = agent.model()
      _ = try agent.learn(
        at: TrainingMoment(
          steps: i + 1, stepsBefore: i, finishedEpisodes: 0, policy: policy,
          learningRate: learningRate))
    }
    return (before, agent.model())
  }

  @Test("of a parallel agent are those of the last minibatch of its segment")
  func parallel() throws {
    var agent = try ParallelSARSA(
      plainHyperparameters(.parallel),
      for: EnvironmentSpecification(id: "Hand-v0", observationSize: 2, actionCount: 3), seed: 3)
    let models = try learn(&agent, learningRate: 0.01)
    let measured = agent.measurements()
    let found = try #require(measured)
    let q = try values(of: models.before)
    #expect(abs(found.largestValue! - q.joined().map { abs($0) }.max()!) < 1e-5)
    let gaps = q.map { row in row.sorted()[2] - row.sorted()[1] }
    #expect(abs(found.actionGap! - gaps.reduce(0, +) / 8) < 1e-5)
    let norm = change(models) / 0.01
    #expect(abs(found.gradientNorm! / norm - 1) < 1e-3)
    let rank = try SingularValueDecomposition(features(of: models.before)).effectiveRank()
    #expect(found.effectiveRank == rank && found.deadUnits != nil && found.largestReward == 3)
    #expect(found.targetDrift == nil && found.terminalShare == nil)
  }

  @Test(
    "of a streaming agent are those of its last transition, with the gradient of its squared error")
  func streaming() throws {
    var agent = try StreamingSARSA(
      plainHyperparameters(.streaming),
      for: EnvironmentSpecification(id: "Hand-v0", observationSize: 2, actionCount: 3), seed: 3)
    let models = try learn(&agent, learningRate: 0.01)
    let measured = agent.measurements()
    let found = try #require(measured)
    let q = try #require(try values(of: models.before).last)
    #expect(abs(found.largestValue! - q.map { abs($0) }.max()!) < 1e-5)
    #expect(abs(found.actionGap! - (q.sorted()[2] - q.sorted()[1])) < 1e-5)
    // θ moves by α·δ·∇q, and the gradient of δ² is −2δ·∇q.
    let norm = 2 * change(models) / 0.01
    #expect(abs(found.gradientNorm! / norm - 1) < 1e-3)
    #expect(found.largestReward == 3 && found.effectiveRank == nil && found.deadUnits == nil)
  }

  /// ‖θ − θ_before‖.
  private func change(_ models: (before: Safetensors, after: Safetensors)) -> Double {
    let moves = zip(parameters(of: models.before), parameters(of: models.after)).map { $0 - $1 }
    return moves.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  @Test("leave training as it is, and are nil before the first update")
  func unchanged() throws {
    func model(measuring: Bool) throws -> [UInt8] {
      var hyperparameters = smallHyperparameters()
      hyperparameters.target.rule = TargetRule(nextAction: .resampled)
      var trainer = try Trainer(
        hyperparameters, environment: ReplicatedEnvironment(mountainCar()), seed: 1)
      let early = trainer.measurements()
      #expect(early == nil)
      for _ in 0..<300 {
        try trainer.advance()
        if measuring { _ = trainer.measurements() }
      }
      let late = trainer.measurements()
      #expect(late?.largestReward == 1)
      return try trainer.agent.model().encoded()
    }
    #expect(try model(measuring: true) == model(measuring: false))
  }
}
