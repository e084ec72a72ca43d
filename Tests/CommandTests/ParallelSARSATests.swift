import Foundation
import SARSAExperiments
import TestSupport
import Testing

@Suite("deep-sarsa train --preset parallel")
struct ParallelSARSACommandTests {
  private let common = [
    "train", "CartPole-v1", "--preset", "parallel", "--hidden-sizes", "16", "--steps", "3000",
    "--evaluation-every", "2000", "--evaluation-episodes", "2", "--quiet",
  ]

  @Test("trains in segments, leaves a run that is evaluated, and makes it again from its settings")
  func training() throws {
    let folder = try TemporaryFolder()
    let flags = ["--output", folder.path, "--num-envs", "10", "--num-steps", "20"]
    let result = try Command.run(common + flags)
    #expect(result.code == 0 && result.error.isEmpty, "\(result.error)")
    let run = try #require(RunFolder(existing: result.lines.last ?? ""))
    let settings = try String(contentsOfFile: run.path(of: .config), encoding: .utf8)
    #expect(settings.contains("algorithm: parallel") && settings.contains("rAdam:"))
    #expect(settings.contains("minibatches: 16"))

    let evaluation = try Command.run(["evaluate", run.path, "--episodes", "2", "--json"])
    #expect(evaluation.code == 0 && evaluation.output.contains("\"mean\":"))

    let again = try Command.run([
      "train", "--config", run.path(of: .config), "--output", folder.path, "--quiet",
    ])
    let other = try #require(RunFolder(existing: again.lines.last ?? ""))
    #expect(try bytes(of: other.path(of: .model)) == bytes(of: run.path(of: .model)))
  }

  @Test("names the flag of what does not fit a segment, or the memory")
  func refusals() throws {
    for (flags, message) in [
      (
        ["--num-minibatches", "1025"],
        "--num-minibatches is '1025'; allowed: at most 1024, the rows of a segment (--num-steps 32, --num-envs 32)"
      ),
      (["--num-steps", "95"], "--total-timesteps is '3000'; allowed: at least 3009, because"),
      (
        ["--num-envs", "65536", "--num-steps", "65"],
        "--num-steps is '65'; allowed: at most 64, with --num-envs 65536"
      ),
    ] {
      let result = try Command.run(common + flags)
      #expect(result.code == 64)
      #expect(result.error.hasPrefix("deep-sarsa: " + message), "\(result.error)")
    }
  }
}
