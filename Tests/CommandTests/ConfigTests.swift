import DeepSARSA
import Foundation
import SARSAExperiments
import TestSupport
import Testing

@Suite("deep-sarsa train --config and --initial-model")
struct ConfigTests {
  private static let short = [
    "--total-timesteps", "600", "--evaluation-every", "300", "--evaluation-episodes", "2",
    "--buffer-size", "1e3", "--learning-starts", "100", "--batch-size", "16",
  ]

  private func run(_ arguments: [String], in folder: TemporaryFolder) throws -> RunFolder {
    let result = try Command.run(["train"] + arguments + ["--quiet", "--output", folder.path])
    #expect(result.code == 0, "\(arguments): \(result.error)")
    return try #require(RunFolder(existing: result.lines.last ?? ""))
  }

  private func printed(_ arguments: [String]) throws -> String {
    let result = try Command.run(["train", "--print-config"] + arguments)
    #expect(result.code == 0, "\(arguments): \(result.error)")
    return result.output
  }

  /// The line of a command that is refused.
  private func refusal(_ arguments: [String], code: Int32) throws -> String {
    let result = try Command.run(["train", "--print-config"] + arguments)
    #expect(result.code == code && result.output.isEmpty, "\(arguments): \(result.error)")
    #expect(result.error.split(separator: "\n").count == 1)
    return result.error
  }

  private func write(_ text: String, to folder: TemporaryFolder) throws -> String {
    let path = folder.path("settings.yaml")
    try Data(text.utf8).write(to: URL(filePath: path))
    return path
  }

  @Test(
    "a run's config makes the same run again, to the byte",
    arguments: [
      ["MountainCar-v0"],
      [
        "Acrobot-v1", "--preset", "fast", "--env-arg", "max_episode_steps=60", "--seed", "7",
        "--hidden-sizes", "8,6", "--stop-at-return", "-20",
      ],
      [
        "CartPole-v1", "--preset", "general", "--temperature", "2", "--end-temperature", "0.1",
        "--exploration-decay",
        "cosine", "--exploration-fraction", "0.3", "--num-envs", "3", "--optimizer", "rmsprop",
        "--centered", "--loss", "huber", "--max-grad-norm", "1",
      ],
      [
        "FrozenLake-v1", "--preset", "general", "--env-arg", "is_slippery=false", "--learning-rate",
        "1e-2",
        "--end-learning-rate", "1e-4", "--learning-rate-decay", "exponential", "--epsilon", "0.1",
        "--target-network-episodes", "3", "--network", "16 > dense 8 tanh > dense 5 > dueling",
      ],
    ])
  func reproduction(arguments: [String]) throws {
    let folder = try TemporaryFolder()
    let first = try run(arguments + Self.short, in: folder)
    let second = try run(["--config", first.path(of: .config)], in: folder)
    for file in RunFolder.File.allCases
    where ![.config, .summary, .failure, .events, .initial].contains(file) {
      #expect(try bytes(of: first.path(of: file)) == bytes(of: second.path(of: file)), "\(file)")
    }
    // The configs too, up to the command lines.
    let configs = try [first, second].map {
      try String(contentsOfFile: $0.path(of: .config), encoding: .utf8)
        .components(separatedBy: "  commandLine:\n")
    }
    #expect(configs.allSatisfy { $0.count == 2 })
    #expect(configs[0][0] == configs[1][0] && configs[0][1] != configs[1][1])
  }

  @Test("flags override the file, which overrides the preset that is named with it")
  func order() throws {
    let folder = try TemporaryFolder()
    let file = try write(
      """
      environment: Acrobot-v1
      seed: 5
      hyperparameters:
        replay:
          batchSize: 48
        target:
          discount: 0.5
      """, to: folder)
    let plain = try printed(["--config", file])
    #expect(plain.contains("batchSize: 48") && plain.contains("discount: 0.5"))
    #expect(plain.contains("seed: 5") && plain.contains("capacity: 100000"))
    let given = try printed(["--config", file, "--gamma", "0.75", "--seed", "6"])
    #expect(given.contains("discount: 0.75") && given.contains("batchSize: 48"))
    #expect(given.contains("seed: 6"))
    let fast = try printed(["--config", file, "--preset", "fast"])
    #expect(fast.contains("batchSize: 48") && fast.contains("capacity: 50000"))
    #expect(fast.contains("learningRate: 0.002") && fast.contains("targetReturn: -88.0"))
  }

