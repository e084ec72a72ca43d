import DeepSARSA
import Foundation
import SARSAExperiments
import TestSupport
import Testing

@Suite("deep-sarsa train with the streaming algorithm")
struct StreamingTests {
  private let common = [
    "train", "CartPole-v1", "--preset", "streaming", "--steps", "1500", "--evaluation-every",
    "1500",
    "--evaluation-episodes", "2", "--quiet",
  ]

  @Test("the preset trains, its network can be evaluated, and its settings make the same run again")
  func training() throws {
    let folder = try TemporaryFolder()
    let result = try Command.run(common + ["--output", folder.path])
    #expect(result.code == 0 && result.error.isEmpty, "\(result.error)")
    let run = try #require(RunFolder(existing: result.lines.last ?? ""))
    #expect(try Command.run(["evaluate", run.path, "--episodes", "2"]).code == 0)

    let again = try Command.run([
      "train", "--config", run.path(of: .config), "--output", folder.path, "--quiet",
    ])
    let other = try #require(RunFolder(existing: again.lines.last ?? ""))
    #expect(try bytes(of: other.path(of: .model)) == bytes(of: run.path(of: .model)))
  }

  @Test("parity sets two more settings, which other flags change")
  func parity() throws {
    let shown = try Command.run(
      common + ["--parity", "streaming-drl", "--time-limit", "bootstrap", "--print-config"])
    #expect(shown.code == 0, "\(shown.error)")
    for line in ["parity: streaming-drl", "initializer: streaming-drl", "timeLimit: bootstrap"] {
      #expect(shown.output.contains(line), "\(shown.output)")
    }
  }

  @Test(
    "what it cannot do is one line that names the flag",
    arguments: [
      (["--num-envs", "2"], "--num-envs is '2'; allowed: 1, for algorithm streaming"),
      (
        ["--traces", "dutch"],
        "--traces is 'dutch'; allowed: accumulating, unless the network is one dense layer without "
          + "activation"
      ),
      (
        ["--traces", "replacing", "--hidden-sizes", "none", "--input-scaling", "none"],
        "--traces is 'replacing'; allowed: accumulating or dutch for 'CartPole-v1', whose "
          + "observations are not zeros and ones"
      ),
      (["--optimizer", "adam"], "--optimizer is 'adam'; allowed: sgd without momentum"),
      (["--kappa", "-1"], "--kappa is '-1'; allowed: a number from 0 to 1e6"),
      (["--trace-cut", "always"], "--trace-cut is 'always'"),
      (
        ["--n-step", "3"], "--n-step is '3'; allowed: with --algorithm replay, not with streaming"
      ),
    ])
  func refusals(flags: [String], message: String) throws {
    let folder = try TemporaryFolder()
    let result = try Command.run(common + ["--output", folder.path] + flags)
    #expect(result.code == 64)
    #expect(result.error.hasPrefix("deep-sarsa: " + message), "\(result.error)")
    #expect(try folder.contents().isEmpty)
  }

  @Test(
    "SARSA(λ) walks the safe path along the cliff, and Q(λ) the edge, as docs/algorithm.md shows")
  func cliff() throws {
    let page = try String(
      contentsOf: fixtures.deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "docs/algorithm.md"), encoding: .utf8)
    let section = try #require(page.components(separatedBy: "### The safe path and the edge").last)
    let blocks = section.components(separatedBy: "```\n")
    let command = try #require(blocks.dropFirst().first)
    let arguments = command.split { $0.isWhitespace || $0 == "\\" }.map(String.init)
    let rows = try #require(blocks.dropFirst(3).first).split(separator: "\n")
    let drawings = rows.map { $0.split(separator: " ").joined() }.map {
      ($0.prefix(12), $0.suffix(12))
    }
    #expect(try path(arguments + ["--next-action", "stored"]) == drawings.map { String($0.0) })
    #expect(
      try path(arguments + ["--next-action", "greedy", "--trace-cut", "exploratory"])
        == drawings.map { String($0.1) })
  }

  /// The rows of a drawing of the greedy path that a training run comes to.
  private func path(_ arguments: [String]) throws -> [String] {
    let folder = try TemporaryFolder()
    let run = try Command.run(
      arguments.dropFirst() + ["--output", folder.path, "--quiet"])
    #expect(run.code == 0, "\(run.error)")
    let rollout = try Command.run([
      "rollout", "--policy", try #require(run.lines.last), "--episodes", "1", "--steps", "60",
      "--json",
    ])
    var rows = ["............", "............", "............", "SCCCCCCCCCCG"].map(Array.init)
    var place = 36
    for line in rollout.lines {
      guard case .object(let row) = try ArgumentValue(json: line),
        case .integer(let observation)? = row["observation"],
        case .integer(let action)? = row["action"]
      else { continue }
      if rows[place / 12][place % 12] == "." {
        rows[place / 12][place % 12] = Array("↑→↓←")[action]
      }
      place = observation
    }
    #expect(place == 47)
    return rows.map { String($0) }
  }
}
