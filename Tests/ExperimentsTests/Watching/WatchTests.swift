import DeepSARSA
import Foundation
import SARSAExperiments
import SARSAFiles
import TestSupport
import Testing

@Suite("Runs that are watched")
struct WatchTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func run(_ seed: UInt64, upTo step: Int) -> WrittenRun {
    var run = WrittenRun(
      seed: seed,
      evaluations: stride(from: 0, through: step, by: 1_000).map { ($0, Double($0) / 100) })
    run.settings = "hyperparameters: {budget: {steps: 10000}}\n"
    return run
  }

  private func write(_ run: WrittenRun, _ name: String) throws -> String {
    try run.write(to: folder.path(name))
  }

  private func text(_ watch: Watch, columns: Int = 80, rows: Int? = nil) -> [String] {
    watch.picture(columns: columns, rows: rows).map(\.text)
  }

  @Test("a run is running while its folder is locked, and stopped once the lock is gone")
  func status() throws {
    let path = try write(run(7, upTo: 2_000), "run")
    var watch = try Watch([path])
    watch.look(at: 0)
    #expect(watch.sections[0].runs[0].status == .stopped)
    #expect(text(watch, columns: 300).contains("stopped; deep-sarsa resume \(path)"))
    guard let lock = try FolderLock(path) else {
      Issue.record("the folder cannot be locked")
      return
    }
    watch.look(at: 1)
    #expect(watch.sections[0].runs[0].status == .running)
    // A run that was killed has just grown, and is stopped nevertheless.
    _ = try write(run(7, upTo: 3_000), "run")
    _ = consume lock
    watch.look(at: 2)
    #expect(watch.sections[0].runs[0].steps == 3_000)
    #expect(watch.sections[0].runs[0].status == .stopped)
  }

  @Test("steps per second and the time left follow from what was seen between looks")
  func speed() throws {
    let path = try write(run(7, upTo: 1_000), "run")
    guard let lock = try FolderLock(path) else {
      Issue.record("the folder cannot be locked")
      return
    }
    var watch = try Watch([path])
    for (seconds, step) in [(0.0, 1_000), (10, 2_000), (12, 2_000), (20, 3_000), (30, 5_000)] {
      _ = try write(run(7, upTo: step), "run")
      watch.look(at: seconds)
      let seen = watch.sections[0].runs[0]
      #expect(seen.steps == step)
      switch seconds {
      case ..<20: #expect(seen.stepsPerSecond == nil && seen.secondsLeft == nil)
      case 20: #expect(seen.stepsPerSecond == 100 && abs((seen.secondsLeft ?? 0) - 70) < 1e-9)
      default: #expect(seen.stepsPerSecond == 150 && abs((seen.secondsLeft ?? 0) - 100 / 3) < 1e-9)
      }
    }
    #expect(text(watch)[1].hasPrefix("step 5000 of 10000  50 %  150 steps/s  0:33 left"))
    _ = consume lock
  }

  @Test("a run that nothing trains has the steps of its newest checkpoint, or of any log")
  func stepsMade() throws {
    var stopped = run(1, upTo: 2_000)
    stopped.checkpoints = [2_000, 2_700]
    var failed = run(2, upTo: 0)
    failed.failure = "training diverged"
    _ = try write(stopped, "runs/a__1")
    let path = try write(failed, "runs/a__2")
    try Data("step,episode,return\n30,1,9\n990,2,11\n".utf8).write(
      to: URL(filePath: path + "/episodes.csv"))
    var watch = try Watch([folder.path("runs")])
    for seconds in 0..<3 {
      watch.look(at: Double(seconds))
      #expect(watch.sections[0].runs.map(\.steps) == [2_700, 990])
      #expect(watch.sections[0].runs.map(\.share) == [0.27, 0.099])
    }
    // It is trained again, and its logs grow.
    guard let lock = try FolderLock(folder.path("runs/a__1")) else {
      Issue.record("the folder cannot be locked")
      return
    }
    _ = try write(run(1, upTo: 3_000), "runs/a__1")
    watch.look(at: 3)
    #expect(watch.sections[0].runs[0].steps == 3_000)
    _ = consume lock
  }

  @Test("steps that no run can make are seen, however far apart they are")
  func impossibleSteps() throws {
    var written = run(7, upTo: 0)
    let path = try written.write(to: folder.path("run"))
    var watch = try Watch([path])
    for (seconds, step) in [(0.0, Int.min), (1, Int.min / 2), (2, 1 << 62)] {
      written.evaluations?.append((step, 0))
      try written.write(to: path)
      watch.look(at: seconds)
    }
    #expect(watch.sections[0].runs[0].stepsPerSecond == 0x1p63)
    #expect(!text(watch).isEmpty)
  }

  @Test("a run whose logs grow without a lock is another machine's, until they stop growing")
  func elsewhere() throws {
    let path = try write(run(7, upTo: 1_000), "run")
    var watch = try Watch([path])
    watch.look(at: 0)
    _ = try write(run(7, upTo: 2_000), "run")
    watch.look(at: 1)
    #expect(watch.sections[0].runs[0].status == .running)
    watch.look(at: 62)
    #expect(watch.sections[0].runs[0].status == .stopped)
  }

  @Test("a finished run that goes on has the speed that is seen, not that of its first end")
  func goesOn() throws {
    var finished = run(7, upTo: 10_000)
    finished.score = 100
    let path = try write(finished, "run")
    var watch = try Watch([path])
    watch.look(at: 0)
    #expect(watch.sections[0].runs[0].status == .finished)
    try FileManager.default.removeItem(atPath: path + "/summary.json")
    guard let lock = try FolderLock(path) else {
      Issue.record("the folder cannot be locked")
      return
    }
    for (seconds, step) in [(10.0, 10_000), (20, 11_000), (30, 13_000)] {
      _ = try write(run(7, upTo: step), "run")
      watch.look(at: seconds)
    }
    _ = consume lock
    #expect(watch.sections[0].runs[0].status == .running)
    #expect(watch.sections[0].runs[0].stepsPerSecond == 200)
  }

  @Test(
    "a folder of runs has a line for each, also for one that begins later, and says how they end")
  func folderOfRuns() throws {
    var finished = run(1, upTo: 10_000)
    finished.score = 100
    finished.threshold = 90
    var failed = run(3, upTo: 1_000)
    failed.failure = "training diverged"
    _ = try write(finished, "runs/a__1")
    var watch = try Watch([folder.path("runs")])
    watch.look(at: 0)
    #expect(watch.sections[0].runs.map(\.status) == [.finished])
    _ = try write(run(2, upTo: 3_000), "runs/a__2")
    _ = try write(failed, "runs/a__3")
    watch.look(at: 1)
    #expect(
      watch.sections[0].runs.map(\.status) == [.finished, .stopped, .failed("training diverged")])
    #expect(watch.sections[0].runs.map(\.share) == [1, 0.3, 0.1])
    let lines = text(watch, columns: 120)
    #expect(lines.contains("3: training diverged"))
    #expect(lines[0].contains("1 of 3 runs finished  1 failed"))
    #expect(lines.count { $0.contains(" % ") } == 3)
    for (columns, rows) in [(40, 10), (80, 24), (120, 40), (20, 5), (10, 3)] {
      let picture = watch.picture(columns: columns, rows: rows)
      #expect(picture.count <= rows && picture.allSatisfy { $0.columns <= columns })
    }
    // Where there are more runs than rows, it says how many more.
    #expect(text(watch, columns: 40, rows: 4).last == "… and 2 more")
  }

  @Test("an experiment has a line for each setting in each environment, with what its seeds do")
  func experiment() throws {
    let settings = RunSettings(environment: "CartPole-v1")
    let path = folder.path("experiment")
    let experiment = try Experiment(
      groups: ["one", "two"].map { .init(setting: $0, task: "short", settings: settings) },
      seeds: [1, 2], source: "")
    _ = try ExperimentFolder(experiment, at: path)
    var finished = run(1, upTo: 10_000)
    finished.score = 100
    try finished.write(to: path + "/runs/one__short__1")
    try run(2, upTo: 3_000).write(to: path + "/runs/one__short__2")
    guard let lock = try FolderLock(path + "/runs/one__short__2") else {
      Issue.record("the folder cannot be locked")
      return
    }
    var watch = try Watch([path])
    watch.look(at: 0)
    _ = consume lock
    let lines = text(watch, columns: 120)
    #expect(lines[0].contains("1 of 4 runs finished  1 running"))
    let words = lines.dropFirst(2).map { $0.split(separator: " ").map(String.init) }
    // The mean of 100 and of 30.
    #expect(
      words.map { $0.prefix(6) } == [
        ["one", "short", "1/2", "1", "0", "65.0"], ["two", "short", "0/2", "0", "0", "–"],
      ])
  }

  @Test("a file that no run writes is said of its run, and ends nothing")
  func broken() throws {
    let path = try write(run(1, upTo: 1_000), "run")
    try Data("nonsense\n".utf8).write(to: URL(filePath: path + "/evaluations.csv"))
    var watch = try Watch([path])
    watch.look(at: 0)
    guard case .failed(let reason) = watch.sections[0].runs[0].status else {
      Issue.record("it has not failed")
      return
    }
    #expect(reason.contains("column 'step' is missing"))
    #expect(throws: RunError.self) { try Watch([folder.path("none")]) }
  }

  @Test("a run whose folder cannot be read is shown with the reason, and alone it is an error")
  func unreadable() throws {
    _ = try write(run(1, upTo: 1_000), "runs/a__1")
    let other = try write(run(2, upTo: 1_000), "runs/a__2")
    try FileManager.default.removeItem(atPath: other + "/config.yaml")
    // Root may read every file; a link to itself can be followed by nobody.
    try FileManager.default.createSymbolicLink(
      atPath: other + "/config.yaml", withDestinationPath: "config.yaml")
    var watch = try Watch([folder.path("runs")])
    watch.look(at: 0)
    guard case .failed(let reason)? = watch.sections[0].runs.last?.status else {
      Issue.record("\(watch.sections[0].runs)")
      return
    }
    #expect(reason.hasPrefix("cannot read '\(other)/config.yaml'"))
    #expect(throws: RunError.self) { try Watch([other]) }
  }

  @Test("a look writes nothing into the folder")
  func readOnly() throws {
    let path = try write(run(1, upTo: 1_000), "run")
    let before = try FileManager.default.subpathsOfDirectory(atPath: path).sorted()
    let log = try bytes(of: path + "/evaluations.csv")
    var watch = try Watch([path])
    for seconds in 0..<3 { watch.look(at: Double(seconds)) }
    #expect(try FileManager.default.subpathsOfDirectory(atPath: path).sorted() == before)
    #expect(try bytes(of: path + "/evaluations.csv") == log)
  }
}
