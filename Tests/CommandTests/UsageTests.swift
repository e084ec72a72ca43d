import DeepSARSA
import Foundation
import TestSupport
import Testing

@Suite("Wrong usage is one line and code 64, never a trap")
struct UsageTests {
  /// Numbers that some flag may not take.
  private static let oddNumbers = [
    "nan", "inf", "-inf", "0", "-1", "1e400", "9223372036854775808", "", "abc", "1,5", "0x", "٣",
    "1e-400", "--", "-", " 1",
  ]

  private static let flags = [
    "--learning-rate", "--lr", "--gamma", "--batch-size", "--buffer-size", "--learning-starts",
    "--train-frequency", "--total-timesteps", "--episodes", "--num-envs", "--seed", "--seeds",
    "--jobs",
    "--start-e",
    "--end-e", "--epsilon", "--exploration-fraction", "--exploration-steps", "--weight-decay",
    "--adam-beta1", "--adam-beta2", "--adam-eps", "--target-network-frequency",
    "--target-network-episodes", "--evaluation-every", "--evaluation-episodes", "--hidden-sizes",
    "--activation", "--next-action", "--selection", "--time-limit", "--preset", "--exp-name",
  ]

  /// What each odd number is for each flag: refused, unless it is allowed there.
  private static let allowed: [String: Set<String>] = [
    "--gamma": ["0", "1e-400"], "--seed": ["0", "9223372036854775808"], "--hidden-sizes": ["1,5"],
    "--start-e": ["0", "1e-400"],
    "--end-e": ["0", "1e-400"], "--epsilon": ["0", "1e-400"], "--weight-decay": ["0", "1e-400"],
    "--adam-beta1": ["0", "1e-400"], "--adam-beta2": ["0", "1e-400"],
    "--exp-name": [
      "nan", "inf", "-inf", "0", "-1", "1e400", "9223372036854775808", "abc", "0x",
      "1e-400", "--", "-",
    ],
  ]

  @Test("whatever a flag is given", arguments: flags.indices)
  func flag(index: Int) throws {
    let flag = Self.flags[index]
    let folder = try TemporaryFolder()
    // Where not all are tried, each flag gets others.
    for place in stride(from: index % thinning, to: Self.oddNumbers.count, by: thinning) {
      let value = Self.oddNumbers[place]
      if Self.allowed[flag]?.contains(value) == true { continue }
      // With one episode to play, a value that slips through ends the run soon, and as a success.
      var arguments = ["train", "MountainCar-v0", "--output", folder.path]
      if flag != "--total-timesteps" && flag != "--episodes" {
        arguments += ["--episodes", "1"]
      }
      let result = try Command.run(arguments + [flag, value])
      #expect(result.code == 64, "\(flag) '\(value)': \(result.error)")
      #expect(result.output.isEmpty)
      let lines = result.error.split(separator: "\n")
      #expect(lines.count == 1, "\(flag) '\(value)': \(result.error)")
      #expect(result.error.contains("allowed: "))
      #expect(result.error.contains("See 'deep-sarsa help train'."))
    }
    #expect(try folder.contents().isEmpty, "a run was started")
  }

  @Test("sizes beyond this machine's memory are refused before a byte is taken")
  func memory() throws {
    let folder = try TemporaryFolder()
    for arguments in [
      ["--buffer-size", "2147483647"],
      ["--hidden-sizes", "65536,65536,65536,65536,65536,65536,65536,65536"],
    ] {
      let result = try Command.run(
        ["train", "MountainCar-v0", "--output", folder.path] + arguments)
      #expect(result.code == 64 && result.error.contains("bytes"), "\(result.error)")
    }
    #expect(try folder.contents().isEmpty)
  }

