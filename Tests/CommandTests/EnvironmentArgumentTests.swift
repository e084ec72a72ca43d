import DeepSARSA
import Foundation
import SARSAExperiments
import TestSupport
import Testing

@Suite("Arguments of environments")
struct EnvironmentArgumentTests {
  private let short = [
    "train", "CartPole-v1", "--preset", "general", "--total-timesteps", "400",
    "--learning-starts", "320", "--evaluation-episodes", "1", "--hidden-sizes", "4", "--quiet",
  ]

  @Test("a run remembers them, and so does its model, which evaluate remakes the environment from")
  func memory() throws {
    let folder = try TemporaryFolder()
    let path = try #require(
      try Command.run(
        short + ["--output", folder.path, "--env-arg", "max_episode_steps=5"]
      ).lines.last)
    let run = try #require(RunFolder(existing: path))
    let config = try String(contentsOfFile: run.path(of: .config), encoding: .utf8)
    #expect(
      config.hasPrefix(
        "environment: CartPole-v1\nenvironmentArguments:\n  max_episode_steps: 5\nexperimentName"))
    let model = try ModelFile(reading: run.path(of: .model))
    #expect(model.environmentArguments == ["max_episode_steps": .integer(5)])

    func longest(_ arguments: [String]) throws -> Double {
      let result = try Command.run(["evaluate", "--json", "--episodes", "20"] + arguments)
      #expect(result.code == 0, "\(result.error)")
      let values = try JSONDecoder().decode(
        [String: JSONValue].self, from: Data(result.output.utf8))
      guard case .number(let value) = values["max"] else { return -1 }
      return value
    }
    for file in [path, run.path(of: .model)] {
      #expect(try longest([file]) == 5)
      #expect(try longest([file, "--env-arg", "max_episode_steps=3"]) == 3)
      // Null is the same as nothing: the environment's own limit.
      #expect(try longest([file, "--env-arg", "max_episode_steps=null"]) > 5)
      #expect(try longest([file, "--environment", "CartPole-v0"]) > 5)
    }
  }

  @Test("without arguments neither file speaks of them")
  func nothing() throws {
    let folder = try TemporaryFolder()
    let path = try #require(try Command.run(short + ["--output", folder.path]).lines.last)
    let run = try #require(RunFolder(existing: path))
    #expect(
      try !String(contentsOfFile: run.path(of: .config), encoding: .utf8)
        .contains("environmentArguments"))
    let model = try Safetensors(decoding: bytes(of: run.path(of: .model)))
    #expect(model.metadata["environment_arguments"] == nil)
  }

  @Test("what is no argument is refused by every verb that takes an environment")
  func refusals() throws {
    let model = fixtures.appending(path: "torch_model.safetensors").path()
    for verb in [
      ["train", "CartPole-v1", "--total-timesteps", "1"],
      ["rollout", "CartPole-v1", "--actions", "0"],
      ["evaluate", model, "--environment", "MountainCar-v0"],
    ] {
      for (arguments, message) in [
        (["max_episode_steps"], "allowed: key=json"), (["=1"], "allowed: key=json"),
        ([""], "allowed: key=json"),
        (["max_episode_steps=many"], #"text needs quotes, as in 'map_name="8x8"'"#),
        (["max_episode_steps="], "text needs quotes"), (["max_episode_steps=1e999"], "JSON"),
        (["max_episode_steps=1e999"], "and numbers are finite"),
        (
          ["max_episode_steps=99999999999999999999999"],
          "is 1e+23; allowed: -1 for no limit, or a whole number from 1 to 1000000000"
        ),
        (["max_episode_steps=\(String(repeating: "[", count: 100_000))"], "JSON"),
        (["max_episode_steps=5", "max_episode_steps=5"], "each key once"),
        (["max_episode_steps=\"5\""], "allowed: -1 for no limit, or a whole number from 1 to"),
        (["max_episode_steps=0"], "max_episode_steps of "), (["slippery=true"], "'slippery' is no"),
      ] {
        let result = try Command.run(verb + arguments.flatMap { ["--env-arg", $0] })
        #expect(result.code == 64, "\(verb[0]) \(arguments[0].prefix(40)): \(result.error)")
        #expect(result.error.hasPrefix("deep-sarsa: --env-arg"), "\(result.error)")
        #expect(result.error.contains(message), "\(result.error)")
        #expect(result.error.hasSuffix("See 'deep-sarsa help \(verb[0])'.\n"))
        #expect(result.error.split(separator: "\n").count == 1)
      }
    }
  }

  @Test("arguments that contradict those of training are the user's, who is told of them")
  func contradiction() throws {
    let folder = try TemporaryFolder()
    let path = try #require(
      try Command.run(short + ["--output", folder.path, "--env-arg", "high=0.04"]).lines.last)
    for verb in [
      ["evaluate", path], ["rollout", "CartPole-v1", "--steps", "1", "--policy", path],
    ] {
      let result = try Command.run(verb + ["--env-arg", "low=0.5"])
      #expect(result.code == 64, "\(result.error)")
      #expect(result.error.contains("low ≤ high"), "\(result.error)")
      #expect(result.error.contains(#"those of training, {"high":0.04}; null removes one"#))
      let mended = try Command.run(
        verb + ["--env-arg", "low=0.5", "--env-arg", "high=0.6"])
      #expect(mended.code == 0, "\(mended.error)")
    }
  }

  @Test("what a model says of them and cannot be is bad data")
  func badMetadata() throws {
    let folder = try TemporaryFolder()
    let original = try Safetensors(
      decoding: bytes(of: fixtures.appending(path: "torch_model.safetensors").path()))
    for (text, code) in [
      ("{\"max_episode_steps\":3}", 0), ("{}", 0), ("", 65), ("[1]", 65), ("{", 65),
      ("{\"max_episode_steps\":0}", 65), ("{\"slippery\":true}", 65),
      (String(repeating: "[", count: 100_000), 65),
    ] as [(String, Int32)] {
      var file = original
      file.metadata["environment"] = "MountainCar-v0"
      file.metadata["environment_arguments"] = text
      let path = folder.path("model.safetensors")
      try Data(file.encoded()).write(to: URL(filePath: path))
      let result = try Command.run(["evaluate", path, "--episodes", "1"])
      #expect(result.code == code, "\(text.prefix(40)): \(result.error)")
      #expect(code == 0 || result.error.contains("its environment_arguments"))
      // Given by hand, the argument that is not allowed is no longer the file's.
      if text.contains(":0") {
        let mended = try Command.run([
          "evaluate", path, "--episodes", "1", "--env-arg", "max_episode_steps=2",
        ])
        #expect(mended.code == 0 && mended.output.contains("-2.00"))
      }
    }
  }

  @Test("wrappers are remembered as arguments are, and made again for the trained network")
  func wrappers() throws {
    let folder = try TemporaryFolder()
    let flags = [
      "--frame-stack", "2", "--time-aware", "--action-repeat", "3", "--env-arg",
      "max_episode_steps=9",
    ]
    let trained = try Command.run(
      short + ["--output", folder.path, "--num-envs", "2"] + flags)
    let path = try #require(trained.lines.last, "\(trained.error)")
    let run = try #require(RunFolder(existing: path))
    #expect(
      try String(contentsOfFile: run.path(of: .config), encoding: .utf8).contains(
        """
        environmentArguments:
          action_repeat: 3
          frame_stack: 2
          max_episode_steps: 9
          time_aware: true

        """))
    let model = try ModelFile(reading: run.path(of: .model))
    #expect(model.policy.description.inputs == 2 * 4 + 1)
    // The same run, made from its file.
    let again = try Command.run([
      "train", "--config", run.path(of: .config), "--output", folder.path, "--quiet",
    ])
    let second = try RunFolder(existing: #require(again.lines.last, "\(again.error)"))
    #expect(
      try bytes(of: #require(second).path(of: .model)) == bytes(of: run.path(of: .model)))
    // Nine steps are three actions.
    let result = try Command.run(["rollout", "--policy", path, "--json"])
    let rows = result.lines.filter { $0.contains("\"step\"") }
    #expect(rows.count == 4 && rows[3].contains("\"truncated\":true"), "\(result.error)")
    #expect(
      rows[0].components(separatedBy: ",").count == rows[3].components(separatedBy: ",").count)
    let evaluation = try Command.run(["evaluate", path, "--episodes", "2"])
    #expect(evaluation.code == 0 && evaluation.output.contains("9.00"), "\(evaluation.output)")
    let shorter = try Command.run(["evaluate", path, "--action-repeat", "1", "--episodes", "2"])
    #expect(shorter.code == 0)
    let other = try Command.run(["evaluate", path, "--frame-stack", "1"])
    #expect(other.code == 65 && other.error.contains("5"), "\(other.error)")
  }

  @Test("a wrapper is named once, with a value that is allowed")
  func wrongWrappers() throws {
    for (arguments, message) in [
      (["--frame-stack", "0"], "--frame-stack is '0'; allowed: a whole number from 1 to 1000"),
      (["--action-repeat", "two"], "--action-repeat is 'two'; allowed: a whole number"),
      (
        ["--frame-stack", "2", "--env-arg", "frame_stack=3"],
        "--frame-stack is '2'; allowed: this or --env-arg frame_stack=3, not both"
      ),
      (
        ["--time-aware", "--env-arg", "max_episode_steps=-1"],
        "time_aware of CartPole-v1 is true; allowed: false, because there is no time limit"
      ),
    ] {
      let result = try Command.run(["rollout", "CartPole-v1", "--actions", "0"] + arguments)
      #expect(result.code == 64 && result.error.contains(message), "\(result.error)")
    }
  }

  @Test("masks are used unless a run, and then its networks, are told not to")
  func masks() throws {
    let folder = try TemporaryFolder()
    let taxi = [
      "train", "Taxi-v4", "--preset", "general", "--total-timesteps", "300", "--learning-starts",
      "200",
      "--evaluation-episodes", "1", "--hidden-sizes", "4", "--quiet", "--output", folder.path,
    ]
    // An illegal pick-up or drop-off, and nothing else, costs 10.
    func fines(_ words: String...) throws -> Int {
      let result = try Command.run(["rollout", "--steps", "200", "--json"] + words)
      #expect(result.code == 0, "\(result.error)")
      return result.lines.count { $0.contains("\"reward\":-10") }
    }
    let run = try #require(try Command.run(taxi).lines.last)
    let other = try #require(try Command.run(taxi + ["--no-action-masks"]).lines.last)
    #expect(try fines("--policy", run) == 0)
    let config = try String(contentsOfFile: other + "/config.yaml", encoding: .utf8)
    #expect(config.contains("environmentArguments:\n  action_masks: false\n"))
    let model = try ModelFile(reading: other + "/model.safetensors")
    #expect(model.environmentArguments == ["action_masks": .boolean(false)])
    #expect(try fines("Taxi-v4", "--random") == 0)
    #expect(try fines("Taxi-v4", "--random", "--no-action-masks") > 20)
    func least(_ run: String) throws -> String {
      try String(contentsOfFile: run + "/episodes.csv", encoding: .utf8)
        .split(separator: "\n").dropFirst().map { String($0.split(separator: ",")[2]) }.joined()
    }
    // 200 steps of −1 are the least with masks.
    #expect(try least(run).contains("-200.0") && !least(other).contains("-200.0"))
  }
}
