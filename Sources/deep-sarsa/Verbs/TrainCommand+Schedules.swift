import ArgumentParser
import DeepSARSA

// The flags of schedules: exploration and learning rate.

extension TrainCommand {
  /// The schedule of ε, or of the temperature if that is given; without flags the preset's.
  func exploration(else preset: Exploration, budget: Budget) throws -> Exploration {
    let temperatures = [
      ("--temperature", exploration.temperature),
      ("--end-temperature", exploration.finalTemperature),
    ]
    let isEpsilonGiven =
      exploration.epsilon != nil || exploration.initialEpsilon != nil
      || exploration.finalEpsilon != nil
    for case (let flag, let value?) in temperatures where isEpsilonGiven {
      throw CommandError(
        flag: flag, value: value.text, allowed: "either this or the flags of ε")
    }
    let isTemperatureGiven = temperatures.contains { $0.1 != nil }
    switch preset {
    case .epsilonGreedy(let old) where !isTemperatureGiven:
      return .epsilonGreedy(epsilon: try epsilon(else: old, budget: budget))
    case .boltzmann where isEpsilonGiven:
      return .epsilonGreedy(epsilon: try epsilon(else: .constant(1), budget: budget))
    case .epsilonGreedy:
      return .boltzmann(temperature: try temperature(else: .constant(1), budget: budget))
    case .boltzmann(let old):
      return .boltzmann(temperature: try temperature(else: old, budget: budget))
    }
  }

  private func epsilon(else preset: Schedule, budget: Budget) throws -> Schedule {
    try schedule(
      else: preset,
      from: exploration.initialEpsilon?.real("--start-e", 0...1),
      to: exploration.finalEpsilon?.real("--end-e", 0...1),
      constant: exploration.epsilon?.real("--epsilon", 0...1),
      length: explorationLength(budget), shape: explorationShape(), flag: "--epsilon")
  }

  private func temperature(else preset: Schedule, budget: Budget) throws -> Schedule {
    let start = try exploration.temperature?.real("--temperature")
    let end = try exploration.finalTemperature?.real("--end-temperature")
    let (length, shape) = (try explorationLength(budget), try explorationShape())
    let isConstant = end == nil && length == nil && shape == nil
    if !isConstant && preset.curve == nil {
      try require(start, "--temperature")
      try require(end, "--end-temperature")
    }
    return try schedule(
      else: preset, from: isConstant ? nil : start, to: end, constant: isConstant ? start : nil,
      length: length, shape: shape, flag: "--temperature")
  }

  /// The schedule of α: a constant if only `--learning-rate` is given, otherwise a curve.
  func learningRate(
    _ options: AlgorithmOptions.Optimizer, else preset: Schedule, budget: Budget
  ) throws -> Schedule {
    let start = try options.learningRate?.real("--learning-rate")
    let end = try options.finalLearningRate?.real("--end-learning-rate")
    let shape: Schedule.Shape? = try options.learningRateDecay?.value(
      "--learning-rate-decay")
    var length = try options.learningRateSteps?.count(
      "--learning-rate-steps", 1...Hyperparameters.Limit.steps)
    let isConstant = end == nil && length == nil && shape == nil
    if !isConstant && preset.curve == nil { try require(end, "--end-learning-rate") }
    if !isConstant && length == nil && preset.curve == nil {
      guard let steps = budget.steps else {
        throw CommandError(
          flag: "--learning-rate-steps", value: "", allowed: "a whole number, or --total-timesteps")
      }
      length = steps
    }
    return try schedule(
      else: preset, from: isConstant ? nil : start, to: end, constant: isConstant ? start : nil,
      length: length, shape: shape, flag: "--learning-rate")
  }

  /// Requires the last value of a schedule; otherwise it would silently be the preset's value.
  private func require(_ value: Double?, _ flag: String) throws {
    guard value == nil else { return }
    throw CommandError(
      flag: flag, value: "", allowed: "a number, because a schedule needs a first and a last value")
  }

  /// A constant if one is given; a curve if a part of one is given, with the other parts from the preset;
  /// otherwise the preset's schedule.
  private func schedule(
    else preset: Schedule, from start: Double?, to end: Double?, constant: Double?, length: Int?,
    shape: Schedule.Shape?, flag: String
  ) throws -> Schedule {
    let isCurve = start != nil || end != nil || length != nil || shape != nil
    if let constant {
      if isCurve {
        throw CommandError(
          flag: flag, value: "\(constant)",
          allowed: "a constant alone, without the flags of a schedule")
      }
      return .constant(constant)
    }
    if !isCurve { return preset }
    let value = preset.value(at: 0)
    let old = preset.curve ?? Schedule.Curve(.standard, from: value, to: value, steps: 10_000)
    return Schedule(
      Schedule.Curve(
        shape ?? old.shape, from: start ?? old.from, to: end ?? old.to, steps: length ?? old.steps))
  }

  private func explorationShape() throws -> Schedule.Shape? {
    try exploration.explorationDecay?.value("--exploration-decay")
  }

  /// The environment steps over which exploration changes, if a flag gives them.
  private func explorationLength(_ budget: Budget) throws -> Int? {
    let steps = try exploration.explorationSteps?.count(
      "--exploration-steps", 1...Hyperparameters.Limit.steps)
    guard let text = exploration.explorationFraction?.text else { return steps }
    let fraction = try exploration.explorationFraction?.real(
      "--exploration-fraction")
    if steps != nil {
      throw CommandError(
        flag: "--exploration-fraction", value: text,
        allowed: "this or --exploration-steps, not both")
    }
    guard let fraction, let total = budget.steps, fraction > 0, fraction <= 1 else {
      throw CommandError(
        flag: "--exploration-fraction", value: text,
        allowed: "a number from 0 to 1, 0 excluded, together with --total-timesteps")
    }
    return max(1, Int(fraction * Double(total)))
  }
}

extension Schedule.Shape {
  /// The shape of a schedule if only values or length are given.
  static let standard = linear
}
