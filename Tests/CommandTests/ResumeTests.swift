import Foundation
import SARSAExperiments
import TestSupport
import Testing

@Suite("deep-sarsa resume")
struct ResumeTests {
  private static let short = [
    "train", "MountainCar-v0", "--preset", "general", "--hidden-sizes", "4", "--batch-size", "32",
    "--learning-starts", "64",
    "--evaluation-every", "500", "--evaluation-episodes", "1", "--checkpoint-every", "250",
  ]

  /// The only run in a folder.
  private func run(in folder: TemporaryFolder) throws -> String {
    let names = try folder.contents()
    #expect(names.count == 1)
    return folder.path(try #require(names.first))
  }

  /// Starts training, waits until a line of progress was printed, and sends signals.
  private func train(
    _ arguments: [String], signals: [Int32]
  ) throws -> Command.Result {
    let (output, error) = (Pipe(), Pipe())
    let process = try Command.start(arguments, output: output, error: error)
    var messages = error.fileHandleForReading.availableData
    for signal in signals {
      kill(process.processIdentifier, signal)
      usleep(200_000)
    }
    let text = output.fileHandleForReading.readDataToEndOfFile()
    messages += error.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Command.Result(
      output: String(decoding: text, as: UTF8.self),
      error: String(decoding: messages, as: UTF8.self), code: Command.code(of: process))
  }

  @Test(
    "a run that a signal ended goes on to the bytes of one that was not",
    arguments: [SIGINT, SIGTERM, SIGHUP, SIGXCPU])
  func signals(signal: Int32) throws {
    let (folder, other) = (try TemporaryFolder(), try TemporaryFolder())
    let arguments = Self.short + ["--total-timesteps", "3000"]
    let stopped = try train(arguments + ["--output", folder.path], signals: [signal])
    #expect(stopped.code == 128 + signal)
    let run = try run(in: folder)
    #expect(
      stopped.error.hasSuffix(
        "models and logs are written; 'deep-sarsa resume \(run)' goes on\n"), "\(stopped.error)")

    let resumed = try Command.run(["resume", run, "--json"])
    #expect(resumed.code == 0 && resumed.error.contains("goes on at step "), "\(resumed.error)")
    let summary = try JSONDecoder().decode(RunSummary.self, from: Data(resumed.output.utf8))
    #expect(summary.steps == 3_000 && summary.evaluation != nil)
    #expect(try Command.run(arguments + ["--quiet", "--output", other.path]).code == 0)
    let whole = try self.run(in: other)
    for name in [
      "episodes.csv", "evaluations.csv", "learning.csv", "model.safetensors", "best.safetensors",
      "checkpoints/step-000003000.safetensors",
    ] {
      #expect(try bytes(of: run + "/" + name) == bytes(of: whole + "/" + name), "\(name)")
    }

    let again = try Command.run(["resume", run, "--json"])
    #expect(again.code == 0 && again.output == resumed.output)
    let said = try Command.run(["resume", run])
    #expect(
      said.error == "deep-sarsa: '\(run)' has already finished, after 3000 steps\n")

