import ArgumentParser
import DeepSARSA
import SARSAExperiments

// From flags to settings: preset first, then every flag that was given, then all checks.

extension Train {
  func settings() throws -> RunSettings {
    var settings = RunSettings(environment: environment)
    settings.experimentName = common.experimentName
    // A character that is not shown, or bytes that are no text, would make another folder than asked.
    if common.output.isEmpty
      || common.output.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0xFFFD })
    {
      throw Problem(
        flag: "--output", value: common.output, allowed: "a folder's path in plain UTF-8",
        verb: "train")
    }
    if let seed = common.seed { settings.seed = try seed.seed("--seed", verb: "train") }
    if let every = try count(common.evaluationEvery, "--evaluation-every") {
      settings.evaluation.every = every
    }
    if let episodes = try count(
      common.evaluationEpisodes, "--evaluation-episodes", atMost: EvaluationSettings.episodeLimit)
    {
      settings.evaluation.episodes = episodes
    }
    settings.hyperparameters = try hyperparameters()
    do {
      try settings.validate()
    } catch {
      throw Problem(
        flag: Self.flags[error.field] ?? error.field, value: error.value, allowed: error.allowed,
        verb: "train")
    }
    return settings
  }

  private func hyperparameters() throws -> Hyperparameters {
    var result = try preset()
    try apply(budget, to: &result)
    if let sizes = network.hiddenSizes { result.network.hiddenSizes = try hiddenSizes(sizes) }
    if let activation = network.activation {
      result.network.activation = try activation.value("--activation", verb: "train")
    }

    if let rate = try real(optimizer.learningRate, "--learning-rate") {
      result.optimizer.learningRate = .constant(rate)
    }
    try set(&result.optimizer.adamW.weightDecay, real(optimizer.weightDecay, "--weight-decay"))
    try set(&result.optimizer.adamW.beta1, real(optimizer.beta1, "--adam-beta1"))
    try set(&result.optimizer.adamW.beta2, real(optimizer.beta2, "--adam-beta2"))
    try set(&result.optimizer.adamW.epsilon, real(optimizer.adamEpsilon, "--adam-eps"))

    try set(
      &result.replay.capacity, count(replay.capacity, "--buffer-size", atMost: Limit.capacity))
    try set(
      &result.replay.batchSize, count(replay.batchSize, "--batch-size", atMost: Limit.batchSize))
    try set(
      &result.replay.learningStarts,
      count(replay.learningStarts, "--learning-starts", atMost: Limit.capacity))
    try set(&result.replay.trainFrequency, count(replay.trainFrequency, "--train-frequency"))

    result.epsilon = try epsilon(else: result.epsilon, budget: result.budget)
    try set(&result.target.discount, real(target.discount, "--gamma", 0...1))
    try apply(target, to: &result.target)
    return result
  }

  private func preset() throws -> Hyperparameters {
    guard let name = common.preset else {
      return environment == "MountainCar-v0" ? .notebook : Hyperparameters()
    }
    guard let preset = Hyperparameters.presets.first(where: { $0.name == name }) else {
      throw Problem(
        flag: "--preset", value: name,
        allowed: Hyperparameters.presets.map(\.name).joined(separator: ", "), verb: "train")
    }
    return preset.hyperparameters
  }

  private func apply(
    _ options: AlgorithmOptions.Budget, to result: inout Hyperparameters
  ) throws {
    let steps = try count(options.steps, "--total-timesteps")
    let episodes = try count(options.episodes, "--episodes")
    if steps != nil || episodes != nil { result.budget = Budget(steps: steps, episodes: episodes) }
    try set(
      &result.environmentCount,
      count(options.environmentCount, "--num-envs", atMost: Limit.environments))
  }

  private func hiddenSizes(_ text: String) throws -> [Int] {
    if text == "none" { return [] }
    return try text.split(separator: ",", omittingEmptySubsequences: false).map { size in
      guard let size = Int(size), (1...Limit.units).contains(size) else {
        throw Problem(
          flag: "--hidden-sizes", value: text,
          allowed:
            "whole numbers from 1 to \(Limit.units) with commas between, or 'none'",
          verb: "train")
      }
      return size
    }
  }

  /// A constant if `--epsilon` is given; a straight line if any of its flags is; else the preset's.
  private func epsilon(else preset: Schedule, budget: Budget) throws -> Schedule {
    let constant = try real(exploration.epsilon, "--epsilon", 0...1)
    let start = try real(exploration.initialEpsilon, "--start-e", 0...1)
    let end = try real(exploration.finalEpsilon, "--end-e", 0...1)
    let fraction = try real(exploration.explorationFraction, "--exploration-fraction")
    let steps = try count(exploration.explorationSteps, "--exploration-steps")
    let isLine = start != nil || end != nil || fraction != nil || steps != nil
    if let constant {
      if isLine {
        throw Problem(
          flag: "--epsilon", value: "\(constant)",
          allowed: "a constant alone, without the flags of a straight line", verb: "train")
      }
      return .constant(constant)
    }
    if !isLine { return preset }
    if let fraction, steps != nil {
      throw Problem(
        flag: "--exploration-fraction", value: "\(fraction)",
        allowed: "this or --exploration-steps, not both", verb: "train")
    }

    var (from, to, length) =
      switch preset {
      case .constant(let value): (value, value, 10_000)
      case .linear(let from, let to, let steps): (from, to, steps)
      }
    set(&from, start)
    set(&to, end)
    if let fraction {
      guard let total = budget.steps, fraction > 0, fraction <= 1 else {
        throw Problem(
          flag: "--exploration-fraction", value: exploration.explorationFraction?.text ?? "",
          allowed: "a number from 0 to 1, 0 excluded, together with --total-timesteps",
          verb: "train")
      }
      length = max(1, Int(fraction * Double(total)))
    }
    set(&length, steps)
    return .linear(from: from, to: to, steps: length)
  }

  private func apply(
    _ options: AlgorithmOptions.Target, to result: inout TargetHyperparameters
  ) throws {
    let steps = try count(options.synchronizationSteps, "--target-network-frequency")
    let episodes = try count(options.synchronizationEpisodes, "--target-network-episodes")
    if let steps, episodes != nil {
      throw Problem(
        flag: "--target-network-frequency", value: "\(steps)",
        allowed: "this or --target-network-episodes, not both", verb: "train")
    }
    if let steps { result.synchronization = TargetSynchronization(every: steps, .steps) }
    if let episodes { result.synchronization = TargetSynchronization(every: episodes, .episodes) }
    if let choice = options.nextAction {
      result.rule.nextAction = try choice.value("--next-action", verb: "train")
    }
    if let choice = options.selection {
      result.rule.selection = try choice.value("--selection", verb: "train")
    }
    if let choice = options.timeLimit {
      result.timeLimit = try choice.value("--time-limit", verb: "train")
    }
  }

  private typealias Limit = Hyperparameters.Limit

  private func count(
    _ number: Number?, _ flag: String, atMost limit: Int = Limit.steps
  ) throws -> Int? {
    try number?.count(flag, 1...limit, verb: "train")
  }

  private func real(
    _ number: Number?, _ flag: String, _ range: ClosedRange<Double>? = nil
  ) throws -> Double? {
    try number?.real(flag, range, verb: "train")
  }

  private func set<Value>(_ place: inout Value, _ value: Value?) {
    if let value { place = value }
  }

  /// Refuses a run that cannot fit, before it takes a byte.
  func requireMemory(
    _ hyperparameters: Hyperparameters, for specification: EnvironmentSpecification
  ) throws {
    let memory = hyperparameters.memory(for: specification)
    let (bytes, available) = (memory.replay + memory.network, Double(Machine.availableMemory))
    guard bytes <= available else {
      let isReplay = memory.replay >= memory.network
      throw Problem(
        flag: isReplay ? "--buffer-size" : "--hidden-sizes or --batch-size",
        value: isReplay
          ? "\(hyperparameters.replay.capacity)"
          : hyperparameters.network.hiddenSizes.map(String.init).joined(separator: ",")
            + " with \(hyperparameters.replay.batchSize)",
        allowed: "what fits into \(available.rounded(0)) bytes; this takes \(bytes.rounded(0))",
        verb: "train")
    }
  }

  /// The flag of each hyperparameter.
  private static let flags = [
    "experimentName": "--exp-name",
    "evaluation.every": "--evaluation-every",
    "evaluation.episodes": "--evaluation-episodes",
    "network.hiddenSizes": "--hidden-sizes",
    "optimizer.learningRate": "--learning-rate",
    "optimizer.adamW.beta1": "--adam-beta1",
    "optimizer.adamW.beta2": "--adam-beta2",
    "optimizer.adamW.epsilon": "--adam-eps",
    "optimizer.adamW.weightDecay": "--weight-decay",
    "replay.capacity": "--buffer-size",
    "replay.batchSize": "--batch-size",
    "replay.learningStarts": "--learning-starts",
    "replay.trainFrequency": "--train-frequency",
    "epsilon": "--epsilon, --start-e or --end-e",
    "epsilon.steps": "--exploration-steps",
    "target.discount": "--gamma",
    "target.synchronization.every": "--target-network-frequency",
    "environmentCount": "--num-envs",
    "budget.steps": "--total-timesteps",
    "budget.episodes": "--episodes",
  ]
}
