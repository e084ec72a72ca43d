import DeepSARSA
import SARSAExperiments
import SARSAGymnasium

/// The notes on defaults in help texts, made from the values that the program uses.
///
/// If presets differ in a value, the note has that of `general` and names this preset.
enum Defaults {
  /// The settings of an environment without a preset of its own.
  static let general = RunSettings(environment: "")

  /// A setting's value in `general`, or in every case that has it, in brackets.
  static func note(_ setting: Setting<RunSettings>) -> String {
    let values =
      setting.cases == nil
      ? setting.text(general).map { [(isOfPresets(setting) ? "general" : "default", $0)] } ?? []
      : setting.valuesByCase(general)
    if values.isEmpty { return "" }
    return " (\(values.map { "\($0.0): \(shown($0.1, of: setting))" }.joined(separator: ", ")))"
  }

  /// Whether presets have a value for the setting.
  static func isOfPresets(_ setting: Setting<RunSettings>) -> Bool {
    ![
      "seed", "experimentName", "initialModel", "learningInterval", "evaluation.finalEpisodes",
    ].contains(setting.path)
  }

  static func shown(_ text: String, of setting: Setting<RunSettings>) -> String {
    setting.isSwitch ? "--\(text == "true" ? "" : "no-")\(setting.name)" : text
  }

  /// A value that no preset changes, in brackets.
  static func fixed<Value>(_ value: Value) -> String {
    switch value {
    case let value as Duration: " (default: \((value / .seconds(1)).shortened(2)) s)"
    default: " (default: \(value))"
    }
  }

  /// An id in the syntax of the command line.
  static func named(_ id: String) -> String {
    EnvironmentRegistry.ids.contains(id) ? id : GymnasiumEnvironment.prefix + id
  }
}
