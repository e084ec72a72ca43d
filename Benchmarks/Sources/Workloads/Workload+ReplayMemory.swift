internal import DeepSARSA

extension Workload {
  /// Transitions stored, and the smallest updates there are: drawing is most of them.
  ///
  /// What an agent does with its memory is not public apart from the agent. Its network here has one
  /// unit.
  public static var replayMemory: [Workload] {
    let capacities = [10_000, 1_000_000]
    return capacities.map { capacity in
      Workload("store a transition among \(capacity)") { try storing(capacity: capacity) }
    }
      + capacities.flatMap { capacity in
        [32, 1_024].map { batchSize in
          Workload("learn from \(batchSize) of \(capacity) with one unit") {
            try drawing(batchSize, capacity: capacity)
          }
        }
      }
  }

  private static func storing(capacity: Int) throws -> Body {
    repeating(try Recorder(capacity: capacity, batchSize: 32)) { $0.remember() }
  }

  private static func drawing(_ batchSize: Int, capacity: Int) throws -> Body {
    repeating(try Recorder(capacity: capacity, batchSize: batchSize)) {
      try $0.agent.learn(for: .epsilonGreedy(epsilon: 0.1), learningRate: 1e-6)
    }
  }
}

/// An agent whose memory is full.
private struct Recorder: ~Copyable {
  var agent: ReplaySARSA
  private let observations: [Float] = [-0.5, 0]
  private let actions = [1]
  private var step = VectorStep(count: 1, observationSize: 2)

  init(capacity: Int, batchSize: Int) throws {
    var hyperparameters = Hyperparameters.notebook
    hyperparameters.network.hiddenSizes = [1]
    hyperparameters.optimizer.method = .sgd()
    hyperparameters.replay.capacity = capacity
    hyperparameters.replay.batchSize = batchSize
    hyperparameters.replay.learningStarts = batchSize
    agent = try ReplaySARSA(
      hyperparameters, for: Workload.mountainCar.specification, seed: 1)
    step.rewards = [-1]
    for _ in 0..<capacity { remember() }
  }

  mutating func remember() { agent.remember(observations, actions, step) }
}
