import DeepSARSA
import SARSAExperiments
import SARSAFiles
import TestSupport
import Testing

@Suite("Settings from files")
struct SettingsFileTests {
  private func file(_ text: String) throws -> SettingsFile {
    try SettingsFile(path: "f.yaml", bytes: Array(text.utf8))
  }

  private func problem(_ text: String) -> String {
    do {
      _ = try file(text).settings()
      return "none"
    } catch {
      return "\(error)"
    }
  }

  private static let curve = Schedule.linear(from: 1, to: 0.5, steps: 50_000)

  private static let variety: [RunSettings] = {
    var odd = RunSettings(
      environment: "CartPole-v1",
      environmentArguments: [
        "é\n": .text("& *"),
        "n": .list([.null, .number(1.5), .integer(1), .object(["a": .text("yes")])]),
      ], experimentName: "x.y", seed: .max, initialModel: "runs/a b")
    odd.hyperparameters.exploration = .boltzmann(
      temperature: .exponential(from: 2, to: 1, steps: 9))
    odd.hyperparameters.optimizer.method = .rmsProp(smoothing: 0.1 + 0.2, isCentered: true)
    odd.hyperparameters.optimizer.loss = .huber(threshold: 1e-5)
    odd.hyperparameters.optimizer.gradientNormLimit = 7
    odd.hyperparameters.network.description = NetworkDescription("4 > dense 2")
    odd.evaluation.targetReturn = 1e22
    return [odd, RunSettings(environment: "a/b:c")]
      + Preset.all.map { RunSettings(environment: "E", hyperparameters: $0.hyperparameters) }
  }()

  @Test("settings are read as they were written, over any others")
  func roundTrip() throws {
    for settings in Self.variety {
      #expect(try file(settings.yaml).settings() == settings)
      #expect(try file(settings.json).settings() == settings)
    }
    // Only a value that may be missing is taken from the others.
    var fast = RunSettings(environment: "")
    fast.hyperparameters = .notebook
    fast.seed = 9
    #expect(try file(Self.variety[1].yaml).settings(over: fast) == Self.variety[1])
  }

  @Test("what a file lacks has its default, at every level")
  func absent() throws {
    var expected = RunSettings(environment: "E")
    #expect(try file("environment: E\n").settings() == expected)
    #expect(try file("").settings() == RunSettings(environment: ""))
    let text = """
      environment: E
      hyperparameters:
        replay: {batchSize: 64}
        optimizer:
          learningRate: 1
          method:
            sgd:
              momentum: 0.9
          loss: {huber: {}}
        exploration:
          epsilonGreedy: {}
        budget:
          episodes: 3
        target:
          synchronization: {every: 7}
      """
    expected.hyperparameters.replay.batchSize = 64
    expected.hyperparameters.optimizer.learningRate = .constant(1)
    expected.hyperparameters.optimizer.method = .sgd(momentum: 0.9)
    expected.hyperparameters.optimizer.loss = .huber()
    expected.hyperparameters.budget = Budget(steps: nil, episodes: 3)
    expected.hyperparameters.target.synchronization.every = 7
    #expect(try file(text).settings() == expected)

    // A file without any one line that is a value is read.
    let lines = Self.variety[1].yaml.split(separator: "\n")
    for i in lines.indices where lines[i].contains(": ") && !lines[i].hasSuffix("{}") {
      if ["shape", "from", "to", "steps"].contains(where: { lines[i].contains(" \($0):") }) {
        continue
      }
      var rest = lines
      rest.remove(at: i)
      #expect(problem(rest.joined(separator: "\n") + "\n") == "none", "\(lines[i])")
    }
  }

  @Test("counts may have an exponent, and records are ignored")
  func leniency() throws {
    let text = """
      hyperparameters: {budget: {steps: 5e4}, replay: {capacity: 1e4}}
      environmentSeeds: [1]
      machine: {x: 1}
      origin: {preset: fast, commandLine: x}
      """
    let settings = try file(text).settings()
    #expect(settings.hyperparameters.budget == Budget(steps: 50_000))
    // Over a schedule, and over a constant.
    let curve = "{shape: linear, from: 1, to: 0.5, steps: 5e4}"
    for (exploration, expected) in [
      ("epsilonGreedy: {epsilon: \(curve)}", Exploration.epsilonGreedy(epsilon: Self.curve)),
      ("boltzmann: {temperature: \(curve)}", .boltzmann(temperature: Self.curve)),
    ] {
      let text = "hyperparameters: {exploration: {\(exploration)}}"
      #expect(try file(text).settings().hyperparameters.exploration == expected)
    }
    #expect(settings.hyperparameters.replay.capacity == 10_000)
    #expect(try file(text).preset == "fast")
  }