  @Test("another environment replaces the file's, with its arguments")
  func environments() throws {
    let folder = try TemporaryFolder()
    let file = try write(
      "environment: CartPole-v1\nenvironmentArguments: {max_episode_steps: 50}\n", to: folder)
    #expect(try printed(["--config", file]).contains("max_episode_steps: 50"))
    #expect(try printed(["CartPole-v1", "--config", file]).contains("max_episode_steps: 50"))
    let other = try printed(["--config", file, "--env-arg", "max_episode_steps=70"])
    #expect(other.contains("max_episode_steps: 70"))
    #expect(try !printed(["Taxi-v4", "--config", file]).contains("max_episode_steps"))
    let none = try write("seed: 1\n", to: folder)
    #expect(try printed(["Taxi-v4", "--config", none]).hasPrefix("environment: Taxi-v4\n"))
    #expect(try refusal(["--config", none], code: 64).contains("an environment is missing"))
    let unknown = try write("environment: CartPol-v1\n", to: folder)
    #expect(try refusal(["--config", unknown], code: 78).contains("'CartPole-v1'?"))
    let argument = try write(
      "environment: CartPole-v1\nenvironmentArguments: {x: 1}\n", to: folder)
    #expect(try refusal(["--config", argument], code: 78).contains("'x' is not an argument"))
  }

  @Test(
    "a bad file of settings is told by the file's names, a bad flag wrong usage with the flag's")
  func mistakes() throws {
    let folder = try TemporaryFolder()
    let cases = [
      ("hyperparameters: {replay: {bachSize: 1}}", [], 78, "(did you mean 'batchSize'?)"),
      (
        "hyperparameters: {replay: {batchSize: 5000}}", [], 78,
        "hyperparameters.replay.learningStarts is 1000; allowed: from the batch size"
      ),
      (
        "hyperparameters: {replay: {batchSize: 5000}}", ["--learning-starts", "2000"], 64,
        "--learning-starts is '2000'; allowed: from the batch size (5000)"
      ),
      (
        "hyperparameters: {network: {hiddenSizes: none}}", [], 78,
        "hiddenSizes is 'none'; allowed: a list in brackets: up to 64 whole numbers from 1 to 65536, or []"
      ),
      (
        "hyperparameters: {optimizer: {method: {sgd: {}, adam: {}}}}", [], 78,
        "optimizer.method has 'sgd' and 'adam'; allowed: one of adamW, adam, rAdam, rmsProp, sgd"
      ),
      (
        "hyperparameters: {exploration: {}}", [], 78, "has nothing; allowed: one of epsilonGreedy, "
      ),
      (
        "hyperparameters: {optimizer: {method: {sgd: {isNesterov: true}}}}", [], 78,
        "hyperparameters.optimizer.method.sgd.momentum is 0.0; allowed: a number above 0"
      ),
      (
        "hyperparameters: {optimizer: {learningRate: {shape: exponential, from: 1, to: 0, steps: 9}}}",
        [], 78,
        "hyperparameters.optimizer.learningRate.to is 0.0; allowed: at least 1e-30, for an exponential"
      ),
      (
        "hyperparameters: {target: {synchronization: {unit: weeks}}}", [], 78,
        "unit is 'weeks'; allowed: episodes, steps"
      ),
      (
        "hyperparameters: {budget: {}}", [], 78,
        "hyperparameters.budget is unlimited; allowed: steps or episodes"
      ),
      ("seed: 1", ["--gamma", "2"], 64, "--gamma is '2'"), ("a: &a [*a]", [], 78, "line 1: "),
      ("seed: 1\nseed: 2", [], 78, "seed"), ("seed: one", [], 78, "seed is 'one'; allowed: "),
      (String(repeating: "[", count: 65) + String(repeating: "]", count: 65), [], 78, "64"),
    ]
    for (text, flags, code, part) in cases {
      let file = try write(text, to: folder)
      let line = try refusal(["CartPole-v1", "--config", file] + flags, code: Int32(code))
      #expect(line.contains(part), "\(line)")
    }
    let path = folder.path("bytes")
    try Data([0x61, 0xFF]).write(to: URL(filePath: path))
    #expect(try refusal(["CartPole-v1", "--config", path], code: 78).contains("UTF-8"))
    #expect(try refusal(["--config", folder.path("none")], code: 66).contains("none"))
    #expect(try refusal(["--config", folder.path], code: 66).contains("config.yaml"))
  }

