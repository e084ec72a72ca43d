import Foundation
import SARSAExperiments
import SARSAFiles
import TestSupport
import Testing

@Suite("Results of settings, read from folders")
struct SettingResultsTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Writes a run that finished, and returns its folder.
  @discardableResult
  private func write(
    _ name: String, seed: UInt64, in experimentName: String = "a", score: Double = 1,
    _ change: (inout WrittenRun) -> Void = { _ in }
  ) throws -> String {
    var run = WrittenRun(seed: seed, score: score, evaluations: [(0, 9), (100, score)])
    run.experimentName = experimentName
    change(&run)
    return try run.write(to: folder.path(name))
  }

  private func error(_ paths: [String]) -> RunError? {
    #expect(throws: RunError.self) { _ = try SettingResults.reading(paths) }
  }

  @Test("the runs of a folder are grouped by experiment name, and by environment with arguments")
  func groups() throws {
    try write("runs/x", seed: 2, in: "b", score: 20)
    try write("runs/y", seed: 1, in: "b", score: 10)
    try write("runs/z", seed: 1, in: "a", score: 30) { $0.threshold = 475 }
    try write("runs/lake", seed: 1, in: "a", score: 0.5) {
      $0.environment = "FrozenLake-v1"
      $0.settings = "environmentArguments: {map_name: 8x8, is_slippery: false}"
    }
    try FileManager.default.createDirectory(
      atPath: folder.path("runs/other"), withIntermediateDirectories: false)
    let results = try SettingResults.reading([folder.path("runs")])
    #expect(results.map(\.name) == ["a", "b"])
    #expect(
      results[0].tasks.map(\.name) == [
        "CartPole-v1", #"FrozenLake-v1 is_slippery=false map_name="8x8""#,
      ])
    #expect(results[0].tasks.map(\.threshold) == [475, 0.7])
    #expect(results[0].tasks[0].scale?.best == 500 && results[0].tasks[1].scale == nil)
    #expect(results[1].tasks.map { $0.runs.map(\.score) } == [[10, 20]])
  }

  @Test("a folder of one run is a setting, and names that collide have the folder's name in front")
  func collisions() throws {
    let paths = [
      try write("one", seed: 1), try write("two", seed: 1), try write("three", seed: 1, in: "c"),
    ]
    #expect(try SettingResults.reading(paths).map(\.name) == ["one/a", "two/a", "c"])
    #expect(try SettingResults.reading([paths[0] + "/"]).map(\.name) == ["a"])
    #expect(
      try SettingResults.reading([paths[0], paths[0] + "/../two/."]).map(\.name)
        == ["one/a", "two/a"])
  }

  @Test("runs of a setting that differ in more than their seeds are refused with what differs")
  func differentSettings() throws {
    let first = try write("runs/1", seed: 1)
    let second = try write("runs/2", seed: 2) {
      $0.settings = "hyperparameters: {target: {discount: 0.9}}"
    }
    let error = error([folder.path("runs")])
    #expect(
      error?.description
        == "'\(second)': hyperparameters.target.discount is 0.9, and 0.99 in '\(first)'; allowed: runs "
        + "named 'a' that differ in their seeds only ('train --exp-name' names runs)")
    guard case .disagreement = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    // On another environment they may.
    try write("runs/2", seed: 2) {
      $0.settings = "hyperparameters: {target: {discount: 0.9}}"
      $0.environment = "Acrobot-v1"
    }
    #expect(try SettingResults.reading([folder.path("runs")])[0].tasks.count == 2)
  }

  @Test("the threshold of a built-in environment is known before a run has finished")
  func threshold() throws {
    try write("runs/1", seed: 1) {
      $0.score = nil
      $0.failure = "training diverged at step 990"
    }
    let results = try SettingResults.reading([folder.path("runs")])
    #expect(results[0].tasks[0].threshold == 475)
    let comparison = try Comparison(of: results)
    #expect(comparison.text.hasPrefix("CartPole-v1: solved at 475; "))
    #expect(comparison.tasks[0].sides[0].stability?.times.reached == 0)
  }

  @Test("the same seed twice is refused with both folders")
  func sameSeed() throws {
    let first = try write("runs/1", seed: 7)
    let second = try write("runs/2", seed: 7)
    #expect(
      error([folder.path("runs")])?.description
        == "'\(second)': it is the run of '\(first)' again, 'a' with seed 7; allowed: each seed once"
    )
  }

  @Test("a run that cannot be read is an error that names it, and not left out")
  func unreadable() throws {
    try write("runs/1", seed: 1)
    let second = folder.path("runs/2")
    // Root may enter every folder; a link to itself can be followed by nobody.
    for link in [second, second + "/config.yaml"] {
      try FileManager.default.createSymbolicLink(
        atPath: link, withDestinationPath: URL(filePath: link).lastPathComponent)
      for paths in [[folder.path("runs")], [folder.path("runs/1"), second]] {
        let reading = #expect(throws: RunError.self, "\(paths)") {
          try RunGroup.reading(joining: paths)
        }
        guard case .system(let error)? = reading else {
          Issue.record("\(String(describing: reading))")
          continue
        }
        #expect(!error.isMissing && error.path.hasPrefix(second), "\(error)")
      }
      try FileManager.default.removeItem(atPath: link)
      try FileManager.default.createDirectory(
        atPath: second, withIntermediateDirectories: true)
    }
  }

  @Test("a file is said to be no folder of runs")
  func file() throws {
    let run = try write("run", seed: 1)
    let path = run + "/config.yaml"
    #expect(
      error([path])?.description
        == "'\(path)': it is a file; allowed: the folder of a run, of runs or of an experiment")
  }

  @Test("a folder that does not exist, or has no runs, is refused")
  func noRuns() throws {
    let nowhere = error([folder.path("nowhere")])
    guard case .system(let error) = nowhere, error.isMissing else {
      Issue.record("\(String(describing: nowhere))")
      return
    }
    #expect(
      self.error([folder.path])?.description
        == "'\(folder.path)': it has no run folder, and is none")
  }
}