  @Test("sizes beyond this machine's memory in a file are the file's, unless a flag gives them")
  func memoryOfFiles() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("big.yaml")
    let sizes = Array(repeating: "65536", count: 8).joined(separator: ", ")
    for (text, place) in [
      ("replay: {capacity: 2147483647}", "replay.capacity is 2147483647"),
      (
        "network: {hiddenSizes: [\(sizes)]}",
        "network.hiddenSizes or hyperparameters.replay.batchSize is 65536,"
      ),
    ] {
      try Data("name: big\nhyperparameters: {\(text)}\n".utf8).write(to: URL(filePath: path))
      let preset = try Command.run(
        ["train", "MountainCar-v0", "--preset", path, "--output", folder.path("runs")])
      try Data("hyperparameters: {\(text)}\n".utf8).write(to: URL(filePath: path))
      let config = try Command.run(
        ["train", "MountainCar-v0", "--config", path, "--output", folder.path("runs")])
      for result in [preset, config] {
        #expect(result.code == 78, "\(result.error)")
        #expect(
          result.error.hasPrefix("deep-sarsa: '\(path)': hyperparameters.\(place)"),
          "\(result.error)")
        #expect(result.error.contains("; allowed: what fits into "), "\(result.error)")
      }
    }
    let flag = try Command.run(
      [
        "train", "MountainCar-v0", "--config", path, "--buffer-size", "2147483647",
        "--hidden-sizes",
      ]
        + ["8", "--output", folder.path("runs")])
    #expect(
      flag.code == 64 && flag.error.hasPrefix("deep-sarsa: --buffer-size is '2147483647'; "),
      "\(flag.error)")
    #expect(try folder.contents() == ["big.yaml"])
  }

  @Test("values that contradict each other are named")
  func contradictions() throws {
    for (arguments, name) in [
      (["--batch-size", "64", "--buffer-size", "32"], "--batch-size"),
      (["--learning-starts", "10"], "--learning-starts"),
      (["--exploration-fraction", "0.5", "--episodes", "9"], "--exploration-fraction"),
      (["--epsilon", "0.1", "--temperature", "1"], "--temperature"),
      (["--end-e", "0.1", "--end-temperature", "1"], "--end-temperature"),
      (["--temperature", "1", "--exploration-steps", "9"], "--end-temperature"),
      (["--end-temperature", "1"], "--temperature"),
      (["--preset", "notebook", "--learning-rate-decay", "cosine"], "--end-learning-rate"),
      (["--optimizer", "sgd", "--nesterov"], "--momentum"),
      (["--temperature", "0"], "--temperature"),
      (["--temperature", "1", "--end-temperature", "nan"], "--end-temperature"),
      (["--momentum", "0.9"], "--momentum"), (["--nesterov"], "--nesterov"),
      (["--weight-decay", "0.1", "--optimizer", "rmsprop"], "--weight-decay"),
      (["--adam-beta1", "0.5", "--optimizer", "sgd"], "--adam-beta1"),
      (["--optimizer", "rmsprop", "--rmsprop-alpha", "1"], "--rmsprop-alpha"),
      (["--optimizer", "sgd", "--centered"], "--centered"),
      (["--optimizer", "lion"], "--optimizer"), (["--loss", "hinge"], "--loss"),
      (["--huber-threshold", "2"], "--huber-threshold"),
      (["--loss", "huber", "--huber-threshold", "0"], "--huber-threshold"),
      (["--max-grad-norm", "0"], "--max-grad-norm"), (["--tau", "0"], "--tau"),
      (["--tau", "1.5"], "--tau"), (["--initializer", "zero"], "--initializer"),
      (["--learning-rate", "0"], "--learning-rate"),
      (
        ["--learning-rate-decay", "exponential", "--end-learning-rate", "0"], "--end-learning-rate"
      ),
      (
        ["--preset", "notebook", "--end-learning-rate", "0"], "--learning-rate-steps"
      ),
      (["--epsilon", "0.1", "--start-e", "1"], "--epsilon"),
      (["--epsilon-spread", "1001"], "--epsilon-spread"), (["--n-step", "0"], "--n-step"),
      (["--epsilon-spread", "1", "--temperature", "1"], "--epsilon-spread"),
      (["--algorithm", "dqn"], "--algorithm"), (["--initial-model", ""], "--initial-model"),
      (["--network", "2 > dense 8 relu > dense 3", "--dueling"], "--network"),
      (["--network", "4 > dense 2"], "--network"), (["--network", ""], "part 1 of --network"),
      (["--network", "x > dense 3"], "part 1 of --network"),
      (["--network", "2 > dense 8 > layernorm relu > dense 3"], "part 3 of --network"),
      (["--network", "2 > dense 8 > dense 3 >"], "part 4 of --network"),
      (
        [
          "--exploration-fraction", "0.5", "--exploration-steps", "9", "--total-timesteps", "99",
        ], "--exploration-fraction"
      ),
      (
        ["--target-network-frequency", "5", "--target-network-episodes", "5"],
        "--target-network-frequency"
      ),
      (["--exp-name", "../../etc/x"], "--exp-name"), (["--exp-name", ".hidden"], "--exp-name"),
      (["--exp-name", String(repeating: "x", count: 300)], "--exp-name"),
      (["--output", ""], "--output"), (["--preset", "notebok"], "--preset"),
    ] {
      let result = try Command.run(["train", "MountainCar-v0"] + arguments)
      #expect(result.code == 64)
      #expect(result.error.hasPrefix("deep-sarsa: \(name) is "), "\(result.error)")
    }
  }

  @Test("an unknown environment is named with those that are known")
  func unknownEnvironment() throws {
    for id in ["MountainCar-v9", "", "../x", "mod:env"] {
      for verb in ["train", "evaluate"] {
        let folder = try TemporaryFolder()
        let arguments =
          verb == "train"
          ? ["train", "--output", folder.path, "--", id]
          : [
            "evaluate", fixtures.appending(path: "torch_model.safetensors").path(), "--environment",
            id,
          ]
        let result = try Command.run(arguments)
        #expect(result.code == 64, "\(verb) '\(id)': \(result.error)")
        #expect(result.error.contains("MountainCar-v0"))
        #expect(result.error.hasSuffix("See 'deep-sarsa help \(verb)'.\n"))
      }
    }
  }

  @Test("bytes that are no text are refused like any other value")
  func notUTF8() throws {
    let result = try Command.shell(
      #""$0" train MountainCar-v0 --total-timesteps 1 --gamma "$(printf '\377\376')""#)
    #expect(result.code == 64)
    #expect(result.error.hasPrefix("deep-sarsa: word 6 of the command line is "))
  }

  @Test("unknown flags, missing values and repeated verbs are the parser's affair, with its code")
  func parser() throws {
    for arguments in [
      ["train"], ["train", "MountainCar-v0", "--nonsense"], ["train", "MountainCar-v0", "--lr"],
      ["nothing"], ["evaluate"],
    ] {
      let result = try Command.run(arguments)
      #expect(result.code == 64 && result.error.split(separator: "\n").count == 1)
      #expect(
        result.error.hasPrefix("deep-sarsa: ") && result.error.contains("See 'deep-sarsa help"))
    }
  }

  @Test("a tier that the processor does not have is refused")
  func tier() throws {
    let result = try Command.run(
      ["environments"], environment: ["DEEP_SARSA_KERNELS": "x86-64-v9"])
    #expect(result.code == 64)
    #expect(result.error.contains("DEEP_SARSA_KERNELS is 'x86-64-v9'"))
  }
}

