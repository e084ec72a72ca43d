import ArgumentParser
import DeepSARSA
import Foundation
import SARSAExperiments
import SARSAGymnasium

// Settings: first the preset or the defaults, then the file, then every given flag, then all checks.

extension TrainCommand {
  /// The settings of a run, and what it records besides them.
  struct Plan {
    var settings: RunSettings
    var origin: RunOrigin
    /// The path of the file with settings, or else of the preset's; `nil` without one.
    var file: String?
    /// What the user should know before the run starts.
    var note: String?
  }

  /// The id of the environment, and its arguments in the file.
  ///
  /// The arguments of the file belong to the environment of the file.
  func namedEnvironment(
    _ file: SettingsFile?
  ) throws -> (id: String, arguments: [String: ArgumentValue]) {
    let recorded = try file?.settings()
    let id = try environment.optional()
    if let recorded, !recorded.environment.isEmpty,
      id ?? recorded.environment == recorded.environment
    {
      return (recorded.environment, recorded.environmentArguments)
    }
    return (try environment.required(), [:])
  }

  /// The environment, with the arguments of the file and of flags.
  func makeEnvironment(
    _ id: String, arguments: [String: ArgumentValue], file: SettingsFile?
  ) throws -> any Environment {
    do {
      return try environmentOptions.make(
        id, trainedWith: arguments, as: "environmentArguments", from: file?.path ?? "",
        failure: RunError.badSettings)
    } catch let error as EnvironmentError {
      if case .unknown = error, let file, try environment.optional() == nil {
        throw RunError.badSettings(file.path, "\(error)")
      }
      throw CommandError(error)
    }
  }

  /// The settings of a run in an environment of this specification.
  func plan(
    _ id: String, arguments: [String: ArgumentValue], for specification: EnvironmentSpecification,
    file: SettingsFile?
  ) throws -> Plan {
    let named = try common.preset.map { try NamedPreset($0, for: id, calledBy: "--preset") }
    let source = file?.path ?? named?.path
    let preset = try named?.preset ?? (file == nil ? standardPreset(for: id) : nil)
    var settings =
      preset.map { RunSettings(environment: id, preset: $0) } ?? RunSettings(environment: id)
    if let file {
      settings = try file.settings(over: settings)
      settings.initialModel = try file.initialModel(in: settings)
    }
    settings.environment = id
    settings.environmentArguments = arguments.merging(try environmentOptions.values()) { $1 }
    try requireShortArguments(settings.environmentArguments)
    try requirePlainOutput()
    let given = given
    try given.apply(to: &settings, preset: preset)
    if let preset {
      settings.hyperparameters.input.extendBounds(
        of: preset.hyperparameters.input, to: specification)
    }
    if let path = settings.initialModel {
      // The run can then be repeated from another folder.
      settings.initialModel = URL(filePath: path).path(percentEncoded: false)
      if !given.hasNetwork, file?.hasNetwork != true {
        try takeNetwork(ofInitialModelIn: &settings, for: specification)
      }
    }
    do {
      try settings.validate()
      try settings.hyperparameters.validate(for: specification)
    } catch {
      throw report(error, of: settings, path: source, given)
    }
    let asked = given["checkpoint-every"] != nil || file?.hasCheckpoints == true
    let note = asked ? nil : settings.boundCheckpoints(for: specification)
    let words = ["deep-sarsa"] + CommandLine.arguments.dropFirst()
    return Plan(
      settings: settings,
      origin: RunOrigin(preset: preset?.name ?? file?.preset, commandLine: words), file: source,
      note: note)
  }

