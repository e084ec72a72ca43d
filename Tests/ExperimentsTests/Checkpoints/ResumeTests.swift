import DeepSARSA
import Foundation
import SARSAExperiments
import SARSAFiles
import TestSupport
import Testing

@Suite("Resumed runs")
struct ResumeTests {
  @Test(
    "write the bytes of a run that was never stopped, wherever and however often they are stopped",
    arguments: ResumableRun.all, [false, true])
  func sameBytes(run: ResumableRun, saves: Bool) throws {
    let root = try TemporaryFolder()
    let expected = try run.files(trainedIn: root)
    let curves = try self.curves(in: root.path(#require(root.contents().first)))
    #expect(expected.keys.filter { $0.hasPrefix("checkpoints/") }.count == 2)
    // Periods that divide neither the checkpoints' nor the evaluations' interval.
    for period in [7, 43, 97] {
      let root = try TemporaryFolder()
      var folder: RunFolder?
      var stops = 0
      while true {
        let place = folder.map(ResumableRun.Place.existing) ?? .new(root: root.path)
        let isFinished = try run.open(place) { run in
          folder = run.folder
          // A run that is not saved has to come further than its last checkpoint to make progress.
          for _ in 0..<(saves ? period : period + 40 * stops) where !run.isFinished {
            try run.advance()
          }
          if saves { try run.save() }
          return run.isFinished
        }
        stops += 1
        if isFinished { break }
      }
      #expect(stops > 1 || period == 97)
      let last = try #require(folder)
      try run.open(.existing(last)) { run in _ = try run.train() }
      let found = try ResumableRun.files(of: last)
      #expect(found.keys.sorted() == expected.keys.sorted(), "stopped every \(period) steps")
      for (name, bytes) in expected { #expect(found[name] == bytes, "\(name), \(period)") }
      #expect(try self.curves(in: last.path) == curves)
    }
  }

  /// The points for TensorBoard, but those of the speed.
  private func curves(in folder: String) throws -> [EventFile.Point] {
    try EventFile(bytes(of: folder + "/" + RunFolder.File.events.rawValue)).points
      .filter { $0.tag != "charts/SPS" }
  }

  @Test("say at which step they go on")
  func resumedStep() throws {
    let root = try TemporaryFolder()
    let run = ResumableRun.all[0]
    let folder = try run.open(.new(root: root.path)) { run in
      #expect(run.resumedStep == nil)
      for _ in 0..<95 { try run.advance() }
      return run.folder
    }
    try run.open(.existing(folder)) { run in
      #expect(run.resumedStep == 80 && run.steps == 80)
    }
  }

  @Test("that have no checkpoint yet start anew")
  func withoutCheckpoint() throws {
    let (root, other) = (try TemporaryFolder(), try TemporaryFolder())
    let run = ResumableRun.all[0]
    let folder = try run.open(.new(root: root.path)) { run in
      for _ in 0..<39 { try run.advance() }
      return run.folder
    }
    try run.open(.existing(folder)) { run in
      #expect(run.resumedStep == nil && run.steps == 0)
      _ = try run.train()
    }
    #expect(try ResumableRun.files(of: folder) == run.files(trainedIn: other))
  }

  @Test("that were saved before their first step go on", arguments: ResumableRun.all)
  func beforeTheFirstStep(run: ResumableRun) throws {
    let (root, other) = (try TemporaryFolder(), try TemporaryFolder())
    let folder = try run.open(.new(root: root.path)) { run in
      try run.save()
      return run.folder
    }
    try run.open(.existing(folder)) { run in
      #expect(run.resumedStep == 0)
      _ = try run.train()
    }
    #expect(try ResumableRun.files(of: folder) == run.files(trainedIn: other))
  }

  @Test("go on from the checkpoint before a damaged one, and say so", arguments: ["", "rows"])
  func damaged(journal: String) throws {
    let (root, other) = (try TemporaryFolder(), try TemporaryFolder())
    let run = ResumableRun.all[0]
    let folder = try run.open(.new(root: root.path)) { run in
      for _ in 0..<130 { try run.advance() }
      return run.folder
    }
    // The newest checkpoint, or the last row that it alone names.
    let damaged =
      folder.path
      + (journal.isEmpty
        ? "/checkpoints/step-000000120.safetensors" : "/replay/rows-000000000000.bin")
    var contents = try bytes(of: damaged)
    contents[journal.isEmpty ? contents.count - 1 : 119 * 32] ^= 1
    try Data(contents).write(to: URL(filePath: damaged))
    try run.open(.existing(folder)) { run in
      #expect(run.resumedStep == 80)
      #expect(run.faults.count == 1 && "\(run.faults[0])".contains("it is damaged"))
      #expect("\(run.faults[0])".hasPrefix("'\(damaged)'"))
      _ = try run.train()
    }
    #expect(try ResumableRun.files(of: folder) == run.files(trainedIn: other))
  }

  @Test("change nothing if no checkpoint is whole")
  func allDamaged() throws {
    let root = try TemporaryFolder()
    let run = ResumableRun.all[0]
    let folder = try run.open(.new(root: root.path)) { run in
      for _ in 0..<130 { try run.advance() }
      return run.folder
    }
    for step in ["080", "120"] {
      let path = folder.path + "/checkpoints/step-000000\(step).safetensors"
      try Data(bytes(of: path).dropLast()).write(to: URL(filePath: path))
    }
    let before = try ResumableRun.files(of: folder)
    let error = #expect(throws: RunError.self) { try run.open(.existing(folder)) { _ in } }
    guard case .badFile(let path, _)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(path.hasSuffix("step-000000120.safetensors"))
    #expect(try ResumableRun.files(of: folder) == before)
  }

  @Test("are refused while another run writes to the folder")
  func locked() throws {
    let root = try TemporaryFolder()
    let run = ResumableRun.all[0]
    try run.open(.new(root: root.path)) { first in
      let error = #expect(throws: RunError.self) {
        try run.open(.existing(first.folder)) { _ in }
      }
      guard case .locked? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
    }
  }

  @Test("are refused with other settings, by the name and both values of the first")
  func disagreement() throws {
    let root = try TemporaryFolder()
    var run = ResumableRun.all[0]
    let folder = try run.open(.new(root: root.path)) { run in
      for _ in 0..<50 { try run.advance() }
      return run.folder
    }
    run.settings.hyperparameters.target.discount = 0.5
    let error = #expect(throws: RunError.self) { try run.open(.existing(folder)) { _ in } }
    let text = "\(try #require(error))"
    #expect(text.contains("hyperparameters.target.discount is 0.99 in it, and 0.5 in"), "\(text)")
    guard case .disagreement? = error else {
      Issue.record("\(text)")
      return
    }
  }

  @Test(
    "go on to more steps as if they had been asked for at first",
    // The correction of priorities grows over the whole budget.
    arguments: ResumableRun.all.filter { $0.settings.hyperparameters.replay.priority.exponent == 0 }
  )
  func moreSteps(run: ResumableRun) throws {
    let (root, other) = (try TemporaryFolder(), try TemporaryFolder())
    // The end is a checkpoint and an evaluation of the longer run, too.
    var short = run
    short.settings.evaluation.every = 120
    let long = short
    short.settings.hyperparameters.budget.steps = 120
    let folder = try short.open(.new(root: root.path)) { run in
      try run.train()
      return run.folder
    }
    #expect(try folder.summary()?.steps == 120)
    try long.open(.existing(folder)) { run in _ = try run.train() }
    #expect(try ResumableRun.files(of: folder) == long.files(trainedIn: other))
    #expect(try folder.summary()?.steps == 240)
    #expect(
      try SettingsFile(reading: folder.path).settings().hyperparameters.budget.steps == 240)
  }

  @Test("that get more steps and are stopped again have not finished")
  func stoppedWithMoreSteps() throws {
    let root = try TemporaryFolder()
    let long = ResumableRun.all[0]
    var short = long
    short.settings.hyperparameters.budget.steps = 120
    let folder = try short.open(.new(root: root.path)) { run in
      try run.train()
      return run.folder
    }
    try long.open(.existing(folder)) { run in
      for _ in 0..<10 { try run.advance() }
    }
    let again = try ConcurrentRuns.Run(resuming: folder.path)
    #expect(try again.result() == nil)
    #expect(again.settings.hyperparameters.budget.steps == 240)
  }

  @Test("cannot go on after the end without the replay memory, which is dropped unless it is kept")
  func dropped() throws {
    let root = try TemporaryFolder()
    var run = ResumableRun.all[0]
    run.settings.checkpoints.keepsReplay = false
    let folder = try run.open(.new(root: root.path)) { run in
      try run.train()
      return run.folder
    }
    let names = try ResumableRun.files(of: folder).keys.sorted()
    #expect(
      names == [
        "best.safetensors", "checkpoints/step-000000240.safetensors", "episodes.csv",
        "evaluations.csv", "learning.csv", "model.safetensors",
      ])
    run.settings.hyperparameters.budget.steps = 300
    let error = #expect(throws: RunError.self) { try run.open(.existing(folder)) { _ in } }
    guard case .incomplete? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(try ResumableRun.files(of: folder).keys.sorted() == names)
  }

