import DeepSARSA
import SARSAFormats
import Testing

@Suite("Descriptions of settings")
struct SettingTests {
  /// Settings that have every case and every value that may be missing.
  private static let examples: [Hyperparameters] = {
    var first = Hyperparameters()
    first.network.description = NetworkDescription("4 > dense 8 relu > dense 2")
    first.optimizer.loss = .huber(threshold: 2)
    first.optimizer.gradientNormLimit = 3
    first.budget = Budget(steps: 5_000, episodes: 7)
    first.epsilonSpread = 2.5
    var second = first
    second.optimizer.method = .rmsProp(isCentered: true)
    (second.input.low, second.input.high, second.reward.limit) = ([-1, 0.5], [2, 3], 0.25)
    second.optimizer.learningRate = .constant(0.25)
    second.exploration = .boltzmann(temperature: .cosine(from: 2, to: 0.5, steps: 70))
    second.target.synchronization = TargetSynchronization(every: 3, .episodes, rate: 0.5)
    var third = Hyperparameters.notebook
    third.optimizer.method = .sgd(momentum: 0.5, isNesterov: true, weightDecay: 0.1)
    third.network.hiddenSizes = []
    var fourth = second
    fourth.optimizer.method = .adamW(beta1: 0.5)
    fourth.optimizer.learningRate = .exponential(from: 1e-2, to: 1e-4, steps: 9)
    fourth.exploration = .boltzmann(temperature: .constant(3))
    var fifth = fourth
    fifth.optimizer.method = .rAdam(beta2: 0.99)
    fifth.algorithm = .parallel
    return [first, second, third, fourth, fifth]
  }()

  /// The dotted paths of all values; the elements of a sequence have none of their own.
  private func leaves(_ tree: Tree, _ path: [String] = []) -> [String] {
    guard let entries = tree.entries else { return [path.joined(separator: ".")] }
    return entries.flatMap { leaves($0.value, path + [$0.key]) }
  }

  @Test("every stored value has a description, and every path in a file is one of a value")
  func complete() throws {
    let stored = Set(try Self.examples.flatMap { leaves(try Tree(encoding: $0)) })
    // These are read off the case's name, or belong to the unit of the period.
    let named: Set = ["optimizer.loss.meanSquaredError", "target.synchronization.unit"]
    let described = Set(Hyperparameters.settings.flatMap(\.filePaths))
    #expect(stored.subtracting(described) == named.intersection(stored))
    let cases: Set = ["optimizer.method", "optimizer.loss"]
    #expect(described.subtracting(stored) == cases)
  }

  @Test("a flag and a sentence are there for every setting, and no flag twice")
  func flags() {
    var flags: [String] = []
    for setting in Hyperparameters.settings {
      #expect(!setting.help.isEmpty && !setting.help.hasSuffix(".") && !setting.allowed.isEmpty)
      #expect(!setting.help.contains("\n"))
      flags += setting.flags + (setting.isSwitch ? setting.flags.map { "no-" + $0 } : [])
    }
    #expect(Set(flags).count == flags.count)
    for setting in Hyperparameters.settings {
      #expect(setting.excluded.allSatisfy(flags.contains), "\(setting.name)")
      #expect(setting.cases.map { flags.contains($0.flag) } ?? true)
    }
  }

  @Test("the text of a value is read as this value, and stored where it is read")
  func texts() {
    for example in Self.examples + [Hyperparameters()] {
      for setting in Hyperparameters.settings {
        guard let text = setting.text(example) else { continue }
        var copy = example
        #expect(setting.set(text, in: &copy), "\(setting.name) \(text)")
        // A length of training stretches schedules and removes the other limit; sizes remove a network.
        if setting.name == "total-timesteps" { copy.budget.episodes = example.budget.episodes }
        if setting.path.hasPrefix("network.") {
          copy.network.description = example.network.description
        }
        #expect(copy == example, "\(setting.name) \(text)")
      }
    }
  }

  @Test("a text that is not allowed changes nothing")
  func wrongTexts() {
    for setting in Hyperparameters.settings where !setting.isSwitch {
      let negative = ["input-low", "input-high"].contains(setting.name) ? "-inf" : "-1"
      for text in ["", "nan", negative, "1e400", "words", "0x"] {
        var copy = Self.examples[0]
        #expect(
          !setting.set(text, in: &copy) && copy == Self.examples[0], "\(setting.name) \(text)")
      }
    }
  }

  @Test("words of bounds are those of the check")
  func bounds() {
    #expect(AllowedValues.number(1e-30...1e6).words == "a number from 1e-30 to 1e6")
    #expect(AllowedValues.number(0...0.5).words == "a number from 0 to 0.5")
    #expect(AllowedValues.count(upTo: 1_024).words == "a whole number from 1 to 1024")
  }
}
