import DeepSARSA
import Foundation
import Testing

@Suite("Presets")
struct PresetTests {
  @Test("an environment has its own presets first, then those of all, each name once")
  func names() {
    var own = [
      "MountainCar-v0": ["tuned", "fast"], "CartPole-v0": ["tuned"],
      "CartPole-v1": ["tuned", "fast"],
      "Acrobot-v1": ["tuned", "fast"], "LunarLander-v3": ["tuned", "fast"],
      "FrozenLake-v1": ["tuned"],
      "CliffWalking-v1": ["tuned"], "Taxi-v4": ["tuned"],
      "bsuite/Catch-v0": ["tuned"], "bsuite/DeepSea-v0": ["tuned"],
    ]
    for id in EnvironmentRegistry.ids where id.hasPrefix("MinAtar/") {
      own[id] = ["tuned", "fast"]
    }
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

  @Test("only fast presets stop early, and not below the environment's threshold")
  func stops() throws {
    for preset in Preset.all {
      guard let target = preset.evaluation.targetReturn else { continue }
      #expect(preset.name == "fast")
      for id in try #require(preset.environments) {
        // Gymnasium's threshold of an environment that is not built in.
        let threshold =
          id == "LunarLander-v3"
          ? 200 : try EnvironmentRegistry.make(id).specification.rewardThreshold
        #expect(target >= (try #require(threshold)), "\(id)")
      }
    }
  }

  @Test("the seeds that are reported are none that the search has seen")
  func seeds() {
    var checked = 0
    for preset in Preset.all {
      for seeds in preset.report?.seeds ?? [] {
        for tried in preset.search?.seeds ?? [] {
          #expect(!seeds.overlaps(tried), "\(preset.name) \(preset.summary)")
          checked += 1
        }
      }
    }
    #expect(checked > 10)
    let range = Preset.SeedRange(first: 3, last: 5)
    for (first, last, overlaps) in [(0, 2, false), (0, 3, true), (4, 4, true), (5, 9, true)]
      as [(UInt64, UInt64, Bool)]
    {
      #expect(range.overlaps(Preset.SeedRange(first: first, last: last)) == overlaps)
    }
    #expect(!range.overlaps(Preset.SeedRange(first: 6, last: .max)))
  }

  @Test("the presets that have a name in the code are those of every environment")
  func named() {
    for (name, hyperparameters) in [
      ("general", Hyperparameters()), ("notebook", .notebook), ("streaming", .streaming),
    ] {
      let presets = Hyperparameters.presets(for: "Unknown-v0").filter { $0.name == name }
      #expect(presets.map(\.hyperparameters) == [hyperparameters])
    }
    #expect(Hyperparameters.notebook.optimizer.method == .adamW())
    #expect(Hyperparameters.notebook.budget == Budget(steps: nil, episodes: 2_500))
  }

  @Test("general is what hyperparameters are by default")
  func general() {
    #expect(Hyperparameters.standard(for: "Unknown-v0") == Hyperparameters())
  }

  @Test("presets fit their environments, and evaluate at least four times in their budget")
  func environments() throws {
    for preset in Preset.all {
      for id in preset.environments ?? ["CartPole-v1"] where EnvironmentRegistry.ids.contains(id) {
        try preset.hyperparameters.validate(for: EnvironmentRegistry.make(id).specification)
      }
      guard let steps = preset.hyperparameters.budget.steps else { continue }
      #expect(steps >= 4 * preset.evaluation.every, "\(preset.name) \(preset.summary)")
    }
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