@Suite("deep-sarsa evaluate and environments")
struct OtherVerbTests {
  @Test("a model of PyTorch is evaluated in the environment that is named")
  func foreignModel() throws {
    let path = fixtures.appending(path: "torch_model.safetensors").path()
    let result = try Command.run(
      ["evaluate", path, "--environment", "MountainCar-v0", "--episodes", "3", "--seed", "5"])
    #expect(result.code == 0)
    #expect(result.output.hasPrefix("MountainCar-v0: mean ± std of 3 greedy returns"))
    #expect(try Command.run(["evaluate", path]).code == 64)
    #expect(try Command.run(["evaluate", path, "--best"]).code == 64)
  }

  @Test("what is not there is 66, what is no model is 65")
  func badInput() throws {
    let folder = try TemporaryFolder()
    let missing = try Command.run(["evaluate", folder.path("none")])
    #expect(missing.code == 66 && missing.error.contains("none"))
    try Data("nonsense".utf8).write(to: URL(filePath: folder.path("model.safetensors")))
    let bad = try Command.run(["evaluate", folder.path("model.safetensors")])
    #expect(bad.code == 65 && bad.error.contains("model.safetensors"))
    let empty = try Command.run(["evaluate", try TemporaryFolder().path])
    #expect(empty.code == 66)
  }

  @Test("a folder for runs that cannot be made is 73")
  func cannotCreate() throws {
    let result = try Command.run(
      ["train", "MountainCar-v0", "--episodes", "1", "--output", "/dev/null/runs"])
    #expect(result.code == 73 && result.error.contains("/dev/null"))
  }

