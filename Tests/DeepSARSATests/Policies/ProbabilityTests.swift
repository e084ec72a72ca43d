import DeepSARSA
import Foundation
import Testing

@Suite("The probability of an action")
struct ProbabilityTests {
  private static let policies: [Policy] = [
    .epsilonGreedy(epsilon: 0), .epsilonGreedy(epsilon: 0.3), .epsilonGreedy(epsilon: 1),
    .boltzmann(temperature: 1e-6), .boltzmann(temperature: 0.7), .boltzmann(temperature: 1e6),
  ]

  /// Rows of four values, in which equal values are frequent.
  private func rows(_ count: Int) -> [Float] {
    var generator = PCG64(seed: 3)
    return (0..<4 * count).map { _ in Float(generator.integer(below: 3)) - 1 }
  }

  private func probabilities(
    _ policy: Policy, _ values: [Float], row: Int, _ ties: Policy.Ties
  ) -> [Double] {
    (0..<4).map { policy.probability(of: $0, values.span, row: row, of: 4, ties: ties) }
  }

  @Test("the probabilities of a row sum to 1", arguments: policies)
  func sums(policy: Policy) {
    let values = rows(100)
    for row in 0..<100 {
      for ties in [Policy.Ties.first, .shared] {
        let found = probabilities(policy, values, row: row, ties)
        #expect(abs(found.reduce(0, +) - 1) < 1e-15)
        #expect(found.allSatisfy { $0 >= 0 && $0 <= 1 })
      }
    }
  }

  @Test("with shared ties they are the weights of an expectation", arguments: policies)
  func expectations(policy: Policy) {
    let selecting = rows(100)
    for row in 0..<100 {
      let found = probabilities(policy, selecting, row: row, .shared)
      for action in 0..<4 {
        var indicator = [Float](repeating: 0, count: 400)
        indicator[4 * row + action] = 1
        let weight = policy.expectation(
          of: indicator.span, selecting: selecting.span, row: row, of: 4)
        #expect(abs(found[action] - Double(weight)) < 1e-7)
      }
    }
  }

  @Test("with the first of ties they are the frequencies of drawn actions", arguments: policies)
  func frequencies(policy: Policy) {
    let values: [Float] = [0, 0, 0, 0, -1, 2, 2, 1]
    let found = probabilities(policy, values, row: 1, .first)
    var generator = PCG64(seed: 4)
    var counts = [0, 0, 0, 0]
    let draws = 40_000
    for _ in 0..<draws {
      counts[policy.action(values.span, row: 1, of: 4, using: &generator)] += 1
    }
    var statistic = 0.0
    for action in 0..<4 {
      let expected = found[action] * Double(draws)
      if expected == 0 {
        #expect(counts[action] == 0)
      } else {
        statistic += pow(Double(counts[action]) - expected, 2) / expected
      }
    }
    // Exceeded once in a thousand with three degrees of freedom.
    #expect(statistic < 16.27, "\(counts) \(found)")
    if case .epsilonGreedy(let epsilon) = policy, epsilon < 1 {
      // The second of two best actions is only explored.
      #expect(found[2] == epsilon / 4)
      #expect(probabilities(policy, values, row: 1, .shared)[2] > found[2])
    }
  }

  @Test("a value that is NaN or infinite leaves a drawn action with a probability above 0")
  func notFinite() {
    var generator = PCG64(seed: 5)
    for policy in Self.policies {
      for number in [Float.nan, .infinity, -.infinity] {
        for place in 0..<4 {
          var values: [Float] = [1, 2, 0, 2]
          values[place] = number
          for _ in 0..<20 {
            let action = policy.action(values.span, row: 0, of: 4, using: &generator)
            let found = policy.probability(
              of: action, values.span, row: 0, of: 4, ties: .first)
            #expect(found > 0 && found <= 1, "\(policy) \(values)")
          }
        }
      }
    }
  }

  @Test(
    "the memory has the probability of each environment's own policy when it acted",
    arguments: [0, 2] as [Double])
  func stored(spread: Double) throws {
    var hyperparameters = smallHyperparameters()
    hyperparameters.environmentCount = 3
    hyperparameters.epsilonSpread = spread
    hyperparameters.target.returns = .retrace
    hyperparameters.target.rule.nextAction = .expected
    hyperparameters.target.steps = 2
    hyperparameters.replay.batchSize = 10
    var agent = try ReplaySARSA(hyperparameters, for: mountainCar().specification, seed: 1)
    var policy = try GreedyPolicy(agent.description)
    agent.copyParameters(into: &policy)
    var generator = PCG64(seed: 6)
    var step = VectorStep(count: 3, observationSize: 2)
    var (actions, expected) = ([0, 0, 0], [Float]())
    for time in 0..<20 {
      // Each step has its own ε, as a schedule has.
      let epsilon = 0.9 - 0.04 * Double(time)
      let observations = (0..<6).map { _ in Float(generator.uniform(-1, 1)) }
      agent.act(
        on: observations, by: Behavior(.epsilonGreedy(epsilon: epsilon), spread: spread),
        into: &actions)
      agent.remember(observations, actions, step)
      for i in 0..<3 {
        let greedy = policy.action(for: Array(observations[2 * i..<2 * i + 2]))
        let own = pow(epsilon, 1 + spread * Double(i) / 2)
        expected.append(Float(own / 3 + (actions[i] == greedy ? 1 - own : 0)))
      }
      step.rewards = [0, 0, 0]
    }
    var layout = ArenaLayout()
    var batch = try Minibatch(
      count: 57, steps: 2, hasEveryState: true, hasProbabilities: true, observationSize: 2,
      in: &layout)
    var arena = try Arena<Float>(layout)
    batch.slots = Array(0..<57)
    agent.memory.gather(&batch, in: &arena)
    // That of the next action belongs to the same environment's next transition.
    for slot in 0..<57 {
      #expect(abs(batch.nextProbabilities[slot] - expected[slot + 3]) < 1e-6)
    }
    #expect(Set(expected).count > 20)
  }

  @Test("an agent takes the probabilities that its caller chose actions with, and none is zero")
  func given() throws {
    var hyperparameters = smallHyperparameters()
    hyperparameters.target.returns = .qSigma
    hyperparameters.target.steps = 2
    var agent = try ReplaySARSA(hyperparameters, for: mountainCar().specification, seed: 1)
    let step = VectorStep(count: 1, observationSize: 2)
    for probability in [0.125, 0.25, 0.375, 0.5, 1e-60] {
      agent.remember([0, 0], [1], step, probabilities: [probability])
    }
    var layout = ArenaLayout()
    var batch = try Minibatch(
      count: 5, steps: 2, hasEveryState: true, hasProbabilities: true, observationSize: 2,
      in: &layout)
    var arena = try Arena<Float>(layout)
    batch.slots = Array(0..<5)
    agent.memory.gather(&batch, in: &arena)
    // Nothing follows the newest one.
    #expect(batch.nextProbabilities[..<5] == [0.25, 0.375, 0.5, .leastNormalMagnitude, 1])
  }
}
