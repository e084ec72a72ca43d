import DeepSARSA
import Foundation
import SARSAExperiments
import TestSupport
import Testing

@Suite("deep-sarsa doctor")
struct DoctorCommandTests {
  @Test("has a line for every check, and for every environment of the registry")
  func lines() throws {
    let result = try Command.run(["doctor"], environment: ["OPENBLAS_NUM_THREADS": "1"])
    #expect(result.code == 0 && result.error.isEmpty, "\(result.output)")
    #expect(!result.output.contains("FAIL"))
    let checks = result.lines.filter { $0.hasPrefix("  ok    ") }
    #expect(result.lines.last == "\(checks.count) checks, all passed")
    for id in EnvironmentRegistry.ids {
      #expect(checks.count { $0.hasPrefix("  ok    \(id) ") } == 1, "\(id)")
    }
    #expect(result.lines.allSatisfy { $0.count <= 80 })
    #expect(checks.contains { $0.contains("OPENBLAS_NUM_THREADS  1") })
    #expect(checks.contains { $0.contains("deep-sarsa \(Machine.version)") })
  }

  @Test("what is optional and not installed is neither a check nor a failure")
  func absent() throws {
    let result = try Command.run(["doctor"], environment: ["PATH": "/nonexistent"])
    #expect(result.code == 0 && !result.output.contains("FAIL"))
    let line = try #require(result.lines.first { $0.contains("Gymnasium") })
    #expect(line.hasPrefix("  –     Gymnasium") && !result.output.lowercased().contains("error"))
  }

  @Test("says nothing of slow kernels to a user who chose them")
  func chosenKernels() throws {
    let result = try Command.run(["doctor"], environment: ["OPENBLAS_CORETYPE": "Prescott"])
    #expect(result.code == 0 && !result.output.contains("OpenBLAS is slow"), "\(result.output)")
    let variable = result.lines.first { $0.contains(" OPENBLAS_CORETYPE ") }
    #expect(variable?.hasSuffix(" Prescott") == true)
  }

  @Test("looks at one environment at length, made with its arguments, as JSON if asked")
  func environment() throws {
    let result = try Command.run([
      "doctor", "CartPole-v1", "--env-arg", "max_episode_steps=9", "--json",
    ])
    #expect(result.code == 0 && result.lines.count == 1)
    let checks = try JSONDecoder().decode([Check].self, from: Data(result.output.utf8))
    let own = checks.filter { $0.check.hasPrefix("CartPole-v1: ") }
    #expect(own.count == EnvironmentPromise.allCases.count + 2)
    let limit = try #require(own.first { $0.check == "CartPole-v1: limit" })
    #expect(limit.passed && limit.detail.hasPrefix("truncated at 9 steps, "))
    #expect(Set(checks.map(\.check)).count == checks.count && checks.filter { !$0.passed } == [])
    #expect(checks.contains { $0.check == "OpenBLAS" && $0.detail.hasSuffix("; 1 thread") })
    for name in ["products: 1 thread", "kernels: tiers", "gradients"] {
      #expect(checks.count { $0.check == name } == 1, "\(name)")
    }
    #expect(
      checks.count { $0.check.hasPrefix("targets: ") } == TargetRule.NextAction.allCases.count)
    #expect(checks.count { $0.check.hasPrefix("returns: ") } == ReturnKind.allCases.count)
    #expect(!checks.contains { $0.check.hasPrefix("Maze") })
  }

  @Test("refuses what it cannot make before it checks anything")
  func refusals() throws {
    for (arguments, message) in [
      (["Nowhere"], "the environment is 'Nowhere'"),
      (["Maze-v0", "--env-arg", "walls=1"], "'walls' is not an argument of Maze-v0"),
      (["--env-arg", "a=1"], "only with an environment's id"),
    ] {
      let result = try Command.run(["doctor"] + arguments)
      #expect(result.code == 64 && result.output.isEmpty && result.error.contains(message))
    }
  }
}
