import Foundation
import TestSupport
import Testing

@Suite("deep-sarsa watch")
struct WatchCommandTests {
  @Test("prints one picture where there is no terminal, of a run, of a folder of runs, and of all")
  func once() throws {
    let folder = try TemporaryFolder()
    var run = WrittenRun(seed: 1, score: 480, evaluations: [(0, 9), (1_000, 100), (2_000, 480)])
    run.threshold = 475
    try run.write(to: folder.path("runs/CartPole-v1__a__1__17"))
    try WrittenRun(seed: 2, evaluations: [(0, 9)]).write(
      to: folder.path("runs/CartPole-v1__a__2__17"))
    for flags in [[], ["--once"]] {
      let one = try Command.run(["watch", folder.path("runs/CartPole-v1__a__1__17")] + flags)
      #expect(one.code == 0 && one.error.isEmpty)
      #expect(one.lines[0].hasPrefix("CartPole-v1  finished  seed 1"))
      #expect(one.lines[2].hasPrefix("greedy 480.0  best 480.0  ✓ 475"))
      let all = try Command.run(["watch", folder.path("runs")] + flags)
      #expect(all.code == 0 && all.lines[0].contains("1 of 2 runs finished"))
      #expect(all.lines[2].hasPrefix("1__17  finished  2000  100 %   480.0"))
      #expect(all.lines[3].hasPrefix("2__17  stopped      0    0 %    9.00"))
      for result in [one, all] {
        #expect(!result.output.contains("\u{1B}") && result.lines.allSatisfy { $0.count <= 80 })
      }
    }
  }

  @Test("a path that is no folder is 66, and no path wrong usage")
  func refusals() throws {
    let folder = try TemporaryFolder()
    let missing = try Command.run(["watch", folder.path("none")])
    #expect(missing.code == 66 && missing.error.contains("none") && missing.output.isEmpty)
    #expect(try Command.run(["watch"]).code == 64)
    let empty = try Command.run(["watch", folder.path])
    #expect(empty.code == 0 && empty.lines.count == 1)
    #expect(empty.lines[0].hasPrefix("'\(folder.path)'"))
  }
}
