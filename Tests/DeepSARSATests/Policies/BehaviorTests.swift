import DeepSARSA
import Foundation
import Testing

@Suite("The behaviour of several environments")
struct BehaviorTests {
  /// Hyperparameters of three environments, small enough for whole runs.
  private func hyperparameters(
    spread: Double, environments: Int = 3,
    epsilon: Schedule = .linear(from: 0.9, to: 0.2, steps: 300)
  ) -> Hyperparameters {
    var result = smallHyperparameters()
    result.environmentCount = environments
    result.epsilonSpread = spread
    result.exploration = .epsilonGreedy(epsilon: epsilon)
    result.target.rule = TargetRule(nextAction: .expected)
    result.replay.trainFrequency = 2
    result.target.synchronization = TargetSynchronization(every: 50, .steps)
    result.budget = Budget(steps: 600)
    return result
  }

  private func model(_ hyperparameters: Hyperparameters) throws -> [UInt8] {
    var trainer = try Trainer(hyperparameters, environment: mountainCar(), seed: 1)
    while !trainer.isFinished { try trainer.advance() }
    return try trainer.agent.model().encoded()
  }

  @Test("environment i of n acts with ε^(1 + spread·i/(n − 1))")
  func powers() {
    var generator = PCG64(seed: 1)
    for _ in 0..<300 {
      let (epsilon, spread) = (generator.random(), generator.uniform(0, 20))
      let count = 2 + generator.integer(below: 30)
      let behavior = Behavior(.epsilonGreedy(epsilon: epsilon), spread: spread)
      for i in 0..<count {
        let expected = pow(epsilon, 1 + spread * Double(i) / Double(count - 1))
        guard case .epsilonGreedy(let found) = behavior.policy(of: i, among: count) else {
          Issue.record("another policy")
          return
        }
        #expect(abs(found - expected) <= 1e-13 * expected, "\(i) of \(count)")
      }
      #expect(behavior.policy(of: 0, among: count) == behavior.base)
    }
  }

  @Test("a single environment acts by the plain policy, and without a spread all do")
  func plain() {
    let greedy = Policy.epsilonGreedy(epsilon: 0.3)
    #expect(Behavior(greedy, spread: 7).policy(of: 0, among: 1) == greedy)
    for policy in [greedy, .boltzmann(temperature: 2)] {
      for i in 0..<5 { #expect(Behavior(policy).policy(of: i, among: 5) == policy) }
    }
  }

  @Test("where a spread has no effect, a whole run has the same bytes; elsewhere it has others")
  func wholeRuns() throws {
    #expect(
      try model(hyperparameters(spread: 0, environments: 1))
        == model(hyperparameters(spread: 7, environments: 1)))
    // 1 and 0 are their own powers.
    for epsilon in [0, 1] as [Double] {
      #expect(
        try model(hyperparameters(spread: 0, epsilon: .constant(epsilon)))
          == model(hyperparameters(spread: 7, epsilon: .constant(epsilon))))
    }
    #expect(try model(hyperparameters(spread: 0)) != model(hyperparameters(spread: 7)))
  }

  @Test("actions of each environment explore as often as its own ε says")
  func frequencies() throws {
    let (epsilon, spread, draws) = (0.5, 2.0, 4_000)
    var agent = try ReplaySARSA(
      hyperparameters(spread: spread), for: mountainCar().specification, seed: 1)
    var policy = try GreedyPolicy(agent.description)
    agent.copyParameters(into: &policy)
    let observation: [Float] = [-0.5, 0.02]
    let greedy = policy.action(for: observation)
    let behavior = Behavior(.epsilonGreedy(epsilon: epsilon), spread: spread)
    var (actions, others) = ([0, 0, 0], [0, 0, 0])
    let observations = observation + observation + observation
    for _ in 0..<draws {
      agent.act(on: observations, by: behavior, into: &actions)
      for i in 0..<3 where actions[i] != greedy { others[i] += 1 }
    }
    // Of three actions, two are not the greedy one. The exponents are 1, 2 and 3.
    for (i, own) in [epsilon, epsilon * epsilon, epsilon * epsilon * epsilon].enumerated() {
      let expected = own * 2 / 3
      let deviation = (expected * (1 - expected) / Double(draws)).squareRoot()
      #expect(
        abs(Double(others[i]) / Double(draws) - expected) < 4 * deviation, "environment \(i)")
    }
  }

  @Test("environments act with their own ε, and targets have the values of the plain one")
  func targetsFollowTheBase() throws {
    let hyperparameters = hyperparameters(spread: 3)
    let expected = try model(hyperparameters)
    #expect(try drivenByHand(hyperparameters) { $0 } == expected)
    // With the ε of the second environment in the targets, the run is another one.
    let other = try drivenByHand(hyperparameters) {
      Behavior($0, spread: hyperparameters.epsilonSpread).policy(of: 1, among: 3)
    }
    #expect(other != expected)
  }

  /// The model after a run that acts by a behaviour, and learns for a policy made from the plain one.
  private func drivenByHand(
    _ hyperparameters: Hyperparameters, _ policyOfTargets: (Policy) -> Policy
  ) throws -> [UInt8] {
    let count = hyperparameters.environmentCount
    let streams = RandomStreams(seed: 1)
    var environment = mountainCar().vector(count: count)
    var step = VectorStep(for: environment)
    environment.reset(
      seeds: (0..<UInt32(count)).map { streams.seed(.environment, index: $0) }, into: &step)
    var agent = try ReplaySARSA(hyperparameters, for: environment.specification, seed: 1)
    var (actions, steps) = ([Int](repeating: 0, count: count), 0)
    while steps < 600 {
      let policy = hyperparameters.exploration.policy(at: steps)
      let learningRate = hyperparameters.optimizer.learningRate.value(at: steps)
      let observations = step.observations
      agent.act(
        on: observations, by: Behavior(policy, spread: hyperparameters.epsilonSpread),
        into: &actions)
      environment.step(actions, into: &step)
      agent.remember(observations, actions, step)
      let finished = (0..<count).count { step.isTerminated[$0] || step.isTruncated[$0] }
      _ = try agent.learn(
        at: TrainingMoment(
          steps: steps + count, stepsBefore: steps, finishedEpisodes: finished,
          policy: policyOfTargets(policy), learningRate: learningRate))
      steps += count
    }
    return try agent.model().encoded()
  }

  @Test("a spread with Boltzmann exploration is an error, wherever it comes from, and no trap")
  func boltzmann() throws {
    let message = "epsilonSpread is 2.0; allowed: 0, because Boltzmann exploration has no epsilon"
    var settings = hyperparameters(spread: 2)
    settings.exploration = .boltzmann(temperature: .constant(1))
    do {
      _ = try Trainer(settings, environment: mountainCar(), seed: 1)
      Issue.record("it was taken")
    } catch {
      #expect("\(error)" == message)
    }

    // The same policy from a schedule of the caller's own.
    for environments in [1, 3] {
      var trainer = try Trainer(
        hyperparameters(spread: 2, environments: environments), environment: mountainCar(), seed: 1)
      do {
        try trainer.advance(with: .boltzmann(temperature: 1), learningRate: 1e-3)
        Issue.record("it was taken")
      } catch {
        #expect("\(error)" == message)
      }
      #expect(trainer.steps == 0)
      try trainer.advance()
    }
    for spread in [-1, .nan, .infinity, 1_001] as [Double] {
      #expect(throws: HyperparameterError.self) { try hyperparameters(spread: spread).validate() }
    }
  }
}