  @Test(
    "a wrong name or value gets one line with its path and what is allowed",
    arguments: [
      (
        "hyperparameters: {replay: {batchsize: 3}}",
        "'hyperparameters.replay.batchsize' is not a setting (did you mean 'batchSize'?); allowed: batchSize, "
      ),
      (
        "sed: 1",
        "'sed' is not a setting (did you mean 'seed'?); allowed: checkpoints, environment, "
      ),
      (
        "evaluation: {targetRetrun: 1}",
        "'evaluation.targetRetrun' is not a setting (did you mean 'targetReturn'?)"
      ),
      (
        "hyperparameters: {optimizer: {method: {adamm: {}}}}",
        "'hyperparameters.optimizer.method.adamm' is not a setting (did you mean 'adam'?); allowed: adam, adamW, rAdam, rmsProp, sgd"
      ),
      (
        "hyperparameters: {optimizer: {method: {adam: {momentum: 1}}}}",
        "'hyperparameters.optimizer.method.adam.momentum' is not a setting; allowed: beta1, "
      ),
      (
        "hyperparameters: {optimizer: {method: {adam: {}, sgd: {}}}}",
        "hyperparameters.optimizer.method has 'adam' and 'sgd'; allowed: one of adamW, "
      ),
      (
        "hyperparameters: {replay: {batchSize: x}}",
        "hyperparameters.replay.batchSize is 'x'; allowed: a whole number from 1 to 1048576"
      ),
      (
        "hyperparameters: {replay: {batchSize: 0}}",
        "hyperparameters.replay.batchSize is 0; allowed: a whole number from 1 to 1048576"
      ),
      (
        "hyperparameters: {replay: {batchSize: 0.5}}",
        "hyperparameters.replay.batchSize is 0.5; allowed: a whole number"
      ),
      ("hyperparameters: {replay: 3}", "hyperparameters.replay is 3; allowed: a mapping"),
      (
        "hyperparameters: {network: {activation: rleu}}",
        "hyperparameters.network.activation is 'rleu'; allowed: identity, relu"
      ),
      (
        "hyperparameters: {network: {isDueling: yes}}",
        "hyperparameters.network.isDueling is 'yes'; allowed: true or false"
      ),
      (
        "hyperparameters: {network: {description: dense}}",
        "hyperparameters.network.description is 'dense'; allowed: the inputs, then"
      ),
      (
        "hyperparameters: {network: {hiddenSizes: [1, x]}}",
        "hyperparameters.network.hiddenSizes.1 is 'x'; allowed: a whole number"
      ),
      (
        "hyperparameters: {exploration: {epsilonGreedy: {epsilon: 2}}}",
        "hyperparameters.exploration.epsilonGreedy.epsilon is 2; allowed: a number from 0 to 1"
      ),
      (
        "hyperparameters: {optimizer: {method: {adam: {beta1: 1}}}}",
        "hyperparameters.optimizer.method.adam.beta1 is 1; allowed: a number from 0 to 1, 1 excluded"
      ),
      (
        "hyperparameters: {optimizer: {learningRate: {shape: linear, from: 0, to: 0, steps: 1}}}",
        "hyperparameters.optimizer.learningRate.from is 0; allowed: "
      ),
      (
        "hyperparameters: {optimizer: {learningRate: {from: 0.5}}}",
        "hyperparameters.optimizer.learningRate.shape is missing; allowed: linear, exponential, cosine"
      ),
      (
        "hyperparameters: {exploration: {epsilonGreedy: {epsilon: {shape: linear, from: 1, to: 0}}}}",
        "hyperparameters.exploration.epsilonGreedy.epsilon.steps is missing; allowed: a whole number"
      ),
      (
        "hyperparameters: {exploration: {boltzmann: {temperature: {from: 1}}}}",
        "hyperparameters.exploration.boltzmann.temperature.shape is missing; allowed: linear"
      ),
      (
        "hyperparameters: {target: {discount: .nan}}",
        "hyperparameters.target.discount is NaN; allowed: "
      ),
      ("seed: -1", "seed is -1; allowed: a whole number from 0"),
      ("environment: [1]", "environment is a list; allowed: text"),
      (
        "evaluation: {targetReturn: .inf}",
        "evaluation.targetReturn is inf; allowed: a finite number"
      ),
      ("experimentName: ../x", "experimentName is '../x'; allowed: 1 to 100"),
      ("experimentName: 123", "experimentName is 123; allowed: text in quotes: 1 to 100 letters"),
      ("initialModel: true", "initialModel is true; allowed: text in quotes: a path"),
      ("initialModel: ''", "initialModel is ''; allowed: a path"),
      ("environment: 7", "environment is 7; allowed: text in quotes"),
      ("- a", "it is not a mapping of settings"),
      ("seed: 1\nseed: 2", "line 1: 'seed' is given twice"),
    ])
  func mistakes(text: String, expected: String) {
    let line = problem(text)
    #expect(line.hasPrefix("'f.yaml': " + expected), "\(line)")
    #expect(!line.contains("\n"))
  }

  @Test("no beginning and no changed byte of a file makes it trap")
  func fuzz() throws {
    let bytes = Array((Self.variety[0].yaml + "machine:\n  a: \"b\\n\"\n").utf8)
    for length in stride(from: 0, to: bytes.count, by: thinning) {
      _ = try? SettingsFile(path: "", bytes: Array(bytes[..<length])).settings()
    }
    var random = PCG64(seed: 1)
    for i in stride(from: 0, to: bytes.count, by: thinning) {
      for byte in [0x0A, 0x22, UInt8(random.integer(below: 256))] {
        var changed = bytes
        changed[i] = byte
        _ = try? SettingsFile(path: "", bytes: changed).settings()
      }
    }
  }

  @Test("a missing file, a folder and a file of more than 1 MiB cannot be read")
  func unreadable() throws {
    let folder = try TemporaryFolder()
    try Files.replace(
      folder.path("large"), with: [UInt8](repeating: 0x20, count: SettingsFile.sizeLimit + 1))
    for path in [folder.path("none"), folder.path, folder.path("large")] {
      #expect(throws: RunError.self) { try SettingsFile(reading: path) }
    }
  }
}
