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
  /// What the environment did when the start of the first evaluation was played again, before the second.
  public private(set) var repetition: Repetition?
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
  /// The steps and the time of training when the first update had been made.
  private var firstUpdate: (steps: Int, time: Duration)?

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

  /// The time of training alone.
  private var trainingTime: Duration { clock.now - start - otherTime }

  /// Environment steps a second, of training alone.
  ///
  /// The steps before the first update fill the memory and cost next to nothing: they are not counted.
  /// Before there are others, there is no speed.
  public var stepsPerSecond: Double? {
    guard let firstUpdate, trainer.steps > firstUpdate.steps else { return nil }
    let seconds = (trainingTime - firstUpdate.time).seconds
    return seconds > 0 ? Double(trainer.steps - firstUpdate.steps) / seconds : nil
  }

  /// Takes one training step, logs the episodes it ended, and judges the network if it is time.
  ///
  /// Before the first step the untrained network is judged.
  ///
  /// An evaluation asks before each of its steps whether it is cancelled, and then leaves no trace.
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
      let error = RunError(error)
      // An environment that fails takes nothing away from the network.
      if case .environment = error { try? save() }
      throw error
    }
    if firstUpdate == nil, events.update != nil { firstUpdate = (trainer.steps, trainingTime) }
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
    guard try checkRepetition(isCancelled) else { return false }
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

  /// Before the second evaluation, plays the start of the first again; false if it was cancelled.
  ///
  /// Where that brings something else, the means of evaluations cannot be compared. A new copy of the
  /// environment tells why.
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
      repetition = isExactInCopy ? .remembers : .random
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

  /// What can be said so far, without the final evaluations.
  public func summary() -> RunSummary {
    RunSummary(
      run: folder.path, environment: settings.environment, seed: settings.seed,
      steps: trainer.steps, episodes: trainer.episodes, updates: trainer.agent.updateCount,
      wallSeconds: wallSeconds, stepsPerSecond: stepsPerSecond,
      trainingReturnLast100: recentReturn, evaluation: nil, bestEvaluation: nil,
      repetition: repetition)
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
