internal import DeepSARSA

// The evaluations of a run: those during training, which keep the best network, and the final ones.

extension TrainingRun where Learner: ~Copyable {
  /// Whether the network has to be evaluated after the last step.
  var isEvaluationDue: Bool {
    guard let step = state.evaluatedStep else { return true }
    return trainer.steps - step >= settings.evaluation.every
  }

  /// Evaluates the network, and saves it if the evaluation's environment fails.
  mutating func evaluateOrSave(_ isCancelled: () -> Bool) throws(RunError) -> Bool {
    do {
      return try evaluate(isCancelled)
    } catch {
      if case .environment = error { try? save() }
      throw error
    }
  }

  /// Compares an evaluation with the environment's threshold.
  private mutating func record(_ mean: Double) {
    if state.thresholdRecord != nil {
      state.thresholdRecord?.append(mean)
    } else if let threshold = environment.specification.rewardThreshold, mean >= threshold {
      state.thresholdRecord = ThresholdRecord(threshold: threshold, firstStep: trainer.steps)
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
    state.evaluatedStep = trainer.steps
    state.opening = repetition == nil ? evaluation.opening : nil
    record(returns.mean)
    do {
      try logs.append(returns, step: trainer.steps, policy: trainer.policy)
    } catch {
      throw .system(error)
    }
    if bestMean.map({ returns.mean > $0 }) ?? true {
      state.bestMean = returns.mean
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
        state.repetition = .exact
        return true
      }
      var copy = Evaluation(environment, seed: evaluation.seed)
      guard let isExactInCopy = try copy.repeats(opening, isCancelled: isCancelled) else {
        return false
      }
      state.repetition = isExactInCopy ? .stateful : .unseeded
    } catch {
      throw .environment("\(error)")
    }
    return true
  }

  /// Evaluates a network on episodes with new seeds; `nil` if it was cancelled.
  func finalEvaluation(
    _ file: RunFolder.File, seed: UInt64, _ isCancelled: () -> Bool
  ) throws(RunError) -> EvaluationSummary? {
    var model = try ModelFile(reading: folder.path(of: file))
    var evaluation = Evaluation(environment, seed: seed)
    return try Self.play(
      &model.policy, in: &evaluation, episodes: settings.evaluation.finalEpisodes, isCancelled
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
}
