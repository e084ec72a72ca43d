import DeepSARSA
import Foundation
import SARSAExperiments
import TestSupport
import Testing

@Suite("Settings before training")
struct SettingsTests {
  @Test("--print-config prints what config.yaml will begin with, and makes nothing")
  func printConfig() throws {
    let folder = try TemporaryFolder()
    let arguments = [
      "train", "Acrobot-v1", "--preset", "fast", "--total-timesteps", "300", "--learning-starts",
      "100", "--lr", "0.1234567890123456",
      "--evaluation-episodes", "1", "--env-arg", "max_episode_steps=50", "--seed", "7", "--quiet",
      "--output", folder.path("runs"),
    ]
    let printed = try Command.run(arguments + ["--print-config"])
    #expect(printed.code == 0 && printed.error.isEmpty)
    #expect(try folder.contents().isEmpty)
    #expect(printed.output.contains("learningRate: 0.1234567890123456\n"))
    let path = try #require(try Command.run(arguments).lines.last)
    let run = try #require(RunFolder(existing: path))
    let config = try String(contentsOfFile: run.path(of: .config), encoding: .utf8)
    #expect(config.hasPrefix(printed.output + "environmentSeeds:\n"))

    let json = try Command.run(arguments + ["--print-config", "--json"])
    let settings = try JSONDecoder().decode(RunSettings.self, from: Data(json.output.utf8))
    #expect(settings.yaml == printed.output)
    #expect(settings.seed == 7 && settings.evaluation.targetReturn == -88)
    #expect(json.lines.count == 1)
  }

  @Test("--print-config prints a document for each seed, and refuses what training would")
  func seeds() throws {
    let arguments = ["train", "CartPole-v1", "--print-config", "--seeds", "3", "--seed", "5"]
    let documents = try Command.run(arguments).output.components(separatedBy: "---\n")
    #expect(documents.count == 3)
    for (i, document) in documents.enumerated() {
      #expect(document.hasPrefix("environment: CartPole-v1\n"))
      #expect(document.contains("\nseed: \(5 + i)\n"))
    }
    #expect(try Command.run(arguments + ["--json"]).lines.count == 3)
    for wrong in [["--gamma", "2"], ["--batch-size", "1e6"], ["--env-arg", "x=1"]] {
      let result = try Command.run(arguments + wrong)
      #expect(result.code == 64 && result.output.isEmpty)
    }
  }

  @Test("every flag of CleanRL's dqn.py that means something here is taken as CleanRL takes it")
  func cleanRL() throws {
    let result = try Command.run([
      "train", "--print-config", "--json", "--exp-name", "dqn", "--seed", "3", "--env-id",
      "MountainCar-v0", "--total-timesteps", "40000", "--learning-rate", "2.5e-4", "--num-envs",
      "2",
      "--buffer-size", "10000", "--gamma", "0.9", "--tau", "0.5", "--target-network-frequency",
      "500",
      "--batch-size", "128", "--start-e", "0.9", "--end-e", "0.1", "--exploration-fraction", "0.5",
      "--learning-starts", "5000", "--train-frequency", "10",
    ])
    #expect(result.code == 0, "\(result.error)")
    let settings = try JSONDecoder().decode(RunSettings.self, from: Data(result.output.utf8))
    var expected = RunSettings(environment: "MountainCar-v0", experimentName: "dqn", seed: 3)
    expected.hyperparameters = .standard(for: "MountainCar-v0")
    expected.hyperparameters.budget = Budget(steps: 40_000)
    expected.hyperparameters.optimizer.learningRate = .constant(2.5e-4)
    expected.hyperparameters.environmentCount = 2
    expected.hyperparameters.replay.capacity = 10_000
    expected.hyperparameters.replay.batchSize = 128
    expected.hyperparameters.replay.learningStarts = 5_000
    expected.hyperparameters.replay.trainFrequency = 10
    expected.hyperparameters.exploration = .epsilonGreedy(
      epsilon: .linear(from: 0.9, to: 0.1, steps: 20_000))
    expected.hyperparameters.target.discount = 0.9
    expected.hyperparameters.target.synchronization = TargetSynchronization(
      every: 500, .steps, rate: 0.5)
    #expect(settings == expected)
  }

