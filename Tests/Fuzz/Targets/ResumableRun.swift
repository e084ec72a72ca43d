import DeepSARSA
import Foundation
import SARSAExperiments
import SARSAFiles
import TestSupport

/// A short run that was stopped, and that can be resumed with other bytes in the place of its own.
struct ResumableRun: Sendable {
  let settings: RunSettings
  /// The bytes of its checkpoint.
  let checkpoint: [UInt8]
  /// The bytes of its journal; `nil` without a replay memory.
  let journal: [UInt8]?
  /// The folder of the journal.
  let journalFolder: String
  /// The steps in the checkpoint.
  let step = 40

  private let folder: RunFolder
  private let checkpointPath: String
  private let journalPath: String

  /// Trains with an algorithm below a path, and stops.
  init(_ algorithm: Algorithm, in root: String) throws {
    var settings = RunSettings(
      environment: "CartPole-v1", environmentArguments: ["max_episode_steps": .integer(9)])
    settings.hyperparameters.algorithm = algorithm
    if algorithm == .streaming,
      let preset = Hyperparameters.presets(for: "CartPole-v1").first(where: {
        $0.name == "streaming"
      })
    {
      settings.hyperparameters = preset.hyperparameters
    }
    settings.hyperparameters.network.hiddenSizes = [3]
    settings.hyperparameters.budget = Budget(steps: 120)
    if algorithm == .replay {
      settings.hyperparameters.replay.batchSize = 5
      settings.hyperparameters.replay.learningStarts = 10
      settings.hyperparameters.replay.capacity = 31
      settings.hyperparameters.replay.priority.exponent = 0.6
      settings.hyperparameters.target.steps = 2
    }
    if algorithm == .parallel {
      settings.hyperparameters.segment.steps = 5
      settings.hyperparameters.segment.minibatches = 2
      settings.hyperparameters.environmentCount = 2
      settings.hyperparameters.target.rule.nextAction = .stored
    }
    settings.evaluation.every = 30
    settings.evaluation.episodes = 1
    settings.learningInterval = 5
    settings.checkpoints.every = 1_000
    self.settings = settings

    let environment = try EnvironmentRegistry.make(
      settings.environment, arguments: settings.environmentArguments)
    folder = try Self.start(algorithm.agent, settings, in: environment, root: root, until: step)
    let name = "00000000\(step)"
    checkpointPath = folder.path + "/checkpoints/step-\(name.suffix(9)).safetensors"
    journalFolder = folder.path + "/replay"
    journalPath = journalFolder + "/rows-000000000000.bin"
    checkpoint = try bytes(of: checkpointPath)
    journal = algorithm == .replay ? try bytes(of: journalPath) : nil
  }

  private static func start<World: Environment, Learner: Agent & ~Copyable>(
    _ learner: Learner.Type, _ settings: RunSettings, in environment: World, root: String,
    until step: Int
  ) throws -> RunFolder {
    var run = try TrainingRun(learner, settings, environment: environment, root: root)
    while run.trainer.steps < step { try run.advance() }
    try run.save()
    return run.folder
  }

  /// Resumes the run with a checkpoint and a journal, and takes some steps if they are accepted.
  ///
  /// No file of the run is changed by it but these two.
  func resume(from checkpoint: [UInt8], journal: [UInt8]?) {
    do {
      try AppendedFile(checkpointPath, keeping: 0).write(checkpoint)
      if let journal { try AppendedFile(journalPath, keeping: 0).write(journal) }
      let environment = try EnvironmentRegistry.make(
        settings.environment, arguments: settings.environmentArguments)
      try Files.$system.withValue(ForgetfulFileSystem()) {
        try goOn(settings.hyperparameters.algorithm.agent, in: environment)
      }
    } catch {
      _ = "\(error)"
    }
  }

  private func goOn<World: Environment, Learner: Agent & ~Copyable>(
    _ learner: Learner.Type, in environment: World
  ) throws {
    var run = try TrainingRun(learner, in: folder, settings, environment: environment)
    for _ in 0..<12 where !run.isFinished { try run.advance() }
    try run.save()
  }
}

/// A file system that writes nothing, without an error.
private struct ForgetfulFileSystem: FileSystem {
  private let base = OperatingSystem()

  func open(_ path: String, _ flags: Int32) -> Int32 {
    base.open(path, flags & ~(O_CREAT | O_TRUNC))
  }
  func write(_ bytes: RawSpan, to file: Int32) -> Int { bytes.byteCount }
  func synchronize(_ file: Int32) -> Int32 { 0 }
  func truncate(_ file: Int32, to byteCount: Int) -> Int32 { 0 }
  func close(_ file: Int32) -> Int32 { base.close(file) }
  func rename(_ path: String, to target: String) -> Int32 { 0 }
  func remove(_ path: String) -> Int32 { 0 }
  func createFolder(_ path: String) -> Int32 { base.createFolder(path) }
}
