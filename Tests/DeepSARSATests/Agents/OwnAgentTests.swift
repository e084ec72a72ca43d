import DeepSARSA
import Testing

/// A program's own agent: it keeps the mean reward of every action in every state that it is shown.
private struct AveragingAgent: Agent, ~Copyable {
  static var algorithm: String { "averaging" }

  let description: NetworkDescription
  private(set) var updateCount = 0
  /// The sums of rewards and the numbers of visits [states, actions].
  private var sums: [Float]
  private var visits: [Float]
  private var pending: [(place: Int, reward: Float)] = []
  private var exploration: PCG64
  /// The policies by which it was asked to act and to learn.
  private(set) var policies: [(acting: Behavior, learning: Policy)] = []
  private var acting: Behavior?

  init(
    _ hyperparameters: Hyperparameters, for specification: EnvironmentSpecification, seed: UInt64
  ) throws(ArenaError) {
    description = NetworkDescription(
      inputs: specification.observationSize, hidden: [], outputs: specification.actionCount)
    sums = Array(repeating: 0, count: description.inputs * description.outputs)
    visits = sums
    exploration = RandomStreams(seed: seed).stream(.exploration)
  }

  private var means: [Float] { zip(sums, visits).map { $0 / max($1, 1) } }

  private func state(_ row: Int, of observations: [Float]) -> Int {
    (0..<description.inputs).first { observations[row * description.inputs + $0] > 0 } ?? 0
  }

  mutating func act(
    on observations: [Float], allowing masks: [Bool], by behavior: Behavior,
    into actions: inout [Int]
  ) {
    let means = means
    for i in actions.indices {
      actions[i] = behavior.policy(of: i, among: actions.count).action(
        means.span, row: state(i, of: observations), of: description.outputs, using: &exploration)
    }
    acting = behavior
  }

  mutating func remember(_ observations: [Float], _ actions: [Int], _ step: VectorStep) {
    pending = actions.indices.map { i in
      (state(i, of: observations) * description.outputs + actions[i], Float(step.rewards[i]))
    }
  }

  mutating func learn(at moment: TrainingMoment) throws(Divergence) -> Learned {
    var (loss, value) = (0 as Float, 0 as Float)
    for (place, reward) in pending {
      let mean = sums[place] / max(visits[place], 1)
      loss += (reward - mean) * (reward - mean) / Float(pending.count)
      value += mean / Float(pending.count)
      sums[place] += reward
      visits[place] += 1
    }
    updateCount += 1
    if let acting { policies.append((acting, moment.policy)) }
    return Learned(update: Update(loss: loss, meanValue: value))
  }

  func model() -> Safetensors {
    let (states, actions) = (description.inputs, description.outputs)
    let means = means
    return Safetensors(tensors: [
      Safetensors.Tensor(
        name: "q_network.0.weight", shape: [actions, states],
        values: (0..<actions * states).map { means[$0 % states * actions + $0 / states] }),
      Safetensors.Tensor(
        name: "q_network.0.bias", shape: [actions], values: Array(repeating: 0, count: actions)),
    ])
  }

  mutating func load(_ model: Safetensors) throws(ModelError) {
    _ = model
    throw .unknown("a table")
  }

  mutating func archive<A: Archive & ~Copyable>(
    in archive: inout A, as name: String
  ) throws(ArchiveError) {
    try archive.value(name + ".sums", &sums)
    try archive.value(name + ".visits", &visits)
    try archive.value(name + ".updateCount", &updateCount)
    try archive.value(name + ".exploration", &exploration)
  }
}

@Suite("An agent of a program's own")
struct OwnAgentTests {
  private func hyperparameters(environments: Int) -> Hyperparameters {
    var result = Hyperparameters()
    result.environmentCount = environments
    result.epsilonSpread = 1
    result.exploration = .epsilonGreedy(epsilon: .linear(from: 1, to: 0.1, steps: 300))
    result.budget = Budget(steps: 1_200)
    return result
  }

  @Test("it is trained by the trainer, and played by the greedy policy", arguments: [1, 3])
  func training(environments: Int) throws {
    let hyperparameters = hyperparameters(environments: environments)
    var trainer = try Trainer(
      AveragingAgent.self, hyperparameters, environment: Naming(), seed: 1)
    var updates = 0
    while !trainer.isFinished {
      let events = try trainer.advance()
      if let update = events.update, update.loss.isFinite { updates += 1 }
      #expect(!events.didSynchronize)
    }
    #expect(updates == 1_200 / environments && trainer.agent.updateCount == updates)
    #expect(trainer.episodes == 1_200)

    var policy = try GreedyPolicy(trainer.agent.description)
    trainer.agent.copyParameters(into: &policy)
    var evaluation = Evaluation(Naming(), seed: 2)
    #expect(evaluation.play(&policy, episodes: 100).mean == 1)
    #expect(policy.values(for: [0, 0, 1, 0]) == [0, 0, 1, 0])
    #expect(throws: ModelError.self) { try trainer.load(policy.model()) }
  }

  @Test("it acts by the behaviour with its spread, and learns for the plain policy")
  func policies() throws {
    let hyperparameters = hyperparameters(environments: 3)
    var trainer = try Trainer(
      AveragingAgent.self, hyperparameters, environment: Naming(), seed: 1)
    for _ in 0..<10 { try trainer.advance() }
    for (i, policies) in trainer.agent.policies.enumerated() {
      let plain = hyperparameters.exploration.policy(at: 3 * i)
      #expect(policies.acting == Behavior(plain, spread: 1) && policies.learning == plain)
    }
    #expect(trainer.agent.policies.count == 10)
  }

  @Test("it can be asked for actions by one policy for all environments")
  func onePolicy() throws {
    var agent = try AveragingAgent(
      hyperparameters(environments: 3), for: Naming().specification, seed: 1)
    var step = VectorStep(count: 3, observationSize: Naming.size)
    step.rewards = [0, 2, 1]
    let observations: [Float] = [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]
    agent.remember(observations, [1, 2, 3], step)
    _ = try agent.learn(
      at: TrainingMoment(
        steps: 3, stepsBefore: 0, finishedEpisodes: 0, policy: .epsilonGreedy(epsilon: 0),
        learningRate: 1))
    var actions = [0, 0, 0]
    agent.act(on: observations, by: .epsilonGreedy(epsilon: 0), into: &actions)
    #expect(actions == [2, 2, 2])
  }

  @Test("its parameters do not go into a policy with another network")
  func otherNetwork() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let agent = try AveragingAgent(Hyperparameters(), for: Naming().specification, seed: 1)
      var policy = try GreedyPolicy(NetworkDescription(inputs: 2, hidden: [], outputs: 3))
      agent.copyParameters(into: &policy)
    }
    let printed = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(
      printed.contains(
        "the policy is for another network: tensor 'q_network.0.weight' has shape [4, 4], not [3, 2]"
      ), "\(printed)")
  }
}