    let moved = folder.path("moved")
    try FileManager.default.moveItem(atPath: run, toPath: moved)
    #expect(try Command.run(["resume", moved]).lines.last == moved)
    let object = try Command.run(["resume", moved, "--json"]).output
    #expect(try JSONDecoder().decode(RunSummary.self, from: Data(object.utf8)).run == moved)
  }

  @Test("a run whose memory of bits has wrapped goes on to the bytes of one that was not stopped")
  func bits() throws {
    let (folder, other) = (try TemporaryFolder(), try TemporaryFolder())
    let arguments =
      ["train", "MinAtar/Breakout-v1"] + Self.short.dropFirst(2) + [
        "--total-timesteps", "3000", "--replay-capacity", "301", "--num-envs", "2", "--keep-replay",
      ]
    let stopped = try train(arguments + ["--output", folder.path], signals: [SIGTERM])
    #expect(stopped.code == 128 + SIGTERM, "\(stopped.error)")
    let run = try run(in: folder)
    let resumed = try Command.run(["resume", run])
    #expect(resumed.code == 0 && resumed.error.contains("goes on at step "), "\(resumed.error)")
    #expect(try Command.run(arguments + ["--quiet", "--output", other.path]).code == 0)
    let whole = try self.run(in: other)
    for name in [
      "episodes.csv", "evaluations.csv", "learning.csv", "model.safetensors", "best.safetensors",
      "checkpoints/step-000003000.safetensors", "replay/rows-000000000000.bin",
    ] {
      #expect(try bytes(of: run + "/" + name) == bytes(of: whole + "/" + name), "\(name)")
    }
  }

  /// Trains in the fake of Gymnasium, and keeps all that is needed to go on.
  private func trainInFake(
    _ fault: String, steps: Int, seeds: Bool, in folder: TemporaryFolder
  ) throws -> String {
    let result = try Command.run([
      "train", "gymnasium:Fake-v0", "--python", BridgeTests.fake, "--env-arg", "fault=\"\(fault)\"",
      seeds ? "--episode-seeds" : "--no-episode-seeds", "--num-envs", "2",
      "--preset", "general", "--hidden-sizes", "4", "--batch-size", "32", "--learning-starts", "64",
      "--exploration-steps", "500", "--learning-rate-steps", "1000", "--total-timesteps",
      "\(steps)", "--evaluation-every", "500", "--evaluation-episodes", "1",
      "--checkpoint-every", "500", "--keep-replay", "--quiet", "--output", folder.path,
    ])
    #expect(result.code == 0, "\(result.error)")
    return try run(in: folder)
  }

  @Test(
    "in a Gymnasium environment, the steps are taken again from a file with two bytes for each action",
    arguments: [false, true])
  func bridged(withSeedsOfEpisodes seeds: Bool) throws {
    let (folder, other) = (try TemporaryFolder(), try TemporaryFolder())
    let whole = try trainInFake("none", steps: 2_000, seeds: seeds, in: folder)
    let run = try trainInFake("none", steps: 1_000, seeds: seeds, in: other)
    let resumed = try Command.run(
      ["resume", run, "--total-timesteps", "2000", "--python", BridgeTests.fake])
    #expect(resumed.code == 0, "\(resumed.error)")
    var names = [
      "episodes.csv", "evaluations.csv", "learning.csv", "model.safetensors",
      "replay/rows-000000000000.bin", "checkpoints/step-000002000.safetensors",
    ]
    let actions = "replay/actions-000.bin"
    #expect(FileManager.default.fileExists(atPath: run + "/" + actions) == !seeds)
    if !seeds {
      names.append(actions)
      #expect(try bytes(of: run + "/" + actions).count == 2 * 2_000)
    }
    for name in names {
      #expect(try bytes(of: run + "/" + name) == bytes(of: whole + "/" + name), "\(name)")
    }
  }

  @Test("a Gymnasium environment that gives other observations this time is an error")
  func bridgedDifferently() throws {
    let folder = try TemporaryFolder()
    let run = try trainInFake("forgets", steps: 1_000, seeds: false, in: folder)
    let resumed = try Command.run(
      ["resume", run, "--total-timesteps", "2000", "--python", BridgeTests.fake])
    #expect(
      resumed.code == 69 && resumed.error.contains("its observations differ"), "\(resumed.error)")
  }

  @Test("damaged actions of a Gymnasium environment are told, and nothing is changed")
  func damagedActions() throws {
    let folder = try TemporaryFolder()
    let run = try trainInFake("none", steps: 1_000, seeds: false, in: folder)
    let file = run + "/replay/actions-000.bin"
    let whole = try bytes(of: file)
    let resume = ["resume", run, "--total-timesteps", "2000", "--python", BridgeTests.fake]
    // The first is in the part that both checkpoints name.
    for (damaged, message) in [
      ([whole[0] ^ 1] + whole.dropFirst(), "its checksum is not that of the checkpoint"),
      (Array(whole.prefix(100)), "it is shorter than the 1000 actions of the checkpoint"),
    ] {
      try Data(damaged).write(to: URL(filePath: file))
      let result = try Command.run(resume)
      #expect(result.code == 65 && result.error.contains(message), "\(result.error)")
      #expect(try bytes(of: file) == damaged)
    }
  }

  @Test("SIGUSR1 saves, and the run goes on; SIGQUIT ends it at once")
  func saving() throws {
    let folder = try TemporaryFolder()
    let result = try train(
      Self.short + [
        "--total-timesteps", "1e9", "--checkpoint-every", "1e9", "--output", folder.path,
      ],
      signals: [SIGUSR1, SIGQUIT])
    #expect(result.code == 131 && !result.error.contains("interrupted"), "\(result.error)")
    let names = try folder.contents(
      String(run(in: folder).split(separator: "/").last ?? "") + "/checkpoints")
    #expect(names.count == 1)
  }

  @Test("all runs of several seeds go on, those that had not begun too")
  func seeds() throws {
    let folder = try TemporaryFolder()
    let stopped = try train(
      Self.short + [
        "--total-timesteps", "1500", "--seeds", "3", "--jobs", "1", "--output", folder.path,
        "--evaluation-every", "1e9",
      ], signals: [])
    #expect(stopped.code == 0)
    // As after the power failed at once: one is whole, one has its settings only.
    let names = try folder.contents().map(folder.path)
    for name in try FileManager.default.contentsOfDirectory(atPath: names[1])
    where name != "config.yaml" {
      try FileManager.default.removeItem(atPath: names[1] + "/" + name)
    }
    let models = names.map { try? bytes(of: $0 + "/model.safetensors") }
    // What is no run does not keep the others from going on.
    let resumed = try Command.run(
      ["resume"] + names + [folder.path("none"), "--jobs", "2", "--json", "--quiet"])
    #expect(resumed.code == 66 && resumed.lines.count == 3, "\(resumed.error)")
    #expect(resumed.error.hasPrefix("deep-sarsa: cannot read '\(folder.path("none"))'"))
    #expect(resumed.error.contains("1 of 4 runs cannot go on"))
    #expect(try bytes(of: names[0] + "/model.safetensors") == models[0])
    let other = try TemporaryFolder()
    _ = try Command.run(
      Self.short + [
        "--total-timesteps", "1500", "--seed", "2", "--output", other.path, "--quiet",
        "--evaluation-every", "1e9",
      ])
    let model = try run(in: other) + "/model.safetensors"
    #expect(try bytes(of: names[1] + "/model.safetensors") == bytes(of: model))
  }

  @Test("a run gets more steps if it kept its replay memory, and says why if it did not")
  func moreSteps() throws {
    for isKept in [true, false] {
      let folder = try TemporaryFolder()
      let arguments =
        Self.short + ["--total-timesteps", "1000", "--quiet", "--output", folder.path]
      #expect(try Command.run(arguments + (isKept ? ["--keep-replay"] : [])).code == 0)
      let run = try run(in: folder)
      let few = try Command.run(["resume", run, "--total-timesteps", "999", "--quiet"])
      #expect(
        few.code == 78
          && few.error.contains("its budget is 999 steps, and it has made 1000; allowed: 1000"),
        "\(few)")
      #expect(try Command.run(["resume", run, "--total-timesteps", "1000", "--quiet"]).code == 0)
      let result = try Command.run(["resume", run, "--total-timesteps", "2e3", "--quiet", "--json"])
      if isKept {
        let summary = try JSONDecoder().decode(RunSummary.self, from: Data(result.output.utf8))
        #expect(result.code == 0 && summary.steps == 2_000)
      } else {
        #expect(result.code == 78)
        #expect(
          result.error
            == "deep-sarsa: '\(run)': the run finished and dropped its replay memory, so it "
            + "cannot go on; --keep-replay keeps it\n")
      }
    }
  }

  @Test("a run that went on with other kernels is no longer exact, on neither of them")
  func kernels() throws {
    let folder = try TemporaryFolder()
    let trained = try Command.run(
      Self.short + [
        "--total-timesteps", "2000", "--keep-replay", "--quiet", "--output", folder.path,
      ])
    #expect(trained.code == 0)
    let run = try run(in: folder)
    let config = URL(filePath: run + "/config.yaml")
    func text() throws -> String { try String(contentsOf: config, encoding: .utf8) }
    let core = try #require(try text().firstMatch(of: /openBLASCore: (.*)/)).output.1
    try text().replacing(/openBLASCore: .*/, with: "openBLASCore: Abacus").write(
      to: config, atomically: true, encoding: .utf8)
    for steps in ["3000", "4000"] {
      let result = try Command.run(["resume", run, "--total-timesteps", steps, "--quiet"])
      #expect(result.code == 0 && result.error.contains("kernels of OpenBLAS was Abacus"))
      #expect(try text().contains("openBLASCore: \"Abacus, then \(core)\"\n"))
    }
    let exact = try Command.run(["resume", run, "--total-timesteps", "5000", "--exact"])
    #expect(exact.code == 78)
    #expect(
      exact.error.hasSuffix("kernels of OpenBLAS was Abacus, then \(core)\n"), "\(exact.error)")
  }

  @Test("what is not a run that can go on has its own exit code, and one line")
  func mistakes() throws {
    let folder = try TemporaryFolder()
    func expect(_ code: Int32, _ message: String, _ arguments: [String]) throws {
      let result = try Command.run(["resume"] + arguments + ["--quiet"])
      #expect(result.code == code && result.error.contains(message), "\(result.error)")
      #expect(result.error.split(separator: "\n").count == 1 && result.output.isEmpty)
    }
    try expect(66, "cannot read '\(folder.path("none"))'", [folder.path("none")])
    try expect(66, "config.yaml'", [folder.path])
    #expect(try Command.run(["resume"]).code == 64)
    try expect(64, "--total-timesteps is '0'", [folder.path, "--total-timesteps", "0"])
    try expect(64, "--env-timeout is '0'", [folder.path, "--env-timeout", "0"])

    let stopped = try train(
      Self.short + ["--total-timesteps", "1e9", "--output", folder.path], signals: [SIGINT])
    #expect(stopped.code == 130)
    let run = try run(in: folder)
    // Another processor or program.
    let config = URL(filePath: run + "/config.yaml")
    let text = try String(contentsOf: config, encoding: .utf8)
    try text.replacing(/openBLASCore: .*/, with: "openBLASCore: Abacus").write(
      to: config, atomically: true, encoding: .utf8)
    try expect(78, "kernels of OpenBLAS was Abacus before, and is", [run, "--exact"])
    // Another discount.
    try text.replacing("discount: 0.99", with: "discount: 0.5").write(
      to: config, atomically: true, encoding: .utf8)
    try expect(78, "hyperparameters.target.discount is 0.99 in it, and 0.5 in", [run])
    // Another environment, none, and one whose code runs.
    let line = /environment: MountainCar-v0/
    for (name, code, message) in [
      ("MountainCa-v0", 78 as Int32, "config.yaml'"),
      ("\"\"", 78, "it does not name an environment"),
      ("gymnasium:os:X-v0", 64, "add --trust-env-code"),
    ] {
      try text.replacing(line, with: "environment: \(name)").write(
        to: config, atomically: true, encoding: .utf8)
      try expect(code, message, [run])
    }
    try text.write(to: config, atomically: true, encoding: .utf8)
    let few = try Command.run(["resume", run, "--total-timesteps", "64", "--quiet"])
    #expect(
      few.code == 78 && few.error.contains("its budget is 64 steps, and it has made "),
      "\(few.error)")
    // What is no name of a checkpoint is none.
    try Data().write(to: URL(filePath: run + "/checkpoints/step--5.safetensors"))
    // No checkpoint is whole.
    let checkpoints = try folder.contents(
      String(run.split(separator: "/").last ?? "") + "/checkpoints")
    for name in checkpoints where !name.contains("--") {
      try Data("PK\u{3}\u{4} and so on".utf8).write(to: URL(filePath: run + "/checkpoints/" + name))
    }
    try expect(65, "zip", [run])
  }

  @Test("a folder in which another program trains is refused")
  func locked() throws {
    let folder = try TemporaryFolder()
    let (output, error) = (Pipe(), Pipe())
    let process = try Command.start(
      Self.short + ["--total-timesteps", "1e9", "--output", folder.path], output: output,
      error: error)
    _ = error.fileHandleForReading.availableData
    let run = try run(in: folder)
    let result = try Command.run(["resume", run, "--quiet"])
    #expect(result.code == 75)
    #expect(result.error == "deep-sarsa: '\(run)': another program trains in it\n")
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    // The lock ends with the process.
    let next = try Command.start(["resume", run, "--quiet"], output: Pipe(), error: Pipe())
    usleep(500_000)
    #expect(next.isRunning)
    next.interrupt()
    next.waitUntilExit()
    #expect(Command.code(of: next) == 130)
  }

  @Test("a large replay memory is not kept on disk unless asked for, which is said")
  func largeMemory() throws {
    let config = try Command.run(
      ["train", "MountainCar-v0", "--preset", "general", "--buffer-size", "1e7", "--print-config"])
    #expect(config.output.contains("checkpoints:\n  every: 0\n"))
    let asked = try Command.run(
      [
        "train", "MountainCar-v0", "--preset", "general", "--buffer-size", "1e7", "--print-config",
        "--checkpoint-every", "10000",
      ])
    #expect(asked.output.contains("checkpoints:\n  every: 10000\n"))
  }
}