  @Test("a method and a loss may be their names alone, those of files or of flags")
  func names() throws {
    let folder = try TemporaryFolder()
    for (text, flags) in [
      ("optimizer: {method: rAdam, loss: mse}", ["--optimizer", "radam"]),
      ("optimizer: {method: rmsprop, loss: huber}", ["--optimizer", "rmsprop", "--loss", "huber"]),
    ] {
      let arguments = ["CartPole-v1", "--json", "--config"]
      let named = try printed(arguments + [write("hyperparameters: {\(text)}", to: folder)])
      #expect(try named == printed(arguments + [write("seed: 1", to: folder)] + flags))
    }
  }

  @Test(
    "in wrappers, the bounds of a preset are those of every observation, and the environment's own of the time"
  )
  func extendedBounds() throws {
    let text = try printed(["CartPole-v1", "--frame-stack", "2", "--time-aware", "--json"])
    let one = "-2.4,-3,-0.21,-3"
    #expect(text.contains("\"low\":[\(one),\(one),0]"), "\(text)")
    let other = try printed(["CartPole-v1", "--json"])
    #expect(other.contains("\"low\":[\(one)]"))
  }

  @Test("a flag that the algorithm of a preset has no use for names the preset, and one that has")
  func unused() throws {
    let line = try refusal(["CartPole-v1", "--buffer-size", "10000"], code: 64)
    #expect(
      line.contains(
        "--buffer-size is '10000'; allowed: with --algorithm replay, not with parallel, which preset 'tuned' "
          + "has; preset 'general' has replay"), "\(line)")
  }

  @Test("a working folder whose name is no text is one like any other")
  func workingFolder() throws {
    let folder = try TemporaryFolder()
    let result = try Command.shell(
      """
      cd "$1" && mkdir "$(printf 'bad\\377')" && cd "$(printf 'bad\\377')" && "$0" train MountainCar-v0 --preset \
      general --total-timesteps 3000 --evaluation-every 1000 --evaluation-episodes 1 --final-episodes 1 --quiet
      """, folder.path)
    #expect(result.code == 0, "\(result.error)")
    #expect(result.output.contains("runs/MountainCar-v0__"))
  }

  // MARK: - A given network

  @Test("a network as text is trained, and replaced by flags of sizes")
  func network() throws {
    let folder = try TemporaryFolder()
    let text = "4 > dense 6 > layer-normalization relu > dense 2"
    let run = try run(
      ["CartPole-v1", "--preset", "general", "--network", text] + Self.short, in: folder)
    let model = try Safetensors(decoding: bytes(of: run.path(of: .model)))
    #expect(model.metadata["network"] == text)
    let sized = try printed(["--config", run.path(of: .config), "--hidden-sizes", "7"])
    #expect(sized.contains("- 7\n") && !sized.contains("description:"))
  }

  @Test("a run's folder stands for its config, and a file's model brings its network")
  func foldersAndModels() throws {
    let folder = try TemporaryFolder()
    let first = try run(
      ["CartPole-v1", "--preset", "general", "--hidden-sizes", "8"] + Self.short, in: folder)
    let second = try run(["--config", first.path], in: folder)
    #expect(try bytes(of: first.path(of: .model)) == bytes(of: second.path(of: .model)))
    let file = try write(
      "environment: CartPole-v1\ninitialModel: \(first.path)\n", to: folder)
    #expect(try printed(["--config", file]).contains("4 > dense 8"))
    let conflict = try write(
      "environment: CartPole-v1\ninitialModel: \(first.path)\n"
        + "hyperparameters: {network: {hiddenSizes: [5]}}\n", to: folder)
    let result = try Command.run(
      ["train", "--config", conflict, "--output", folder.path("none")] + Self.short)
    #expect(result.code == 65 && result.error.contains("but the run's is"))
    // A constant has no length.
    let constant = try write(
      "hyperparameters: {exploration: {epsilonGreedy: {epsilon: 0.1}}}\n", to: folder)
    #expect(
      try refusal(["CartPole-v1", "--config", constant, "--exploration-steps", "500"], code: 64)
        .contains("--start-e is missing"))
  }

  @Test("training starts from a model's parameters, with its network unless flags give another")
  func initialModel() throws {
    let folder = try TemporaryFolder()
    let first = try run(
      ["CartPole-v1", "--preset", "general", "--hidden-sizes", "8"] + Self.short, in: folder)
    let second = try run(
      [
        "CartPole-v1", "--preset", "general", "--initial-model", first.path, "--learning-rate",
        "1e-30",
      ] + Self.short,
      in: folder)
    // With steps that round to nothing, parameters stay as they were read.
    let models = try [first, second].map {
      try Safetensors(decoding: bytes(of: $0.path(of: .model)))
    }
    #expect(models[0].tensors == models[1].tensors)
    let again = try run(["--config", second.path(of: .config)], in: folder)
    #expect(try bytes(of: again.path(of: .model)) == bytes(of: second.path(of: .model)))
    // The run keeps what it began with, and so does one with its config, when the other run is gone.
    #expect(try bytes(of: second.path(of: .initial)) == bytes(of: first.path(of: .model)))
    let kept = try bytes(of: first.path(of: .model))
    try FileManager.default.removeItem(atPath: first.path(of: .model))
    let orphan = try run(["--config", second.path], in: folder)
    #expect(try bytes(of: orphan.path(of: .model)) == bytes(of: second.path(of: .model)))
    for file in ["model.safetensors", "summary.json", "checkpoints"] {
      try? FileManager.default.removeItem(atPath: second.path + "/" + file)
    }
    #expect(try Command.run(["resume", second.path, "--exact", "--quiet"]).code == 0)
    #expect(try bytes(of: orphan.path(of: .model)) == bytes(of: second.path(of: .model)))
    try Data(kept).write(to: URL(filePath: first.path(of: .model)))
    // Each seed has a copy of its own, and they remain runs of one setting.
    let both = try Command.run(
      [
        "train", "CartPole-v1", "--preset", "general", "--initial-model", first.path, "--seeds",
        "2",
      ]
        + Self.short + ["--quiet", "--output", folder.path("seeds")])
    #expect(both.code == 0, "\(both.error)")
    #expect(try Command.run(["compare", folder.path("seeds")]).code == 0)
    // A network that equals the sizes needs no text.
    let same = try printed(
      ["CartPole-v1", "--config", first.path(of: .config), "--initial-model", first.path])
    #expect(same.contains("initialModel: \"\(first.path)\"") || same.contains("initialModel: /"))
    #expect(!same.contains("description:"))

    func error(_ arguments: [String]) throws -> Command.Result {
      try Command.run(
        ["train"] + arguments + Self.short + ["--output", folder.path("none"), "--quiet"])
    }
    let other = try error([
      "CartPole-v1", "--preset", "general", "--initial-model", first.path, "--hidden-sizes", "9",
    ])
    #expect(other.code == 65)
    #expect(
      other.error.contains(
        "its network is '4 > dense 8 > layer-normalization relu > dense 2', but the run's is '4 > dense 9 > "
          + "layer-normalization relu > dense 2'"
      ),
      "\(other.error)")
    let board = try error([
      "CartPole-v1", "--preset", "general", "--initial-model", first.path, "--filters", "9",
    ])
    #expect(board.code == 64 && board.error.contains("--filters is '9'"), "\(board.error)")
    #expect(
      try error(["Taxi-v4", "--preset", "general", "--initial-model", first.path]).code == 65)
    #expect(
      try error(["CartPole-v1", "--preset", "general", "--initial-model", folder.path("no")]).code
        == 66)
    #expect(
      try error(["CartPole-v1", "--preset", "general", "--initial-model", first.path(of: .config)])
        .code == 65)
    #expect(!FileManager.default.fileExists(atPath: folder.path("none")))
    let seeds = try error(
      [
        "CartPole-v1", "--preset", "general", "--initial-model", first.path, "--hidden-sizes", "9",
        "--seeds", "2",
      ])
    #expect(seeds.code == 65 && seeds.error.contains("2 of 2 runs failed"))
  }
}