  @Test("of a finished run have its result, and remove what an interruption of the end left")
  func finished() throws {
    let (root, other) = (try TemporaryFolder(), try TemporaryFolder())
    var run = ResumableRun.all[0]
    let folder = try run.open(.new(root: root.path)) { run in
      try run.train()
      return run.folder
    }
    run.settings.checkpoints.keepsReplay = false
    let finished = ConcurrentRuns.Run(folder, run.settings)
    let summary = try #require(try finished.result())
    #expect(summary.steps == 240 && summary.evaluation != nil)
    #expect(try ResumableRun.files(of: folder) == run.files(trainedIn: other))
    #expect(try finished.result(steps: 240) == summary)
    #expect(try finished.result(steps: 241) == nil)
  }

  @Test("without checkpoints start anew, and cannot be extended after their end")
  func noCheckpoints() throws {
    let root = try TemporaryFolder()
    var run = ResumableRun.all[0]
    run.settings.checkpoints.every = 0
    let folder = try run.open(.new(root: root.path)) { run in
      for _ in 0..<90 { try run.advance() }
      try run.save()
      return run.folder
    }
    #expect(try folder.summary() == nil)
    try run.open(.existing(folder)) { run in
      #expect(run.steps == 0)
      _ = try run.train()
    }
    let finished = ConcurrentRuns.Run(folder, run.settings)
    #expect(try finished.result() != nil)
    #expect(throws: RunError.self) { try finished.result(steps: 241) }
    #expect(
      try !root.contents(String(folder.path.split(separator: "/").last ?? ""))
        .contains { ["checkpoints", "replay"].contains($0) })
  }

  @Test("are refused if a log is shorter than the checkpoint says, is a link, or is a folder")
  func logs() throws {
    let run = ResumableRun.all[0]
    for change in ["shorten", "link", "folder"] {
      let root = try TemporaryFolder()
      let folder = try run.open(.new(root: root.path)) { run in
        for _ in 0..<50 { try run.advance() }
        return run.folder
      }
      let log = folder.path(of: .episodes)
      switch change {
      case "shorten": try Data(bytes(of: log).prefix(20)).write(to: URL(filePath: log))
      case "link":
        try FileManager.default.moveItem(atPath: log, toPath: log + ".csv")
        try FileManager.default.createSymbolicLink(
          atPath: log, withDestinationPath: log + ".csv")
      default:
        try FileManager.default.removeItem(atPath: log)
        try FileManager.default.createDirectory(
          atPath: log, withIntermediateDirectories: false)
      }
      let error = #expect(throws: RunError.self, "\(change)") {
        try run.open(.existing(folder)) { _ in }
      }
      guard case .system(let error)? = error else {
        Issue.record("\(change): \(String(describing: error))")
        continue
      }
      #expect(error.operation == .write && error.path == log, "\(change): \(error)")
    }
  }

  @Test(
    "are refused if the checkpoint or a part of the replay memory is a link, which is not followed",
    arguments: ["checkpoints/step-000000040.safetensors", "replay/rows-000000000000.bin"])
  func links(name: String) throws {
    let root = try TemporaryFolder()
    let run = ResumableRun.all[0]
    let folder = try run.open(.new(root: root.path)) { run in
      for _ in 0..<50 { try run.advance() }
      return run.folder
    }
    let path = folder.path + "/" + name
    try FileManager.default.moveItem(atPath: path, toPath: root.path("elsewhere"))
    try FileManager.default.createSymbolicLink(
      atPath: path, withDestinationPath: root.path("elsewhere"))
    let error = #expect(throws: RunError.self) { try run.open(.existing(folder)) { _ in } }
    guard case .system(let error)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(error == SystemError(.read, path, code: SystemError.irregularFile))
  }

  @Test(
    "notice at the next checkpoint that their folder was moved, and write nothing at the old place")
  func movedFolder() throws {
    let root = try TemporaryFolder()
    var run = ResumableRun.all[0]
    // No other file is written before the checkpoint.
    run.settings.evaluation.every = 1_000
    try run.open(.new(root: root.path)) { run in
      for _ in 0..<50 { try run.advance() }
      try FileManager.default.moveItem(atPath: run.folder.path, toPath: root.path("moved"))
      let error = #expect(throws: RunError.self) {
        for _ in 0..<50 { try run.advance() }
      }
      #expect("\(try #require(error))".contains("No such file or directory"))
      #expect(try root.contents() == ["moved"])
    }
  }

  @Test("notice at the next checkpoint that a log was removed")
  func removedLog() throws {
    let root = try TemporaryFolder()
    let run = ResumableRun.all[0]
    try run.open(.new(root: root.path)) { run in
      for _ in 0..<50 { try run.advance() }
      try FileManager.default.removeItem(atPath: run.folder.path(of: .episodes))
      let error = #expect(throws: RunError.self) {
        for _ in 0..<50 { try run.advance() }
      }
      #expect("\(try #require(error))".contains("it was removed or shortened meanwhile"))
      #expect(run.steps == 80)
    }
  }
}
