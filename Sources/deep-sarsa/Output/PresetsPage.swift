import DeepSARSA
import SARSAExperiments

/// All presets as Markdown, with the flags that make the same settings.
enum PresetsPage {
  /// The page.
  static var text: String {
    """
    # Presets

    This page is what `deep-sarsa presets --markdown` prints: every preset, how its values were chosen, and the \
    flags that it stands for. [settings.md](settings.md) explains the flags, and [results.md](results.md) has \
    what the presets reach. The first preset of an environment is its default.

    \(Preset.all.map(section).joined(separator: "\n"))
    """
  }

  /// The values that presets have and that the algorithm uses, as flags of `train`.
  static func flags(of settings: RunSettings) -> [String] {
    let agent = settings.hyperparameters.algorithm.agent
    return RunSettings.settings.filter {
      Defaults.isOfPresets($0) && agent.uses(setting: $0.path)
    }.compactMap { setting in
      setting.text(settings).map { text in
        setting.isSwitch ? Defaults.shown(text, of: setting) : "\(setting.flag) \(text)"
      }
    }
  }

  private static func section(_ preset: Preset) -> String {
    let environments = preset.environments?.map(Defaults.named) ?? ["every environment"]
    let settings = RunSettings(
      environment: environments[0], hyperparameters: preset.hyperparameters,
      evaluation: EvaluationSettings(preset),
      checkpoints: CheckpointSettings(preset))
    var lines = [""]
    for flag in flags(of: settings) {
      if lines[lines.count - 1].count + flag.count > 96 { lines.append("") }
      lines[lines.count - 1] += (lines[lines.count - 1].isEmpty ? "" : " ") + flag
    }
    return """
      ## `\(preset.name)`: \(environments.joined(separator: ", "))

      \(preset.summary.prefix(1).uppercased() + preset.summary.dropFirst()).

      ```
      \(lines.joined(separator: "\n"))
      ```

      """
  }
}
