import DeepSARSA
import SARSAExperiments
import SARSAFiles
import TestSupport
import Testing

@Suite("Cost of checkpoints")
struct SaveCostTests {
  @Test(
    "a save writes the new rows, 16 bytes a parameter and at most 64 KiB, however large the memory is",
    arguments: [2_000, 200_000])
  func bytes(capacity: Int) throws {
    let run = ResumableRun("the notebook's network", in: "MountainCar-v0") {
      $0.hyperparameters.network.hiddenSizes = [128, 64]
      $0.hyperparameters.replay.capacity = capacity
      $0.hyperparameters.replay.trainFrequency = 100
      $0.hyperparameters.budget.steps = 9_500
      $0.evaluation.every = 1_000_000
      $0.checkpoints.every = 1_000
    }
    let parameters = 2 * 128 + 128 + 128 * 64 + 64 + 64 * 3 + 3
    let rowBytes = 8 * 4
    let root = try TemporaryFolder()
    let system = PowerCutFileSystem(root.path, on: SimulatedDisk())
    try Files.$system.withValue(system) {
      try run.open(.new(root: root.path)) { run in
        while run.steps < 2_500 { try run.advance() }
        for save in 3...9 {
          let before = system.count
          for _ in 0..<1_000 { try run.advance() }
          let cost = system.cost(since: before)
          let logs = 64 << 10
          #expect(cost.bytes <= 1_000 * rowBytes + 16 * parameters + logs, "save \(save)")
          #expect(cost.bytes >= 1_000 * rowBytes + 16 * parameters)
          // The journal; episodes, updates and events; the checkpoint and its name.
          #expect(cost.flushes == 6, "save \(save)")
        }
      }
    }
  }
}
