public import DeepSARSA

/// A training run with its folder: trains, judges on the way, keeps the best network.
///
/// The caller advances it, as it would a trainer, and stops when it likes.
///
/// ```swift
/// var run = try TrainingRun(settings, environment: environment, root: "runs")
/// while !run.isFinished { try run.advance() }
/// let summary = try run.finish()
/// ```
public struct TrainingRun<World: Environment>: ~Copyable {
  /// What it was told.
  public let settings: RunSettings
  /// Its folder.
  public let folder: RunFolder

  /// The last evaluation on the way.
  public private(set) var lastEvaluation: Returns?
  /// The best mean of the evaluations on the way.
  public private(set) var bestMean: Double?
  /// The mean return of the last 100 training episodes.
  public var recentReturn: Double? { recentReturns.mean }

  private var recentReturns = RecentReturns()
  private var policy: GreedyPolicy
  private var episodeLog: LogFile
  private var evaluationLog: LogFile
  /// The step at which the network was last judged.
  private var evaluatedStep: Int?

  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  /// Time that was spent on anything but training.
  private var otherTime = Duration.zero

  /// The training itself; what depends on the environment's size comes last.
  public private(set) var trainer: Trainer<World.Vector>
  private var evaluation: Evaluation<World>
  private let environment: World

  /// Makes the folder and writes the settings.
  ///
  /// - Throws: `RunError`.
  public init(_ settings: RunSettings, environment: World, root: String) throws(RunError) {
    start = clock.now
    try converting(RunError.settings) { () throws(HyperparameterError) in try settings.validate() }
    let trainer = try converting(RunError.init) {
      () throws(TrainingError<World.Vector.Failure>) in
      try Trainer(
        settings.hyperparameters,
        environment: environment.vector(count: settings.hyperparameters.environmentCount),
        seed: settings.seed)
    }
    let policy = try converting(RunError.memory) { () throws(ArenaError) in
      try GreedyPolicy(trainer.agent.description)
    }
    let folder = try converting(RunError.system) { () throws(SystemError) in
      let folder = try RunFolder(creatingFor: settings, in: root)
      try folder.write(
        settings, environmentSeeds: trainer.environmentSeeds, machine: .current)
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

    self.settings = settings
    self.folder = folder
    self.trainer = trainer
    self.environment = environment
    self.policy = policy
    self.episodeLog = episodeLog
    self.evaluationLog = evaluationLog
    evaluation = Evaluation(
      environment, seed: RandomStreams(seed: settings.seed).seed(.evaluation, index: 0))
    otherTime = clock.now - start
  }

  /// Whether the budget is spent, or the return reached that training was to stop at.
  public var isFinished: Bool {
    if trainer.isFinished { return true }
    guard let target = settings.evaluation.targetReturn else { return false }
    return (bestMean ?? -.infinity) >= target
  }

  /// The share of the budget that is spent, from 0 to 1.
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

  /// Environment steps a second, of training alone.
  public var stepsPerSecond: Double {
    let seconds = (clock.now - start - otherTime).seconds
    return seconds > 0 ? Double(trainer.steps) / seconds : 0
  }

  /// Takes one training step, logs the episodes it ended, and judges the network if it is time.
  ///
  /// Before the first step the untrained network is judged.
  ///
  /// An evaluation asks between its episodes whether it is cancelled, and then leaves no trace.
  ///
  /// - Returns: whether the network was judged after the step.
  /// - Throws: `RunError`. After a divergence the folder holds the last network that was judged.
  @discardableResult
  public mutating func advance(
    isCancelled: () -> Bool = { false }
  ) throws(RunError) -> Bool {
    if evaluatedStep == nil { guard try evaluateOrSave(isCancelled) else { return false } }
    let events: TrainingEvents
    do {
      events = try trainer.advance()
    } catch {
      // What went wrong with the training matters more than what may go wrong with its log.
      try? logEpisodes()
      try? flush()
      // An environment that fails takes nothing away from the network.
      if case .environment = error { try? save() }
      throw RunError(error)
    }
    if events.finishedEpisodes > 0 {
      do { try logEpisodes() } catch { throw .system(error) }
    }
    guard trainer.steps - (evaluatedStep ?? 0) >= settings.evaluation.every else { return false }
    return try evaluateOrSave(isCancelled)
  }

  /// Judges the network, and saves it if the environment that it is judged in fails.
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

  /// Judges the network, writes it, and writes it as the best if it is; false if it was cancelled.
  private mutating func evaluate(_ isCancelled: () -> Bool) throws(RunError) -> Bool {
    let started = clock.now
    defer { otherTime += clock.now - started }
    trainer.agent.copyParameters(into: &policy)
    let judged = try Self.play(
      &policy, in: &evaluation, episodes: settings.evaluation.episodes, isCancelled)
    guard let returns = judged else { return false }
    lastEvaluation = returns
    evaluatedStep = trainer.steps
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

  /// Writes everything and judges the last and the best network on fresh starts.
  ///
  /// - Returns: the summary, or `nil` if it was cancelled.
  /// - Throws: `RunError`.
  public mutating func finish(
    isCancelled: () -> Bool = { false }
  ) throws(RunError) -> RunSummary? {
    if evaluatedStep != trainer.steps { guard try evaluateOrSave(isCancelled) else { return nil } }
    var summary = summary()
    let seed = RandomStreams(seed: settings.seed).seed(.evaluation, index: 1)
    summary.evaluation = try judge(.model, seed: seed, isCancelled)
    summary.bestEvaluation = try judge(.best, seed: seed, isCancelled)
    if summary.evaluation == nil || summary.bestEvaluation == nil { return nil }
    summary.wallSeconds = wallSeconds
    return summary
  }

  private func judge(
    _ file: RunFolder.File, seed: UInt64, _ isCancelled: () -> Bool
  ) throws(RunError) -> EvaluationSummary? {
    var model = try ModelFile(reading: folder.path(of: file))
    var evaluation = Evaluation(environment, seed: seed)
    return try Self.play(
      &model.policy, in: &evaluation, episodes: EvaluationSettings.finalEpisodes, isCancelled
    ).map { EvaluationSummary($0, seed: seed) }
  }

  /// Plays episodes; `nil` if it was cancelled between two of them.
  private static func play(
    _ policy: inout GreedyPolicy, in evaluation: inout Evaluation<World>, episodes: Int,
    _ isCancelled: () -> Bool
  ) throws(RunError) -> Returns? {
    var returns: [Double] = []
    evaluation.restart()
    do {
      while returns.count < episodes {
        if isCancelled() { return nil }
        returns.append(try evaluation.playEpisode(&policy))
      }
    } catch {
      throw .environment("\(error)")
    }
    return Returns(returns)
  }

  /// What can be said so far, without the final evaluations.
  public func summary() -> RunSummary {
    RunSummary(
      run: folder.path, environment: settings.environment, seed: settings.seed,
      steps: trainer.steps, episodes: trainer.episodes, wallSeconds: wallSeconds,
      stepsPerSecond: stepsPerSecond, trainingReturnLast100: recentReturn, evaluation: nil,
      bestEvaluation: nil)
  }
}

extension Duration {
  var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}

/// The returns of the last 100 training episodes.
struct RecentReturns {
  private var values: [Double] = []
  private var next = 0

  mutating func append(_ value: Double) {
    if values.count < 100 {
      values.append(value)
    } else {
      values[next] = value
      next = (next + 1) % 100
    }
  }

  var mean: Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }
}
