import Foundation
import SARSAExperiments
import TestSupport
import Testing

@Suite("gymnasium: environments on the command line")
struct BridgeTests {
  static let fake = Command.executable.deletingLastPathComponent()
    .appending(path: "fake-gymnasium").path()

  /// Trains briefly in the fake, which goes wrong at some step.
  private func train(_ fault: String, at step: Int, in folder: TemporaryFolder, _ more: String...)
    throws -> Command.Result
  {
    try Command.run(
      [
        "train", "gymnasium:Fake-v0", "--python", Self.fake, "--env-arg", "fault=\"\(fault)\"",
        "--env-arg", "at=\(step)", "--total-timesteps", "600", "--evaluation-every", "1000",
        "--learning-starts", "320", "--evaluation-episodes", "1", "--quiet",
        "--output", folder.path,
      ] + more)
  }

  @Test("a process that dies in mid-run ends the run with its code, and nothing is lost")
  func death() throws {
    let folder = try TemporaryFolder()
    let result = try train("dies", at: 402, in: folder, "--json")
    #expect(result.code == 69)
    #expect(
      result.error
        .hasPrefix(
          "deep-sarsa: the environment failed: gymnasium:Fake-v0, stepping: its process ended with "
            + "exit code 3 (after 401 steps; models and logs are written); 'deep-sarsa resume "))
    let summary = try JSONDecoder().decode(RunSummary.self, from: Data(result.output.utf8))
    #expect(summary.steps == 401 && summary.episodes == 80)
    let run = URL(filePath: summary.run)
    let episodes = try String(contentsOf: run.appending(path: "episodes.csv"), encoding: .utf8)
    #expect(episodes.split(separator: "\n").count == 81)
    #expect(try ModelFile(reading: run.path() + "/model.safetensors").environment != nil)
    let model = try Data(contentsOf: run.appending(path: "model.safetensors"))
    #expect(model.range(of: Data("\"step\":\"401\"".utf8)) != nil)
    let config = try String(contentsOf: run.appending(path: "config.yaml"), encoding: .utf8)
    #expect(config.contains("environment: gymnasium:Fake-v0\nenvironmentArguments:\n  at: 402\n"))
    #expect(run.lastPathComponent.hasPrefix("gymnasium-Fake-v0__"))
  }

  @Test("the command that goes on has the flag that a module's environment needs")
  func hintForModules() throws {
    let folder = try TemporaryFolder()
    let result = try Command.run([
      "train", "gymnasium:os:Fake-v0", "--trust-env-code", "--python", Self.fake,
      "--env-arg", "fault=\"dies\"", "--env-arg", "at=50", "--total-timesteps", "600",
      "--learning-starts", "320", "--evaluation-episodes", "1", "--quiet",
      "--output", folder.path,
    ])
    let run = try #require(try folder.contents().first.map(folder.path))
    let command = "resume \(run) --trust-env-code"
    #expect(result.error.hasSuffix("; 'deep-sarsa \(command)' goes on\n"), "\(result.error)")
    // A path that is longer than a line is broken.
    let text = try Command.run(["watch", run]).output.filter { !$0.isWhitespace }
    #expect(text.contains("stopped;deep-sarsa\(command)".filter { !$0.isWhitespace }))
    let resumed = try Command.run(["resume", run])
    #expect(resumed.code == 64 && resumed.error.contains("add --trust-env-code"))
  }

  @Test("a process that dies while the network is judged ends the run likewise")
  func deathInEvaluation() throws {
    let folder = try TemporaryFolder()
    // Before the first step twenty episodes are played, of five steps each.
    let result = try train("dies", at: 50, in: folder, "--evaluation-episodes", "20")
    #expect(result.code == 69)
    #expect(
      result.error.contains("(after 0 steps; models and logs are written); 'deep-sarsa resume "))
  }

  @Test("a process that dies while the network is judged at the end loses nothing either")
  func deathInTheLastEvaluation() throws {
    let folder = try TemporaryFolder()
    let result = try train(
      "dies", at: 15, in: folder, "--evaluation-episodes", "2", "--total-timesteps", "12",
      "--batch-size", "8", "--learning-starts", "8", "--json")
    #expect(
      result.code == 69 && result.error.contains("(after 12 steps; models and logs are written)"))
    let summary = try JSONDecoder().decode(RunSummary.self, from: Data(result.output.utf8))
    let model = try Data(
      contentsOf: URL(filePath: summary.run).appending(path: "model.safetensors"))
    #expect(model.range(of: Data("\"step\":\"12\"".utf8)) != nil)
  }

  @Test(
    "a signal ends the wait for a step, for a reset and for a start at once, and nothing is lost")
  func signals() throws {
    let endless = [
      "--python", Self.fake, "--env-timeout", "1e4", "--env-reset-timeout", "1e4",
      "--env-start-timeout", "1e4", "--env-arg",
    ]
    let folder = try TemporaryFolder()
    func interrupt(
      _ words: [String], _ fault: String, at step: Int, by signal: Int32
    ) throws -> Command.Result {
      let (output, error) = (Pipe(), Pipe())
      let mark = folder.path("hangs")
      let process = try Command.start(
        words + endless + ["fault=\"\(fault)\"", "--env-arg", "at=\(step)"]
          + ["--env-arg", "mark=\"\(mark)\""], output: output, error: error)
      // The fake makes this file before it hangs.
      while !FileManager.default.fileExists(atPath: mark) && process.isRunning { usleep(20_000) }
      try? FileManager.default.removeItem(atPath: mark)
      kill(process.processIdentifier, signal)
      let text = output.fileHandleForReading.readDataToEndOfFile()
      let messages = error.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      return Command.Result(
        output: String(decoding: text, as: UTF8.self),
        error: String(decoding: messages, as: UTF8.self), code: Command.code(of: process))
    }
    for (signal, code) in [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)] {
      let run = try interrupt(
        ["train", "gymnasium:Fake-v0", "--total-timesteps", "600", "--evaluation-every", "1000"]
          + ["--evaluation-episodes", "1", "--batch-size", "8", "--learning-starts", "8"]
          + ["--quiet", "--json", "--output", folder.path],
        "hangs", at: 402, by: signal)
      #expect(run.code == code, "\(run.error)")
      #expect(
        run.error.hasPrefix(
          "deep-sarsa: interrupted after 401 steps; models and logs are written; 'deep-sarsa resume "
        ))
      let summary = try JSONDecoder().decode(RunSummary.self, from: Data(run.output.utf8))
      let model = try Data(
        contentsOf: URL(filePath: summary.run).appending(path: "model.safetensors"))
      #expect(summary.steps == 401 && model.range(of: Data("\"step\":\"401\"".utf8)) != nil)
    }
    let seeds = try interrupt(
      ["train", "gymnasium:Fake-v0", "--total-timesteps", "600", "--evaluation-every", "1000"]
        + ["--evaluation-episodes", "1", "--batch-size", "8", "--learning-starts", "8"]
        + ["--quiet", "--seeds", "2", "--jobs", "1", "--output", folder.path], "hangs", at: 402,
      by: SIGINT)
    #expect(seeds.code == 130, "\(seeds.error)")
    let rollout = try interrupt(
      ["rollout", "gymnasium:Fake-v0", "--random", "--steps", "9", "--json"],
      "hangs", at: 4, by: SIGINT)
    #expect(rollout.code == 130 && rollout.lines.count == 4)
    #expect(rollout.error == "deep-sarsa: interrupted after 3 steps\n")
  }

  @Test("returns that overflow are inf and NaN in words, and text in JSON")
  func overflow() throws {
    let words = [
      "gymnasium:Fake-v0", "--python", Self.fake, "--env-arg", "fault=\"hugeReward\"",
      "--env-arg", "at=0", "--random", "--steps", "6",
    ]
    let table = try Command.run(["rollout"] + words)
    #expect(
      table.lines.last == "return, mean ± std of 1 finished episodes   inf ± NaN, from inf to inf",
      "\(table.output)")
    let lines = try Command.run(["rollout"] + words + ["--json"])
    for line in lines.lines {
      #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
    }
    let folder = try TemporaryFolder()
    let summary = try JSONDecoder().decode(
      RunSummary.self, from: Data(try train("none", at: 7, in: folder, "--json").output.utf8))
    let evaluation = try Command.run(
      ["evaluate", summary.run, "--episodes", "2", "--python", Self.fake, "--json"]
        + ["--env-arg", "fault=\"hugeReward\"", "--env-arg", "at=0"])
    let result = try #require(
      JSONSerialization.jsonObject(with: Data(evaluation.output.utf8)) as? [String: Any])
    #expect(result["mean"] as? String == "inf" && result["std"] as? String == "nan")
  }

  @Test("seeds beside each other have processes of their own")
  func seeds() throws {
    let folder = try TemporaryFolder()
    let result = try train("none", at: 0, in: folder, "--seeds", "3", "--jobs", "2", "--json")
    #expect(result.code == 0 && result.lines.count == 3)
    let failing = try train("dies", at: 300, in: folder, "--seeds", "2", "--num-envs", "2")
    #expect(failing.code == 69 && failing.error.contains("2 of 2 runs failed; seed 1: "))
  }

  @Test("evaluate and rollout take such an id, and remake what a model was trained in")
  func otherVerbs() throws {
    let folder = try TemporaryFolder()
    let summary = try JSONDecoder().decode(
      RunSummary.self, from: Data(try train("none", at: 7, in: folder, "--json").output.utf8))
    let evaluated = try Command.run(
      ["evaluate", summary.run, "--episodes", "4", "--python", Self.fake])
    #expect(evaluated.code == 0 && evaluated.output.hasPrefix("gymnasium:Fake-v0: mean ± std of"))
    let rolled = try Command.run(
      [
        "rollout", "gymnasium:Fake-v0", "--python", Self.fake, "--seed", "9", "--actions",
        "2,1,0,1,1,2", "--json",
      ])
    #expect(rolled.lines.count == 8)
    #expect(
      rolled.lines.last
        == "{\"step\":1,\"episode\":1,\"observation\":[6.0,9.0],\"action\":2,\"reward\":2.0,"
        + "\"terminated\":false,\"truncated\":false}")
  }

  @Test("what cannot be started, trusted or waited for is refused")
  func refusals() throws {
    func refused(_ words: String...) throws -> (Int32, String) {
      let result = try Command.run(
        ["rollout"] + words + ["--random", "--steps", "1", "--python", Self.fake])
      return (result.code, result.error)
    }
    let (untrusted, why) = try refused("gymnasium:os:Fake-v0")
    #expect(untrusted == 64 && why.contains("add --trust-env-code to allow that"))
    for seconds in ["0", "-1", "nan", "inf", "soon"] {
      let (code, message) = try refused("gymnasium:Fake-v0", "--env-timeout", seconds)
      #expect(code == 64 && message.contains("--env-timeout is '\(seconds)'"))
    }
    #expect(try refused("gymnasium:Fake-v0", "--env-restarts", "-1").0 == 64)
    let (dead, last) = try refused("gymnasium:Fake-v0", "--env-arg", "fault=\"diesAtStart\"")
    #expect(dead == 69)
    #expect(
      last == "deep-sarsa: gymnasium:Fake-v0, starting: its process ended with exit code 7; "
        + "it printed last: there is no hope\n")
    let missing = try Command.run(
      ["train", "gymnasium:CartPole-v1", "--python", "/nowhere/python"])
    #expect(missing.code == 69 && missing.error.contains("'/nowhere/python' is not an executable"))
  }

  @Test("the doctor notices an environment that is not the one it should be")
  func doctor() throws {
    let result = try Command.run(["doctor", "--python", Self.fake])
    #expect(result.code == 70)
    #expect(
      result.output.contains(
        "FAIL  CartPole-v1 of Gymnasium and built in  they differ in step 1"))
  }

  @Test("wrappers stand around the bridge too, in training and for the trained network")
  func wrappers() throws {
    let folder = try TemporaryFolder()
    for count in ["1", "2"] {
      let result = try train(
        "none", at: 0, in: folder, "--frame-stack", "3", "--action-repeat", "2", "--num-envs", count
      )
      #expect(result.code == 0, "\(result.error)")
      let rollout = try Command.run([
        "rollout", "--policy", #require(result.lines.last), "--python", Self.fake, "--steps", "4",
        "--json",
      ])
      #expect(rollout.code == 0, "\(rollout.error)")
      // Three frames of two numbers; an episode of five steps has three actions, the last one short.
      let frames = rollout.lines.filter { $0.contains("\"step\":3") }
      #expect(frames[0].contains("\"observation\":[2.0,0.0,4.0,0.0,5.0,0.0]"), "\(frames)")
    }
    let late = try train("none", at: 0, in: folder, "--time-aware")
    #expect(
      late.code == 64 && late.error.contains("allowed: false, because there is no time limit"))
  }

  @Test("masks of the bridge are used, and a mask without a legal action is one line")
  func masks() throws {
    let folder = try TemporaryFolder()
    let result = try train("masked", at: 0, in: folder, "--num-envs", "2")
    #expect(result.code == 0, "\(result.error)")
    let rollout = try Command.run([
      "rollout", "--policy", #require(result.lines.last), "--python", Self.fake, "--steps", "30",
      "--json",
    ])
    // After n steps, the action 1 − n, modulo 3, is illegal.
    for line in rollout.lines {
      guard let action = line.firstMatch(of: #/"observation":\[(\d+).*"action":(\d)/#),
        let steps = Int(action.1)
      else { continue }
      #expect(action.2 != "\((3 + 1 - (steps - 1) % 3) % 3)", "\(line)")
    }
    #expect(rollout.lines.count > 30)
    let empty = try train("emptyMask", at: 402, in: folder)
    #expect(
      empty.code == 69
        && empty.error.contains("stepping: the number of legal actions is 0; allowed: 1 or more"),
      "\(empty.error)")
  }
}
