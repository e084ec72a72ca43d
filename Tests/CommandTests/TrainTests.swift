import DeepSARSA
import Foundation
import SARSAExperiments
import TestSupport
import Testing

@Suite("deep-sarsa train")
struct TrainTests {
  /// A run of a few hundred steps.
  private let short = [
    "train", "MountainCar-v0", "--hidden-sizes", "16,8", "--total-timesteps", "900",
    "--evaluation-every", "400", "--evaluation-episodes", "2", "--buffer-size", "1e3",
    "--learning-starts", "500", "--exp-name", "short",
  ]

  @Test("prints a summary and, last, the folder with its five files")
  func summary() throws {
    let folder = try TemporaryFolder()
    let result = try Command.run(short + ["--output", folder.path])
    #expect(result.code == 0)
    let path = try #require(result.lines.last)
    let run = try #require(RunFolder(existing: path))
    for file in RunFolder.File.allCases where ![.failure, .initial].contains(file) {
      #expect(FileManager.default.fileExists(atPath: run.path(of: file)))
    }
    #expect(result.output.contains("last network, mean ± std of 100 greedy returns"))
    #expect(result.output.contains("best network"))
    // Not a terminal: a line per evaluation, and no control characters.
    let progress = result.error.split(separator: "\n")
    #expect(progress.count == 2 && !result.error.contains("\r"))
    // Before the first update there is no speed to show.
    #expect(progress[0].contains("step 400  return"))
    #expect(progress[1].firstMatch(of: /step 800  \d+ steps\/s  return/) != nil)
    // The first update is made at step 500, and another every 2 steps.
    let counts = /: 900 steps, 4 episodes, 201 updates/
    #expect(result.lines[0].firstMatch(of: counts) != nil)
    #expect(result.lines[1].firstMatch(of: /^\d+ steps\/s of training, [\d.]+ s in total$/) != nil)
  }

  @Test("prints one JSON object with --json, and nothing else with --quiet")
  func json() throws {
    let folder = try TemporaryFolder()
    let result = try Command.run(short + ["--json", "--quiet", "--output", folder.path])
    #expect(result.code == 0 && result.error.isEmpty && result.lines.count == 1)
    let summary = try JSONDecoder().decode(RunSummary.self, from: Data(result.output.utf8))
    #expect(summary.steps == 900 && summary.seed == 1 && summary.environment == "MountainCar-v0")
    #expect(summary.updates == 201 && summary.repetition == .exact)
    #expect(try #require(summary.stepsPerSecond) > 0)
    #expect(summary.evaluation?.episodes == 100 && summary.bestEvaluation?.episodes == 100)

    let evaluation = try Command.run([
      "evaluate", summary.run, "--json", "--episodes", "100", "--seed",
      "\(try #require(summary.evaluation).seed)",
    ])
    #expect(evaluation.code == 0)
    let evaluated = try JSONDecoder().decode(
      [String: JSONValue].self, from: Data(evaluation.output.utf8))
    #expect(evaluated["mean"] == .number(try #require(summary.evaluation).mean))
    guard case .array(let returns) = evaluated["returns"] else {
      Issue.record("no returns")
      return
    }
    #expect(returns.count == 100)
  }

