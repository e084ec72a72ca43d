public import DeepSARSA

/// A training run with its folder: it trains, evaluates during training, saves the best network, and writes
/// checkpoints, from which an interrupted run goes on as if it had not been interrupted.
///
/// The caller advances it, like a trainer, and can stop after any step.
///
/// ```swift
/// var run = try TrainingRun(settings, environment: environment, root: "runs")
/// while !run.isFinished { try run.advance() }
/// let summary = try run.finish()
/// ```
public struct TrainingRun<World: Environment, Learner: Agent & ~Copyable>: ~Copyable {
  /// The settings.
  public let settings: RunSettings
  /// The run folder.
  public let folder: RunFolder
  /// The number of environment steps in the checkpoint from which the run goes on; `nil` without one.
  public let resumedStep: Int?
  /// What is wrong with newer checkpoints than that one.
  public let faults: [RunError]

  /// The latest evaluation during training, since the run was started or resumed.
  public internal(set) var lastEvaluation: Returns?
  /// The highest mean return of the evaluations during training.
  public var bestMean: Double? { state.bestMean }
  /// Whether the environment repeats the start of the first evaluation; it is tested before the second one.
  public var repetition: Repetition? { state.repetition }
  /// The mean return of the last 100 training episodes.
  public var recentReturn: Double? { state.recentReturns.mean }

  var state: RunState
  var logs: RunLogs
  /// The journal of the replay memory, and the parts of a checkpoint while it is written.
  var archive: CheckpointArchive
  /// The steps after which the next checkpoint is due.
  var nextSave: Int
  /// The rows of the replay memory that may be missing in the journal.
  let waitingRows: Int
  /// Whether the trainer has finished its last step, so that a checkpoint can be written.
  var isBetweenSteps = true

  var policy: GreedyPolicy
  /// Held as long as the run exists; `nil` if the folder was locked before.
  private let lock: FolderLock?

  let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  /// The time that was spent outside of training steps.
  var otherTime = Duration.zero
  /// How long each checkpoint took.
  var saveTimes: [Duration] = []
  /// The number of steps and the training time from which the speed is measured: those of the first update, or
  /// of the start if the agent has no memory to fill.
  private var speedStart: (steps: Int, time: Duration)?
  /// The number of steps after the last update.
  private var updatedSteps = 0
  /// `progress` when the run was started or resumed.
  private var startProgress = 0.0

  /// The trainer.
  ///
  /// It is among the last properties, because its size depends on the generic types.
  public internal(set) var trainer: Trainer<World.Vector, Learner>
  var evaluation: Evaluation<World>
  let environment: World

  /// Makes an agent of a type, creates the folder and writes the settings.
  ///
  /// - Parameters:
  ///   - learner: the type of agent.
  ///   - settings: the settings.
  ///   - environment: the environment, of which training and evaluation use copies.
  ///   - root: the folder in which the run's folder is created.
  ///   - origin: how the run was asked for; it is only recorded.
  /// - Throws: `RunError`.
  public init(
    _ learner: Learner.Type, _ settings: RunSettings, environment: World, root: String,
    origin: RunOrigin = RunOrigin()
  ) throws(RunError) {
    try self.init(learner, settings, environment: environment, isNew: true) {
      () throws(RunError) in
      try RunFolder(creatingFor: settings, origin: origin, in: root)
    }
  }

  /// Makes an agent of a type, and starts or resumes the run of a folder.
  ///
  /// A run goes on from its newest checkpoint that is whole, and starts anew without any. On the same machine, it
  /// then writes the bytes that it would have written without an interruption.
  ///
  /// - Parameters:
  ///   - learner: the type of agent.
  ///   - folder: the folder.
  ///   - settings: the folder's settings; the budget and how checkpoints are written may differ.
  ///   - environment: the environment, of which training and evaluation use copies.
  /// - Throws: `RunError`: `.locked` while another program trains in the folder, `.disagreement` for a checkpoint
  ///   of other settings, `.incomplete` if the run dropped its replay memory, `.badFile` if there are checkpoints
  ///   but none is whole. Then nothing has changed.
  public init(
    _ learner: Learner.Type, in folder: RunFolder, _ settings: RunSettings, environment: World
  ) throws(RunError) {
    try self.init(learner, settings, environment: environment, isNew: false) {
      () throws(RunError) in folder
    }
  }

