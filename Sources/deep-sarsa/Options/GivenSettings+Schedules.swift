import ArgumentParser
import DeepSARSA

// The flags of schedules: exploration and learning rate.

extension GivenSettings {
  /// The schedule of ε, or of the temperature if that is given; without flags the old one.
  func exploration(else old: Exploration, budget: Budget) throws -> Exploration {
    let isEpsilon = has("epsilon", "start-e", "end-e")
    let isTemperature = has("temperature", "end-temperature")
    switch old {
    case .epsilonGreedy(let schedule) where !isTemperature:
      return .epsilonGreedy(epsilon: try epsilon(else: schedule, budget: budget))
    case .boltzmann where isEpsilon:
      return .epsilonGreedy(epsilon: try epsilon(else: .constant(1), budget: budget))
    case .epsilonGreedy:
      return .boltzmann(temperature: try temperature(else: .constant(1), budget: budget))
    case .boltzmann(let schedule):
      return .boltzmann(temperature: try temperature(else: schedule, budget: budget))
    }
  }

  private func epsilon(else old: Schedule, budget: Budget) throws -> Schedule {
    if let constant: Double = try value("epsilon") { return .constant(constant) }
    if old.curve == nil, has("exploration-steps", "exploration-fraction", "exploration-decay"),
      !has("start-e"), !has("end-e")
    {
      try require("start-e")
    }
    return schedule(
      else: old, from: try value("start-e"), to: try value("end-e"),
      steps: try explorationSteps(budget), shape: try value("exploration-decay"))
  }

  private func temperature(else old: Schedule, budget: Budget) throws -> Schedule {
    let start: Double? = try value("temperature")
    if let start, !has("end-temperature"), !has("exploration-steps", "exploration-fraction"),
      !has("exploration-decay")
    {
      return .constant(start)
    }
    if old.curve == nil && (has("end-temperature") || start != nil) {
      try require("temperature", "end-temperature")
    }
    return schedule(
      else: old, from: start, to: try value("end-temperature"),
      steps: try explorationSteps(budget), shape: try value("exploration-decay"))
  }

  /// The schedule of α: a constant if only `--learning-rate` is given, otherwise a curve.
  func learningRate(else old: Schedule, budget: Budget) throws -> Schedule {
    let start: Double? = try value("learning-rate")
    let isCurve = has("end-learning-rate", "learning-rate-steps", "learning-rate-decay")
    if !isCurve { return start.map(Schedule.constant) ?? old }
    var steps: Int? = try value("learning-rate-steps")
    if old.curve == nil {
      try require("end-learning-rate")
      steps = steps ?? budget.steps
      if steps == nil {
        throw CommandError(
          missing: "--learning-rate-steps", allowed: "a whole number, or --total-timesteps")
      }
    }
    return schedule(
      else: old, from: start, to: try value("end-learning-rate"), steps: steps,
      shape: try value("learning-rate-decay"))
  }

  private func has(_ flags: String...) -> Bool { flags.contains { self[$0] != nil } }

  /// Requires the values of a schedule; otherwise they would silently be the old ones.
  private func require(_ flags: String...) throws {
    for flag in flags where self[flag] == nil {
      throw CommandError(
        missing: "--" + flag,
        allowed: "a number, because a schedule needs a first and a last value")
    }
  }

  /// A curve with the given parts and the others from the old schedule; without any, the old schedule.
  private func schedule(
    else old: Schedule, from start: Double?, to end: Double?, steps: Int?, shape: Schedule.Shape?
  ) -> Schedule {
    if start == nil && end == nil && steps == nil && shape == nil { return old }
    let curve =
      old.curve ?? Schedule.Curve(.standard, from: old.first, to: old.first, steps: 10_000)
    return Schedule(
      Schedule.Curve(
        shape ?? curve.shape, from: start ?? curve.from, to: end ?? curve.to,
        steps: steps ?? curve.steps))
  }

  /// The environment steps over which exploration changes, if a flag gives them.
  private func explorationSteps(_ budget: Budget) throws -> Int? {
    guard let fraction: Double = try value("exploration-fraction") else {
      return try value("exploration-steps")
    }
    guard let steps = budget.steps else {
      throw CommandError(
        flag: "--exploration-fraction", value: self["exploration-fraction"] ?? "",
        allowed: "together with --total-timesteps")
    }
    return max(1, Int(fraction * Double(steps)))
  }
}
