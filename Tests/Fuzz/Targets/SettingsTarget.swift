import DeepSARSA
import SARSAExperiments
import SARSAFormats

/// Settings, presets and experiments in YAML, down to the environment and the settings of a run.
struct SettingsTarget: FuzzTarget {
  static let name = "settings"

  init() throws {}

  func seeds() throws -> [String: [UInt8]] {
    var seeds = [
      "short": "hyperparameters:\n  replay: {batchSize: 5e1}\nseed: 18446744073709551615\n",
      "texts": #"environment: "a\0\u0026\U0001F600\x85"#
        + "\"\nexperimentName: 'it''s'\ninitialModel: |\n  a\n b\n",
      "numbers": "environmentArguments: [.nan, -.INF, +1, 0x1f, 1_000, .5, 1e999, ~]\n",
      "experiment": """
      environments:
        - Maze-v0
        - {environment: CartPole-v1, name: short, environmentArguments: {max_episode_steps: 9}}
      seeds: {first: 18446744073709551614, count: 2}
      preset: general
      evaluation: {finalEpisodes: 3}
      settings: {a: {hyperparameters: {target: {steps: 3}}}, b: {preset: parallel}, c: }

      """,
      "tags": "%YAML 1.1\n---\n!!map\nenvironment: !!str &a 7\n? seed\n: !!int 3\n...\n",
    ].mapValues { Array($0.utf8) }
    for environment in ["CartPole-v1", "Maze-v0", "MinAtar/Breakout-v1"] {
      for preset in Hyperparameters.presets(for: environment) {
        var settings = RunSettings(
          environment: environment, environmentArguments: ["max_episode_steps": .integer(9)])
        settings.hyperparameters = preset.hyperparameters
        settings.evaluation = preset.evaluation
        let name = "\(environment.replacing("/", with: "-"))-\(preset.name)"
        seeds["preset-\(name)"] = Array((preset.name == "fast" ? preset.json : preset.yaml).utf8)
        seeds[name] = Array((preset.name == "fast" ? settings.json : settings.yaml).utf8)
      }
    }
    return seeds
  }

  func read(_ bytes: [UInt8]) {
    if let tree = try? Tree(yaml: bytes) { requireSame(tree) }
    if let preset = try? Preset(path: "preset.yaml", bytes: bytes) {
      requireSame(preset, \.yaml)
      requireSame(preset, \.json)
    }
    if let file = try? ExperimentFile(path: "experiment.yaml", bytes: bytes) {
      _ = try? file.experiment { settings in
        try EnvironmentRegistry.make(
          settings.environment, arguments: settings.environmentArguments
        ).specification
      }
    }
    guard let file = try? SettingsFile(path: "config.yaml", bytes: bytes) else { return }
    _ = (file.hasNetwork, file.hasCheckpoints)
    for base in [RunSettings(environment: ""), RunSettings(environment: "CartPole-v1", seed: 7)] {
      guard let settings = try? file.settings(over: base) else { continue }
      try? settings.validate()
      requireSame(settings, \.yaml)
      // JSON writes the number 1.0 as 1, which is then read as an integer, and written as before.
      requireSame(settings, \.json)
      _ = try? EnvironmentRegistry.make(
        settings.environment, arguments: settings.environmentArguments
      ).specification
    }
  }

  private func requireSame(_ tree: Tree) {
    let text = YAML.text(tree)
    // Compared as text, because a NaN is not equal to itself.
    guard let again = try? Tree(yaml: Array(text.utf8)), again.json == tree.json else {
      fail("a tree differs after it was written: \(tree.json)\n\(text)")
    }
  }

  private func requireSame(_ preset: Preset, _ text: KeyPath<Preset, String>) {
    let written = preset[keyPath: text]
    do {
      let again = try Preset(path: "preset.yaml", bytes: Array(written.utf8))
      if again[keyPath: text] != written {
        fail("a preset differs after it was written: \(written)")
      }
    } catch {
      fail("a preset cannot be read after it was written: \(error)\n\(written)")
    }
  }

  private func requireSame(_ settings: RunSettings, _ text: KeyPath<RunSettings, String>) {
    let written = settings[keyPath: text]
    do {
      let again = try SettingsFile(path: "config.yaml", bytes: Array(written.utf8)).settings()
      if again[keyPath: text] != written {
        fail("settings differ after they were written: \(written)")
      }
    } catch {
      fail("settings cannot be read after they were written: \(error)\n\(written)")
    }
  }
}
