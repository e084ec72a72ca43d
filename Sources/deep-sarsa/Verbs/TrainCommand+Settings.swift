import ArgumentParser
import DeepSARSA
import SARSAExperiments
import SARSAGymnasium

// Flags to settings: first the preset, then every given flag, then all checks.

extension TrainCommand {
  /// The settings of a run in an environment of this specification.
  func settings(for specification: EnvironmentSpecification) throws -> RunSettings {
    var settings = RunSettings(environment: try environment.required())
    settings.environmentArguments = try environmentOptions.values()
    // They are stored in the header of every model, which may not be longer.
    let length = ArgumentValue.object(settings.environmentArguments).description.utf8.count
    guard length <= Safetensors.headerLimit / 2 else {
      throw CommandError(
        flag: "--env-arg", value: "\(length) bytes of JSON in all",
        allowed: "up to \(Safetensors.headerLimit / 2) bytes")
    }
    settings.experimentName = common.experimentName
    // With control characters or invalid UTF-8, another folder than the requested one would be created.
    if common.output.isEmpty
      || common.output.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0xFFFD })
    {
      throw CommandError(
        flag: "--output", value: common.output, allowed: "a folder's path in plain UTF-8")
    }
    if let seed = common.seed { settings.seed = try seed.seed("--seed") }
    settings.evaluation = EvaluationSettings(try preset(), for: specification)
    if let target = try real(common.stopAtReturn, "--stop-at-return") {
      settings.evaluation.targetReturn = target
    }
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
      // A value may be invalid only together with other values; the error names their flags too.
      let allowed = ["replay.learningStarts", "replay.trainFrequency", "environmentCount"].reduce(
        error.allowed
      ) { $0.replacing($1, with: Self.flags[$1] ?? $1) }
      throw CommandError(
        flag: Self.flags[error.field] ?? error.field, value: error.value, allowed: allowed)
    }
    return settings
  }

  /// The seeds of all runs, which are consecutive and at most `UInt64.max`.
  func seeds(from first: UInt64) throws -> [UInt64] {
    let count = try count(common.seeds, "--seeds", atMost: 100_000) ?? 1
    guard first <= UInt64.max - UInt64(count - 1) else {
      throw CommandError(
        flag: "--seeds", value: "\(count)", allowed: "seeds up to \(UInt64.max)")
    }
    return (0..<UInt64(count)).map { first + $0 }
  }

  /// The number of threads for which Debian's OpenBLAS has buffers; with many more it ends the process.
  static let jobLimit = 64

  /// The number of runs at a time, for a number of runs.
  func jobs(for runs: Int) throws -> Int {
    let jobs = try count(common.jobs, "--jobs", atMost: Self.jobLimit) ?? Self.jobLimit
    return min(jobs, Machine.processorCount, runs)
  }

  /// The named preset, or the environment's default; flags then override its values.
  func preset() throws -> Preset {
    // An environment of Gymnasium that is also built in has the same presets.
    let id = try environment.required().trimmingPrefix(GymnasiumEnvironment.prefix)
    let presets = Hyperparameters.presets(for: String(id))
    guard let name = common.preset else { return presets[0] }
    guard let preset = presets.first(where: { $0.name == name }) else {
      throw CommandError(flag: "--preset", value: name, choices: presets.map { $0.name })
    }
    return preset
  }

  /// Throws if the runs need more memory than is available.
  func requireMemory(
    _ hyperparameters: Hyperparameters, for specification: EnvironmentSpecification, runs: Int
  ) throws {
    let memory = hyperparameters.memory(for: specification)
    let bytes = (memory.replay + memory.network) * Double(runs)
    let available = Double(Machine.availableMemory)
    guard bytes <= available else {
      let isReplay = memory.replay >= memory.network
      throw CommandError(
        flag: isReplay ? "--buffer-size" : "--hidden-sizes or --batch-size",
        value: isReplay
          ? "\(hyperparameters.replay.capacity)"
          : hyperparameters.network.hiddenSizes.map(String.init).joined(separator: ",")
            + " with \(hyperparameters.replay.batchSize)",
        allowed: "what fits into \(available.rounded(0)) bytes; "
          + (runs == 1 ? "this needs" : "\(runs) runs at a time need") + " \(bytes.rounded(0))")
    }
  }

  /// The flag of each hyperparameter.
  private static let flags = [
    "experimentName": "--exp-name",
    "evaluation.every": "--evaluation-every",
    "evaluation.episodes": "--evaluation-episodes",
    "network.hiddenSizes": "--hidden-sizes",
    "optimizer.learningRate": "--learning-rate",
    "optimizer.learningRate.steps": "--learning-rate-steps",
    "optimizer.loss.threshold": "--huber-threshold",
    "optimizer.gradientNormLimit": "--max-grad-norm",
    "optimizer.beta1": "--adam-beta1",
    "optimizer.beta2": "--adam-beta2",
    "optimizer.epsilon": "--adam-eps",
    "optimizer.weightDecay": "--weight-decay",
    "optimizer.momentum": "--momentum",
    "optimizer.smoothing": "--rmsprop-alpha",
    "replay.capacity": "--buffer-size",
    "replay.batchSize": "--batch-size",
    "replay.learningStarts": "--learning-starts",
    "replay.trainFrequency": "--train-frequency",
    "exploration.epsilon": "--epsilon, --start-e or --end-e",
    "exploration.epsilon.steps": "--exploration-steps",
    "exploration.temperature": "--temperature or --end-temperature",
    "exploration.temperature.steps": "--exploration-steps",
    "target.discount": "--gamma",
    "target.synchronization.every": "--target-network-frequency",
    "target.synchronization.rate": "--tau",
    "environmentCount": "--num-envs",
    "budget.steps": "--total-timesteps",
    "budget.episodes": "--episodes",
  ]
}