  /// Starts or resumes the run of a folder that the caller keeps locked as long as the run exists.
  init(
    _ learner: Learner.Type, inLocked folder: RunFolder, _ settings: RunSettings,
    environment: World
  ) throws(RunError) {
    try self.init(learner, settings, environment: environment, isNew: false, isLocked: true) {
      () throws(RunError) in folder
    }
  }

  private init(
    _ learner: Learner.Type, _ settings: RunSettings, environment: World, isNew: Bool,
    isLocked: Bool = false, folder makeFolder: () throws(RunError) -> RunFolder
  ) throws(RunError) {
    start = clock.now
    try converting(RunError.settings) { () throws(HyperparameterError) in try settings.validate() }
    var trainer = try converting(RunError.init) {
      () throws(TrainingError<World.Vector.Failure>) in
      try Trainer(
        learner, settings.hyperparameters,
        environment: environment.vector(count: settings.hyperparameters.environmentCount),
        seed: settings.seed)
    }
    let policy = try converting(RunError.memory) { () throws(ArenaError) in
      try GreedyPolicy(trainer.agent.description)
    }
    // What is wrong with the initial model is told before there is a folder.
    if isNew, let path = settings.initialModel {
      try load(ModelFile(readingRunOrFile: path), into: &trainer)
    }
    let folder = try makeFolder()
    let lock: FolderLock?
    if isLocked { lock = nil } else { lock = try folder.lock() }

    let (checkpoint, faults) = try folder.checkpoints.newest()
    var state = RunState()
    var archive = CheckpointArchive(in: folder.journalPath, reading: checkpoint)
    if let checkpoint {
      try checkpoint.requireAgreement(with: settings)
      if checkpoint.journal == nil && Learner.usesReplay { throw .incomplete(folder.path) }
      try converting({ RunError($0, in: checkpoint.path) }) { () throws(ArchiveError) in
        try trainer.archive(in: &archive)
        try state.archive(
          in: &archive, steps: trainer.steps, actionCount: trainer.agent.description.outputs)
        try archive.parts.finishReading()
      }
      try folder.requireBudget(of: settings, after: trainer.steps)
      archive.removeParts()
    } else if let path = try folder.initialModel(of: settings) {
      try load(ModelFile(readingRunOrFile: path), into: &trainer)
    }
    let next = settings.nextCheckpoint(after: trainer.steps)
    // From here on, the folder is changed.
    if !isNew {
      try folder.removeTemporaryFiles()
      try folder.removeResult()
      try folder.record(settings.hyperparameters.budget, goesOn: checkpoint != nil)
    }
    let updates = trainer.agent.updateCount
    logs = try converting(RunError.system) { () throws(SystemError) in
      try archive.journal.cut()
      return try RunLogs(
        in: folder, keeping: checkpoint == nil ? nil : state.logs, for: settings, after: updates)
    }
    self.settings = settings
    self.folder = folder
    self.faults = faults
    resumedStep = checkpoint == nil ? nil : trainer.steps
    self.state = state
    self.archive = archive
    waitingRows = settings.waitingRows(of: learner)
    self.policy = policy
    self.lock = lock
    self.trainer = trainer
    self.environment = environment
    evaluation = Evaluation(
      environment, seed: RandomStreams(seed: settings.seed).seed(.evaluation, index: 0))
    evaluation.opening = state.opening
    nextSave = next
    otherTime = clock.now - start
    if !Learner.usesReplay { speedStart = (self.trainer.steps, .zero) }
    startProgress = progress
    // A checkpoint that was written early may be of a step whose evaluation is still due, and come again.
    if isEvaluationDue && settings.writesCheckpoint(after: self.trainer.steps) {
      nextSave = self.trainer.steps
    }
  }

  /// Whether the budget is used up, or an evaluation reached the return at which training stops.
  public var isFinished: Bool {
    if trainer.isFinished { return true }
    guard let target = settings.evaluation.targetReturn else { return false }
    return (bestMean ?? -.infinity) >= target
  }

