import DeepSARSA
import Testing

@Suite("The estimate of an agent's memory")
struct MemoryEstimateTests {
  private let specification = EnvironmentSpecification(
    id: "Test", observationSize: 4, actionCount: 2)

  @Test("counts parameters, and what every layer keeps of every row")
  func network() throws {
    var hyperparameters = Hyperparameters()
    hyperparameters.network.hiddenSizes = [256]
    hyperparameters.network.isNormalized = false
    hyperparameters.replay.batchSize = 32
    let plain = hyperparameters.memory(for: specification)
    // 1,794 parameters 13 times, 4 · 32 rows of 258 outputs and more.
    #expect((130_000...500_000).contains(plain.network))
    #expect(plain.experience >= Double(hyperparameters.replay.capacity) * 4 * 10)
    hyperparameters.replay.batchSize = 64
    let wide = hyperparameters.memory(for: specification)
    #expect(wide.network - plain.network >= 4 * 32 * 258 * 4)
    hyperparameters.network.isNormalized = true
    #expect(
      hyperparameters.memory(for: specification).network - wide.network >= 4 * 64 * 256 * 4)
  }

  @Test("counts a segment instead of the replay memory, and the rows of its minibatches")
  func segment() {
    var hyperparameters = Hyperparameters()
    hyperparameters.algorithm = .parallel
    hyperparameters.environmentCount = 10
    hyperparameters.segment.steps = 100
    let memory = hyperparameters.memory(for: specification)
    #expect((1_000 * 4 * 6...1_000 * 100).contains(memory.experience))
    hyperparameters.replay.capacity = 10_000_000
    hyperparameters.replay.batchSize = 10_000
    #expect(hyperparameters.memory(for: specification) == memory)
    // Nor is it a matter of windows, which segments do not have.
    (hyperparameters.target.returns, hyperparameters.target.steps) = (.lambda, 1_000)
    #expect(hyperparameters.memory(for: specification) == memory)
    hyperparameters.segment.minibatches = 1
    #expect(hyperparameters.memory(for: specification).network > memory.network + 4 * 900 * 190)
  }

  @Test("counts what priorities and windows take, if they are used")
  func optional() throws {
    var hyperparameters = Hyperparameters()
    let plain = hyperparameters.memory(for: specification)
    hyperparameters.replay.priority.exponent = 0.6
    let prioritized = hyperparameters.memory(for: specification)
    #expect(prioritized.network == plain.network)
    #expect(
      abs(
        prioritized.experience - plain.experience - 12.53 * Double(hyperparameters.replay.capacity))
        < 1_000)
    hyperparameters.target.returns = .lambda
    hyperparameters.target.steps = 4
    // Three times more rows of s′, in both networks: 194 outputs, and as many numbers of normalisation.
    let more = hyperparameters.memory(for: specification).network - plain.network
    #expect(more >= 3 * 2 * 128 * 2 * 192 * 4)
  }

  @Test("is a number for the largest sizes too")
  func largest() throws {
    var hyperparameters = Hyperparameters()
    hyperparameters.network.hiddenSizes = Array(
      repeating: Hyperparameters.Limit.units, count: Hyperparameters.Limit.layers)
    hyperparameters.replay.capacity = Hyperparameters.Limit.capacity
    hyperparameters.replay.batchSize = Hyperparameters.Limit.batchSize
    hyperparameters.replay.learningStarts = Hyperparameters.Limit.batchSize
    hyperparameters.environmentCount = Hyperparameters.Limit.environments
    let memory = hyperparameters.memory(for: specification)
    #expect(memory.network > 1e13)
    #expect(!memory.network.isNaN)
  }
}
