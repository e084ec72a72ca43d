import DeepSARSA
import SARSAExperiments

/// A preset that the user asked for, by its name or by the path of its file.
struct NamedPreset {
  let preset: Preset
  /// The path of its file; `nil` for a preset of the package.
  let path: String?

  /// Finds the preset of a word for an environment, or for any; a message calls the word as `what` says.
  init(_ word: String, for id: String?, calledBy what: String) throws {
    if Preset.isFile(word) {
      preset = try Preset(reading: word, for: id)
      path = word
      return
    }
    let presets = id.map(Preset.all(for:)) ?? Preset.all
    guard let preset = presets.first(where: { $0.name == word }) else {
      throw CommandError(
        flag: what, value: word,
        choices: Preset.names.filter { name in presets.contains { $0.name == name } })
    }
    self.preset = preset
    path = nil
  }
}
