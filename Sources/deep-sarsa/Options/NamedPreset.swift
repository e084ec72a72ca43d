import DeepSARSA
import Foundation
import SARSAExperiments
import SARSAGymnasium

/// A preset that the user asked for, by its name or by the path of its file.
struct NamedPreset {
  let preset: Preset
  /// The path of its file; `nil` for a preset of the package.
  let path: String?

  /// Finds the preset of a word; what no preset has as its name and looks like a path is the path of a file.
  ///
  /// The environment is the one in which the preset must be possible, `nil` for any; a message calls the word as
  /// `what` says.
  init(_ word: String, for id: String?, calledBy what: String) throws {
    let presets = id.map(Self.presets(for:)) ?? Preset.all
    if let preset = presets.first(where: { $0.name == word }) {
      self.preset = preset
      path = nil
      return
    }
    guard Self.isPath(word) else {
      var names: [String] = []
      for preset in presets where !names.contains(preset.name) { names.append(preset.name) }
      throw CommandError(flag: what, value: word, choices: names)
    }
    preset = try Preset(reading: word)
    path = word
    if let id, let environments = preset.environments,
      !environments.contains(where: { Self.bare($0) == Self.bare(id) })
    {
      throw RunError.badSettings(
        word, "the preset is for \(environments.joined(separator: ", ")), not for \(id)")
    }
  }

  /// The presets of an environment; one of Gymnasium that is also built in has the same.
  static func presets(for id: String) -> [Preset] { Hyperparameters.presets(for: bare(id)) }

  private static func bare(_ id: String) -> String {
    String(id.trimmingPrefix(GymnasiumEnvironment.prefix))
  }

  private static func isPath(_ word: String) -> Bool {
    guard !Preset.all.contains(where: { $0.name == word }) else { return false }
    return word.contains("/") || [".json", ".yaml", ".yml"].contains(where: word.hasSuffix)
      || FileManager.default.fileExists(atPath: word)
  }
}
