import DeepSARSA
import Foundation
import Glibc
import SARSAExperiments
import TestSupport
import Testing

@Suite("deep-sarsa rollout")
struct RolloutCommandTests {
  /// A line of `--json`.
  private struct Line: Decodable {
    var step: Int
    var episode: Int
    var observation: Observation
    var action: Int?
    var reward: Double?
    var terminated: Bool
    var truncated: Bool

    var isEnd: Bool { terminated || truncated }
  }

  /// Numbers, or one whole number.
  private struct Observation: Decodable {
    var numbers: [Float]

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      numbers = try (try? [Float(container.decode(Int.self))]) ?? container.decode([Float].self)
    }
  }

  private func lines(_ arguments: [String]) throws -> [Line] {
    let result = try Command.run(["rollout"] + arguments + ["--json"])
    #expect(result.code == 0 && result.error.isEmpty, "\(result.error)")
    return try result.lines.map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
  }

  @Test("random actions are PCG64's, and what is printed is what the environment does")
  func random() throws {
    let lines = try lines(["CartPole-v1", "--seed", "5", "--random", "--steps", "100"])
    var (stream, world) = (PCG64(seed: 5), TimeLimit(CartPole(.v1), maximumSteps: 500))
    var (rest, episode, step) = (lines.makeIterator(), 0, 0)
    world.reset(seed: 5)
    for i in 0..<100 {
      if step == 0 {
        let next = rest.next()
        let start = try #require(next)
        #expect(start.step == 0 && start.episode == episode && start.action == nil)
        #expect(start.reward == nil && start.observation.numbers == world.observation)
      }
      let action = stream.integer(below: 2)
      let result = world.step(action)
      step += 1
      let next = rest.next()
      let line = try #require(next)
      #expect(line.step == step && line.episode == episode && line.action == action, "\(i)")
      #expect(line.observation.numbers == world.observation && line.reward == result.reward)
      #expect(line.terminated == result.isTerminated && line.truncated == result.isTruncated)
      if result.isLast {
        world.reset(seed: nil)
        (episode, step) = (episode + 1, 0)
      }
    }
    let end = rest.next()
    #expect(end == nil && episode > 1)
  }

  @Test("actions come from a list, from a file, or from a list that is not used up")
  func lists() throws {
    let folder = try TemporaryFolder()
    let file = folder.path("actions")
    try Data("1,2\n 2\t1\r\n,3 ,1\n".utf8).write(to: URL(filePath: file))
    let expected = [nil, 1, 2, 2, 1, 3, 1]
    let played = try lines(["Maze-v0", "--actions", "1,2,2,1 3,1"])
    #expect(played.map(\.action) == expected)
    // The cell, one-hot within.
    var maze = Maze()
    maze.reset(seed: 0)
    let cells = expected.map { action -> [Float] in
      if let action { _ = maze.step(action) }
      return [Float(maze.state.cell)]
    }
    #expect(played.map(\.observation.numbers) == cells)
    #expect(try lines(["Maze-v0", "--actions-file", file]).map(\.action) == expected)
    #expect(
      try lines(["Maze-v0", "--actions-file", file, "--steps", "4"]).map(\.action)
        == Array(expected[...4]))
  }

  @Test("a policy plays what evaluate plays, in the environment with its arguments")
  func policy() throws {
    let folder = try TemporaryFolder()
    let arguments = ["--env-arg", "max_episode_steps=12"]
    let run =
      try Command.run(
        [
          "train", "CartPole-v1", "--preset", "general", "--total-timesteps", "400",
          "--learning-starts", "320", "--evaluation-episodes", "1", "--hidden-sizes", "4",
          "--quiet", "--output", folder.path,
        ] + arguments
      ).lines.last ?? ""
    for flags in [[], ["--best"]] {
      let lines = try lines(
        ["CartPole-v1", "--policy", run, "--steps", "60", "--seed", "9"] + flags)
      let text = try Command.run(
        ["evaluate", run, "--json", "--episodes", "4", "--seed", "9"] + flags)
      let evaluation = try JSONDecoder().decode(
        [String: JSONValue].self, from: Data(text.output.utf8))
      let returns = (0..<4).map { episode in
        JSONValue.number(
          lines.filter { $0.episode == episode }.reduce(0) { $0 + ($1.reward ?? 0) })
      }
      #expect(evaluation["returns"] == .array(returns))
      #expect(lines.map(\.step).max() ?? 99 <= 12)
    }
    let shorter = try self.lines([
      "CartPole-v1", "--policy", run, "--steps", "60", "--env-arg", "max_episode_steps=3",
    ])
    #expect(shorter.map(\.step).max() == 3)
    // The environment of training, and as many episodes as are asked for: one, if nothing is said.
    let alone = try lines(["--policy", run])
    #expect(alone.filter(\.isEnd).map(\.episode) == [0])
    // A run or a model in place of the environment is the policy.
    let played = try Command.run(["rollout", run, "--json"]).output
    #expect(try played == Command.run(["rollout", "--policy", run, "--json"]).output)
    #expect(try played == Command.run(["rollout", run + "/model.safetensors", "--json"]).output)
    let both = try Command.run(["rollout", run, "--random", "--steps", "1"])
    #expect(both.code == 64 && both.error.contains("exactly one of --actions"))
    let other = try Command.run(["rollout", run, "--env-id", "Maze-v0"])
    #expect(other.code == 65 && other.error.contains("Maze-v0 needs 25 inputs"), "\(other.error)")
    let three = try lines(["--policy", run, "--episodes", "3", "--seed", "9"])
    #expect(three.filter(\.isEnd).map(\.episode) == [0, 1, 2] && three.last?.isEnd == true)
    #expect(try lines(["CartPole-v1", "--random", "--episodes", "2", "--steps", "5"]).count == 6)
    #expect(
      try Command.run(["rollout", "Maze-v0", "--policy", run, "--steps", "1"]).error
        .contains("its network has 4 inputs and 2 outputs; Maze-v0 needs 25 inputs and 4 outputs"))
  }

  @Test(
    "an id that a run's settings alone name, and that is unknown, is an error of their file in every verb"
  )
  func unknownInSettings() throws {
    let folder = try TemporaryFolder()
    var run = WrittenRun(seed: 1)
    run.environment = "Nowhere-v0"
    let path = try run.write(to: folder.path("run"))
    try FileManager.default.copyItem(
      at: fixtures.appending(path: "torch_model.safetensors"),
      to: URL(filePath: path + "/model.safetensors"))
    for words in [
      ["evaluate", path], ["render", path, "--terminal"], ["rollout", path],
      ["optimum", "--policy", path],
    ] {
      let result = try Command.run(words)
      #expect(result.code == 78, "\(words): \(result.error)")
      #expect(result.error.contains("'\(path)/config.yaml': ") && result.error.contains("Nowhere"))
    }
  }

  @Test("without --json a table says what became of the episodes, and files go with either")
  func summary() throws {
    let folder = try TemporaryFolder()
    let common = ["rollout", "MountainCar-v0", "--random", "--steps", "450", "--npz"]
    let table = try Command.run(common + [folder.path("a.npz")])
    #expect(table.code == 0)
    #expect(table.lines[0].hasPrefix("MountainCar-v0: 450 steps, seed 0, "))
    #expect(
      table.lines[1...].map { $0.split(separator: " ").joined(separator: " ") } == [
        "episode steps return end", "0 200 -200 truncated", "1 200 -200 truncated",
        "2 50 -50 unfinished",
        "return, mean ± std of 2 finished episodes -200.00 ± 0.00, from -200 to -200",
      ])
    for (arguments, range) in [
      (["bsuite/DeepSea-v0"], "-0.0052 ± 0.0016, from -0.0080 to -0.0010"),
      (
        ["Blackjack-v1", "--env-arg", "natural=true", "--env-arg", "sab=false"],
        "-0.43 ± 0.89, from -1 to 1.50"
      ),
    ] {
      let small = try Command.run(["rollout", "--random", "--steps", "1000"] + arguments)
      #expect(small.lines.last?.hasSuffix(range) == true, "\(small.output)")
    }
    let files = ["b", "c.npz", "d.npz"].map { folder.path($0) }
    let exports = ["--export", files[1], "--export", files[2]]
    let lines = try Command.run(common + [files[0], "--json"] + exports)
    #expect(lines.code == 0 && lines.lines.count == 453)
    for file in files { #expect(try bytes(of: file) == bytes(of: folder.path("a.npz"))) }
  }

  @Test("what cannot be played is refused, with its place, before anything is written")
  func refusals() throws {
    let folder = try TemporaryFolder()
    let file = folder.path("actions")
    for (text, code, message) in [
      ("0 1\n2,7", 65, "action 4, in line 2, is '7'; allowed: whole numbers from 0 to 3"),
      ("0 \u{7F}\n", 65, "action 2, in line 1, is '\\u{7f}'"), ("  \n\n", 65, "it has no actions"),
      ("0,1,\n\n", 65, "action 3, in line 1, is ''"),
      ("0,1\n,\n,2", 65, "action 3, in line 3, is ''"),
      (",1", 65, "action 1, in line 1, is ''; allowed: whole numbers from 0 to 3"),
      ("99999999999999999999", 65, "action 1, in line 1"),
    ] as [(String, Int32, String)] {
      try Data(text.utf8).write(to: URL(filePath: file))
      let result = try Command.run(["rollout", "Maze-v0", "--actions-file", file])
      #expect(result.code == code && result.error.contains(message), "\(result.error)")
    }
    for (arguments, code, message) in [
      ([], 64, "exactly one of --actions, --actions-file, --random and --policy is needed"),
      (["--random", "--actions", "1", "--steps", "1"], 64, "exactly one of --actions"),
      (["--random"], 64, "--steps or --episodes is needed"),
      (["--random", "--steps", "0"], 64, "--steps is '0'"),
      (["--random", "--episodes", "0"], 64, "--episodes is '0'"),
      (["--random", "--steps", "1", "--best"], 64, "--best needs --policy"),
      (["--policy", file, "--steps", "1", "--best"], 64, "--best needs a run folder"),
      (["--random", "--steps", "1", "--npz", ""], 64, "--npz is ''"),
      (
        ["--random", "--steps", "1", "--export", file], 64,
        "--export is '\(file)'; allowed: a file's path that ends in .npz"
      ),
      (["--random", "--steps", "1", "--export", "npz"], 64, "--export is 'npz'"),
      (["--random", "--steps", "1", "--env-timeout", "0"], 64, "--env-timeout is '0'"),
      (["--actions", "1,4"], 64, "action 2 of --actions is '4'"),
      (
        ["--actions", "0,,1"], 64, "action 2 of --actions is ''; allowed: whole numbers from 0 to 3"
      ),
      (["--actions", "1, "], 64, "action 2 of --actions is ''"),
      (["--actions", " ,"], 64, "action 1 of --actions is ''"),
      (["--actions", "-1"], 64, "'-1'"), (["--actions", ""], 64, "--actions is ''"),
      (["--actions", "1,2", "--steps", "3"], 64, "at most the 2 actions given"),
      (["--random", "--steps", "1", "--seed", "-1"], 64, "--seed is '-1'"),
      (["--actions-file", folder.path("none")], 66, "none"),
      (["--policy", folder.path("none"), "--steps", "1"], 66, "none"),
      (["--policy", file, "--steps", "1"], 65, "actions"),
      (["--random", "--steps", "9e15", "--npz", file + ".npz"], 64, "--steps is '"),
      (["--random", "--steps", "1e14", "--npz", file + ".npz"], 64, " a row"),
      (
        ["--random", "--steps", "1.1e8", "--npz", file + ".npz"], 64,
        "what fits into \(UInt32.max - 1 << 16) bytes, "
      ),
      (["--random", "--steps", "1", "--npz", folder.path("no/a.npz")], 73, "no/a.npz"),
    ] as [([String], Int32, String)] {
      let result = try Command.run(["rollout", "Maze-v0"] + arguments)
      #expect(
        result.code == code && result.error.contains(message), "\(arguments): \(result.error)")
      #expect(result.error.split(separator: "\n").count == 1)
    }
    #expect(try Command.run(["rollout", "Nowhere", "--actions", "0"]).code == 64)
    #expect(try folder.contents() == ["actions"])
  }

  @Test(
    "episodes that may be long, and are not, are written: how many rows they have, playing tells")
  func episodesThatMayBeLong() throws {
    let folder = try TemporaryFolder()
    let result = try Command.run([
      "rollout", "CartPole-v1", "--env-arg", "max_episode_steps=1000000000", "--random",
      "--episodes", "2", "--export", folder.path("A.NPZ"),
    ])
    #expect(result.code == 0 && result.error.isEmpty, "\(result.error)")
    #expect(try bytes(of: folder.path("A.NPZ")).starts(with: Array("PK".utf8)))
  }

  @Test("pipes and devices are neither read nor replaced, and a link stays one")
  func irregularFiles() throws {
    let folder = try TemporaryFolder()
    let pipe = folder.path("pipe")
    #expect(unsafe mkfifo(pipe, 0o600) == 0)
    let common = ["rollout", "Maze-v0", "--random", "--steps", "1", "--npz"]
    let written = try Command.run(common + [pipe])
    #expect(written.code == 73)
    #expect(written.error.contains("cannot create '\(pipe)': not a regular file"))
    #expect(try Command.run(common + [folder.path]).code == 73)
    let read = try Command.run(["rollout", "Maze-v0", "--actions-file", pipe])
    #expect(read.code == 74 && read.error.contains("cannot read '\(pipe)': not a regular file"))

    let (link, target) = (folder.path("link"), folder.path("target"))
    try Data("old".utf8).write(to: URL(filePath: target))
    #expect(unsafe symlink(target, link) == 0)
    #expect(try Command.run(common + [link]).code == 0)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == target)
    #expect(try bytes(of: target).starts(with: Array("PK".utf8)))
    #expect(try folder.contents().sorted() == ["link", "pipe", "target"])
  }

  @Test(
    "files are written where standard output or another file cannot be, and the first error is reported"
  )
  func unwritable() throws {
    let folder = try TemporaryFolder()
    let file = folder.path("a.npz")
    let words = "\"$0\" rollout Maze-v0 --random --steps 3 --npz \"$1\""
    let full = try Command.shell(words + " --json > /dev/full", file)
    #expect(full.code == 74 && full.error.contains("standard output"), "\(full.error)")
    #expect(try bytes(of: file).starts(with: Array("PK".utf8)))
    try FileManager.default.removeItem(atPath: file)
    let missing = try Command.shell(words + " --export none/b.npz", file)
    #expect(missing.code == 73 && missing.error.contains("none/b.npz"), "\(missing.error)")
    #expect(try bytes(of: file).starts(with: Array("PK".utf8)))
  }

  @Test("a reader who goes away ends it quietly")
  func brokenPipe() throws {
    let result = try Command.shell(
      #"{ "$0" rollout Maze-v0 --random --steps 1e5 --json; echo $? >&2; } | head -n 1"#)
    #expect(result.lines.count == 1 && result.error == "74\n")
  }

  @Test(
    "a signal ends it after a step, with all lines and the arrays written")
  func signal() throws {
    let folder = try TemporaryFolder()
    let (output, error) = (Pipe(), Pipe())
    let process = try Command.start(
      [
        "rollout", "Maze-v0", "--random", "--steps", "3e7", "--json", "--npz", folder.path("a.npz"),
      ],
      output: output, error: error)
    // The first lines say that it is under way.
    var text = output.fileHandleForReading.availableData
    kill(process.processIdentifier, SIGINT)
    text += output.fileHandleForReading.readDataToEndOfFile()
    let messages = error.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(Command.code(of: process) == 130)
    let lines = text.split(separator: UInt8(ascii: "\n"))
    let last = try JSONDecoder().decode(Line.self, from: #require(lines.last))
    let steps = lines.count - 1 - last.episode
    #expect(
      String(decoding: messages, as: UTF8.self) == "deep-sarsa: interrupted after \(steps) steps\n")
    #expect(try bytes(of: folder.path("a.npz")).count > lines.count * (5 * 8 + 2))
  }
}
