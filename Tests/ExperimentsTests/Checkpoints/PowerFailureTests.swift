import DeepSARSA
import Foundation
import SARSAExperiments
import SARSAFiles
import TestSupport
import Testing

/// The power fails at a drawn call of a run on a simulated disk; then the run goes on with what the disk kept.
///
/// `make survive` sets `DEEP_SARSA_EVERY_CALL`, for a thousand cuts in all; without it, there are fewer.
@Suite("Power failures")
struct PowerFailureTests {
  private static let isLong =
    ProcessInfo.processInfo.environment["DEEP_SARSA_EVERY_CALL"] != nil

  struct Kind: Sendable, CustomTestStringConvertible {
    var run: ResumableRun
    /// The steps that the run had finished before, if it gets more.
    var finished: Int?
    /// The number of cuts, and how many of them are made in every test.
    var cuts = 200
    var shortCuts = 12

    var testDescription: String { run.testDescription }
  }

  private static func run(
    _ number: Int, keepsReplay: Bool, _ change: (inout RunSettings) -> Void = { _ in }
  ) -> ResumableRun {
    var run = ResumableRun.all[number]
    run.settings.hyperparameters.budget.steps = 150
    run.settings.checkpoints.keepsReplay = keepsReplay
    change(&run.settings)
    return run
  }

  static let kinds = [
    Kind(run: run(1, keepsReplay: true)),
    Kind(run: run(2, keepsReplay: false)),
    Kind(run: run(4, keepsReplay: true)),
    Kind(run: run(5, keepsReplay: true)),
    // The end of the shorter run is a checkpoint and an evaluation of the longer one, too.
    Kind(run: run(0, keepsReplay: true) { $0.evaluation.every = 80 }, finished: 80, cuts: 150),
    Kind(run: segments, cuts: 50, shortCuts: 3),
  ]

  /// A full segment of the journal is named by the last three of seven checkpoints.
  private static var segments: ResumableRun {
    var run = FlushTests.runs[1]
    run.settings.hyperparameters.replay.capacity = 600
    run.settings.hyperparameters.budget.steps = 1_900
    return run
  }

  @Test(
    "lose nothing that was saved, and change no byte of what a run writes, whatever the disk keeps",
    arguments: kinds)
  func cuts(kind: Kind) throws {
    let root = try TemporaryFolder()
    let expected = try kind.run.files(trainedIn: root)
    let start = try TemporaryFolder()
    try Files.createDirectories(start.path("runs"))
    if let steps = kind.finished {
      var short = kind.run
      short.settings.hyperparameters.budget.steps = steps
      try short.open(.new(root: start.path("runs"))) { run in _ = try run.train() }
    }
    let first = try Recording(
      of: kind.run, in: start, on: SimulatedDisk(contentOf: start.path),
      kind.finished.map(Promise.saved) ?? .nothing)
    for cut in 0..<(Self.isLong ? kind.cuts : kind.shortCuts) {
      var generator = PCG64(seed: UInt64(cut))
      var recording = first
      // The power may fail once more, or a process may be killed before, while nothing that it wrote is lost.
      let ends: [[End]] = [[.power], [.power], [.power, .power], [.kill, .power]]
      for end in ends[Int.random(in: 0..<4, using: &generator)] {
        let call = Int.random(in: 0...recording.system.count, using: &generator)
        var disk = recording.system.disk(before: call)
        if end == .power { disk.failPower(using: &generator) }
        let root = try TemporaryFolder()
        try disk.write(to: root.path)
        let promise = recording.promise(before: call)
        let what = "cut \(cut), \(end) at call \(call), \(promise)"
        recording = try Recording(of: kind.run, in: root, on: disk, promise, what)
        let found = try ResumableRun.files(of: recording.folder)
        let differences = Set(found.keys).union(expected.keys).filter { found[$0] != expected[$0] }
        #expect(differences == [], "\(what)")
      }
    }
  }

  private enum End {
    case power, kill
  }
}

/// What a run had reported before a call.
private enum Promise: Comparable {
  /// Nothing yet.
  case nothing
  /// That it has begun: its settings are saved.
  case begun
  /// That a checkpoint of a step is saved.
  case saved(Int)
  /// That it has finished.
  case finished
}

/// A run on a simulated disk to its end, and what it reported meanwhile.
private struct Recording {
  let system: PowerCutFileSystem
  let folder: RunFolder
  private var promises: [(call: Int, promise: Promise)] = []

  /// Starts a run or goes on with it, as `deep-sarsa resume` does, and checks that a promise was kept.
  init(
    of run: ResumableRun, in root: TemporaryFolder, on disk: SimulatedDisk,
    _ promise: Promise, _ what: String = ""
  ) throws {
    let system = PowerCutFileSystem(root.path, on: disk)
    self.system = system
    var promises: [(call: Int, promise: Promise)] = [(0, promise)]
    func report(_ promise: Promise) {
      if promises.last?.promise != promise { promises.append((system.count, promise)) }
    }
    let place = try Self.place(of: run, in: root, promise, what)
    folder = try Files.$system.withValue(system) {
      if case .existing(let folder) = place,
        let summary = try ConcurrentRuns.Run(resuming: folder.path).result(
          steps: run.settings.hyperparameters.budget.steps)
      {
        #expect(summary.steps == run.settings.hyperparameters.budget.steps, "\(what)")
        return folder
      }
      #expect(promise < .finished, "\(what)")
      return try run.open(place) { run in
        #expect(run.faults.isEmpty, "\(what)")
        if case .saved(let step) = promise { #expect(run.resumedStep ?? -1 >= step, "\(what)") }
        report(max(promise, .begun))
        while !run.isFinished {
          try run.advance()
          // The checkpoint from which the run goes on may be one whose save did not return.
          if let step = try Self.newestCheckpoint(in: run.folder), step != run.resumedStep {
            report(max(promise, .saved(step)))
          }
        }
        _ = try run.train()
        return run.folder
      }
    }
    report(.finished)
    self.promises = promises
  }

  /// What the run had reported when a call was made.
  func promise(before call: Int) -> Promise {
    promises.last { $0.call <= call }?.promise ?? .nothing
  }

  /// Where a run goes on; a new folder if the one that there may be has no settings.
  private static func place(
    of run: ResumableRun, in root: TemporaryFolder, _ promise: Promise, _ what: String
  ) throws -> ResumableRun.Place {
    let runs = root.path("runs")
    let new = ResumableRun.Place.new(root: runs)
    guard let name = try root.contents("runs").last else {
      #expect(promise == .nothing, "\(what)")
      return new
    }
    let folder = try #require(RunFolder(existing: runs + "/" + name))
    var settings: RunSettings
    do {
      settings = try ConcurrentRuns.Run(resuming: folder.path).settings
    } catch {
      guard case .system(let error) = error, error.isMissing else { throw error }
      #expect(promise == .nothing, "\(what)")
      return new
    }
    // A summary is of the steps that the settings say, or the run has not finished.
    let budget = settings.hyperparameters.budget.steps
    if let summary = try folder.summary() { #expect(summary.steps == budget, "\(what)") }
    settings.hyperparameters.budget = run.settings.hyperparameters.budget
    #expect(settings == run.settings, "\(what)")
    return .existing(folder)
  }

  private static func newestCheckpoint(in folder: RunFolder) throws -> Int? {
    try Files.names(in: folder.path + "/checkpoints")
      .compactMap { Int($0.dropFirst("step-".count).prefix(9)) }
      .max()
  }
}