  /// Uses the network of the initial model, and its kind of input scaling; keeps the sizes if they describe it.
  private func takeNetwork(
    ofInitialModelIn settings: inout RunSettings, for specification: EnvironmentSpecification
  ) throws {
    guard let path = settings.initialModel else { return }
    let model = try ModelFile(readingRunOrFile: path)
    try model.requireSizes(of: specification)
    let network = model.policy.description
    if settings.hyperparameters.network.description(for: specification) != network {
      settings.hyperparameters.network.description = network
    }
    if given["input-scaling"] == nil {
      settings.hyperparameters.input.scaling = model.policy.inputScaling
    }
  }

  /// The error under the name of the flag, or of the file's setting if no flag gave it.
  private func report(
    _ error: HyperparameterError, of settings: RunSettings, path: String?, _ given: GivenSettings
  ) -> any Error {
    let setting = given.setting(at: error.field, in: settings)
    if let path, setting?.isGiven != true {
      // A name that no flag has is of a whole section, and one with spaces is no name.
      let field = error.field.contains(" ") ? error.field : "hyperparameters.\(error.field)"
      let place = setting?.setting.place(inFileOf: settings) ?? field
      return RunError.badSettings(
        path, "\(place) is \(error.value); allowed: \(error.allowed)")
    }
    // A value may be invalid only together with other values; the error names their flags too.
    let others = [
      "replay.learningStarts", "replay.trainFrequency", "segment.steps", "environmentCount",
    ]
    let allowed = others.reduce(error.allowed) { text, path in
      text.replacing(path, with: given.setting(at: path, in: settings)?.setting.flag ?? path)
    }
    // A network is in quotes already.
    let value = String(error.value.trimmingPrefix("'").reversed().trimmingPrefix("'").reversed())
    return CommandError(
      flag: setting?.setting.flag ?? error.field, value: value, allowed: allowed)
  }

  /// The arguments are stored in the header of every model, which may not be longer.
  private func requireShortArguments(_ arguments: [String: ArgumentValue]) throws {
    let length = ArgumentValue.object(arguments).description.utf8.count
    guard length <= Safetensors.headerLimit / 2 else {
      throw CommandError(
        flag: "--env-arg", value: "\(length) bytes of JSON in all",
        allowed: "up to \(Safetensors.headerLimit / 2) bytes")
    }
  }

  /// With control characters or invalid UTF-8, another folder than the requested one would be created.
  private func requirePlainOutput() throws {
    let isPlain = common.output.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0xFFFD }
    guard isPlain, !common.output.isEmpty else {
      throw CommandError(
        flag: "--output", value: common.output, allowed: "a folder's path in plain UTF-8")
    }
  }

  /// The seeds of all runs, which are consecutive and at most `UInt64.max`.
  func seeds(from first: UInt64) throws -> [UInt64] {
    let count = try common.seeds?.count("--seeds", 1...100_000) ?? 1
    guard first <= UInt64.max - UInt64(count - 1) else {
      throw CommandError(
        flag: "--seeds", value: "\(count)", allowed: "seeds up to \(UInt64.max)")
    }
    return (0..<UInt64(count)).map { first + $0 }
  }

  /// The environment's first preset for the algorithm of a flag, or its first one; other flags then override its
  /// values.
  private func standardPreset(for id: String) throws -> Preset {
    let presets = Preset.all(for: id)
    let algorithm: Algorithm? = try given.value("algorithm")
    return presets.first { $0.hyperparameters.algorithm == algorithm } ?? presets[0]
  }

  /// Throws if the runs need more memory than is available.
  ///
  /// The error is of a flag if one gave the size, otherwise of the file.
  func requireMemory(_ plan: Plan, in specification: EnvironmentSpecification, runs: Int) throws {
    guard let shortage = MemoryShortage(of: plan.settings, in: specification, runs: runs) else {
      return
    }
    let given = given
    if let file = plan.file, !shortage.settings.contains(where: { given[$0.name] != nil }) {
      throw RunError.badSettings(file, shortage.message)
    }
    throw CommandError(
      flag: shortage.settings.map(\.flag).joined(separator: " or "), value: shortage.value,
      allowed: shortage.allowed)
  }
}
