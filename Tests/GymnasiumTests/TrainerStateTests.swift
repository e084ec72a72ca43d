import DeepSARSA
import SARSAGymnasium
import Testing

@Suite("State of a trainer with a Gymnasium environment")
struct TrainerStateTests {
  @Test(
    "another trainer reads it, repeats the steps in a process of its own, and goes on to the same bytes",
    arguments: [false, true])
  func goesOn(withSeedsOfEpisodes seedsEpisodes: Bool) throws {
    func trainer(seed: UInt64) throws -> Trainer<GymnasiumVector, ReplaySARSA> {
      var hyperparameters = Hyperparameters.notebook
      hyperparameters.network.hiddenSizes = [6]
      hyperparameters.replay.batchSize = 8
      hyperparameters.replay.learningStarts = 20
      hyperparameters.replay.capacity = 61
      hyperparameters.target.steps = 3
      hyperparameters.target.synchronization.every = 2
      hyperparameters.environmentCount = 2
      return try Trainer(
        hyperparameters, environment: fake { $0.seedsEpisodes = seedsEpisodes }.vector(count: 2),
        seed: seed)
    }
    func written(_ trainer: inout Trainer<GymnasiumVector, ReplaySARSA>) throws -> MemoryArchive {
      var state = MemoryArchive()
      try trainer.archive(in: &state)
      return state
    }
    var reference = try trainer(seed: 1)
    for cut in 1...4 {
      for _ in 0..<13 { try reference.advance() }
      var state = try written(&reference)
      var other = try trainer(seed: 2)
      for _ in 0..<cut { try other.advance() }
      state.startReading()
      try other.archive(in: &state)
      try state.finishReading()

      var (first, second): ([Episode], [Episode]) = ([], [])
      for _ in 0..<13 {
        try reference.advance()
        try other.advance()
        first += reference.finishedEpisodes
        second += other.finishedEpisodes
      }
      #expect(first == second && !first.isEmpty)
      #expect(try written(&other) == written(&reference), "cut \(cut)")
    }
    #expect(reference.agent.updateCount > 0)
  }
}
