import DeepSARSA
import SARSAExperiments

/// The reference of settings as Markdown, made from their descriptions.
enum SettingsPage {
  /// The page.
  static var text: String {
    """
    # Settings

    This page is what `deep-sarsa settings` prints. It lists the settings of `deep-sarsa train`: their flags, \
    their names in a file, the allowed values, and the defaults. The defaults are those of the preset \
    `general`; `deep-sarsa presets` lists the other presets, and `deep-sarsa presets show NAME ENV` prints \
    one.

    A run takes its values from a preset, then from a file (`--config`), then from flags. Without `--preset`, \
    a run with a file takes what the file does not have from the defaults.

    \(SettingSection.allCases.map(section).joined(separator: "\n"))
    ## In a file

    `train --config FILE` reads YAML or JSON. With a run's folder, or `config.yaml` in it, it makes the same run \
    again. The tables give the path of each value, as in this example:

    ```yaml
    \(example)```

    A schedule is a number, or all of `shape`, `from`, `to` and `steps`. `target.synchronization.unit` is \
    `steps` or `episodes`. A budget in a file does not stretch schedules. The cases \
    of `optimizer.method` are `\(cases("optimizer.method"))`, those of `optimizer.loss` \
    `\(cases("optimizer.loss"))`, those of `exploration` `\(cases("exploration"))`. A file has one of them, with \
    its values below it, or its name alone, as in `method: adam`. What the file does not have keeps its default; an unknown name is an error. `environment` and \
    `environmentArguments` name the environment; another one on the command line replaces both. \
    `environmentSeeds`, `machine` and `origin` are records, and are ignored. A file may have up to 1 MiB; \
    anchors and aliases are refused, and tags have no effect.

    """
  }

  private static func cases(_ path: String) -> String {
    (Hyperparameters.cases[path] ?? []).map(\.key)
      .joined(separator: "`, `")
  }

  private static func section(_ section: SettingSection) -> String {
    let rows = RunSettings.settings.filter { $0.section == section }.map { setting in
      let flags = setting.flags.map { setting.isSwitch ? "`--[no-]\($0)`" : "`--\($0)`" }
      let files = setting.filePaths.map { "`\($0)`" }
      let note = Defaults.note(setting).dropFirst(2).dropLast()
      let value = ["general: ", "default: "].reduce(String(note)) {
        $0.hasPrefix($1) ? String($0.dropFirst($1.count)) : $0
      }
      return """
        | \(flags.joined(separator: ", ")) | \(files.joined(separator: ", ")) \
        | \(escaped(setting.help)) | \(escaped(setting.allowed)) | \(escaped(value)) |

        """
    }
    return """
      ## \(section.rawValue)

      | flags | in a file | meaning | allowed | default |
      | --- | --- | --- | --- | --- |
      \(rows.joined())
      """
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("|", with: "\\|").replacing("<", with: "&lt;").replacing("*", with: "\\*")
  }

  /// A file of settings that have cases.
  private static var example: String {
    var settings = RunSettings(environment: "CartPole-v1")
    settings.hyperparameters.optimizer.method = .sgd(momentum: 0.9, isNesterov: true)
    settings.hyperparameters.optimizer.loss = .huber()
    settings.hyperparameters.exploration = .boltzmann(
      temperature: .cosine(from: 1, to: 0.1, steps: 20_000))
    return YAML.text(
      Example(
        hyperparameters: .init(
          optimizer: settings.hyperparameters.optimizer,
          exploration: settings.hyperparameters.exploration)))
  }

  private struct Example: Encodable {
    let hyperparameters: Part

    struct Part: Encodable {
      let optimizer: OptimizerHyperparameters
      let exploration: Exploration
    }
  }
}