  /// The fraction of the budget that is used, from 0 to 1.
  public var progress: Double {
    settings.hyperparameters.budget.usedShare(steps: trainer.steps, episodes: trainer.episodes)
  }

  /// The seconds since the start.
  public var wallSeconds: Double { (clock.now - start) / .seconds(1) }

  /// The time spent in training steps.
  private var trainingTime: Duration { clock.now - start - otherTime }

  /// Environment steps per second of training time, from the first update to the last.
  ///
  /// Steps before the first update only fill the replay memory, and those after the last one wait for the next;
  /// both are much faster. An agent without a replay memory learns from its first step on, so all count. The
  /// value is `nil` until the second update.
  public var stepsPerSecond: Double? {
    guard let speedStart, updatedSteps > speedStart.steps else { return nil }
    let seconds = (trainingTime - speedStart.time) / .seconds(1)
    return seconds > 0 ? Double(updatedSteps - speedStart.steps) / seconds : nil
  }

  /// How far the run has come, after a step that was followed by an evaluation or was not.
  func report(wasEvaluated: Bool) -> RunProgress {
    let gained = progress - startProgress
    return RunProgress(
      steps: trainer.steps, episodes: trainer.episodes, terminations: trainer.terminations,
      stepsPerSecond: stepsPerSecond, recentReturn: recentReturn, lastMean: lastEvaluation?.mean,
      bestMean: bestMean, threshold: environment.specification.rewardThreshold,
      isSolved: state.thresholdRecord != nil, policy: trainer.policy, fraction: progress,
      secondsLeft: gained > 0 ? wallSeconds / gained * (1 - progress) : nil,
      repetition: repetition, wasEvaluated: wasEvaluated)
  }

  /// Takes one training step, logs the episodes that ended, and evaluates the network and writes a checkpoint if
  /// that is due.
  ///
  /// Before the first step it evaluates the untrained network.
  ///
  /// An evaluation checks before each of its steps whether it is cancelled. A cancelled evaluation writes
  /// nothing.
  ///
  /// - Returns: whether the network was evaluated after the step.
  /// - Throws: `RunError`. After a divergence the folder holds the last network that was evaluated.
  @discardableResult
  public mutating func advance(
    isCancelled: () -> Bool = { false }
  ) throws(RunError) -> Bool {
    guard try completeStep(isCancelled) else { return false }
    let events: TrainingEvents
    isBetweenSteps = false
    do {
      events = try trainer.advance()
    } catch {
      // The error of the training is reported, not a failure to write the log.
      try? logEpisodes()
      try? logs.flush()
      let error = RunError(error)
      switch error {
      // The network is still valid after the environment failed, so it is saved.
      case .environment: try? save()
      // Without a record, it would look like a run that goes on.
      case .divergence: if let failure = RunFailure(error) { try? folder.write(failure) }
      default: break
      }
      throw error
    }
    isBetweenSteps = true
    if let update = events.update {
      if speedStart == nil { speedStart = (trainer.steps, trainingTime) }
      updatedSteps = trainer.steps
      do { try logLearning(update) } catch { throw .system(error) }
    }
    if events.finishedEpisodes > 0 {
      do { try logEpisodes() } catch { throw .system(error) }
    }
    try keepRows()
    let isDue = isEvaluationDue
    return try completeStep(isCancelled) && isDue
  }

  /// Evaluates the network and writes a checkpoint if that is due after the last step; false if it was cancelled.
  private mutating func completeStep(_ isCancelled: () -> Bool) throws(RunError) -> Bool {
    if isEvaluationDue { guard try evaluateOrSave(isCancelled) else { return false } }
    // The last one is written by `finish`.
    if trainer.steps >= nextSave && !isFinished { try saveCheckpoint() }
    return true
  }

  private mutating func logEpisodes() throws(SystemError) {
    for episode in trainer.finishedEpisodes {
      state.recentReturns.append(episode.totalReward)
      state.recentLengths.append(Double(episode.length))
      try logs.append(
        episode, recentReturn: recentReturn, recentLength: state.recentLengths.mean,
        policy: settings.hyperparameters.exploration.policy(at: episode.step))
    }
  }

