import DeepSARSA
import TestSupport
import Testing

/// The first steps of a program that uses the library.
@Suite("First steps")
struct LibraryUseTests {
  /// What a trainer refuses its hyperparameters with.
  private func refusal(
    _ hyperparameters: Hyperparameters, _ environment: some VectorEnvironment
  ) -> String? {
    do {
      _ = try Trainer(hyperparameters, environment: environment, seed: 1)
    } catch {
      return error.description
    }
    return nil
  }

  @Test("a trainer makes as many copies of one environment as the hyperparameters say")
  func copies() throws {
    var hyperparameters = smallHyperparameters()
    hyperparameters.environmentCount = 3
    hyperparameters.budget = Budget(steps: 150)
    var trainer = try Trainer(hyperparameters, environment: mountainCar(), seed: 1)
    var other = try Trainer(
      hyperparameters, environment: ReplicatedEnvironment(mountainCar(), count: 3), seed: 1)
    while !trainer.isFinished { try trainer.advance() }
    while !other.isFinished { try other.advance() }
    #expect(trainer.environmentSeeds.count == 3 && trainer.steps == 150)
    #expect(trainer.agent.transitionCount == 150)
    #expect(try trainer.agent.model().encoded() == other.agent.model().encoded())
  }

  @Test("another number of environments than the hyperparameters say is an error, not a trap")
  func counts() {
    var hyperparameters = smallHyperparameters()
    hyperparameters.environmentCount = 8
    #expect(
      refusal(hyperparameters, ReplicatedEnvironment(mountainCar()))
        == "environmentCount is 8; allowed: 1, the number of environments in the vector")
    hyperparameters.environmentCount = 0
    #expect(throws: TrainingError<Never>.self) {
      _ = try Trainer(hyperparameters, environment: mountainCar(), seed: 1)
    }
  }

  @Test("hyperparameters of another algorithm need its agent, and do not train Deep SARSA unasked")
  func otherAlgorithm() throws {
    var hyperparameters = smallHyperparameters()
    hyperparameters.algorithm = .parallel
    #expect(
      refusal(hyperparameters, ReplicatedEnvironment(mountainCar()))
        == "algorithm is parallel; allowed: replay, or an agent's type as the trainer's first argument"
    )
    #expect(throws: TrainingError<Never>.self) {
      _ = try Trainer(hyperparameters, environment: mountainCar(), seed: 1)
    }
    // An agent's type decides, and its own rules hold.
    hyperparameters.algorithm = .streaming
    var trainer = try Trainer(
      ReplaySARSA.self, hyperparameters, environment: ReplicatedEnvironment(mountainCar()), seed: 1)
    try trainer.advance()
    #expect(trainer.agent.transitionCount == 1)
  }

  @Test("observations too large for any network are an error, not a trap")
  func largeObservations() {
    let message = refusal(smallHyperparameters(), ReplicatedEnvironment(Vast()))
    #expect(message?.hasPrefix("the network for 'Vast' is '20000000 > dense 16 relu") == true)
    #expect(message?.hasSuffix("layers, of 1 to 16777216 columns each") == true)
  }

  @Test(
    "an impossible policy is an error that names its number",
    arguments: [
      (.epsilonGreedy(epsilon: 1.5), "the policy's epsilon is 1.5; allowed: a number from 0 to 1"),
      (.epsilonGreedy(epsilon: .nan), "the policy's epsilon is NaN; allowed: a number from 0 to 1"),
      (.boltzmann(temperature: 0), "the policy's temperature is 0.0; allowed: a number above 0"),
    ] as [(Policy, String)])
  func impossiblePolicies(policy: Policy, message: String) throws {
    var trainer = try Trainer(smallHyperparameters(), environment: mountainCar(), seed: 1)
    do {
      try trainer.advance(with: policy, learningRate: 1e-3)
      Issue.record("\(policy) was taken")
    } catch {
      #expect("\(error)" == message)
    }
    #expect(trainer.steps == 0)
  }

  @Test("an error of training is one line that says what happened and where")
  func trainingErrors() {
    let memory = TrainingError<SystemFailure>.memory(.outOfMemory(bytes: 8))
    #expect(memory.description == "the system refused 8 bytes of memory")
    let environment = TrainingError<SystemFailure>.environment(.lost)
    #expect(environment.description == "the environment failed: lost")
    let divergence = TrainingError<SystemFailure>.divergence(.loss(.infinity, update: 3), step: 7)
    #expect(
      divergence.description == "training diverged at step 7: update 3: the loss is inf")
  }

  @Test("every model says that it is PyTorch's, whoever makes it")
  func modelMetadata() throws {
    let trainer = try Trainer(smallHyperparameters(), environment: mountainCar(), seed: 1)
    let model = trainer.agent.model()
    #expect(model.metadata == ["format": "pt", "network": trainer.agent.description.description])
    #expect(try GreedyPolicy(model).model() == model)
  }

  @Test(
    "a file that lacks the tensors of the network that it names is refused before memory is reserved"
  )
  func hugeNetwork() {
    // More parameters than an arena can have: reserving them would be another error.
    let file = Safetensors(tensors: [], metadata: ["network": "1 > dense 16777216 > dense 200"])
    #expect {
      _ = try GreedyPolicy(file)
    } throws: {
      $0 as? ModelError == .missing("q_network.0.weight", found: [])
    }
  }

  @Test("a network for another environment is told by its sizes")
  func otherSizes() throws {
    let policy = try GreedyPolicy(NetworkDescription(inputs: 4, hidden: [], outputs: 2))
    try policy.requireSizes(of: CartPole().specification)
    let message =
      "its network has 4 inputs and 2 outputs; MountainCar-v0 needs 2 inputs and 3 outputs"
    do {
      try policy.requireSizes(of: MountainCar().specification)
      Issue.record("it was taken")
    } catch {
      #expect(error.description == message)
    }
  }
}

private enum SystemFailure: Error { case lost }

/// A world that shows more numbers than a network may take.
private struct Vast: Environment {
  struct State: Codable {}
  var state = State()
  var specification: EnvironmentSpecification {
    EnvironmentSpecification(
      id: "Vast", observationSpace: .categories([20_000_000]), actionCount: 2)
  }

  mutating func reset(seed: UInt64?) {}
  mutating func step(_ action: Int) -> Step { Step(reward: 0) }
  func observe(into observation: inout MutableSpan<Float>) {}
}
