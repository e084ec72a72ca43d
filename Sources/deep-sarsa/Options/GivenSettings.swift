import ArgumentParser
import DeepSARSA
import SARSAExperiments

/// The settings that flags give, as text.
struct GivenSettings {
  private let texts: [String: String]

  /// Joins the flags of all sections.
  init(_ sections: [[String: String]]) {
    texts = sections.reduce(into: [:]) { $0.merge($1) { $1 } }
  }

  /// The text of a flag; `nil` if it was not given.
  subscript(flag: String) -> String? { texts[flag] }

  /// Whether a flag of the network's layers was given.
  var hasNetwork: Bool { NetworkHyperparameters.flags.contains { texts[$0] != nil } }

  /// Replaces every setting that a flag gives.
  ///
  /// - Parameters:
  ///   - settings: the settings, which have the values of a preset and of a file.
  ///   - preset: the preset, for messages.
  /// - Throws: `CommandError` for a value that is not allowed, for flags that exclude each other, and for a
  ///   flag that the other settings have no use for.
  func apply(to settings: inout RunSettings, preset: Preset?) throws {
    for setting in RunSettings.settings {
      guard let text = texts[setting.name] else { continue }
      for other in setting.excluded where texts[other] != nil {
        throw CommandError(
          flag: setting.flag, value: text, allowed: "this or --\(other), not both")
      }
      if let cases = setting.cases, setting.text(settings) == nil {
        let names = setting.valuesByCase(settings).map(\.name).joined(separator: " or ")
        throw CommandError(
          flag: setting.flag, value: text, allowed: "with --\(cases.flag) \(names)")
      }
      guard setting.set(text, in: &settings) else { throw wrong(text, for: setting) }
    }
    try requireUse(by: settings.hyperparameters.algorithm, of: preset)
    if texts["episodes"] != nil && texts["total-timesteps"] == nil {
      settings.hyperparameters.budget.steps = nil
    }
    let budget = settings.hyperparameters.budget
    settings.hyperparameters.exploration = try exploration(
      else: settings.hyperparameters.exploration, budget: budget)
    settings.hyperparameters.optimizer.learningRate = try learningRate(
      else: settings.hyperparameters.optimizer.learningRate, budget: budget)
  }

  /// Requires that every given flag has an effect on the algorithm, which may be that of a preset.
  private func requireUse(by algorithm: Algorithm, of preset: Preset?) throws {
    for setting in RunSettings.settings where !algorithm.agent.uses(setting: setting.path) {
      guard let text = texts[setting.name] else { continue }
      var allowed =
        "with --algorithm \(Algorithm.names(using: setting.path)), not with \(algorithm.rawValue)"
      if let preset, texts["algorithm"] == nil {
        allowed += ", which preset '\(preset.name)' has"
        let general = Hyperparameters().algorithm
        if general.agent.uses(setting: setting.path) {
          allowed += "; preset 'general' has \(general.rawValue)"
        }
      }
      throw CommandError(flag: setting.flag, value: text, allowed: allowed)
    }
  }

  /// The value of a flag; `nil` if it was not given.
  ///
  /// - Throws: `CommandError` if it is not allowed.
  func value<Value>(_ flag: String) throws -> Value? {
    guard let text = texts[flag],
      let setting = RunSettings.settings.first(where: { $0.name == flag })
    else { return nil }
    guard let value: Value = setting.value(of: text) else { throw wrong(text, for: setting) }
    return value
  }

  /// The flag of an invalid setting: one that was given, else the first with a value; `nil` if it has none.
  func setting(
    at path: String, in settings: RunSettings
  ) -> (setting: Setting<RunSettings>, isGiven: Bool)? {
    let all = RunSettings.settings.filter { $0.path == path }
    if let given = all.first(where: { texts[$0.name] != nil }) { return (given, true) }
    return (all.first { $0.text(settings) != nil } ?? all.first).map { ($0, false) }
  }

  private func wrong(_ text: String, for setting: Setting<RunSettings>) -> CommandError {
    if let part = setting.wrongPart(text) {
      return CommandError(
        flag: "part \(part.number) of \(setting.flag)", value: part.text, allowed: setting.allowed)
    }
    return setting.names.isEmpty
      ? CommandError(flag: setting.flag, value: text, allowed: setting.allowed)
      : CommandError(flag: setting.flag, value: text, choices: setting.names)
  }
}

extension Setting {
  /// The flag with its hyphens.
  var flag: String { "--" + name }
}
