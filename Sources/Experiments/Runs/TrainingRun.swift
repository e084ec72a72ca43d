public import DeepSARSA

/// A training run with its folder: it trains, evaluates during training, and saves the best network.
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

  /// The latest evaluation during training.
  public private(set) var lastEvaluation: Returns?
  /// The highest mean return of the evaluations during training.
  public private(set) var bestMean: Double?
  /// Whether the environment repeats the start of the first evaluation; it is tested before the second one.
  public private(set) var repetition: Repetition?
  /// The mean return of the last 100 training episodes.
  public var recentReturn: Double? { recentReturns.mean }

  private var recentReturns = RecentReturns()
  private var policy: GreedyPolicy
  private var episodeLog: LogFile
  private var evaluationLog: LogFile
  /// `nil` without such a file.
  private var learningLog: LearningLog?
  private var thresholdRecord: ThresholdRecord?
  /// The step of the latest evaluation.
  private var evaluatedStep: Int?

  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  /// The time that was spent outside of training steps.
  private var otherTime = Duration.zero
  /// The number of steps and the training time after the first update.
  private var firstUpdate: (steps: Int, time: Duration)?

  /// The trainer.
  ///
  /// It is among the last properties, because its size depends on the generic types.
  public private(set) var trainer: Trainer<World.Vector, Learner>
  private var evaluation: Evaluation<World>
  private let environment: World

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
    start = clock.now
    try converting(RunError.settings) { () throws(HyperparameterError) in try settings.validate() }
    var trainer = try converting(RunError.init) {
      () throws(TrainingError<World.Vector.Failure>) in
      try Trainer(
        learner, settings.hyperparameters,
        environment: environment.vector(count: settings.hyperparameters.environmentCount),
        seed: settings.seed)
    }
    if let path = settings.initialModel {
      try InitialModel(reading: path).load(into: &trainer)
    }
    let policy = try converting(RunError.memory) { () throws(ArenaError) in
      try GreedyPolicy(trainer.agent.description)
    }
    let folder = try converting(RunError.system) { () throws(SystemError) in
      let folder = try RunFolder(creatingFor: settings, in: root)
      try folder.write(
        settings, origin: origin, environmentSeeds: trainer.environmentSeeds, machine: .current)
      return folder
    }
    let episodeLog = try converting(RunError.system) { () throws(SystemError) in
      try LogFile(
        creating: folder.path(of: .episodes), header: "step,episode,return,length,end")
    }
    let evaluationLog = try converting(RunError.system) { () throws(SystemError) in
      try LogFile(
        creating: folder.path(of: .evaluations), header: "step,mean,std,min,max,episodes")
    }
    let learningLog = try converting(RunError.system) { () throws(SystemError) -> LearningLog? in
      if settings.learningInterval == 0 { return nil }
      return try LearningLog(
        creating: folder.path(of: .learning), interval: settings.learningInterval)
    }

    self.settings = settings
    self.folder = folder
    self.trainer = trainer
    self.environment = environment
    self.policy = policy
    self.episodeLog = episodeLog
    self.evaluationLog = evaluationLog
    self.learningLog = learningLog
    evaluation = Evaluation(
      environment, seed: RandomStreams(seed: settings.seed).seed(.evaluation, index: 0))
    otherTime = clock.now - start
  }

  /// Whether the budget is used up, or an evaluation reached the return at which training stops.
  public var isFinished: Bool {
    if trainer.isFinished { return true }
    guard let target = settings.evaluation.targetReturn else { return false }
    return (bestMean ?? -.infinity) >= target
  }

  /// The fraction of the budget that is used, from 0 to 1.
  public var progress: Double {
    let budget = settings.hyperparameters.budget
    let shares = [
      budget.steps.map { Double(trainer.steps) / Double($0) },
      budget.episodes.map { Double(trainer.episodes) / Double($0) },
    ]
    return min(1, shares.compactMap { $0 }.max() ?? 0)
  }

  /// The seconds since the start.
  public var wallSeconds: Double { (clock.now - start).seconds }

  /// The time spent in training steps.
  private var trainingTime: Duration { clock.now - start - otherTime }

  /// Environment steps per second of training time, after the first update.
  ///
  /// Steps before the first update only fill the replay memory and are much faster, so they are not
  /// counted. The value is `nil` until a step after the first update.
  public var stepsPerSecond: Double? {
    guard let firstUpdate, trainer.steps > firstUpdate.steps else { return nil }
    let seconds = (trainingTime - firstUpdate.time).seconds
    return seconds > 0 ? Double(trainer.steps - firstUpdate.steps) / seconds : nil
  }

  /// Takes one training step, logs the episodes that ended, and evaluates the network if that is due.
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
    if evaluatedStep == nil { guard try evaluateOrSave(isCancelled) else { return false } }
    let events: TrainingEvents
    do {
      events = try trainer.advance()
    } catch {
      // The error of the training is reported, not a failure to write the log.
      try? logEpisodes()
      try? flush()
      let error = RunError(error)
      // The network is still valid after the environment failed, so it is saved.
      if case .environment = error { try? save() }
      throw error
    }
    if let update = events.update {
      if firstUpdate == nil { firstUpdate = (trainer.steps, trainingTime) }
      do { try logLearning(update) } catch { throw .system(error) }
    }
    if events.finishedEpisodes > 0 {
      do { try logEpisodes() } catch { throw .system(error) }
    }
    guard trainer.steps - (evaluatedStep ?? 0) >= settings.evaluation.every else { return false }
    return try evaluateOrSave(isCancelled)
  }

  /// Evaluates the network, and saves it if the evaluation's environment fails.
  private mutating func evaluateOrSave(_ isCancelled: () -> Bool) throws(RunError) -> Bool {
    do {
      return try evaluate(isCancelled)
    } catch {
      if case .environment = error { try? save() }
      throw error
    }
  }

  private mutating func logEpisodes() throws(SystemError) {
    for episode in trainer.finishedEpisodes {
      recentReturns.append(episode.totalReward)
      let end = episode.isTerminated ? "terminated" : "truncated"
      try episodeLog.append(
        "\(episode.step),\(episode.number),\(episode.totalReward),\(episode.length),\(end)")
    }
  }

  /// Measures the last update if a line of `learning.csv` is due.
  private mutating func logLearning(_ update: Update) throws(SystemError) {
    guard learningLog?.isDue(after: trainer.agent.updateCount) ?? false else { return }
    let started = clock.now
    defer { otherTime += clock.now - started }
    let hyperparameters = settings.hyperparameters
    let stepsBefore = trainer.steps - hyperparameters.environmentCount
    try learningLog?.append(
      LearningLog.Row(
        step: trainer.steps, updates: trainer.agent.updateCount, update: update,
        policy: hyperparameters.exploration.policy(at: stepsBefore),
        learningRate: hyperparameters.optimizer.learningRate.value(at: stepsBefore),
        discount: hyperparameters.target.discount, measurements: trainer.measurements()))
  }

  /// Compares an evaluation with the environment's threshold.
  private mutating func record(_ mean: Double) {
    if thresholdRecord != nil {
      thresholdRecord?.append(mean)
    } else if let threshold = environment.specification.rewardThreshold, mean >= threshold {
      thresholdRecord = ThresholdRecord(threshold: threshold, firstStep: trainer.steps)
    }
  }

  /// Evaluates the network, saves it, and saves it as the best if it is; false if it was cancelled.
  private mutating func evaluate(_ isCancelled: () -> Bool) throws(RunError) -> Bool {
    let started = clock.now
    defer { otherTime += clock.now - started }
    guard try checkRepetition(isCancelled) else { return false }
    trainer.agent.copyParameters(into: &policy)
    let result = try Self.play(
      &policy, in: &evaluation, episodes: settings.evaluation.episodes, isCancelled)
    guard let returns = result else { return false }
    lastEvaluation = returns
    evaluatedStep = trainer.steps
    record(returns.mean)
    do {
      try evaluationLog.append(
        "\(trainer.steps),\(returns.mean),\(returns.standardDeviation),\(returns.minimum),"
          + "\(returns.maximum),\(returns.values.count)")
    } catch {
      throw .system(error)
    }
    if bestMean.map({ returns.mean > $0 }) ?? true {
      bestMean = returns.mean
      try write(.best)
    }
    try write(.model)
    try flush()
    return true
  }

  /// Repeats the start of the first evaluation before the second one; false if it was cancelled.
  ///
  /// If the results differ, the means of evaluations cannot be compared. A test with a new copy of the
  /// environment then tells whether the environment keeps state or draws unseeded random numbers.
  private mutating func checkRepetition(_ isCancelled: () -> Bool) throws(RunError) -> Bool {
    guard repetition == nil, let opening = evaluation.opening else { return true }
    do {
      guard let isExact = try evaluation.repeats(opening, isCancelled: isCancelled) else {
        return false
      }
      if isExact {
        repetition = .exact
        return true
      }
      var copy = Evaluation(environment, seed: evaluation.seed)
      guard let isExactInCopy = try copy.repeats(opening, isCancelled: isCancelled) else {
        return false
      }
      repetition = isExactInCopy ? .stateful : .unseeded
    } catch {
      throw .environment("\(error)")
    }
    return true
  }

  private func write(_ file: RunFolder.File) throws(RunError) {
    try ModelFile.write(
      trainer.agent.model(), environment: settings.environment,
      environmentArguments: settings.environmentArguments, step: trainer.steps,
      to: folder.path(of: file))
  }

  private mutating func flush() throws(RunError) {
    do {
      try episodeLog.flush()
      try evaluationLog.flush()
      try learningLog?.flush()
    } catch {
      throw .system(error)
    }
  }

  /// Writes the last network and the logs.
  ///
  /// - Throws: `RunError`.
  public mutating func save() throws(RunError) {
    try write(.model)
    try flush()
  }

  /// Writes all files, and evaluates the last and the best network on episodes with new seeds.
  ///
  /// - Returns: the summary, or `nil` if it was cancelled.
  /// - Throws: `RunError`.
  public mutating func finish(
    isCancelled: () -> Bool = { false }
  ) throws(RunError) -> RunSummary? {
    if evaluatedStep != trainer.steps { guard try evaluateOrSave(isCancelled) else { return nil } }
    var summary = summary()
    let seed = RandomStreams(seed: settings.seed).seed(.evaluation, index: 1)
    summary.evaluation = try finalEvaluation(.model, seed: seed, isCancelled)
    summary.bestEvaluation = try finalEvaluation(.best, seed: seed, isCancelled)
    if summary.evaluation == nil || summary.bestEvaluation == nil { return nil }
    summary.wallSeconds = wallSeconds
    return summary
  }

  private func finalEvaluation(
    _ file: RunFolder.File, seed: UInt64, _ isCancelled: () -> Bool
  ) throws(RunError) -> EvaluationSummary? {
    var model = try ModelFile(reading: folder.path(of: file))
    var evaluation = Evaluation(environment, seed: seed)
    return try Self.play(
      &model.policy, in: &evaluation, episodes: EvaluationSettings.finalEpisodes, isCancelled
    ).map { EvaluationSummary($0, seed: seed) }
  }

  /// Plays episodes; `nil` if it was cancelled.
  private static func play(
    _ policy: inout GreedyPolicy, in evaluation: inout Evaluation<World>, episodes: Int,
    _ isCancelled: () -> Bool
  ) throws(RunError) -> Returns? {
    var returns: [Double] = []
    evaluation.restart()
    while returns.count < episodes {
      let value: Double?
      do {
        value = try evaluation.playEpisode(&policy, isCancelled: isCancelled)
      } catch {
        throw .environment("\(error)")
      }
      guard let value else { return nil }
      if let number = evaluation.nonFiniteNumber { throw .environment("\(number)") }
      returns.append(value)
    }
    return Returns(returns)
  }

  /// The summary so far, without the final evaluations.
  public func summary() -> RunSummary {
    RunSummary(
      run: folder.path, environment: settings.environment, seed: settings.seed,
      steps: trainer.steps, episodes: trainer.episodes, updates: trainer.agent.updateCount,
      wallSeconds: wallSeconds, stepsPerSecond: stepsPerSecond,
      trainingReturnLast100: recentReturn, evaluation: nil, bestEvaluation: nil,
      afterThreshold: thresholdRecord, repetition: repetition)
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
