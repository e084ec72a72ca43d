import ArgumentParser
import DeepSARSA
import SARSAExperiments
import SARSAGymnasium

/// `deep-sarsa presets`, and `deep-sarsa presets show NAME [ENV]`.
struct PresetsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "presets",
    abstract: "List the presets, or show the settings of one.",
    discussion: "A preset is a named set of settings for one or more environments.",
    subcommands: [List.self, Show.self], defaultSubcommand: List.self)
}

extension PresetsCommand {
  /// `deep-sarsa presets list`, or without `list`.
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List the presets.")

    @Flag(help: "print one JSON array")
    var json = false

    @Flag(help: "print a page of Markdown with all values, docs/presets.md in the repository")
    var markdown = false

    func run() throws {
      if json && markdown {
        throw CommandError("--json and --markdown exclude each other")
      }
      if markdown { return try StandardStream.output.write(PresetsPage.text) }
      if json {
        return try StandardStream.output.write(JSON.text(Preset.all.map(Row.init)) + "\n")
      }
      let rows = Preset.all.flatMap { preset in
        (preset.environments?.map(Defaults.named) ?? ["every environment"]).map {
          [preset.name, $0, PresetsPage.description(of: preset)]
        }
      }
      try StandardStream.output.write(
        Table(["preset", "environment", "description"], rows: rows).text + "\n")
    }

    private struct Row: Encodable {
      let name: String
      let environments: [String]?
      let summary: String
      let search: Preset.Search?
      let report: Preset.Report?

      init(_ preset: Preset) {
        name = preset.name
        environments = preset.environments?.map(Defaults.named)
        summary = preset.summary
        search = preset.search
        report = preset.report
      }
    }
  }
}

extension PresetsCommand {
  /// `deep-sarsa presets show NAME [ENV]`.
  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show",
      abstract: "Print the settings of a preset as a file for 'train --config'.",
      discussion: """
        With ENV, the file names the environment. ENV is needed if presets of several environments have \
        the name. With --as-preset, the file is one for 'train --preset'.
        """)

    @Argument(
      help: ArgumentHelp(
        "a name that 'deep-sarsa presets' lists, or a preset's file", valueName: "name"),
      completion: .list(Preset.names.sorted()))
    var name: String

    @Argument(
      help: ArgumentHelp(
        "an id that 'deep-sarsa environments' lists, or gymnasium:ID", valueName: "env"),
      completion: .list(EnvironmentRegistry.ids))
    var environment: String?

    @OptionGroup
    var environmentOptions: EnvironmentOptions

    @Flag(help: "print the flags of 'train' instead of a file")
    var flags = false

    @Flag(
      name: .customLong("as-preset"),
      help: "print what differs from the defaults, as a file for 'train --preset'")
    var isAsPreset = false

    @Flag(help: "print JSON instead of YAML")
    var json = false

    func run() throws {
      // Before the preset, whose error names the presets of the environment.
      let arguments = try environmentOptions.values()
      if let environment {
        _ = try environmentOptions.make(environment)
      } else if !arguments.isEmpty {
        throw CommandError("an environment is missing; --env-arg needs one after '\(name)'")
      }
      let preset = try preset()
      var settings = RunSettings(environment: environment ?? "", preset: preset)
      settings.environmentArguments = arguments
      for (other, isGiven) in [("--json", json), ("--as-preset", isAsPreset)]
      where flags && isGiven {
        throw CommandError("--flags and \(other) exclude each other")
      }
      if isAsPreset {
        return try StandardStream.output.write(json ? preset.json : preset.yaml)
      }
      if flags {
        return try StandardStream.output.write(
          PresetsPage.flags(of: settings).joined(separator: " ") + "\n")
      }
      let file = ShownSettings(
        environment: environment,
        environmentArguments: settings.environmentArguments.isEmpty
          ? nil : .object(settings.environmentArguments),
        hyperparameters: settings.hyperparameters,
        evaluation: settings.evaluation, checkpoints: settings.checkpoints)
      try StandardStream.output.write(json ? YAML.json(file) + "\n" : YAML.text(file))
    }

    private func preset() throws -> Preset {
      let named = try NamedPreset(
        name, for: environment, calledBy: environment.map { "the preset for \($0)" } ?? "the preset"
      )
      if environment == nil, named.path == nil, named.preset.environments != nil {
        let found = Preset.all.filter { $0.name == name }
        throw CommandError(
          "an environment is missing after '\(name)'; allowed: "
            + found.flatMap { $0.environments ?? [] }.map(Defaults.named).joined(separator: ", "))
      }
      return named.preset
    }
  }

  private struct ShownSettings: Encodable {
    let environment: String?
    let environmentArguments: ArgumentValue?
    let hyperparameters: Hyperparameters
    let evaluation: EvaluationSettings
    let checkpoints: CheckpointSettings
  }
}
