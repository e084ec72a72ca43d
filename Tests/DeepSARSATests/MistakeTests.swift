import DeepSARSA
import Foundation
import TestSupport
import Testing

/// A mistake in a program that uses the library, and what is printed before the program ends.
private enum Mistake: String, CaseIterable, Codable {
  case noTimeLimit, noCopies, noObservations, noActions, noSteps, noSuchAction
  case rain, lakeSize, lakeIce, boxSides, tensor, network
  case hyperparameters, emptyMemory, fewActions, otherCounts, changedStep
  case shortObservation, otherPolicy, noEpisodes
  case matrixShape, matrixSides, randomBound

  var message: String {
    switch self {
    case .noTimeLimit: "maximumSteps is 0; allowed: 1 or more"
    case .noCopies: "count is 0; allowed: 1 environment or more"
    case .noObservations: "observationSize of 'E' is 0; allowed: 1 or more"
    case .noActions: "actionCount of 'E' is 0; allowed: 1 or more"
    case .noSteps: "maximumEpisodeSteps of 'E' is 0; allowed: 1 or more, or nil"
    case .noSuchAction: "action is 3; allowed: 0 to 2"
    case .rain: "rain is 1.5; allowed: 0 to 1"
    case .lakeSize: "size is 1; allowed: 2 to 100"
    case .lakeIce: "probability is nan; allowed: 0 to 1"
    case .boxSides: "shape is [2, -1]; allowed: sides of 1 or more"
    case .tensor: "tensor 't' has shape [2, 2] and 3 values"
    case .network: "the network is '2 > dense 0'; allowed: 1 to 1024 layers"
    case .hyperparameters: "replay.capacity is 0; allowed: a whole number from 1"
    case .emptyMemory: "the memory holds 0 transitions; allowed: a minibatch, 32, or more"
    case .fewActions: "0 actions were given; allowed: 1, one for each environment"
    case .otherCounts:
      "2 actions were given; allowed: 1, one for each environment"
    case .shortObservation: "the observation has 1 numbers; allowed: 2"
    case .changedStep: "the step has 0 rewards, 1 and 1 flags; allowed: 1 each"
    case .otherPolicy:
      "its network has 4 inputs and 2 outputs; MountainCar-v0 needs 2 inputs and 3 outputs"
    case .noEpisodes: "episodes is 0; allowed: 1 or more"
    case .matrixShape: "scalars has 3 numbers; allowed: the number of entries of a 2×2 matrix"
    case .matrixSides: "the matrix is -1×2; allowed: sides from 0 to 2147483647"
    case .randomBound: "bound is 0; allowed: 1 or more"
    }
  }