  @Test("environments are listed with sizes, limits and thresholds")
  func environments() throws {
    let result = try Command.run(["environments", "--json"])
    let list = try JSONDecoder().decode(
      [[String: ArgumentValue]].self, from: Data(result.output.utf8))
    let car = try #require(list.first { $0["id"] == .text("MountainCar-v0") })
    #expect(car["observation_size"] == .integer(2) && car["action_count"] == .integer(3))
    #expect(car["observation_shape"] == .list([.integer(2)]))
    let arguments = [
      "action_masks", "action_repeat", "frame_stack", "goal_velocity", "high", "low",
      "max_episode_steps",
      "time_aware",
    ]
    #expect(car["arguments"] == .list(arguments.map(ArgumentValue.text)))
    #expect(
      car["defaults"]?.description
        == #"{"action_masks":true,"action_repeat":1,"frame_stack":1,"goal_velocity":0,"high":-0.4,"low":-0.6,"#
        + #""max_episode_steps":200,"time_aware":false}"#)
    guard case .object(let allowed) = car["allowed"] else {
      Issue.record("nothing says what is allowed")
      return
    }
    #expect(allowed.keys.sorted() == arguments)
    #expect(allowed["goal_velocity"] == .text("a number from -1.0 to 1.0"))
    #expect(car["maximum_episode_steps"] == .integer(200))
    #expect(car["reward_threshold"] == .integer(-110))
    #expect(try Command.run(["environments"]).output.contains("MountainCar-v0"))
  }

  @Test("help and version are answers, not errors")
  func help() throws {
    for arguments in [["help"], ["help", "train"], ["train", "--help"], ["--version"]] {
      let result = try Command.run(arguments)
      #expect(result.code == 0 && !result.output.isEmpty && result.error.isEmpty)
    }
    let help = try Command.run(["help", "train"]).output
    for name in ["--buffer-size", "--replay-capacity", "REPLAY MEMORY:", "--gamma", "--discount"] {
      #expect(help.contains(name))
    }
  }

  @Test("control characters in a value are written out, not sent to the terminal")
  func controlCharacters() throws {
    let result = try Command.run(["train", "MountainCar-v0", "--seed", "1\n\u{1B}[31m2"])
    #expect(result.code == 64 && result.error.split(separator: "\n").count == 1)
    #expect(result.error.contains(#"'1\n\u{1b}[31m2'"#))
  }

  @Test("closed streams never let output into a run's files")
  func closedStreams() throws {
    let folder = try TemporaryFolder()
    for closing in ["2>&-", ">&-", "<&- >&- 2>&-"] {
      let result = try Command.shell(
        #"exec "$0" train MountainCar-v0 --preset notebook --total-timesteps 400 "#
          + #"--evaluation-every 100 --evaluation-episodes 1 --hidden-sizes 4 --buffer-size 400 --output "$1" "#
          + closing,
        folder.path)
      #expect(result.code == (closing == "2>&-" ? 0 : 74), "\(closing)")
    }
    let runs = try folder.contents()
    #expect(runs.count == 3)
    for run in runs {
      #expect(try lines(of: folder.path(run + "/episodes.csv")).count == 3)
      #expect(try lines(of: folder.path(run + "/evaluations.csv")).count == 6)
    }
  }

  @Test("a file that may not grow is an error with code 74, and leaves nothing half written")
  func fileSizeLimit() throws {
    let folder = try TemporaryFolder()
    let result = try Command.shell(
      #"ulimit -f 4; exec "$0" train MountainCar-v0 --episodes 1 --evaluation-episodes 1 "#
        + #"--output "$1""#, folder.path)
    #expect(result.code == 74)
    let run = try #require(try folder.contents().first)
    #expect(try folder.contents(run).allSatisfy { !$0.contains("tmp") })
  }

  @Test("a run's settings that name another world are bad data, and a bomb in them is not read")
  func badConfig() throws {
    let folder = try TemporaryFolder()
    let model = fixtures.appending(path: "torch_model.safetensors")
    try FileManager.default.copyItem(
      at: model, to: URL(filePath: folder.path("model.safetensors")))
    let bomb =
      "a: &a [x,x,x,x,x,x,x,x,x]\n"
      + zip("bcdefghijklm", "abcdefghijkl").map { name, last in
        "\(name): &\(name) [" + Array(repeating: "*\(last)", count: 9).joined(separator: ",")
          + "]\n"
      }.joined() + "? *m\n: 1\nenvironment: MountainCar-v0\n"
    for (text, code) in [
      ("environment: Foo\n", 78 as Int32), ("environment: [1]\n", 78), ("", 78), (bomb, 78),
      ("environment: 'MountainCar-v0'\n", 0),
    ] {
      try Data(text.utf8).write(to: URL(filePath: folder.path("config.yaml")))
      let result = try Command.run(["evaluate", folder.path, "--episodes", "1"])
      #expect(result.code == code, "\(text.prefix(40)): \(result.error)")
      #expect(code == 0 || result.error.contains("config.yaml"))
    }
  }

  @Test("a closed standard output is an error with code 74, not a silent success")
  func closedOutput() throws {
    let result = try Command.shell(#"exec "$0" environments >&-"#)
    #expect(result.code == 74)
    #expect(result.error.contains("standard output"))
  }
}