  // MARK: - Help

  /// What help says of a flag.
  private struct Help: Decodable {
    struct Command: Decodable {
      let commandName: String
      let discussion: String?
      let subcommands: [Command]?
      let arguments: [Argument]?
    }
    struct Argument: Decodable {
      let abstract: String?
      let preferredName: Name?
    }
    struct Name: Decodable {
      let name: String
    }
    let command: Command
  }

  private func train() throws -> Help.Command {
    let text = try Command.run(["--experimental-dump-help"]).output
    let help = try JSONDecoder().decode(Help.self, from: Data(text.utf8))
    return try #require(help.command.subcommands?.first { $0.commandName == "train" })
  }

  /// Every default that help says, as the arguments that say the same, under what it is a default of.
  private func defaults() throws -> [String: [String]] {
    var result: [String: [String]] = [:]
    // The default algorithm refuses the flags of settings that have no effect on it.
    let unused = RunSettings.settings.filter { !ReplaySARSA.uses(setting: $0.path) }.map(\.name)
    for argument in try train().arguments ?? [] {
      guard let flag = argument.preferredName?.name, let text = argument.abstract,
        !unused.contains(flag),
        let match = text.firstMatch(of: /\(([a-z]+: [^()]*)\)$/)
      else { continue }
      for part in match.1.split(separator: ", ") {
        let words = part.split(separator: ": ").map(String.init)
        try #require(words.count == 2, "\(text)")
        result[words[0], default: []] +=
          words[1].hasPrefix("--") ? [words[1]] : ["--" + flag, words[1]]
      }
    }
    return result
  }

  @Test("every default that help says, given as a flag, changes nothing")
  func defaultsOfHelp() throws {
    let defaults = try defaults()
    #expect(
      Set(defaults.keys)
        == ["default", "general", "adamw", "adam", "radam", "rmsprop", "sgd", "huber"])
    for (name, flags) in defaults {
      let choice =
        switch name {
        case "default", "general": [String]()
        case "huber": ["--loss", name]
        default: ["--optimizer", name]
        }
      let arguments =
        ["train", "Maze-v0", "--preset", "general", "--print-config"] + choice
      // Times are printed with their unit.
      let given = flags.map { $0.hasSuffix(" s") ? String($0.dropLast(2)) : $0 }
      let (plain, full) = (try Command.run(arguments), try Command.run(arguments + given))
      #expect(full.code == 0, "\(given): \(full.error)")
      #expect(plain.output == full.output, "\(given)")
      #expect(!given.isEmpty)
    }
    let settings = Hyperparameters()
    let general = try #require(defaults["general"])
    for (flag, value) in [
      ("--buffer-size", settings.replay.capacity), ("--batch-size", settings.replay.batchSize),
      ("--learning-starts", settings.replay.learningStarts),
      ("--train-frequency", settings.replay.trainFrequency),
      ("--total-timesteps", settings.budget.steps),
      ("--evaluation-every", EvaluationSettings().every),
      ("--evaluation-episodes", EvaluationSettings().episodes),
    ] {
      let place = try #require(general.firstIndex(of: flag))
      #expect(general[place + 1] == value.map(String.init), "\(flag)")
    }
  }

  @Test(
    "help says which preset is used, and what lists all; that list names every preset of every environment"
  )
  func presets() throws {
    let discussion = try #require(try train().discussion)
    for words in ["'tuned'", "'general'", "'deep-sarsa presets'", "--print-config"] {
      #expect(discussion.contains(words))
    }
    let rows = try Command.run(["presets"]).lines
    for id in EnvironmentRegistry.ids {
      for preset in Hyperparameters.presets(for: id).map({ $0.name }) {
        #expect(
          rows.contains {
            $0.hasPrefix(preset) && ($0.contains(id) || $0.contains("every environment"))
          }, "\(preset) of \(id)")
      }
    }
  }
}
