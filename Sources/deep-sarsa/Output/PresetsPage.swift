import DeepSARSA
import SARSAExperiments

/// All presets as Markdown, with the flags that make the same settings.
enum PresetsPage {
  /// The page.
  static var text: String {
    """
    # Presets

    This page is what `deep-sarsa presets --markdown` prints: every preset, how its values were chosen, what it was \
    measured to reach, and the flags that it stands for. [settings.md](settings.md) explains the flags, and \
    [results.md](results.md) has all results. The first preset of an environment is its default.

    ## A preset of your own

    `deep-sarsa train CartPole-v1 --preset mine.yaml` trains with a preset from a file in YAML or JSON:

    ```yaml
    name: mine
    summary: a small network with three-step returns
    environments: [CartPole-v1]
    evaluation: {every: 2000, episodes: 20, targetReturn: 475}
    hyperparameters:
      network: {hiddenSizes: [64]}
      target: {steps: 3}
    search:
      method: the best of four settings that were tried with 8 seeds each
      settings: 4
      seeds: [{first: 1, last: 8}]
    report:
      seeds: [{first: 101, last: 120}]
      steps: 100000
      measure: interquartile mean over seeds of the last network, with its 95 % interval
      scores: [{environment: CartPole-v1, value: 480, lower: 470, upper: 490}]
      source: results/mine.md
    ```

    Only `name` is needed. `evaluation` and `hyperparameters` have the names of a run's `config.yaml`. What the file \
    does not have is the default, as in the preset `general`; an unknown name is refused. Without `environments` \
    the preset is for all. `notes` can be a list of sentences that say why the values are what they are. `search` and \
    `report` say how the values were found and what they reach, and have no effect. A fact that is not known is \
    left out. Report seeds that the search has not seen, or the scores are better than those of other seeds.

    `deep-sarsa presets show NAME ENV --as-preset` prints a preset as such a file, to begin with. The package's own \
    presets are such files too, in `Sources/DeepSARSA/Presets`.

    \(Preset.all.map(section).joined(separator: "\n"))
    """
  }

  /// What the preset is and how its values were chosen, in one sentence without a full stop.
  static func description(of preset: Preset) -> String {
    [preset.summary, preset.search?.method].compactMap { $0 }.joined(separator: "; ")
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
    let settings = RunSettings(environment: environments[0], preset: preset)
    let text = description(of: preset)
    var lines = [""]
    for flag in flags(of: settings) {
      if lines[lines.count - 1].count + flag.count > 96 { lines.append("") }
      lines[lines.count - 1] += (lines[lines.count - 1].isEmpty ? "" : " ") + flag
    }
    return """
      ## `\(preset.name)`: \(environments.joined(separator: ", "))

      \(text.prefix(1).uppercased() + text.dropFirst()).\(preset.notes.map { " " + $0 }.joined())

      - Search: \(preset.search.map(words) ?? "not known").
      - Report: \(preset.report.map(words) ?? "none").

      ```
      \(lines.joined(separator: "\n"))
      ```

      """
  }

  private static func words(_ search: Preset.Search) -> String {
    let settings = search.settings.map { "\($0) settings" } ?? "an unknown number of settings"
    return "\(settings), \(search.seeds.map(words) ?? "unknown seeds")"
  }

  private static func words(_ report: Preset.Report) -> String {
    let steps = report.steps.map { ", \($0) steps" } ?? ""
    let measure = report.measure.map { "; \($0)" } ?? ""
    let scores = (report.scores ?? []).map { score in
      let interval = [score.lower, score.upper].compactMap { $0?.shortened(2) }
      return "\(Defaults.named(score.environment)) \(score.value.shortened(2))"
        + (interval.isEmpty ? "" : " (\(interval.joined(separator: " to ")))")
    }
    return words(report.seeds) + steps + measure
      + (scores.isEmpty ? "" : ": " + scores.joined(separator: ", ")) + "; from \(report.source)"
  }

  private static func words(_ seeds: [Preset.SeedRange]) -> String {
    seeds.isEmpty ? "no seeds" : "seeds " + seeds.map { "\($0)" }.joined(separator: " and ")
  }
}
