import ArgumentParser
import DeepSARSA
import SARSAExperiments

// The algorithm's flags. Each given flag overrides the preset.

extension TrainCommand {
  func hyperparameters() throws -> Hyperparameters {
    var result = try preset().hyperparameters
    try apply(budget, to: &result)
    try apply(network, to: &result.network)
    try apply(optimizer, to: &result.optimizer, budget: result.budget)
    try apply(replay, to: &result.replay)
    result.exploration = try exploration(else: result.exploration, budget: result.budget)
    try apply(target, to: &result.target)
    return result
  }

  private func apply(
    _ options: AlgorithmOptions.Budget, to result: inout Hyperparameters
  ) throws {
    let steps = try count(options.steps, "--total-timesteps")
    let episodes = try count(options.episodes, "--episodes")
    if steps != nil || episodes != nil {
      if let steps { result.stretch(toSteps: steps) }
      result.budget = Budget(steps: steps, episodes: episodes)
    }
    try set(
      &result.environmentCount,
      count(options.environmentCount, "--num-envs", atMost: Limit.environments))
  }

  private func apply(
    _ options: AlgorithmOptions.Network, to result: inout NetworkHyperparameters
  ) throws {
    if let sizes = options.hiddenSizes { result.hiddenSizes = try hiddenSizes(sizes) }
    if let activation = options.activation {
      result.activation = try activation.value("--activation")
    }
    if let initializer = options.initializer {
      result.initializer = try initializer.value("--initializer")
    }
    set(&result.isNormalized, options.layerNorm)
    set(&result.isDueling, options.dueling)
  }

  private func hiddenSizes(_ text: String) throws -> [Int] {
    if text == "none" { return [] }
    return try text.split(separator: ",", omittingEmptySubsequences: false).map { size in
      guard let size = Int(size), (1...Limit.units).contains(size) else {
        throw CommandError(
          flag: "--hidden-sizes", value: text,
          allowed:
            "whole numbers from 1 to \(Limit.units), separated by commas, or 'none'")
      }
      return size
    }
  }

  private func apply(
    _ options: AlgorithmOptions.Optimizer, to result: inout OptimizerHyperparameters,
    budget: Budget
  ) throws {
    result.learningRate = try learningRate(options, else: result.learningRate, budget: budget)
    result.method = try method(options, else: result.method)
    try set(&result.gradientNormLimit, real(options.gradientNormLimit, "--max-grad-norm"))

    let threshold = try real(options.huberThreshold, "--huber-threshold")
    switch try options.loss?.value("--loss") as LossName? {
    case .mse: result.loss = .meanSquaredError
    case .huber: result.loss = .huber()
    case nil: break
    }
    if let threshold {
      guard case .huber = result.loss else {
        throw CommandError(
          flag: "--huber-threshold", value: "\(threshold)", allowed: "together with --loss huber")
      }
      result.loss = .huber(threshold: threshold)
    }
  }

  private func apply(
    _ options: AlgorithmOptions.Replay, to result: inout ReplayHyperparameters
  ) throws {
    try set(&result.capacity, count(options.capacity, "--buffer-size", atMost: Limit.capacity))
    try set(&result.batchSize, count(options.batchSize, "--batch-size", atMost: Limit.batchSize))
    try set(
      &result.learningStarts,
      count(options.learningStarts, "--learning-starts", atMost: Limit.capacity))
    try set(&result.trainFrequency, count(options.trainFrequency, "--train-frequency"))
  }

  private func apply(
    _ options: AlgorithmOptions.Target, to result: inout TargetHyperparameters
  ) throws {
    let steps = try count(options.synchronizationSteps, "--target-network-frequency")
    let episodes = try count(options.synchronizationEpisodes, "--target-network-episodes")
    if let steps, episodes != nil {
      throw CommandError(
        flag: "--target-network-frequency", value: "\(steps)",
        allowed: "this or --target-network-episodes, not both")
    }
    if let steps { (result.synchronization.every, result.synchronization.unit) = (steps, .steps) }
    if let episodes {
      (result.synchronization.every, result.synchronization.unit) = (episodes, .episodes)
    }
    try set(&result.synchronization.rate, real(options.rate, "--tau"))
    try set(&result.discount, real(options.discount, "--gamma", 0...1))
    if let choice = options.nextAction {
      result.rule.nextAction = try choice.value("--next-action")
    }
    if let choice = options.selection {
      result.rule.selection = try choice.value("--selection")
    }
    if let choice = options.timeLimit {
      result.timeLimit = try choice.value("--time-limit")
    }
  }

  private typealias Limit = Hyperparameters.Limit

  func count(
    _ number: Number?, _ flag: String, atMost limit: Int = Limit.steps
  ) throws -> Int? {
    try number?.count(flag, 1...limit)
  }

  func real(
    _ number: Number?, _ flag: String, _ range: ClosedRange<Double>? = nil
  ) throws -> Double? {
    try number?.real(flag, range)
  }

  func set<Value>(_ place: inout Value, _ value: Value?) {
    if let value { place = value }
  }
}

/// The losses, as `--loss` names them.
enum LossName: String, CaseIterable {
  case mse, huber

  init(_ loss: Loss) {
    switch loss {
    case .meanSquaredError: self = .mse
    case .huber: self = .huber
    }
  }
}
