import DeepSARSA
import Foundation
import SARSAExperiments
import SARSAFiles
import TestSupport
import Testing

/// A short run that writes several checkpoints, and what it leaves.
struct ResumableRun: Sendable, CustomTestStringConvertible {
  let testDescription: String
  var arguments: [String: ArgumentValue] = [:]
  var settings: RunSettings

  init(
    _ name: String, in environment: String, _ arguments: [String: ArgumentValue] = [:],
    _ change: (inout RunSettings) -> Void = { _ in }
  ) {
    testDescription = name
    self.arguments = arguments
    settings = RunSettings(
      environment: environment, environmentArguments: arguments, experimentName: "test", seed: 3)
    settings.hyperparameters.network.hiddenSizes = [6]
    settings.hyperparameters.replay.batchSize = 9
    settings.hyperparameters.replay.learningStarts = 20
    settings.hyperparameters.replay.capacity = 61
    settings.hyperparameters.replay.trainFrequency = 2
    settings.hyperparameters.exploration = .epsilonGreedy(
      epsilon: .linear(from: 1, to: 0.1, steps: 100))
    settings.hyperparameters.target.synchronization = TargetSynchronization(every: 7, .steps)
    settings.hyperparameters.budget = Budget(steps: 240)
    settings.evaluation.every = 70
    settings.evaluation.episodes = 2
    settings.learningInterval = 10
    settings.checkpoints.every = 40
    settings.checkpoints.keepsReplay = true
    change(&settings)
  }

  static let all = [
    ResumableRun("the notebook's rule", in: "MountainCar-v0", ["max_episode_steps": .integer(13)]),
    ResumableRun(
      "stored, three environments, an odd batch, a ring that wraps", in: "CartPole-v1",
      ["max_episode_steps": .integer(9)]
    ) {
      $0.hyperparameters.target.rule.nextAction = .stored
      $0.hyperparameters.environmentCount = 3
      $0.hyperparameters.replay.capacity = 41
    },
    ResumableRun(
      "three steps with priorities, whose ring is smaller than a checkpoint's interval",
      in: "Acrobot-v1", ["max_episode_steps": .integer(17)]
    ) {
      $0.hyperparameters.target.steps = 3
      $0.hyperparameters.replay.priority.exponent = 0.6
      $0.hyperparameters.replay.capacity = 31
    },
    ResumableRun("Boltzmann, masks", in: "Taxi-v4", ["max_episode_steps": .integer(31)]) {
      $0.hyperparameters.exploration = .boltzmann(
        temperature: .linear(from: 2, to: 0.1, steps: 120))
    },
    ResumableRun(
      "frames of bits, two environments, n steps, a ring that wraps", in: "MinAtar/Breakout-v1",
      ["max_episode_steps": .integer(9)]
    ) {
      $0.hyperparameters.target.steps = 3
      $0.hyperparameters.environmentCount = 2
      $0.hyperparameters.replay.capacity = 41
    },
    ResumableRun("segments", in: "CartPole-v1", ["max_episode_steps": .integer(9)]) {
      $0.hyperparameters.algorithm = .parallel
      $0.hyperparameters.segment.steps = 7
      $0.hyperparameters.segment.minibatches = 3
      $0.hyperparameters.environmentCount = 3
      $0.hyperparameters.target.rule.nextAction = .stored
    },
    ResumableRun("eligibility traces", in: "CartPole-v1", ["max_episode_steps": .integer(9)]) {
      $0.hyperparameters =
        Hyperparameters.presets(for: "CartPole-v1")
        .first { $0.name == "streaming" }?.hyperparameters ?? $0.hyperparameters
      $0.hyperparameters.network.hiddenSizes = [6]
      $0.hyperparameters.budget = Budget(steps: 240)
    },
  ]

  /// Starts a run in a new folder of a root, or goes on in a folder, and does something with it.
  func open<Result>(
    _ place: Place, _ body: (inout any AnyRun) throws -> Result
  ) throws -> Result {
    let environment = try EnvironmentRegistry.make(settings.environment, arguments: arguments)
    return try open(settings.hyperparameters.algorithm.agent, place, in: environment, body)
  }

  enum Place {
    case new(root: String)
    case existing(RunFolder)
  }

  private func open<World: Environment, Learner: Agent & ~Copyable, Result>(
    _ learner: Learner.Type, _ place: Place, in environment: World,
    _ body: (inout any AnyRun) throws -> Result
  ) throws -> Result {
    var run: any AnyRun =
      switch place {
      case .new(let root):
        Box(try TrainingRun(learner, settings, environment: environment, root: root))
      case .existing(let folder):
        Box(try TrainingRun(learner, in: folder, settings, environment: environment))
      }
    return try body(&run)
  }

  /// The files of a run that is not interrupted.
  func files(trainedIn root: TemporaryFolder) throws -> [String: [UInt8]] {
    let folder = try open(.new(root: root.path)) { run in
      try run.train()
      return run.folder
    }
    return try Self.files(of: folder)
  }

  /// What a run wrote, but the seconds in its summary, the start's command line, and what has a clock.
  static func files(of folder: RunFolder) throws -> [String: [UInt8]] {
    var result: [String: [UInt8]] = [:]
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    for name in names
    where !["summary.json", "config.yaml", RunFolder.File.events.rawValue].contains(name) {
      let path = folder.path + "/" + name
      if RunFolder(existing: path) == nil { result[name] = try bytes(of: path) }
    }
    return result
  }
}

/// A training run of any agent and environment.
protocol AnyRun: AnyObject {
  var folder: RunFolder { get }
  var steps: Int { get }
  var isFinished: Bool { get }
  var resumedStep: Int? { get }
  var faults: [RunError] { get }
  func advance() throws(RunError)
  func save() throws(RunError)
  @discardableResult
  func train() throws(RunError) -> RunSummary
}

private final class Box<World: Environment, Learner: Agent & ~Copyable>: AnyRun {
  private var run: TrainingRun<World, Learner>
  init(_ run: consuming TrainingRun<World, Learner>) { self.run = run }
  var folder: RunFolder { run.folder }
  var steps: Int { run.trainer.steps }
  var isFinished: Bool { run.isFinished }
  var resumedStep: Int? { run.resumedStep }
  var faults: [RunError] { run.faults }
  func advance() throws(RunError) { try run.advance() }
  func save() throws(RunError) { try run.save() }
  func train() throws(RunError) -> RunSummary { try run.train() }
}
