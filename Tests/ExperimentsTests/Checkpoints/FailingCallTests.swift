import DeepSARSA
import Foundation
import SARSAExperiments
import SARSAFiles
import TestSupport
import Testing

/// A call that changes a file fails once, or from then on; then the run goes on without faults.
///
/// `make survive` sets `DEEP_SARSA_EVERY_CALL`; without it, a part of the calls is tried.
@Suite("Failing calls of the system")
struct FailingCallTests {
  private static var run: ResumableRun {
    var run = ResumableRun("short", in: "CartPole-v1", ["max_episode_steps": .integer(9)])
    run.settings.hyperparameters.network.hiddenSizes = [2]
    run.settings.hyperparameters.budget.steps = 90
    run.settings.checkpoints.keepsReplay = false
    return run
  }

  private static let distance =
    ProcessInfo.processInfo.environment["DEEP_SARSA_EVERY_CALL"] == nil ? 7 : 1

  struct Kind: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let fault: FailingFileSystem.Fault
    let isLasting: Bool
    /// Whether the run goes on as if nothing had happened.
    var isHarmless = false
  }

  static let kinds = [
    Kind(testDescription: "a full disk", fault: .error(ENOSPC), isLasting: true),
    Kind(testDescription: "a full disk for a moment", fault: .error(ENOSPC), isLasting: false),
    Kind(testDescription: "a broken disk", fault: .error(EIO), isLasting: true),
    Kind(testDescription: "a read error", fault: .error(EIO), isLasting: false),
    Kind(testDescription: "half a write", fault: .short, isLasting: false, isHarmless: true),
    Kind(testDescription: "half of each write", fault: .short, isLasting: true, isHarmless: true),
    Kind(testDescription: "a write of nothing", fault: .nothing, isLasting: true),
  ]

  @Test(
    "end the run with the path, and it goes on to the bytes of a run without faults",
    arguments: kinds)
  func everyCall(kind: Kind) throws {
    let run = Self.run
    let root = try TemporaryFolder()
    let expected = try run.files(trainedIn: root)
    var number = 0
    while true {
      let root = try TemporaryFolder()
      let system = FailingFileSystem(number, kind.fault, isLasting: kind.isLasting)
      var error: RunError?
      do {
        try Files.$system.withValue(system) {
          _ = try run.files(trainedIn: root)
        }
      } catch let failure as RunError {
        error = failure
      }
      if !system.hasFailed {
        #expect(error == nil)
        break
      }
      if kind.isHarmless { #expect(error == nil, "call \(number)") }
      if let error {
        guard case .system(let failure) = error else {
          Issue.record("call \(number): \(error)")
          break
        }
        // The folders above it are made, too.
        #expect(failure.path.hasPrefix(root.path) || root.path.hasPrefix(failure.path))
      }
      if let name = try root.contents().first, let folder = RunFolder(existing: root.path(name)),
        try root.contents(name).contains("config.yaml")
      {
        if try ConcurrentRuns.Run(resuming: folder.path).result() == nil {
          try run.open(.existing(folder)) { run in _ = try run.train() }
        }
        let found = try ResumableRun.files(of: folder)
        #expect(found.keys.sorted() == expected.keys.sorted(), "call \(number)")
        for (name, bytes) in expected { #expect(found[name] == bytes, "call \(number): \(name)") }
      }
      number += Self.distance * thinning
    }
    #expect(number > 60)
  }
}
