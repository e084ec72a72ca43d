import DeepSARSA
import Foundation
import Testing

@Suite("Presets")
struct PresetTests {
  @Test("an environment has its own presets first, then those of all, each name once")
  func names() {
    let own = [
      "MountainCar-v0": ["tuned"], "CartPole-v0": ["tuned"], "CartPole-v1": ["tuned", "fast"],
      "Acrobot-v1": ["tuned", "fast"], "LunarLander-v3": ["tuned"],
    ]
    for id in EnvironmentRegistry.ids + ["LunarLander-v3", "Unknown-v0"] {
      let presets = Hyperparameters.presets(for: id)
      let shared = ["general", "notebook", "parallel", "streaming"]
      #expect(presets.map(\.name) == (own[id] ?? []) + shared, "\(id)")
      #expect(Hyperparameters.standard(for: id) == presets[0].hyperparameters)
    }
    #expect(Preset.all.allSatisfy { !$0.summary.isEmpty && !$0.summary.contains("\n") })
  }

  @Test("presets are valid, and read again what they were written as")
  func coding() throws {
    for preset in Preset.all {
      try preset.hyperparameters.validate()
      let text = try JSONEncoder().encode(preset.hyperparameters)
      #expect(
        try JSONDecoder().decode(Hyperparameters.self, from: text) == preset.hyperparameters)
    }
  }

  @Test("only fast presets stop early, where the environment has a threshold")
  func stops() throws {
    for preset in Preset.all {
      #expect(preset.stopsAtThreshold == (preset.name == "fast"))
      guard preset.stopsAtThreshold else {
        #expect(preset.evaluationInterval == 5_000 && preset.evaluationEpisodes == 100)
        continue
      }
      for id in try #require(preset.environments) {
        #expect(try EnvironmentRegistry.make(id).specification.rewardThreshold != nil, "\(id)")
      }
    }
  }

  @Test("general is what hyperparameters are by default")
  func general() {
    #expect(Hyperparameters.standard(for: "Unknown-v0") == Hyperparameters())
  }

  /// What docs/results.md measures: whoever changes a preset measures anew.
  private static let measured = [
    "general": """
    layer norm, relu 128-64 pytorch, adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-08), \
    rate linear(from: 0.002, to: 1e-05, steps: 100000), memory 100000, \
    128 rows from 1000 on every 2, \
    epsilonGreedy(epsilon: linear(from: 1.0, to: 0.02, steps: 10000)), discount 0.99, expected target bootstrap, copy every 250 steps, 100000 steps 0 episodes
    """,
    "tuned Acrobot-v1": """
    layer norm, relu 128-64 pytorch, adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-08), \
    rate linear(from: 0.002, to: 1e-05, steps: 100000), memory 100000, \
    128 rows from 1000 on every 2, \
    epsilonGreedy(epsilon: linear(from: 1.0, to: 0.02, steps: 10000)), discount 0.99, expected target bootstrap, copy every 250 steps, 100000 steps 0 episodes
    """,
    "fast Acrobot-v1": """
    layer norm, relu 64-64 pytorch, adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-08), \
    rate constant(0.002), memory 50000, 32 rows from 500 on every 2, \
    epsilonGreedy(epsilon: linear(from: 1.0, to: 0.02, steps: 3000)), discount 0.99, \
    expected target bootstrap, copy every 200 steps, 60000 steps 0 episodes
    """,
    "parallel": """
    layer norm, relu 128-64 pytorch, rAdam(beta1: 0.9, beta2: 0.999, epsilon: 1e-08), \
    rate linear(from: 0.001, to: 1e-05, steps: 500000), norm 10.0, 32 environments, \
    32 steps 2 epochs 16 minibatches, \
    epsilonGreedy(epsilon: linear(from: 1.0, to: 0.05, steps: 50000)), discount 0.99, \
    lambda 0.9, stored bootstrap, 500000 steps 0 episodes
    """,
    "notebook": """
    relu 128-64 pytorch, adamW(beta1: 0.9, beta2: 0.999, epsilon: 1e-08, weightDecay: 0.01), \
    rate constant(0.001), memory 1000000, 32 rows from 320 on every 1, \
    epsilonGreedy(epsilon: constant(0.01)), discount 0.99, resampled online terminal, \
    copy every 10 episodes, 0 steps 2500 episodes
    """,
    "tuned MountainCar-v0": """
    relu 128-64 pytorch, adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-08), \
    rate linear(from: 0.004, to: 1e-05, steps: 150000), memory 50000, \
    128 rows from 1000 on every 2, \
    epsilonGreedy(epsilon: linear(from: 1.0, to: 0.02, steps: 20000)), discount 0.995, \
    expected target terminal, copy every 300 steps, 150000 steps 0 episodes
    """,
    "tuned CartPole-v1": """
    relu 128-64 pytorch, adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-08), \
    rate linear(from: 0.0025, to: 1e-05, steps: 50000), memory 50000, \
    64 rows from 1000 on every 1, \
    epsilonGreedy(epsilon: linear(from: 1.0, to: 0.02, steps: 8000)), discount 0.99, \
    expected online bootstrap, copy every 50 steps, 50000 steps 0 episodes
    """,
    "fast CartPole-v1": """
    relu 128-64 pytorch, adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-08), rate constant(0.004), \
    memory 50000, 32 rows from 500 on every 1, \
    epsilonGreedy(epsilon: linear(from: 1.0, to: 0.02, steps: 3000)), discount 0.99, \
    expected online bootstrap, copy every 25 steps, 30000 steps 0 episodes
    """,
    "tuned LunarLander-v3": """
    relu 128-128 pytorch, adamW(beta1: 0.9, beta2: 0.999, epsilon: 1e-08, weightDecay: 0.01), \
    rate linear(from: 0.001, to: 1e-05, steps: 600000), memory 200000, \
    64 rows from 320 on every 1, \
    epsilonGreedy(epsilon: linear(from: 1.0, to: 0.01, steps: 100000)), discount 0.99, \
    expected online bootstrap, copy every 1000 steps, 600000 steps 0 episodes
    """,
  ]

  @Test("presets hold the settings that docs/results.md measures")
  func values() {
    var found: [String: String] = [:]
    for preset in Preset.all where preset.hyperparameters.algorithm != .streaming {
      let (network, replay) = (preset.hyperparameters.network, preset.hyperparameters.replay)
      let (optimizer, target) = (preset.hyperparameters.optimizer, preset.hyperparameters.target)
      let budget = preset.hyperparameters.budget
      let exploration = "\(preset.hyperparameters.exploration)"
        .replacing("DeepSARSA.Schedule.", with: "")
      let key = ([preset.name] + (preset.environments.map { [$0[0]] } ?? [])).joined(separator: " ")
      let isParallel = preset.hyperparameters.algorithm == .parallel
      #expect(isParallel || preset.hyperparameters.algorithm == .replay)
      #expect(
        !network.isDueling && optimizer.loss == .meanSquaredError
          && (isParallel || optimizer.gradientNormLimit == nil)
          && (isParallel || preset.hyperparameters.environmentCount == 1)
          && target.synchronization.rate == 1, "\(key)")
      let segment = preset.hyperparameters.segment
      let experience =
        isParallel
        ? """
        norm \(optimizer.gradientNormLimit ?? 0), \(preset.hyperparameters.environmentCount) environments, \
        \(segment.steps) steps \(segment.epochs) epochs \(segment.minibatches) minibatches
        """
        : """
        memory \(replay.capacity), \
        \(replay.batchSize) rows from \(replay.learningStarts) on every \(replay.trainFrequency)
        """
      let synchronization = target.synchronization
      let values =
        isParallel
        ? "lambda \(target.lambda), \(target.rule.nextAction) \(target.timeLimit)"
        : """
        \(target.rule.nextAction) \(target.rule.selection) \(target.timeLimit), \
        copy every \(synchronization.every) \(synchronization.unit)
        """
      found[key] = """
        \(network.isNormalized ? "layer norm, " : "")\(network.activation) \
        \(network.hiddenSizes.map(String.init).joined(separator: "-")) \(network.initializer), \
        \(optimizer.method), rate \(optimizer.learningRate), \(experience), \
        \(exploration), discount \(target.discount), \(values), \
        \(budget.steps ?? 0) steps \(budget.episodes ?? 0) episodes
        """
    }
    #expect(found.keys.sorted() == Self.measured.keys.sorted())
    for (key, values) in Self.measured { #expect(found[key] == values) }
  }

  @Test("stretching to another number of steps moves the ends of all schedules in proportion")
  func stretching() {
    var hyperparameters = Hyperparameters()
    hyperparameters.optimizer.learningRate = .cosine(from: 1, to: 0, steps: 500)
    hyperparameters.exploration = .boltzmann(temperature: .exponential(from: 2, to: 1, steps: 150))
    hyperparameters.budget = Budget(steps: 1_000, episodes: 7)
    hyperparameters.stretch(toSteps: 3_000)
    #expect(hyperparameters.optimizer.learningRate == .cosine(from: 1, to: 0, steps: 1_500))
    #expect(
      hyperparameters.exploration
        == .boltzmann(temperature: .exponential(from: 2, to: 1, steps: 450)))
    #expect(hyperparameters.budget == Budget(steps: 3_000))

    hyperparameters.exploration = .epsilonGreedy(epsilon: .linear(from: 1, to: 0, steps: 30))
    hyperparameters.stretch(toSteps: 1)
    #expect(
      hyperparameters.exploration == .epsilonGreedy(epsilon: .linear(from: 1, to: 0, steps: 1)))
    #expect(hyperparameters.optimizer.learningRate == .cosine(from: 1, to: 0, steps: 1))

    // The longest that may be, from the shortest; then nothing to be in proportion to, and a constant.
    hyperparameters.stretch(toSteps: Hyperparameters.Limit.steps)
    hyperparameters.exploration = .epsilonGreedy(
      epsilon: .linear(from: 1, to: 0, steps: Hyperparameters.Limit.steps))
    hyperparameters.budget = Budget(steps: 1)
    hyperparameters.stretch(toSteps: Hyperparameters.Limit.steps)
    #expect(
      hyperparameters.exploration
        == .epsilonGreedy(epsilon: .linear(from: 1, to: 0, steps: Hyperparameters.Limit.steps)))
    hyperparameters.budget = Budget(steps: nil, episodes: 5)
    hyperparameters.optimizer.learningRate = .constant(1)
    hyperparameters.stretch(toSteps: 10)
    #expect(
      hyperparameters.exploration
        == .epsilonGreedy(epsilon: .linear(from: 1, to: 0, steps: Hyperparameters.Limit.steps)))
    #expect(hyperparameters.optimizer.learningRate == .constant(1))
    #expect(hyperparameters.budget == Budget(steps: 10))
  }
}
