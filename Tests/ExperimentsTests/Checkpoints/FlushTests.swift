import DeepSARSA
import SARSAExperiments
import SARSAFiles
import TestSupport
import Testing

@Suite("Flushes to the disk")
struct FlushTests {
  static let runs = [
    ResumableRun.all[1],
    // Rows of 3 kB: one segment of the journal is full, another one begins, and the first goes at the end.
    ResumableRun("several segments", in: "MinAtar/Breakout-v1") {
      $0.hyperparameters.replay.learningStarts = 100
      $0.hyperparameters.replay.capacity = 150
      $0.hyperparameters.replay.trainFrequency = 50
      $0.hyperparameters.budget.steps = 2_200
      $0.evaluation.every = 2_000
      $0.evaluation.episodes = 1
      $0.checkpoints.every = 300
    },
  ]

  @Test(
    "everything that a checkpoint names is flushed before it takes its place, and it is before others go",
    arguments: runs, [false, true])
  func order(run: ResumableRun, keepsReplay: Bool) throws {
    var run = run
    run.settings.checkpoints.keepsReplay = keepsReplay
    let root = try TemporaryFolder()
    let system = RecordingFileSystem()
    try Files.$system.withValue(system) {
      let folder = try run.open(.new(root: root.path("new/root"))) { run in
        for _ in 0..<100 { try run.advance() }
        return run.folder
      }
      try run.open(.existing(folder)) { run in _ = try run.train() }
    }
    #expect(system.checkpoints > 4)
    #expect(system.problems == [])
    // The result, too, is on disk at the end.
    #expect(system.unflushed == [])
    // What is left of a replay memory that goes is removed when the run's folder is next used.
    if keepsReplay { #expect(system.unflushedRemovals == []) }
  }

  @Test("a result is removed from the disk before the settings say that its run goes on")
  func moreSteps() throws {
    let root = try TemporaryFolder()
    let long = Self.runs[0]
    var short = long
    short.settings.hyperparameters.budget.steps = 120
    let folder = try short.open(.new(root: root.path)) { run in
      try run.train()
      return run.folder
    }
    let system = RecordingFileSystem()
    try Files.$system.withValue(system) { try long.open(.existing(folder)) { _ in } }
    #expect(system.problems == [])
    #expect(try folder.summary() == nil)
  }
}