  /// Measures the last update if a line of `learning.csv` is due.
  private mutating func logLearning(_ update: Update) throws(SystemError) {
    guard logs.learning?.isDue(after: trainer.agent.updateCount) ?? false else { return }
    let started = clock.now
    defer { otherTime += clock.now - started }
    let hyperparameters = settings.hyperparameters
    let stepsBefore = trainer.steps - hyperparameters.environmentCount
    try logs.append(
      LearningLog.Row(
        step: trainer.steps, updates: trainer.agent.updateCount, update: update,
        policy: hyperparameters.exploration.policy(at: stepsBefore),
        learningRate: hyperparameters.optimizer.learningRate.value(at: stepsBefore),
        discount: hyperparameters.target.discount, measurements: trainer.measurements()),
      speed: stepsPerSecond)
  }

  func write(_ file: RunFolder.File) throws(RunError) {
    try ModelFile.write(
      trainer.agent.model(), environment: settings.environment,
      environmentArguments: settings.environmentArguments, step: trainer.steps,
      to: folder.path(of: file))
  }

  mutating func flush() throws(RunError) {
    do { try logs.flush() } catch { throw .system(error) }
  }

  /// Writes the last network, the logs and, if the run writes checkpoints, one from which it goes on.
  ///
  /// After an error of a training step, there is no new checkpoint.
  ///
  /// - Throws: `RunError`.
  public mutating func save() throws(RunError) {
    try write(.model)
    try flush()
    if isBetweenSteps { try saveCheckpoint() }
  }

  /// Writes all files, and evaluates the last and the best network on episodes with new seeds.
  ///
  /// The replay memory on disk is then removed, unless the settings keep it.
  ///
  /// - Returns: the summary, or `nil` if it was cancelled.
  /// - Throws: `RunError`.
  public mutating func finish(
    isCancelled: () -> Bool = { false }
  ) throws(RunError) -> RunSummary? {
    if state.evaluatedStep != trainer.steps {
      guard try evaluateOrSave(isCancelled) else { return nil }
    }
    try saveCheckpoint()
    var summary = summary()
    let seed = RandomStreams(seed: settings.seed).seed(.evaluation, index: 1)
    summary.evaluation = try finalEvaluation(.model, seed: seed, isCancelled)
    summary.bestEvaluation = try finalEvaluation(.best, seed: seed, isCancelled)
    if summary.evaluation == nil || summary.bestEvaluation == nil { return nil }
    summary.wallSeconds = wallSeconds
    try folder.write(summary)
    if !settings.checkpoints.keepsReplay { try folder.dropReplay() }
    return summary
  }

  /// The summary so far, without the final evaluations.
  public func summary() -> RunSummary {
    RunSummary(
      run: folder.path, environment: settings.environment, seed: settings.seed,
      steps: trainer.steps, episodes: trainer.episodes, updates: trainer.agent.updateCount,
      wallSeconds: wallSeconds, stepsPerSecond: stepsPerSecond,
      trainingReturnLast100: recentReturn, evaluation: nil, bestEvaluation: nil,
      threshold: environment.specification.rewardThreshold,
      afterThreshold: state.thresholdRecord, repetition: repetition, saves: SaveTimes(saveTimes))
  }
}

/// Copies the parameters of a model into a trainer.
///
/// - Throws: `RunError.badFile` if the networks differ.
private func load<World, Learner: ~Copyable>(
  _ file: borrowing ModelFile, into trainer: inout Trainer<World, Learner>
) throws(RunError) {
  let (path, network) = (file.path, file.policy.description)
  guard network == trainer.agent.description else {
    throw .badFile(
      path, "its network is '\(network)', but the run's is '\(trainer.agent.description)'")
  }
  let model = file.policy.model()
  try converting({ .badFile(path, "\($0)") }) { () throws(ModelError) in
    try trainer.load(model)
  }
}

extension TrainingRun where Learner == ReplaySARSA {
  /// Makes an agent of Deep SARSA, creates the folder and writes the settings.
  ///
  /// - Throws: `RunError`.
  public init(
    _ settings: RunSettings, environment: World, root: String, origin: RunOrigin = RunOrigin()
  ) throws(RunError) {
    try self.init(
      ReplaySARSA.self, settings, environment: environment, root: root, origin: origin)
  }
}