  @Test("two processes with one seed, on any tier, write the same bytes but for the tier's name")
  func reproducibility() throws {
    let folder = try TemporaryFolder()
    var runs: [RunFolder] = []
    for tier in [KernelTier.highest] + KernelTier.available {
      let result = try Command.run(
        short + ["--quiet", "--output", folder.path],
        environment: [KernelTier.environmentVariable: tier.name])
      runs.append(try #require(RunFolder(existing: result.lines.last ?? "")))
    }
    for run in runs {
      for file in RunFolder.File.allCases
      where ![.config, .summary, .failure, .events, .initial].contains(file) {
        #expect(try bytes(of: run.path(of: file)) == bytes(of: runs[0].path(of: file)), "\(file)")
      }
    }
    #expect(
      try bytes(of: runs[0].path(of: .config)) == bytes(of: runs.last?.path(of: .config) ?? ""))
    let config = try String(contentsOfFile: runs[0].path(of: .config), encoding: .utf8)
    let words = (["deep-sarsa"] + short + ["--quiet", "--output", folder.path])
    let recorded = try #require(config.range(of: "  commandLine:\n"))
    #expect(
      config[recorded.upperBound...].split(separator: "\n").map {
        $0.trimmingPrefix("  - ").filter { $0 != "\"" }
      } == words)
  }

  @Test("stops at a return")
  func stopping() throws {
    let folder = try TemporaryFolder()
    let common = [
      "train", "CartPole-v1", "--preset", "general", "--json", "--quiet", "--evaluation-every",
      "500",
    ]
    let result = try Command.run(
      common + ["--stop-at-return", "20", "--evaluation-episodes", "3", "--output", folder.path])
    let summary = try JSONDecoder().decode(RunSummary.self, from: Data(result.output.utf8))
    let run = try #require(RunFolder(existing: summary.run))
    let evaluations = try lines(of: run.path(of: .evaluations)).dropFirst().map {
      $0.split(separator: ",").compactMap { Double($0) }
    }
    // The last is the first that reached it; evaluations are 500 steps apart.
    #expect(evaluations.map { $0[1] >= 20 }.firstIndex(of: true) == evaluations.count - 1)
    #expect(evaluations.map { $0[0] } == (0..<evaluations.count).map { Double(500 * $0) })
    #expect(summary.steps == 500 * (evaluations.count - 1) && summary.steps < 30_000)
    let config = try String(contentsOfFile: run.path(of: .config), encoding: .utf8)
    #expect(config.contains("targetReturn: 20.0"))

    // An unreachable return, and the budget ends it.
    let unstopped = try Command.run(
      common + [
        "--total-timesteps", "1200", "--stop-at-return", "501", "--evaluation-episodes", "1",
        "--output", folder.path,
      ])
    let other = try JSONDecoder().decode(RunSummary.self, from: Data(unstopped.output.utf8))
    #expect(other.steps == 1_200)

  }

  @Test("understands CleanRL's spelling and the readable names alike")
  func spellings() throws {
    let folder = try TemporaryFolder()
    let common = ["train", "MountainCar-v0", "--quiet", "--output", folder.path]
    let cleanRL = try Command.run(
      common + [
        "--total-timesteps", "5e2", "--num-envs", "2", "--learning-rate", "2e-3", "--buffer-size",
        "1e3", "--batch-size", "16", "--learning-starts", "100", "--train-frequency", "2",
        "--gamma", "0.9", "--target-network-frequency", "50", "--start-e", "1", "--end-e", "0.2",
        "--exploration-fraction", "0.5", "--eval-freq", "250", "--eval-episodes", "1",
      ])
    let readable = try Command.run(
      common + [
        "--steps", "500", "--environment-count", "2", "--lr", "0.002", "--replay-capacity", "1000",
        "--batch-size", "16", "--learning-starts", "100", "--steps-per-update", "2", "--discount",
        "0.9", "--synchronize-every-steps", "50", "--initial-epsilon", "1.0", "--final-epsilon",
        "0.2", "--exploration-steps", "250", "--evaluation-every", "250", "--evaluation-episodes",
        "1",
      ])
    #expect(cleanRL.code == 0 && readable.code == 0)
    let runs = [cleanRL, readable].compactMap { RunFolder(existing: $0.lines.last ?? "") }
    #expect(runs.count == 2)
    // All of the configs but the command lines.
    let configs = try runs.map {
      try String(contentsOfFile: $0.path(of: .config), encoding: .utf8)
        .components(separatedBy: "  commandLine:\n")[0]
    }
    #expect(configs[0] == configs[1])
    let config = configs[0]
    for line in ["    from: 1.0", "    to: 0.2", "    steps: 250", "      unit: steps"] {
      #expect(config.contains(line))
    }
  }

  @Test("every room of the toolkit is reached by a flag, and the network is rebuilt from its file")
  func everyFlag() throws {
    let folder = try TemporaryFolder()
    let result = try Command.run([
      "train", "CartPole-v1", "--preset", "general", "--total-timesteps", "400",
      "--learning-starts", "320",
      "--hidden-sizes", "8,6", "--layer-norm", "--dueling", "--activation", "silu",
      "--initializer", "orthogonal", "--optimizer", "sgd", "--momentum", "0.9", "--nesterov",
      "--learning-rate", "1e-3", "--end-learning-rate", "1e-5", "--learning-rate-decay", "cosine",
      "--loss", "huber", "--huber-threshold", "2", "--max-grad-norm", "1", "--tau", "0.1",
      "--target-network-frequency", "1", "--temperature", "1", "--end-temperature", "0.1",
      "--exploration-decay", "exponential", "--exploration-fraction", "0.5",
      "--next-action", "stored", "--num-envs", "2", "--evaluation-every", "200",
      "--evaluation-episodes", "2", "--quiet", "--output", folder.path,
    ])
    #expect(result.code == 0, "\(result.error)")
    let run = try #require(RunFolder(existing: result.lines.last ?? ""))
    let config = try String(contentsOfFile: run.path(of: .config), encoding: .utf8)
    for line in [
      "    activation: silu", "    isNormalized: true", "    isDueling: true",
      "    initializer: orthogonal", "        momentum: 0.9", "        isNesterov: true",
      "      shape: cosine", "        threshold: 2.0", "    gradientNormLimit: 1.0",
      "      rate: 0.1", "        shape: exponential", "        steps: 200",
      "      nextAction: stored", "  environmentCount: 2",
    ] {
      #expect(config.contains("\n\(line)\n"), "\(line)")
    }
    for arguments in [[run.path], [run.path, "--best"], [run.path(of: .model)]] {
      let evaluation = try Command.run(["evaluate", "--episodes", "2"] + arguments)
      #expect(evaluation.code == 0, "\(evaluation.error)")
    }
  }

  @Test("a new length of training stretches the preset's learning rate and exploration with it")
  func schedulesSpanTheBudget() throws {
    let folder = try TemporaryFolder()
    let result = try Command.run([
      "train", "MountainCar-v0", "--total-timesteps", "300", "--learning-starts", "200",
      "--evaluation-episodes", "1", "--quiet", "--output", folder.path,
    ])
    let run = try #require(RunFolder(existing: result.lines.last ?? ""))
    let config = try String(contentsOfFile: run.path(of: .config), encoding: .utf8)
    #expect(config.contains("      to: 1.0e-05\n      steps: 300\n"))
    #expect(config.contains("        to: 0.0\n        steps: 40\n"))
  }

  @Test("where no end is reached in 20,000 steps, that is said once, with the switch to try")
  func hint() throws {
    let folder = try TemporaryFolder()
    func run(_ timeLimit: String) throws -> Command.Result {
      try Command.run([
        "train", "MountainCar-v0", "--preset", "general", "--time-limit", timeLimit,
        "--total-timesteps", "22000", "--hidden-sizes", "4", "--train-frequency", "1000",
        "--evaluation-every", "1e6", "--evaluation-episodes", "1", "--output", folder.path,
      ])
    }
    let hints = try run("bootstrap").error.split(separator: "\n").filter {
      $0.contains("--time-limit terminal")
    }
    #expect(hints.count == 1)
    #expect(hints.first?.contains("in 20000 steps") == true)
    #expect(try !run("terminal").error.contains("--time-limit"))
  }

  @Test(
    "a budget of steps without an update is refused, with the flags that it depends on",
    arguments: [
      (["--preset", "tuned"], "1000"), (["--learning-starts", "5e4"], "50000"),
      (["--train-frequency", "5000"], "5000"),
      (["--num-envs", "7", "--train-frequency", "5000"], "4999"),
    ])
  func budgetWithoutUpdate(flags: [String], least: String) throws {
    let folder = try TemporaryFolder()
    let result = try Command.run(
      ["train", "MountainCar-v0", "--steps", "900", "--episodes", "9", "--output", folder.path]
        + flags
    )
    #expect(result.code == 64 && result.output.isEmpty)
    #expect(
      result.error.hasPrefix(
        "deep-sarsa: --total-timesteps is '900'; allowed: at least \(least), because the first update "
      )
    )
    #expect(result.error.contains("--learning-starts ") && result.error.contains("--num-envs "))
    #expect(result.error.contains("--train-frequency "))
    #expect(result.error.split(separator: "\n").count == 1)
    #expect(try folder.contents().isEmpty)
  }

  @Test("a budget of episodes that ends before the first update says that nothing was learned")
  func nothingLearned() throws {
    let folder = try TemporaryFolder()
    let flags = [
      "train", "MountainCar-v0", "--episodes", "2", "--hidden-sizes", "4", "--evaluation-every",
      "200",
      "--evaluation-episodes", "1", "--output", folder.path,
    ]
    let result = try Command.run(flags)
    #expect(result.code == 0 && !(result.output + result.error).contains("steps/s"))
    #expect(result.lines[0].contains(": 400 steps, 2 episodes, 0 updates"))
    #expect(result.lines[2].hasPrefix("no update was made, so nothing was learned; see --"))
    let json = try Command.run(flags + ["--json"]).output
    #expect(json.contains(#""updates":0"#) && json.contains(#""steps_per_second":null"#))
    let several = try Command.run(flags + ["--seeds", "2"])
    #expect(several.output.contains("no update was made in 2 of 2 runs, so nothing was learned"))
    #expect(several.error.contains("nothing learned, because no update was made"))
  }

  @Test("a diverging run names step and value, exits with 70, and keeps a good network")
  func divergence() throws {
    let folder = try TemporaryFolder()
    let result = try Command.run(
      short + [
        "--preset", "notebook", "--lr", "1e6", "--weight-decay", "1e6", "--quiet", "--output",
        folder.path,
      ])
    #expect(result.code == 70)
    #expect(result.error.hasPrefix("deep-sarsa: training diverged at step "))
    #expect(result.error.split(separator: "\n").count == 1)
    let name = try #require(try folder.contents().first)
    let model = try Safetensors(decoding: bytes(of: folder.path(name + "/model.safetensors")))
    #expect(model.tensors.allSatisfy { $0.values.allSatisfy(\.isFinite) })
  }

  @Test(
    "a signal ends the run after its step, with models and logs written",
    arguments: [SIGINT, SIGTERM])
  func signals(signal: Int32) throws {
    let folder = try TemporaryFolder()
    let (output, error) = (Pipe(), Pipe())
    let process = try Command.start(
      [
        "train", "MountainCar-v0", "--total-timesteps", "1e9", "--evaluation-every", "1000",
        "--evaluation-episodes", "1", "--hidden-sizes", "8", "--output", folder.path,
      ], output: output, error: error)
    // The first line of progress says that training is under way.
    _ = error.fileHandleForReading.availableData
    kill(process.processIdentifier, signal)
    let text = String(
      decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let messages = String(
      decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(Command.code(of: process) == (signal == SIGINT ? 130 : 143))
    #expect(messages.contains("interrupted after"))
    let run = try #require(
      RunFolder(existing: text.split(separator: "\n").last.map(String.init) ?? ""))
    let model = try Safetensors(decoding: bytes(of: run.path(of: .model)))
    let steps = try #require(Int(model.metadata["step"] ?? ""))
    #expect(messages.contains("interrupted after \(steps) steps"))
    let episodes = try lines(of: run.path(of: .episodes))
    #expect(episodes.count == 1 + steps / 200)
    #expect(try folder.contents().count == 1)
  }
}

extension TrainTests {
  @Test("a signal in a long evaluation is heard too")
  func signalInEvaluation() throws {
    let folder = try TemporaryFolder()
    let (output, error) = (Pipe(), Pipe())
    let process = try Command.start(
      [
        "train", "MountainCar-v0", "--total-timesteps", "1000", "--evaluation-episodes", "1000000",
        "--hidden-sizes", "8", "--quiet", "--output", folder.path,
      ], output: output, error: error)
    // The logs are there before the first evaluation begins.
    while (try? folder.contents().first.map(folder.contents))?.contains("evaluations.csv") != true {
      usleep(10_000)
    }
    kill(process.processIdentifier, SIGTERM)
    _ = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(Command.code(of: process) == 143)
    let run = try #require(try folder.contents().first)
    #expect(try folder.contents(run).contains("model.safetensors"))
  }
}

/// Any JSON value.
enum JSONValue: Decodable, Equatable {
  case number(Double)
  case string(String)
  case array([JSONValue])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else {
      self = .array(try container.decode([JSONValue].self))
    }
  }
}
