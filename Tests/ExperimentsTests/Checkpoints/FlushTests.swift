import DeepSARSA
import SARSAExperiments
import SARSAFiles
import TestSupport
import Testing

@Suite("Flushes to the disk")
struct FlushTests {
  static let runs = [
    ResumableRun.all[1],
    // Rows of 3 kB: one segment of the journal is full, and another one begins.
    ResumableRun("several segments", in: "MinAtar/Breakout-v1") {
      $0.hyperparameters.replay.learningStarts = 1_350
      $0.hyperparameters.replay.capacity = 1_400
      $0.hyperparameters.budget.steps = 1_400
      $0.evaluation.every = 1_000
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
  }
}