  func make() throws {
    let car = TimeLimit(MountainCar(), maximumSteps: 200)
    switch self {
    case .noTimeLimit: _ = TimeLimit(MountainCar(), maximumSteps: 0)
    case .noCopies: _ = ReplicatedEnvironment(car, count: 0)
    case .noObservations:
      _ = EnvironmentSpecification(id: "E", observationSize: 0, actionCount: 2)
    case .noActions: _ = EnvironmentSpecification(id: "E", observationSize: 2, actionCount: 0)
    case .noSteps:
      _ = EnvironmentSpecification(
        id: "E", observationSize: 2, actionCount: 2, maximumEpisodeSteps: 0)
    case .noSuchAction:
      var environment = MountainCar()
      _ = environment.step(3)
    case .rain: _ = Taxi(rain: 1.5)
    case .lakeSize: _ = FrozenLake.Map.random(size: 1, seed: 0)
    case .lakeIce: _ = FrozenLake.Map.random(probability: .nan, seed: 0)
    case .boxSides: _ = ObservationSpace.box(shape: [2, -1])
    case .tensor: _ = Safetensors.Tensor(name: "t", shape: [2, 2], values: [1, 2, 3])
    case .network: _ = Network(NetworkDescription(inputs: 2, hidden: [], outputs: 0))
    case .hyperparameters:
      var hyperparameters = Hyperparameters.notebook
      hyperparameters.replay.capacity = 0
      _ = try ReplaySARSA(hyperparameters, for: car.specification, seed: 0)
    case .emptyMemory:
      var agent = try ReplaySARSA(.notebook, for: car.specification, seed: 0)
      try agent.learn(for: .epsilonGreedy(epsilon: 0), learningRate: 1)
    case .fewActions:
      var agent = try ReplaySARSA(.notebook, for: car.specification, seed: 0)
      var actions: [Int] = []
      agent.act(on: [0, 0], by: .epsilonGreedy(epsilon: 0), into: &actions)
    case .otherCounts:
      var agent = try ReplaySARSA(.notebook, for: car.specification, seed: 0)
      agent.remember([0, 0], [0, 1], VectorStep(count: 2, observationSize: 2))
    case .shortObservation:
      var policy = try GreedyPolicy(NetworkDescription(inputs: 2, hidden: [], outputs: 3))
      _ = policy.action(for: [0])
    case .changedStep:
      var trainer = try Trainer(.notebook, environment: Forgetful(), seed: 0)
      try trainer.advance()
    case .otherPolicy, .noEpisodes:
      var policy = try GreedyPolicy(NetworkDescription(inputs: 4, hidden: [], outputs: 2))
      var evaluation = Evaluation(car, seed: 0)
      _ = evaluation.play(&policy, episodes: self == .otherPolicy ? 1 : 0)
    case .matrixShape: _ = Matrix<Float>(rows: 2, columns: 2, scalars: [1, 2, 3])
    case .matrixSides: _ = Matrix<Float>(rows: -1, columns: 2)
    case .randomBound:
      var random = PCG64(seed: 0)
      _ = random.integer(below: 0)
    }
  }
}

/// A vector that replaces its rewards instead of writing them.
private struct Forgetful: VectorEnvironment {
  private var base = ReplicatedEnvironment(Naming())
  var specification: EnvironmentSpecification { base.specification }
  var count: Int { base.count }
  var state: [Naming.State] {
    get { base.state }
    set { base.state = newValue }
  }

  mutating func reset(seeds: [UInt64], into result: inout VectorStep) {
    base.reset(seeds: seeds, into: &result)
  }

  mutating func step(_ actions: [Int], into result: inout VectorStep) {
    base.step(actions, into: &result)
    result.rewards = []
  }
}

@Suite("Mistakes in a program that uses the library")
struct MistakeTests {
  @Test(
    "what is wrong is printed before the program ends, in release builds too",
    arguments: Mistake.allCases)
  private func message(mistake: Mistake) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      [mistake] in
      try mistake.make()
    }
    let printed = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(printed.contains("Fatal error: "))
    #expect(printed.contains(mistake.message), "\(printed)")
  }

  /// Checks inside the products and passes of a step, of which even a cold branch costs instructions:
  /// whoever calls them checks sizes first.
  private static let hot = [
    "LinearAlgebra/Arena/", "NeuralNetworks/Training/Loss.swift",
    "DeepSARSA/Memory/Sampler.swift",
  ]

  @Test("no source outside of hot loops says precondition, which prints nothing in release builds")
  func silentTraps() throws {
    let sources = fixtures.deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Sources").path()
    let names = try FileManager.default.subpathsOfDirectory(atPath: sources)
      .filter { $0.hasSuffix(".swift") }
    try #require(names.count > 100)
    for name in names where !Self.hot.contains(where: name.hasPrefix) {
      let text = try String(contentsOfFile: sources + "/" + name, encoding: .utf8)
      for silent in ["precondition(", "preconditionFailure(", "assert(", "assertionFailure("] {
        #expect(!text.contains(silent), "\(name) calls \(silent): use require(_:_:)")
      }
    }
  }
}
